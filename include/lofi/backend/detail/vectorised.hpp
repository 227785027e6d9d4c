#pragma once
// Runs a loop with the widest vector instructions of the machine at hand, also where the program was compiled for less.
#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__AVX512F__)

enum class vector_width { baseline, avx2, avx512 };

/// Some bits of a word that the compiler's library fills in when the program starts: no lock, and nothing to be made first.
inline vector_width widest_vectors() noexcept {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return vector_width::avx512;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? vector_width::avx2 : vector_width::baseline;
}

template <auto Loop, class... Args>
__attribute__((target("avx512f,avx512dq,avx512bw,avx2,fma"), noinline)) void run_avx512(Args... args) {
    Loop(args...);
}
template <auto Loop, class... Args>
__attribute__((target("avx2,fma"), noinline)) void run_avx2(Args... args) {
    Loop(args...);
}

/// Calls `Loop`, a function that is LOFI_INLINE as are all that it calls: what is inlined into a function takes on its
/// instruction set.
template <auto Loop, class... Args>
void vectorised(Args... args) {
    switch (widest_vectors()) {
        case vector_width::avx512: return run_avx512<Loop>(args...);
        case vector_width::avx2: return run_avx2<Loop>(args...);
        case vector_width::baseline: break;
    }
    Loop(args...);
}

#else

template <auto Loop, class... Args>
void vectorised(Args... args) {
    Loop(args...);
}

#endif

}  // namespace lofi::inline LOFI_ABI::backend::detail

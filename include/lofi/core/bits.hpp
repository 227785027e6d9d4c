#pragma once
// The bits of a value as another type.
#include <bit>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI {

/// Returns the same bits as another type of the same size: std::bit_cast, also where the C++ library is older than that.
template <class To, class From>
[[nodiscard]] LOFI_INLINE constexpr To bits_as(const From& x) noexcept {
    static_assert(sizeof(To) == sizeof(From), "bits can be read as a type of the same size only");
#if defined(__cpp_lib_bit_cast)
    return std::bit_cast<To>(x);
#else
    return __builtin_bit_cast(To, x);  // emscripten 3.1.6
#endif
}

}  // namespace lofi::inline LOFI_ABI

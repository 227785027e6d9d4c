#pragma once
// Contracts with the caller: what must hold by the caller's own doing, said in a sentence when it does not.
#include <cstdio>
#include <cstdlib>

#include <lofi/core/config.hpp>

/// Checks a contract in debug builds (`NDEBUG` not defined), or in every build where `LOFI_ASSERTS` is 1.
/// The sentence says what the caller did wrong. Never for files, devices or numbers from outside: those get an `error`.
#if !defined(LOFI_ASSERTS)
#if defined(NDEBUG)
#define LOFI_ASSERTS 0
#else
#define LOFI_ASSERTS 1
#endif
#endif

#if LOFI_ASSERTS
#define LOFI_ASSERT(condition, sentence) \
    ((condition) ? void() : ::lofi::detail::contract_broken(#condition, sentence, __FILE__, __LINE__))
#else
#define LOFI_ASSERT(condition, sentence) void(sizeof((condition) ? 1 : 0))
#endif

namespace lofi::inline LOFI_ABI::detail {

[[noreturn]] inline void contract_broken(const char* condition, const char* sentence, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: lofi: %s (%s)\n", file, line, sentence, condition);
    std::abort();
}

}  // namespace lofi::inline LOFI_ABI::detail

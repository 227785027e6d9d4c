#pragma once
// What differs between builds: the inline namespace, the library's and the music's version, asserts and exceptions.

/// Version of the library.
#define LOFI_VERSION_MAJOR 0
#define LOFI_VERSION_MINOR 1
#define LOFI_VERSION_PATCH 0

/// Number that changes whenever the same seed would give other notes or other sound. It travels with every file that
/// remembers a piece of music, so that a piece is never made again wrongly without a word.
#define LOFI_MUSIC_VERSION 3

/// Inline namespace of every entity. `LOFI_EXACT` (set by the CMake target `lofi::exact`, which also switches contraction
/// of a*b+c off) has its own, so that programs that mix both kinds of translation unit keep one definition of everything.
#if defined(LOFI_EXACT)
#define LOFI_ABI lofi_1_exact
#else
#define LOFI_ABI lofi_1
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define LOFI_EXCEPTIONS 1
#else
#define LOFI_EXCEPTIONS 0
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define LOFI_INLINE __forceinline
#define LOFI_RESTRICT __restrict
#elif defined(__GNUC__)
#define LOFI_INLINE inline __attribute__((always_inline))
#define LOFI_RESTRICT __restrict__
#else
#define LOFI_INLINE inline
#define LOFI_RESTRICT
#endif

#pragma once
// The language that kernel bodies are written in: everything that a body may ask of the machine comes from its context, so that
// the same body runs on a device and, thread by thread, in the emulator of the tests.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <lofi/core/assert.hpp>

#if defined(__CUDACC__)
#define LOFI_KERNEL __device__ __forceinline__
#define LOFI_UNROLL _Pragma("unroll")
#define LOFI_UNROLL_BY_8 _Pragma("unroll 8")
#else
#define LOFI_KERNEL inline
#define LOFI_UNROLL
#define LOFI_UNROLL_BY_8
#endif

namespace lofi::inline LOFI_ABI::backend::kernels {

/// The shape of a launch. A cooperative one may use `grid_sync`.
struct dims {
    unsigned grid = 1, block = 256;
    std::size_t shared_bytes = 0;
    bool cooperative = false;
};

/// Partial sums of a reduction over everything: as many as blocks at most, so that their memory is fixed.
inline constexpr unsigned partial_count = 256;

/// Returns a launch in which every one of n numbers has a thread, until the grid is large enough to loop.
inline dims over(std::size_t n) {
    const std::size_t blocks = (n + 255) / 256;
    return {.grid = static_cast<unsigned>(blocks < 1 ? 1 : blocks > 4096 ? 4096 : blocks)};
}

/// Rows that lie a stride apart, without their static width; null where they are not given.
template <class T>
struct strided {
    T* data = nullptr;
    std::size_t stride = 0;

    LOFI_KERNEL T& at(std::size_t n, std::size_t c) const { return data[n * stride + c]; }
};

/// Sixteen bytes, which a device moves at once.
template <class Real>
struct alignas(16) quad {
    static constexpr std::size_t count = 16 / sizeof(Real);
    Real v[count];
};

template <class C>
LOFI_KERNEL std::size_t first_of(C& c) {
    return static_cast<std::size_t>(c.bid()) * static_cast<std::size_t>(c.block_dim()) + static_cast<std::size_t>(c.tid());
}
template <class C>
LOFI_KERNEL std::size_t step_of(C& c) {
    return static_cast<std::size_t>(c.grid_dim()) * static_cast<std::size_t>(c.block_dim());
}

/// Sums over the 32 threads of a warp, in the order of a butterfly; all get the sum.
template <class C, class T>
LOFI_KERNEL T warp_sum(C& c, T v) {
    for (int m = 16; m > 0; m /= 2) v += c.shfl_xor(v, m);
    return v;
}

/// Sums over the threads of a block, whose number is a power of two, in the order of a tree; all get the sum.
template <class C, class T>
LOFI_KERNEL T block_sum(C& c, T v, T* shared) {
    const int i = c.tid();
    shared[i] = v;
    c.sync();
    for (int half = c.block_dim() / 2; half > 0; half /= 2) {
        if (i < half) shared[i] += shared[i + half];
        c.sync();
    }
    const T total = shared[0];
    c.sync();
    return total;
}

/// Calls op(row, column) for every number of a matrix.
template <class Op>
struct each {
    static constexpr bool independent = true;  ///< no thread asks for another
    Op op;
    std::size_t row_count, width;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        for (std::size_t i = first_of(c); i < row_count * width; i += step_of(c)) op(i / width, i % width);
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels

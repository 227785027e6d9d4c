#pragma once
// Runs kernel bodies on the device: the context that answers with the device's own threads, and the launch.
#include <cstddef>

#include <cooperative_groups.h>

#include <lofi/backend/cuda/detail/language.hpp>
#include <lofi/backend/cuda/error.cuh>

namespace lofi::inline LOFI_ABI::backend::device {

/// What a kernel body may ask of the machine, answered by a device.
struct context {
    __device__ int tid() const { return static_cast<int>(threadIdx.x); }
    __device__ int bid() const { return static_cast<int>(blockIdx.x); }
    __device__ int block_dim() const { return static_cast<int>(blockDim.x); }
    __device__ int grid_dim() const { return static_cast<int>(gridDim.x); }
    __device__ void sync() const { __syncthreads(); }
    __device__ void warp_sync() const { __syncwarp(); }
    __device__ void grid_sync() const { cooperative_groups::this_grid().sync(); }
    template <class T>
    __device__ T* shared() const {
        extern __shared__ __align__(16) unsigned char lofi_shared[];
        return reinterpret_cast<T*>(lofi_shared);
    }
    template <class T>
    __device__ T shfl_xor(T v, int mask) const {
        return __shfl_xor_sync(0xffffffffU, v, mask);
    }
    /// What other blocks have written: past the cache of this multiprocessor, which nobody keeps up to date.
    template <class T>
    __device__ T load_fresh(const T* p) const {
        return __ldcg(p);
    }
    template <class T>
    __device__ kernels::quad<T> load_fresh_quad(const T* p) const {
        const uint4 bytes = __ldcg(reinterpret_cast<const uint4*>(p));
        kernels::quad<T> q;
        memcpy(&q, &bytes, sizeof q);
        return q;
    }
    /// Counts up, after everything that the block wrote before its last barrier.
    __device__ void count_up(std::uint32_t* counter) const {
        __threadfence();
        atomicAdd(counter, 1U);
    }
    /// Reads a counter; what was written before it was counted up may be read after.
    __device__ std::uint32_t look(const std::uint32_t* counter) const {
        const std::uint32_t v = *static_cast<const volatile std::uint32_t*>(counter);
        __threadfence();
        return v;
    }
    __device__ void store(std::uint32_t* p, std::uint32_t v) const { *static_cast<volatile std::uint32_t*>(p) = v; }
};

/// The most threads of a block. A kernel that says fewer has each multiprocessor for one block, and all registers.
template <class Kernel>
inline constexpr unsigned max_threads_of = 512;
template <class Kernel>
inline constexpr unsigned blocks_together = 0;
template <class Kernel>
    requires requires { Kernel::max_threads; }
inline constexpr unsigned max_threads_of<Kernel> = Kernel::max_threads;
template <class Kernel>
    requires requires { Kernel::max_threads; }
inline constexpr unsigned blocks_together<Kernel> = 1;

template <class Kernel>
__global__ void __launch_bounds__(max_threads_of<Kernel>, blocks_together<Kernel>) entry(Kernel kernel) {
    context c;
    kernel(c);
}

/// Puts a kernel into a stream.
/// errors: a launch that the device refuses; what goes wrong inside a kernel surfaces at the next wait
template <class Kernel>
void launch(const Kernel& kernel, kernels::dims d, cudaStream_t s) {
    if (d.shared_bytes > 48 * 1024)
        check(
            cudaFuncSetAttribute(entry<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(d.shared_bytes)),
            "cudaFuncSetAttribute");
    if (d.cooperative) {
        Kernel copy = kernel;
        void* arguments[] = {&copy};
        check(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(entry<Kernel>), dim3(d.grid), dim3(d.block), arguments,
                                          d.shared_bytes, s),
              "cudaLaunchCooperativeKernel");
        return;
    }
    entry<Kernel><<<d.grid, d.block, d.shared_bytes, s>>>(kernel);
    check(cudaGetLastError(), "kernel launch");
}

}  // namespace lofi::inline LOFI_ABI::backend::device

#pragma once
// The CUDA backend: include it in a .cu, and cuda<float> stands wherever cpu<float> does.
#if !defined(__CUDACC__)
#error "lofi/cuda.cuh needs a CUDA compiler: put this code into a .cu file and link the CMake target lofi::cuda"
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "lofi: the CUDA backend needs a device of compute capability 8.0 or more (-arch=sm_80 or newer)"
#endif
#include <concepts>

#include <lofi/backend/cuda.hpp>
#include <lofi/backend/cuda/buffer.cuh>
#include <lofi/backend/cuda/error.cuh>
#include <lofi/backend/cuda/graph.cuh>
#include <lofi/backend/cuda/launch.cuh>
#include <lofi/backend/cuda/machine.cuh>
#include <lofi/backend/cuda/operations.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// Real numbers in the memory of a CUDA device. Copies share one stream. Every view, id, length and weight that an operation
/// gets points into that memory; give the context `device::memory()` for its scratch.
template <std::floating_point Real>
struct cuda : kernel_backend<Real, device::machine> {
    cuda() = default;
    explicit cuda(device::precision products) : kernel_backend<Real, device::machine>{device::machine(products)} {}
};

static_assert(trainable_backend<cuda<float>> && trainable_backend<cuda<double>>);

}  // namespace lofi::inline LOFI_ABI::backend

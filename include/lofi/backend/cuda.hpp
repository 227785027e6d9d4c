#pragma once
// The name of the backend that trains on a CUDA device: anybody may write it, translation units of nvcc may use it.
#include <concepts>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::backend {

#if defined(__CUDACC__)
/// Defined by <lofi/cuda.cuh>.
template <std::floating_point Real>
struct cuda;
#else
/// Real numbers in the memory of a CUDA device. A .cpp may name it, in a pointer or an alias; only a .cu may use it.
template <std::floating_point Real>
struct cuda {
    static_assert(sizeof(Real) == 0,
                  "lofi: backend::cuda can only be used in a CUDA translation unit: move this code to a .cu file, include "
                  "<lofi/cuda.cuh> there, and link the CMake target lofi::cuda");
};
#endif

}  // namespace lofi::inline LOFI_ABI::backend

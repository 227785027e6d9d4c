#pragma once
// Errors of the CUDA runtime and of cuBLAS as lofi::error, and the difference between no device and a broken one.
#include <source_location>
#include <string>

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::backend::device {

/// Throws unless a call went well.
/// errors: "machine.cuh:31: cudaMallocAsync: cudaErrorMemoryAllocation (out of memory)"
inline void check(cudaError_t code, const char* call, std::source_location at = std::source_location::current());
inline void check(cublasStatus_t code, const char* call, std::source_location at = std::source_location::current());

/// Counts devices: 0 where there is none or no driver at all. A broken driver is an error, not an absence.
[[nodiscard]] inline int count();

// ---------------------------------------------------------------- bodies

namespace detail {
[[noreturn]] inline void fail(std::source_location at, const char* call, const char* name, const char* text) {
    raise(error(std::string(at.file_name()) + ":" + std::to_string(at.line()) + " (" + at.function_name() + ")",
                std::string(call) + ": " + name + " (" + text + ")"));
}
}  // namespace detail

inline void check(cudaError_t code, const char* call, std::source_location at) {
    if (code != cudaSuccess) detail::fail(at, call, cudaGetErrorName(code), cudaGetErrorString(code));
}

inline void check(cublasStatus_t code, const char* call, std::source_location at) {
    if (code != CUBLAS_STATUS_SUCCESS) detail::fail(at, call, cublasGetStatusName(code), cublasGetStatusString(code));
}

inline int count() {
    int n = 0;
    const cudaError_t code = cudaGetDeviceCount(&n);
    if (code == cudaSuccess) return n;
    static_cast<void>(cudaGetLastError());
    if (code == cudaErrorNoDevice) return 0;
    int driver = -1;
    if (code == cudaErrorInsufficientDriver && cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) return 0;
    check(code, "cudaGetDeviceCount");
    return 0;
}

}  // namespace lofi::inline LOFI_ABI::backend::device

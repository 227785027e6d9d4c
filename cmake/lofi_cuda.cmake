# lofi::cuda, what a .cu links for <lofi/cuda.cuh>. Sets LOFI_HAVE_CUDA.

set(LOFI_HAVE_CUDA OFF)
if(LOFI_CUDA STREQUAL "OFF")
    return()
endif()
# Before the compiler is tried: CMake 3.25's own default is older than CUDA 13, and 'native' needs a device while building.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
    set(CMAKE_CUDA_ARCHITECTURES 90)
endif()
if(NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND EXISTS /usr/local/cuda/bin/nvcc)
    set(CMAKE_CUDA_COMPILER /usr/local/cuda/bin/nvcc)  # often installed, seldom on the path
endif()
# One that was named is tried too, so that one that is not there or broken ends in the sentence below, not in CMake's.
if(CMAKE_CUDA_COMPILER AND NOT EXISTS ${CMAKE_BINARY_DIR}/CMakeFiles/${CMAKE_VERSION}/CMakeCUDACompiler.cmake)
    set(ENV{CUDACXX} ${CMAKE_CUDA_COMPILER})
    unset(CMAKE_CUDA_COMPILER)
    unset(CMAKE_CUDA_COMPILER CACHE)
endif()
include(CheckLanguage)
check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    find_package(CUDAToolkit 12.0 QUIET)
endif()
if(NOT CMAKE_CUDA_COMPILER OR NOT CUDAToolkit_FOUND)
    if(LOFI_CUDA STREQUAL "ON")
        message(FATAL_ERROR "LOFI_CUDA=ON needs nvcc and a CUDA toolkit from 12.0 on: install them, or name the compiler with "
                            "-DCMAKE_CUDA_COMPILER=...; -DLOFI_CUDA=OFF builds without")
    endif()
    message(STATUS "lofi: no CUDA compiler that works, so there is no lofi::cuda here; -DLOFI_CUDA=ON would insist")
    return()
endif()

set(LOFI_HAVE_CUDA ON)
add_library(lofi_cuda INTERFACE)
add_library(lofi::cuda ALIAS lofi_cuda)
target_link_libraries(lofi_cuda INTERFACE lofi::lofi CUDA::cudart_static CUDA::cublas)
# Kernels share constexpr functions with the host: the keys of random numbers, what a token's logit is made of.
target_compile_options(lofi_cuda INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>)
if("cuda_std_20" IN_LIST CMAKE_CUDA_COMPILE_FEATURES)
    target_compile_features(lofi_cuda INTERFACE cuda_std_20)
else()  # CMake 3.25
    target_compile_options(lofi_cuda INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
endif()
message(STATUS "lofi: CUDA ${CMAKE_CUDA_COMPILER_VERSION}, architectures ${CMAKE_CUDA_ARCHITECTURES}")

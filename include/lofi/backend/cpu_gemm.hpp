#pragma once
// Products of matrices on the CPU, through xtensor-blas's wrapper of the BLAS that is linked.
#include <atomic>
#include <complex>
#include <cstddef>

// This one first, whatever sorts includes: without its HAVE_CBLAS the next header would quietly multiply in plain loops.
#include <xtensor-blas/xblas_config.hpp>
#if !defined(HAVE_CBLAS)
#error "lofi: backend/cpu needs a BLAS: do not define XTENSOR_USE_FLENS_BLAS"
#endif
#include <xflens/cxxblas/cxxblas.cxx>

#include <lofi/core/assert.hpp>
#include <lofi/core/config.hpp>

#if defined(__GNUC__) && defined(__ELF__)
// OpenBLAS's own switch; another BLAS has none and the symbol is null there.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));
#endif

namespace lofi::inline LOFI_ABI::backend::detail {

/// Sets how many threads OpenBLAS may use, where it is OpenBLAS and the number differs from the last one.
inline void use_blas_threads(int threads) {
#if defined(__GNUC__) && defined(__ELF__)
    static std::atomic<int> current{0};
    if (openblas_set_num_threads != nullptr && current.exchange(threads, std::memory_order_relaxed) != threads)
        openblas_set_num_threads(threads);
#else
    static_cast<void>(threads);
#endif
}

enum class transposed { no, yes };

/// Computes C = A B + beta C, all with contiguous rows; A is (m,k) or stored transposed, B (k,n) likewise.
template <class Real>
void gemm(int threads, transposed ta, transposed tb, std::size_t m, std::size_t n, std::size_t k, const Real* a,
          std::size_t stride_a, const Real* b, std::size_t stride_b, Real beta, Real* c, std::size_t stride_c) {
    if (m == 0 || n == 0) return;
    // Threads cost more than they save below some millions of multiply-adds.
    use_blas_threads(m * n * k < (std::size_t{1} << 23) ? 1 : threads);
    const auto trans = [](transposed t) { return t == transposed::yes ? cxxblas::Trans : cxxblas::NoTrans; };
    const auto whole = [](std::size_t v) { return static_cast<int>(v); };
    cxxblas::gemm(cxxblas::RowMajor, trans(ta), trans(tb), whole(m), whole(n), whole(k), Real{1}, a, whole(stride_a), b,
                  whole(stride_b), beta, c, whole(stride_c));
}

}  // namespace lofi::inline LOFI_ABI::backend::detail

#pragma once
// Convolution along time on the CPU, forward and backward: products of shifted rows, or of spectra where the kernel is long.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/convolution.hpp>
#include <lofi/backend/cpu.hpp>
#include <lofi/backend/cpu_conv_direct.hpp>
#include <lofi/backend/cpu_conv_fft.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/detail/conv_block.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// What ways of convolving cost, in nanoseconds of one core. It decides about the way, not about results (which differ by rounding).
/// measured: Zen 5, OpenBLAS 0.3.21 with its AVX-512 kernels, float: bench_convolution fits and checks these
struct conv_tuning {
    double product = 0.0083;         ///< a multiply-add of a large product
    double product_edge = 0.035;     ///< a number of a row that goes into a product or comes out, each tap
    double product_row = 0.6;        ///< a row of a product, each tap
    double window_row = 1.4;         ///< the same where windows are gathered
    double window_edge = 0.14;       ///< a number that is gathered
    double transform = 0.092;        ///< a sample and stage of a transform, with its way in and out
    double kernel_sample = 0.5;      ///< a sample of a kernel's transform, besides
    double spectrum_product = 0.03;  ///< a real multiply-add of a product of spectra
    double call = 350;               ///< a product of spectra at one frequency
    std::size_t shifted_width = 16;  ///< input channels from which on shifted rows are multiplied where they lie
    std::size_t chunk_bytes = std::size_t{16} << 20;  ///< spectra that are worked on at once: about a last-level cache
};

/// Returns the cheaper way for a training step of a convolution.
/// params: in, out: channels
template <class Real>
[[nodiscard]] conv_plan plan_convolution(const cpu<Real>&, conv_walk walk, std::size_t in, std::size_t out,
                                         conv_tuning tuning = {});
/// Returns the plan of one way, for tests and benchmarks. `length` is that of the transforms; 0: the cheapest.
template <class Real>
[[nodiscard]] conv_plan plan_convolution(const cpu<Real>&, conv_walk walk, std::size_t in, std::size_t out, conv_method how,
                                         std::size_t length = 0, conv_tuning tuning = {});

/// Computes the spectrum of a kernel, once for forward and backward. Nothing where the plan is direct.
/// shapes: w (O,K*I), spectrum plan.spectrum_count
template <class Real, std::size_t O, std::size_t KI>
void conv_spectrum(cpu<Real>& be, const conv_plan& plan, matrix<Real, O, KI> w, std::span<Real> spectrum,
                   std::span<Real> work) {
    if (plan.how == conv_method::fft) detail::conv_fft<Real>(be.threads, plan, work).kernel(w.data, spectrum.data());
}

/// Adds to y_n the sum over taps j of x_{n + (j d - left) B} w_j, where that row exists.
/// shapes: x (N,I), w (O,K*I) oldest tap first, y (N,O), work plan.work_count
/// writes: y +=
template <class Real, std::size_t I, std::size_t O, std::size_t KI>
void convolve(cpu<Real>& be, const conv_plan& plan, columns<const Real, I> x, matrix<Real, O, KI> w,
              std::span<const Real> spectrum, columns<Real, O> y, std::span<Real> work) {
    LOFI_ASSERT(plan.in == I && plan.out == O && plan.walk.kernel * I == KI, "this plan is of another convolution");
    LOFI_ASSERT(x.count() == plan.walk.rows() && y.count() == x.count(), "a convolution has a row for every step and sequence");
    if (plan.how == conv_method::fft) {
        detail::conv_fft<Real>(be.threads, plan, work).forward(x.data(), x.stride(), spectrum.data(), y.data(), y.stride());
    } else {
        detail::conv_direct<Real>(be.threads, plan, work).forward(x.data(), x.stride(), w.data, y.data(), y.stride());
    }
}

/// Computes the gradient of the inputs, and adds that of the kernel: what each needs of the spectra of dy is made once.
/// writes: dx = unless empty, dw +=
template <class Real, std::size_t I, std::size_t O, std::size_t KI>
void convolve_backward(cpu<Real>& be, const conv_plan& plan, columns<const Real, I> x, matrix<Real, O, KI> w,
                       std::span<const Real> spectrum, columns<const Real, O> dy, columns<Real, I> dx, matrix<Real, O, KI> dw,
                       std::span<Real> work) {
    if (!dx.empty()) fill(be, Real{0}, dx);
    if (plan.how == conv_method::fft) {
        detail::conv_fft<Real>(be.threads, plan, work)
            .backward(x.data(), x.stride(), spectrum.data(), dy.data(), dy.stride(), dx.data(), dx.stride(), dw.data);
    } else {
        detail::conv_direct<Real>(be.threads, plan, work)
            .backward(x.data(), x.stride(), w.data, dy.data(), dy.stride(), dx.data(), dx.stride(), dw.data);
    }
}

/// Computes y_no = b_o + the sum over taps j of w_j with row n behind taps[j], without BLAS (which takes locks).
/// shapes: taps: K pointers to y.count() contiguous rows (I); p (O,K*I), oldest tap first; y (N,O)
/// realtime: yes
template <class Real, std::size_t O, std::size_t KI, bool Bias, std::size_t K>
void convolve_block(cpu<Real>&, std::span<const Real* const, K> taps, affine<Real, O, KI, Bias> p,
                    columns<Real, O> y) noexcept {
    detail::vectorised<&detail::convolve_frames_by_rows<O, KI / K, K, Real>>(taps.data(), static_cast<const Real*>(p.w.data),
                                                                             static_cast<const Real*>(Bias ? p.b : nullptr),
                                                                             y.data(), y.stride(), y.count());
}

// ---------------------------------------------------------------- bodies

namespace detail {

/// Nanoseconds of forward and backward with transforms of one length.
template <class Real>
double conv_fft_cost(const conv_plan& p, const conv_tuning& t) {
    const auto real = [](std::size_t n) { return static_cast<double>(n); };
    const std::size_t lanes = lane_fft<Real>::lanes, pair = 2 * lanes;
    const auto sequences = [&](std::size_t n) { return real((n + pair - 1) / pair * pair); };
    const std::size_t blocks = p.blocks(), bins = p.length / 2 + 1;
    const double wide = 16.0 / real(lanes), L = real(p.length);
    const double kernel = sequences(p.in * p.out), rows = sequences(blocks * p.in), outs = sequences(blocks * p.out);
    const double calls = real(bins) * real((blocks + p.chunk - 1) / p.chunk) * 5;
    return wide * ((2 * kernel + 3 * rows + 2 * outs) * L * std::log2(L) * t.transform + 2 * kernel * L * t.kernel_sample +
                   12 * real(bins * blocks * p.in * p.out) * t.spectrum_product) +
           calls * t.call;
}

inline double conv_direct_cost(const conv_plan& p, const conv_tuning& t, std::size_t bytes) {
    const auto real = [](std::size_t n) { return static_cast<double>(n); };
    const double wide = real(bytes) / 4, product = real(p.in * p.out) * t.product * wide;
    const double tap = p.shifted ? product + real(p.in + p.out) * t.product_edge * wide + t.product_row
                                 : product + real(p.in) * t.window_edge * wide + t.window_row;
    return 3 * real(p.walk.rows()) * real(p.walk.kernel) * tap;
}

}  // namespace detail

template <class Real>
conv_plan plan_convolution(const cpu<Real>&, conv_walk walk, std::size_t in, std::size_t out, conv_method how,
                           std::size_t length, conv_tuning tuning) {
    conv_plan best{.walk = walk, .in = in, .out = out, .shifted = walk.kernel == 1 || in >= tuning.shifted_width};
    if (how == conv_method::direct) {
        best.cost = detail::conv_direct_cost(best, tuning, sizeof(Real));
        best.work_count = detail::conv_direct<Real>::work_count(best);
        return best;
    }
    // A transform must hold the kernel, and is no longer than four times what there is to convolve.
    const std::size_t line = (walk.steps + walk.dilation - 1) / walk.dilation + walk.kernel - 1;
    bool found = false;
    for (std::size_t L = 16; L <= detail::lane_fft<Real>::longest; L *= 2) {
        if (L < walk.kernel || (length != 0 && L != length)) continue;
        if (length == 0 && found && L >= 4 * line) break;
        conv_plan p = best;
        p.how = conv_method::fft, p.length = L;
        const std::size_t row_bytes = (L / 2 + 1) * 4 * (in + out) * sizeof(Real);
        p.chunk = std::clamp<std::size_t>(tuning.chunk_bytes / row_bytes, 1, p.blocks());
        p.cost = detail::conv_fft_cost<Real>(p, tuning);
        if (found && p.cost >= best.cost) continue;
        p.spectrum_count = detail::conv_fft<Real>::spectrum_count(p);
        p.work_count = detail::conv_fft<Real>::work_count(p);
        best = p, found = true;
    }
    LOFI_ASSERT(found, "no transform of this length holds the kernel");
    return best;
}

template <class Real>
conv_plan plan_convolution(const cpu<Real>& be, conv_walk walk, std::size_t in, std::size_t out, conv_tuning tuning) {
    const conv_plan direct = plan_convolution(be, walk, in, out, conv_method::direct, 0, tuning);
    // Short kernels are not worth the question.
    if (walk.kernel < 8 || walk.kernel > detail::lane_fft<Real>::longest / 2) return direct;
    const conv_plan fft = plan_convolution(be, walk, in, out, conv_method::fft, 0, tuning);
    return fft.cost < direct.cost ? fft : direct;
}

}  // namespace lofi::inline LOFI_ABI::backend

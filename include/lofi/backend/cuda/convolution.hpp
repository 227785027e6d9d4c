#pragma once
// Convolution along time as launches: a product for each tap, or products of spectra where the kernel is long.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <string>

#include <lofi/backend/convolution.hpp>
#include <lofi/backend/cuda/detail/transform.hpp>
#include <lofi/backend/cuda/kernel_backend.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::backend {

namespace detail {

/// Overlap-save: blocks of every line of every sequence are transformed, multiplied at all frequencies at once, and transformed back. In its
/// memory lie blocks as rows of real matrices (see kernels::block_spectra_op), and of the kernel [re, im].
/// source: Oppenheim, Schafer: Discrete-Time Signal Processing, 8.7.3
template <class Real, class M>
class kernel_conv_fft {
public:
    kernel_conv_fft(kernel_backend<Real, M>& be, const conv_plan& plan, std::span<Real> spectrum, std::span<Real> work)
        : be_(be),
          p_(plan),
          bins_(plan.length / 2 + 1),
          table_(spectrum.data()),
          spectrum_(table_ + plan.length),
          in_(work.data()),
          out_(in_ + bins_ * plan.chunk * 4 * plan.in),
          dkernel_(out_ + bins_ * plan.chunk * 4 * plan.out) {}

    static void measure(conv_plan& p) {
        const std::size_t bins = p.length / 2 + 1, kernel = bins * 2 * p.in * p.out;
        p.spectrum_count = p.length + kernel;
        p.work_count = bins * p.chunk * 4 * (p.in + p.out) + kernel;
    }

    void kernel(const Real* w) {
        launch_each(be_, 1, p_.length / 2, kernels::turns_op<Real>{p_.length, table_});
        onward(kernels::kernel_spectrum_op<Real>{w, spectrum_, p_.walk.kernel, p_.in, p_.out}, p_.in * p_.out, p_.walk.kernel);
    }

    /// writes: y +=
    void forward(kernels::strided<const Real> x, kernels::strided<Real> y) {
        const std::size_t I = p_.in, O = p_.out;
        using enum transposed_operand;
        each_chunk([&](std::size_t first, std::size_t m) {
            spectra(inputs(), x, in_, first, m, I, p_.length);
            be_.machine.gemms(no, yes, 2 * m, O, 2 * I, bins_, matrices<const Real>{in_, 2 * I, 4 * m * I},
                              matrices<const Real>{spectrum_, 2 * I, 2 * O * I}, Real{0}, matrices<Real>{out_, O, 2 * m * O});
            // Outputs q to q + advance - 1 see only samples of their own block.
            samples(outputs(), out_, y, first, m, O, 1, 0, p_.advance(), Real{1});
        });
    }

    /// writes: dx += unless null, dw +=
    void backward(kernels::strided<const Real> x, kernels::strided<const Real> dy, kernels::strided<Real> dx, Real* dw) {
        const std::size_t I = p_.in, O = p_.out;
        using enum transposed_operand;
        each_chunk([&](std::size_t first, std::size_t m) {
            spectra(outputs(), dy, out_, first, m, O, p_.advance());
            spectra(inputs(), x, in_, first, m, I, p_.length);
            // conj(X) dY, of which [re, im] of the kernel's gradient are one product.
            be_.machine.gemms(yes, no, O, 2 * I, 2 * m, bins_, matrices<const Real>{out_, 2 * O, 4 * m * O},
                              matrices<const Real>{in_, 2 * I, 4 * m * I}, first == 0 ? Real{0} : Real{1},
                              matrices<Real>{dkernel_, 2 * I, 2 * O * I});
            if (dx.data == nullptr) return;
            // dX = dY conj(S), S the kernel's spectrum. The second product takes the first one away, so that what is left is -dX.
            for (const std::size_t part : {0U, 1U})
                be_.machine.gemms(no, no, 2 * m, I, O, bins_, matrices<const Real>{out_ + part * O, 2 * O, 4 * m * O},
                                  matrices<const Real>{spectrum_ + part * I, 2 * I, 2 * O * I}, part == 0 ? Real{0} : Real{-1},
                                  matrices<Real>{in_, I, 2 * m * I});
            // What neighbours give overlaps; every other block's does not, since a block advances by more than a kernel.
            for (const std::size_t odd : {0U, 1U}) samples(inputs(), in_, dx, first, m, I, 2, odd, p_.length, Real{-1});
        });
        back(kernels::kernel_gradient_op<Real>{dkernel_, dw, p_.walk.kernel, I, O}, I * O, p_.walk.kernel, Real{1});
    }

private:
    template <class F>
    void each_chunk(F&& f) {
        for (std::size_t first = 0; first < p_.blocks(); first += p_.chunk) f(first, std::min(p_.chunk, p_.blocks() - first));
    }
    [[nodiscard]] kernels::block_places outputs() const {
        return {p_.walk.steps, p_.walk.batch, p_.walk.dilation, 0, p_.advance(), p_.blocks_of_line()};
    }
    [[nodiscard]] kernels::block_places inputs() const {
        kernels::block_places places = outputs();
        places.left = p_.walk.left;
        return places;
    }
    void spectra(kernels::block_places places, kernels::strided<const Real> x, Real* to, std::size_t first, std::size_t m,
                 std::size_t channels, std::size_t count) {
        onward(kernels::block_spectra_op<Real>{places, x, to, first, m, channels}, m * channels, count);
    }
    void samples(kernels::block_places places, const Real* from, kernels::strided<Real> y, std::size_t first, std::size_t m,
                 std::size_t channels, std::size_t apart, std::size_t odd, std::size_t count, Real factor) {
        const std::size_t blocks = (m - odd + apart - 1) / apart;
        back(kernels::block_samples_op<Real>{places, from, y, first, m, channels, apart, odd}, blocks * channels, count,
             factor);
    }
    template <class Op>
    void onward(Op op, std::size_t count, std::size_t samples) {
        be_.machine.launch(kernels::transform_onward<Real, Op>{op, count, samples, p_.length, bits(), table_},
                           kernels::over_transforms<Real>(count, p_.length));
    }
    template <class Op>
    void back(Op op, std::size_t count, std::size_t samples, Real factor) {
        if (count == 0) return;
        be_.machine.launch(kernels::transform_back<Real, Op>{op, count, samples, p_.length, bits(), table_,
                                                             factor / static_cast<Real>(p_.length)},
                           kernels::over_transforms<Real>(count, p_.length));
    }
    [[nodiscard]] unsigned bits() const { return static_cast<unsigned>(std::countr_zero(p_.length)); }

    kernel_backend<Real, M>& be_;
    const conv_plan& p_;
    std::size_t bins_;
    Real *table_, *spectrum_, *in_, *out_, *dkernel_;
};

/// Calls f(tap, first output row, first input row, rows) for the rows that a tap sees.
template <class F>
void each_tap(const conv_walk& w, F&& f) {
    for (std::size_t j = 0; j < w.kernel; ++j) {
        const auto all = static_cast<std::ptrdiff_t>(w.rows());
        const std::ptrdiff_t shift = (static_cast<std::ptrdiff_t>(j * w.dilation) - static_cast<std::ptrdiff_t>(w.left)) *
                                     static_cast<std::ptrdiff_t>(w.batch);
        const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, -shift), last = std::min(all, all - shift);
        if (first < last)
            f(j, static_cast<std::size_t>(first), static_cast<std::size_t>(first + shift),
              static_cast<std::size_t>(last - first));
    }
}

}  // namespace detail

/// Returns the way that `be.tuning` chooses: products of spectra from a length of the kernel on that a transform can hold.
/// params: in, out: channels
/// errors: transforms that were asked for and hold no such kernel
template <class Real, class M>
[[nodiscard]] conv_plan plan_convolution(const kernel_backend<Real, M>& be, conv_walk walk, std::size_t in, std::size_t out) {
    using enum kernel_tuning::convolution;
    conv_plan p{.walk = walk, .in = in, .out = out};
    const bool holds = 2 * walk.kernel <= kernels::longest_transform;
    if (be.tuning.conv == fft && !holds)
        raise(error("convolution of " + std::to_string(walk.kernel) + " taps",
                    "is longer than a transform holds: choose kernel_tuning::convolution::automatic"));
    if (be.tuning.conv == direct || !holds || (be.tuning.conv == automatic && walk.kernel < be.tuning.long_kernel)) return p;
    p.how = conv_method::fft;
    // Four kernels long, so that little of a block is seen twice; two are the least, so that every other block overlaps nothing.
    const std::size_t line = p.line_steps() + walk.kernel - 1;
    p.length = std::min({std::bit_ceil(4 * walk.kernel), std::max(std::bit_ceil(line), std::bit_ceil(2 * walk.kernel)),
                         kernels::longest_transform});
    const std::size_t row_bytes = (p.length / 2 + 1) * 4 * (in + out) * sizeof(Real);
    p.chunk = std::clamp<std::size_t>(be.tuning.spectrum_bytes / row_bytes, 1, std::max<std::size_t>(p.blocks(), 1));
    detail::kernel_conv_fft<Real, M>::measure(p);
    return p;
}

/// Computes the spectrum of a kernel, once for forward and backward. Nothing where the plan is direct.
template <class Real, class M, std::size_t O, std::size_t KI>
void conv_spectrum(kernel_backend<Real, M>& be, const conv_plan& plan, matrix<Real, O, KI> w, std::span<Real> spectrum,
                   std::span<Real> work) {
    if (plan.how == conv_method::fft) detail::kernel_conv_fft<Real, M>(be, plan, spectrum, work).kernel(w.data);
}

/// writes: y +=
template <class Real, class M, std::size_t I, std::size_t O, std::size_t KI>
void convolve(kernel_backend<Real, M>& be, const conv_plan& plan, columns<const Real, I> x, matrix<Real, O, KI> w,
              std::span<const Real> spectrum, columns<Real, O> y, std::span<Real> work) {
    LOFI_ASSERT(plan.in == I && plan.out == O && plan.walk.kernel * I == KI, "this plan is of another convolution");
    LOFI_ASSERT(x.count() == plan.walk.rows() && y.count() == x.count(), "a convolution has a row for every step and sequence");
    if (plan.how == conv_method::fft) {
        const std::span<Real> kernel(const_cast<Real*>(spectrum.data()), spectrum.size());  // is only read here
        detail::kernel_conv_fft<Real, M>(be, plan, kernel, work).forward(detail::loose(x), detail::loose(y));
        return;
    }
    using enum transposed_operand;
    detail::each_tap(plan.walk, [&](std::size_t j, std::size_t to, std::size_t from, std::size_t n) {
        be.machine.gemm(no, yes, n, O, I, x.row(from), x.stride(), w.data + j * I, KI, Real{1}, y.row(to), y.stride());
    });
}

/// writes: dx = unless empty, dw +=
template <class Real, class M, std::size_t I, std::size_t O, std::size_t KI>
void convolve_backward(kernel_backend<Real, M>& be, const conv_plan& plan, columns<const Real, I> x, matrix<Real, O, KI> w,
                       std::span<const Real> spectrum, columns<const Real, O> dy, columns<Real, I> dx, matrix<Real, O, KI> dw,
                       std::span<Real> work) {
    if (!dx.empty()) detail::launch_each(be, dx.count(), I, kernels::fill_op<Real>{Real{0}, detail::loose(dx)});
    if (plan.how == conv_method::fft) {
        const std::span<Real> kernel(const_cast<Real*>(spectrum.data()), spectrum.size());
        detail::kernel_conv_fft<Real, M>(be, plan, kernel, work)
            .backward(detail::loose(x), detail::loose(dy), detail::loose(dx), dw.data);
        return;
    }
    using enum transposed_operand;
    detail::each_tap(plan.walk, [&](std::size_t j, std::size_t to, std::size_t from, std::size_t n) {
        be.machine.gemm(yes, no, O, I, n, dy.row(to), dy.stride(), x.row(from), x.stride(), Real{1}, dw.data + j * I, KI);
        if (!dx.empty())
            be.machine.gemm(no, no, n, I, O, dy.row(to), dy.stride(), w.data + j * I, KI, Real{1}, dx.row(from), dx.stride());
    });
}

}  // namespace lofi::inline LOFI_ABI::backend

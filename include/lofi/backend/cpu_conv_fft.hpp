#pragma once
// Convolution by overlap-save: blocks of every sequence are transformed, multiplied frequency by frequency, and transformed back.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/backend/convolution.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/cpu_lane_fft.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// At every frequency a complex product is one of real matrices: M blocks are 2M rows, [re, -im] and [im, re], so that a product with
/// [re, im] of the kernel gives the real parts in the first M rows and the imaginary ones in the others.
/// source: Oppenheim, Schafer: Discrete-Time Signal Processing, 8.7.3
template <class Real>
class conv_fft {
public:
    conv_fft(int threads, const conv_plan& plan, std::span<Real> work);

    static std::size_t bins(const conv_plan& p) { return p.length / 2 + 1; }
    /// The kernel's spectrum: (bins, out, re and im, in).
    static std::size_t spectrum_count(const conv_plan& p) { return bins(p) * 2 * p.out * p.in; }
    static std::size_t work_count(const conv_plan& p) {
        return whole_lanes(lane_fft<Real>::work_count(p.length)) + whole_lanes(bins(p) * p.chunk * 4 * p.in) +
               whole_lanes(bins(p) * p.chunk * 4 * p.out) + whole_lanes(spectrum_count(p));
    }

    void kernel(const Real* w, Real* spectrum);
    /// writes: y +=
    void forward(const Real* x, std::size_t x_stride, const Real* spectrum, Real* y, std::size_t y_stride);
    /// writes: dx += unless null, dw +=
    void backward(const Real* x, std::size_t x_stride, const Real* spectrum, const Real* dy, std::size_t dy_stride, Real* dx,
                  std::size_t dx_stride, Real* dw);

private:
    static constexpr std::size_t lanes = lane_fft<Real>::lanes;
    static std::size_t whole_lanes(std::size_t n) { return (n + lanes - 1) / lanes * lanes; }

    /// Where a block begins: its sample n is at time `time + n * dilation` of sequence `batch`, if that is inside.
    struct place {
        std::ptrdiff_t time = 0;
        std::size_t batch = 0;
    };
    [[nodiscard]] place input_place(std::size_t block) const;
    [[nodiscard]] place output_place(std::size_t block) const;
    /// Calls f(row) for the row of sample n where there is one, and tells whether.
    template <class F>
    bool at_row(const place& at, std::size_t n, F&& f) const {
        const std::ptrdiff_t t = at.time + static_cast<std::ptrdiff_t>(n * w_.dilation);
        if (t < 0 || t >= static_cast<std::ptrdiff_t>(w_.steps)) return false;
        f(static_cast<std::size_t>(t) * w_.batch + at.batch);
        return true;
    }

    /// Transforms `count` sequences, two registers of lanes at a time. load(f, sample n, numbers) and store(f, bin, re, im) are called for
    /// sequences f, f+1, ... of one register; `numbers` says how many of them there are.
    template <class Load, class Store>
    void transform(std::size_t count, std::size_t samples, Load&& load, Store&& store);
    template <class Fetch, class Put>
    void untransform(std::size_t count, Fetch&& fetch, Put&& put);

    /// Spectra of so many samples of blocks as rows: re and im parts of `channels` side by side, and once more turned by a quarter.
    /// place_of(block) says where one begins.
    template <class Place>
    void blocks(std::size_t first, std::size_t m, std::size_t channels, std::size_t samples, const Real* x, std::size_t stride,
                Place&& place_of, Real* to);
    /// Adds the first samples of spectra (bins, 2M, channels), times a factor, to rows.
    template <class Place>
    void unblock(std::size_t first, std::size_t m, std::size_t channels, std::size_t samples, const Real* spectra, Real factor,
                 Real* y, std::size_t stride, Place&& place_of);

    int threads_;
    const conv_plan& p_;
    const conv_walk& w_;
    lane_fft<Real> fft_;
    std::size_t bins_;
    Real *in_, *out_, *dkernel_;
};

// ---------------------------------------------------------------- bodies

template <class Real>
conv_fft<Real>::conv_fft(int threads, const conv_plan& plan, std::span<Real> work)
    : threads_(threads),
      p_(plan),
      w_(plan.walk),
      fft_(plan.length, work.data()),
      bins_(bins(plan)),
      in_(work.data() + whole_lanes(lane_fft<Real>::work_count(plan.length))),
      out_(in_ + whole_lanes(bins_ * p_.chunk * 4 * p_.in)),
      dkernel_(out_ + whole_lanes(bins_ * p_.chunk * 4 * p_.out)) {}

// Line l = (phase, b) of the dilated sequence; block i of it begins at output q = i * advance. Sample n of it is the input that the oldest
// tap of output q + n sees.
template <class Real>
typename conv_fft<Real>::place conv_fft<Real>::output_place(std::size_t block) const {
    const std::size_t line = block / p_.blocks_of_line(), q = block % p_.blocks_of_line() * p_.advance();
    return {static_cast<std::ptrdiff_t>(q * w_.dilation + line / w_.batch), line % w_.batch};
}
template <class Real>
typename conv_fft<Real>::place conv_fft<Real>::input_place(std::size_t block) const {
    place at = output_place(block);
    at.time -= static_cast<std::ptrdiff_t>(w_.left);
    return at;
}

template <class Real>
template <class Load, class Store>
void conv_fft<Real>::transform(std::size_t count, std::size_t samples, Load&& load, Store&& store) {
    for (std::size_t f = 0; f < count; f += 2 * lanes) {
        const auto numbers = [&](std::size_t at) { return at < count ? std::min(lanes, count - at) : std::size_t{0}; };
        Real* const halves[2] = {fft_.first(), fft_.second()};
        for (std::size_t h = 0; h < 2; ++h) {
            const std::size_t at = f + h * lanes, there = numbers(at);
            const std::size_t loaded = there == 0 ? 0 : samples;
            if (there < lanes) std::fill_n(halves[h], loaded * lanes, Real{0});
            if (there > 0) load(at, there, halves[h]);
            std::fill(halves[h] + loaded * lanes, halves[h] + p_.length * lanes, Real{0});
        }
        fft_.forward();
        store(f, numbers(f), fft_.first_spectrum());
        if (numbers(f + lanes) > 0) store(f + lanes, numbers(f + lanes), fft_.second_spectrum());
    }
}

template <class Real>
template <class Fetch, class Put>
void conv_fft<Real>::untransform(std::size_t count, Fetch&& fetch, Put&& put) {
    for (std::size_t f = 0; f < count; f += 2 * lanes) {
        const auto numbers = [&](std::size_t at) { return at < count ? std::min(lanes, count - at) : std::size_t{0}; };
        const typename lane_fft<Real>::spectrum halves[2] = {fft_.first_spectrum(), fft_.second_spectrum()};
        for (std::size_t h = 0; h < 2; ++h) {
            const std::size_t there = numbers(f + h * lanes);
            if (there < lanes)
                std::fill_n(halves[h].re, bins_ * lanes, Real{0}), std::fill_n(halves[h].im, bins_ * lanes, Real{0});
            if (there > 0) fetch(f + h * lanes, there, halves[h]);
        }
        fft_.inverse();
        put(f, numbers(f), fft_.first());
        if (numbers(f + lanes) > 0) put(f + lanes, numbers(f + lanes), fft_.second());
    }
}

template <class Real>
void conv_fft<Real>::kernel(const Real* w, Real* spectrum) {
    const std::size_t I = p_.in, K = w_.kernel;
    // Lag l of the kernel is tap l of the oldest-first order: a correlation, whose spectrum is the conjugate.
    transform(
        p_.out * I, K,
        [&](std::size_t f, std::size_t n, Real* to) {
            for (std::size_t j = 0; j < K; ++j)
                for (std::size_t l = 0; l < n; ++l) to[j * lanes + l] = w[(f + l) / I * K * I + j * I + (f + l) % I];
        },
        [&](std::size_t f, std::size_t n, typename lane_fft<Real>::spectrum s) {
            for (std::size_t k = 0; k < bins_; ++k) {
                Real* const to = spectrum + k * 2 * p_.out * I;
                for (std::size_t l = 0; l < n; ++l) {
                    Real* const at = to + (f + l) / I * 2 * I + (f + l) % I;
                    at[0] = s.re[k * lanes + l], at[I] = -s.im[k * lanes + l];
                }
            }
        });
}

template <class Real>
template <class Place>
void conv_fft<Real>::blocks(std::size_t first, std::size_t m, std::size_t C, std::size_t samples, const Real* x,
                            std::size_t stride, Place&& place_of, Real* to) {
    const bool whole = C % lanes == 0;  // every register lies in one row
    transform(
        m * C, samples,
        [&](std::size_t f, std::size_t n, Real* lane) {
            std::array<place, lanes> at;
            for (std::size_t l = 0; l < (whole ? 1 : n); ++l) at[l] = place_of(first + (f + l) / C);
            for (std::size_t s = 0; s < samples; ++s) {
                Real* const now = lane + s * lanes;
                if (whole) {
                    if (!at_row(at[0], s, [&](std::size_t row) { std::copy_n(x + row * stride + f % C, lanes, now); }))
                        std::fill_n(now, lanes, Real{0});
                    continue;
                }
                for (std::size_t l = 0, c = f % C; l < n; ++l, c = c + 1 == C ? 0 : c + 1)
                    if (!at_row(at[l], s, [&](std::size_t row) { now[l] = x[row * stride + c]; })) now[l] = Real{0};
            }
        },
        [&](std::size_t f, std::size_t n, typename lane_fft<Real>::spectrum s) {
            for (std::size_t k = 0; k < bins_; ++k) {
                const Real *const re = s.re + k * lanes, *const im = s.im + k * lanes;
                Real *const upper = to + k * 4 * m * C, *const lower = upper + 2 * m * C;
                for (std::size_t l = 0; l < n;) {
                    const std::size_t row = (f + l) / C, c = (f + l) % C, run = std::min(n - l, C - c);
                    Real *const u = upper + row * 2 * C + c, *const v = lower + row * 2 * C + c;
                    for (std::size_t i = 0; i < run; ++i) {
                        const Real a = re[l + i], b = im[l + i];
                        u[i] = a, u[C + i] = -b, v[i] = b, v[C + i] = a;
                    }
                    l += run;
                }
            }
        });
}

template <class Real>
template <class Place>
void conv_fft<Real>::unblock(std::size_t first, std::size_t m, std::size_t C, std::size_t samples, const Real* spectra,
                             Real factor, Real* y, std::size_t stride, Place&& place_of) {
    untransform(
        m * C,
        [&](std::size_t f, std::size_t n, typename lane_fft<Real>::spectrum s) {
            for (std::size_t k = 0; k < bins_; ++k) {
                const Real *const upper = spectra + k * 2 * m * C + f, *const lower = upper + m * C;
                for (std::size_t l = 0; l < n; ++l)
                    s.re[k * lanes + l] = factor * upper[l], s.im[k * lanes + l] = factor * lower[l];
            }
        },
        [&](std::size_t f, std::size_t n, const Real* lane) {
            std::array<place, lanes> at;
            for (std::size_t l = 0; l < n; ++l) at[l] = place_of(first + (f + l) / C);
            for (std::size_t s = 0; s < samples; ++s)
                for (std::size_t l = 0; l < n;) {
                    const std::size_t c = (f + l) % C, run = std::min(n - l, C - c);
                    at_row(at[l], s, [&](std::size_t row) {
                        for (std::size_t i = 0; i < run; ++i) y[row * stride + c + i] += lane[s * lanes + l + i];
                    });
                    l += run;
                }
        });
}

template <class Real>
void conv_fft<Real>::forward(const Real* x, std::size_t x_stride, const Real* spectrum, Real* y, std::size_t y_stride) {
    const std::size_t I = p_.in, O = p_.out;
    const auto inputs = [&](std::size_t b) { return input_place(b); };
    const auto outputs = [&](std::size_t b) { return output_place(b); };
    for (std::size_t first = 0; first < p_.blocks(); first += p_.chunk) {
        const std::size_t m = std::min(p_.chunk, p_.blocks() - first);
        blocks(first, m, I, p_.length, x, x_stride, inputs, in_);
        for (std::size_t k = 0; k < bins_; ++k)
            gemm(threads_, transposed::no, transposed::yes, 2 * m, O, 2 * I, in_ + k * 4 * m * I, 2 * I,
                 spectrum + k * 2 * O * I, 2 * I, Real{0}, out_ + k * 2 * m * O, O);
        // Outputs q to q + advance - 1 see only samples of their own block.
        unblock(first, m, O, p_.advance(), out_, Real{1}, y, y_stride, outputs);
    }
}

template <class Real>
void conv_fft<Real>::backward(const Real* x, std::size_t x_stride, const Real* spectrum, const Real* dy, std::size_t dy_stride,
                              Real* dx, std::size_t dx_stride, Real* dw) {
    const std::size_t I = p_.in, O = p_.out, K = w_.kernel;
    const auto inputs = [&](std::size_t b) { return input_place(b); };
    const auto outputs = [&](std::size_t b) { return output_place(b); };
    for (std::size_t first = 0; first < p_.blocks(); first += p_.chunk) {
        const std::size_t m = std::min(p_.chunk, p_.blocks() - first);
        // Rows [re, -im] and [im, re] of dy: their first halves are its re and im.
        blocks(first, m, O, p_.advance(), dy, dy_stride, outputs, out_);
        if (dw != nullptr) {
            // conj(X) dY, of which [re, im] of the kernel's gradient are one product: see the rows above.
            blocks(first, m, I, p_.length, x, x_stride, inputs, in_);
            for (std::size_t k = 0; k < bins_; ++k)
                gemm(threads_, transposed::yes, transposed::no, O, 2 * I, 2 * m, out_ + k * 4 * m * O, 2 * O,
                     in_ + k * 4 * m * I, 2 * I, first == 0 ? Real{0} : Real{1}, dkernel_ + k * 2 * O * I, 2 * I);
        }
        if (dx == nullptr) continue;
        // dX = dY conj(S), S the kernel's spectrum: re = dre sre + dim sim, im = dim sre - dre sim. The second product takes the first
        // one away, so that what is left is -dX.
        for (std::size_t k = 0; k < bins_; ++k) {
            const Real *const d = out_ + k * 4 * m * O, *const w = spectrum + k * 2 * O * I;
            Real* const to = in_ + k * 2 * m * I;
            gemm(threads_, transposed::no, transposed::no, 2 * m, I, O, d, 2 * O, w, 2 * I, Real{0}, to, I);
            gemm(threads_, transposed::no, transposed::no, 2 * m, I, O, d + O, 2 * O, w + I, 2 * I, Real{-1}, to, I);
        }
        unblock(first, m, I, p_.length, in_, Real{-1}, dx, dx_stride, inputs);
    }
    if (dw == nullptr) return;
    untransform(
        O * I,
        [&](std::size_t f, std::size_t n, typename lane_fft<Real>::spectrum s) {
            for (std::size_t k = 0; k < bins_; ++k)
                for (std::size_t l = 0; l < n; ++l) {
                    const Real* const at = dkernel_ + k * 2 * O * I + (f + l) / I * 2 * I + (f + l) % I;
                    s.re[k * lanes + l] = at[0], s.im[k * lanes + l] = -at[I];
                }
        },
        [&](std::size_t f, std::size_t n, const Real* lane) {
            for (std::size_t j = 0; j < K; ++j)
                for (std::size_t l = 0; l < n; ++l) dw[(f + l) / I * K * I + j * I + (f + l) % I] += lane[j * lanes + l];
        });
}

}  // namespace lofi::inline LOFI_ABI::backend::detail

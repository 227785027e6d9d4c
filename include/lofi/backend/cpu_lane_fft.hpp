#pragma once
// Fourier transforms of many real sequences side by side, one to a lane of the vector registers: what long convolutions are made of.
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <lofi/backend/detail/matvec.hpp>
#include <lofi/backend/detail/vectorised.hpp>
#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// Transforms 2 * lanes real sequences of one length at once. `tensor::fft` takes any length and one sequence; here the samples of all
/// sequences lie side by side as they do in rows of channels, so that nothing is turned round and every instruction is a full one.
template <class Real>
class lane_fft {
public:
    static constexpr std::size_t lanes = detail::lanes<Real>::count, longest = 1U << 14;

    /// Numbers of workspace for a length.
    static constexpr std::size_t work_count(std::size_t length) { return (4 * length + 4 * (length / 2 + 1)) * lanes; }
    /// params: length: a power of two from 4 to `longest`; work: work_count(length) numbers, aligned to 64 bytes
    lane_fft(std::size_t length, Real* work);

    /// Where sample n of sequences 0 to lanes - 1 and of the others lies: lanes numbers at n * lanes.
    [[nodiscard]] Real* first() const { return re_; }
    [[nodiscard]] Real* second() const { return im_; }
    /// Where frequency k (0 to length / 2) of both halves lies.
    struct spectrum {
        Real *re, *im;
    };
    [[nodiscard]] spectrum first_spectrum() const { return {halves_, halves_ + bins_ * lanes}; }
    [[nodiscard]] spectrum second_spectrum() const { return {halves_ + 2 * bins_ * lanes, halves_ + 3 * bins_ * lanes}; }
    [[nodiscard]] std::size_t bins() const { return bins_; }

    /// Samples to spectra: X_k = sum_n x_n exp(-2 pi i k n / L). The samples are lost.
    void forward();
    /// Spectra to samples, scaled so that it undoes forward. Imaginary parts of frequencies 0 and length / 2 do not count.
    void inverse();

private:
    struct planes {
        Real *re, *im, *work_re, *work_im;
    };
    static void transform(planes* p, std::size_t length, const std::complex<Real>* roots);
    static void part(const planes* p, std::size_t length, Real* halves);
    static void join(const planes* p, std::size_t length, const Real* halves);
    static const std::complex<Real>* roots();

    std::size_t length_, bins_;
    Real *re_, *im_, *work_re_, *work_im_, *halves_;
};

// ---------------------------------------------------------------- bodies

/// Arithmetic on all lanes. Where the compiler has no vectors of its own, a loop.
template <class Real>
struct pack {
    static constexpr std::size_t count = lanes<Real>::count;
#if defined(__GNUC__)
    typedef Real type __attribute__((vector_size(sizeof(Real) * lanes<Real>::count)));
    type v;
    LOFI_INLINE friend pack operator+(const pack& a, const pack& b) { return {a.v + b.v}; }
    LOFI_INLINE friend pack operator-(const pack& a, const pack& b) { return {a.v - b.v}; }
    LOFI_INLINE friend pack operator*(const pack& a, Real b) { return {a.v * b}; }
#else
    Real v[count];
    template <class F>
    static pack each(F&& f) {
        pack p;
        for (std::size_t i = 0; i < count; ++i) p.v[i] = f(i);
        return p;
    }
    friend pack operator+(const pack& a, const pack& b) {
        return each([&](std::size_t i) { return a.v[i] + b.v[i]; });
    }
    friend pack operator-(const pack& a, const pack& b) {
        return each([&](std::size_t i) { return a.v[i] - b.v[i]; });
    }
    friend pack operator*(const pack& a, Real b) {
        return each([&](std::size_t i) { return a.v[i] * b; });
    }
#endif
    LOFI_INLINE static pack read(const Real* p) {
        pack r;
        std::memcpy(&r.v, p, sizeof r.v);
        return r;
    }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, &v, sizeof v); }
};

/// One stage of Stockham's transform by fours: n is the length that is left, s the number of transforms side by side.
template <class Real>
LOFI_INLINE void fft_stage4(std::size_t n, std::size_t s, const Real* xr, const Real* xi, Real* yr, Real* yi,
                            const std::complex<Real>* roots, std::size_t every) {
    using P = pack<Real>;
    const std::size_t m = n / 4, w = s * P::count;
    for (std::size_t p = 0; p < m; ++p) {
        const std::complex<Real> w1 = roots[p * every], w2 = roots[2 * p * every], w3 = roots[3 * p * every];
        const Real r1 = w1.real(), i1 = w1.imag(), r2 = w2.real(), i2 = w2.imag(), r3 = w3.real(), i3 = w3.imag();
        const std::size_t from = p * w, to = 4 * p * w;
        for (std::size_t q = 0; q < w; q += P::count) {
            const std::size_t a = from + q, b = a + m * w, c = b + m * w, d = c + m * w, y = to + q;
            const P sr = P::read(xr + a) + P::read(xr + c), si = P::read(xi + a) + P::read(xi + c);
            const P dr = P::read(xr + a) - P::read(xr + c), di = P::read(xi + a) - P::read(xi + c);
            const P tr = P::read(xr + b) + P::read(xr + d), ti = P::read(xi + b) + P::read(xi + d);
            // j (b - d)
            const P jr = P::read(xi + d) - P::read(xi + b), ji = P::read(xr + b) - P::read(xr + d);
            (sr + tr).write(yr + y), (si + ti).write(yi + y);
            const P ar = dr - jr, ai = di - ji, br = sr - tr, bi = si - ti, cr = dr + jr, ci = di + ji;
            (ar * r1 - ai * i1).write(yr + y + w), (ar * i1 + ai * r1).write(yi + y + w);
            (br * r2 - bi * i2).write(yr + y + 2 * w), (br * i2 + bi * r2).write(yi + y + 2 * w);
            (cr * r3 - ci * i3).write(yr + y + 3 * w), (cr * i3 + ci * r3).write(yi + y + 3 * w);
        }
    }
}

/// The last stage where the length is no power of four.
template <class Real>
LOFI_INLINE void fft_stage2(std::size_t s, const Real* xr, const Real* xi, Real* yr, Real* yi) {
    using P = pack<Real>;
    const std::size_t w = s * P::count;
    for (std::size_t q = 0; q < w; q += P::count) {
        const P ar = P::read(xr + q), ai = P::read(xi + q), br = P::read(xr + q + w), bi = P::read(xi + q + w);
        (ar + br).write(yr + q), (ai + bi).write(yi + q);
        (ar - br).write(yr + q + w), (ai - bi).write(yi + q + w);
    }
}

template <class Real>
lane_fft<Real>::lane_fft(std::size_t length, Real* work)
    : length_(length),
      bins_(length / 2 + 1),
      re_(work),
      im_(re_ + length * lanes),
      work_re_(im_ + length * lanes),
      work_im_(work_re_ + length * lanes),
      halves_(work_im_ + length * lanes) {
    LOFI_ASSERT(std::has_single_bit(length) && length >= 4 && length <= longest,
                "lanes transform powers of two from 4 to 2^14");
}

template <class Real>
const std::complex<Real>* lane_fft<Real>::roots() {
    // One table for all lengths: exp(-2 pi i k / longest).
    static const std::vector<std::complex<Real>> table = [] {
        std::vector<std::complex<Real>> t(longest);
        for (std::size_t k = 0; k < longest; ++k) {
            const double angle = -6.283185307179586 * static_cast<double>(k) / static_cast<double>(longest);
            t[k] = {static_cast<Real>(std::cos(angle)), static_cast<Real>(std::sin(angle))};
        }
        return t;
    }();
    return table.data();
}

template <class Real>
LOFI_INLINE void lane_fft<Real>::transform(planes* p, std::size_t length, const std::complex<Real>* roots) {
    std::size_t n = length, s = 1;
    for (; n >= 4; n /= 4, s *= 4) {
        fft_stage4(n, s, p->re, p->im, p->work_re, p->work_im, roots, longest / n);
        std::swap(p->re, p->work_re), std::swap(p->im, p->work_im);
    }
    if (n == 2) {
        fft_stage2(s, p->re, p->im, p->work_re, p->work_im);
        std::swap(p->re, p->work_re), std::swap(p->im, p->work_im);
    }
}

// Two real sequences went through as one complex z = a + i b: A_k = (Z_k + conj Z_-k) / 2, B_k = (Z_k - conj Z_-k) / 2i.
template <class Real>
LOFI_INLINE void lane_fft<Real>::part(const planes* p, std::size_t length, Real* halves) {
    using P = pack<Real>;
    const std::size_t bins = length / 2 + 1, plane = bins * lanes;
    for (std::size_t k = 0; k < bins; ++k) {
        const std::size_t at = k * lanes, mirror = (k == 0 ? 0 : length - k) * lanes;
        const P zr = P::read(p->re + at), zi = P::read(p->im + at), yr = P::read(p->re + mirror), yi = P::read(p->im + mirror);
        ((zr + yr) * Real{0.5}).write(halves + at);
        ((zi - yi) * Real{0.5}).write(halves + plane + at);
        ((zi + yi) * Real{0.5}).write(halves + 2 * plane + at);
        ((yr - zr) * Real{0.5}).write(halves + 3 * plane + at);
    }
}

// Z_k = A_k + i B_k and Z_-k = conj A_k + i conj B_k, scaled; real and imaginary parts change places, which turns the transform round.
template <class Real>
LOFI_INLINE void lane_fft<Real>::join(const planes* p, std::size_t length, const Real* halves) {
    using P = pack<Real>;
    const std::size_t bins = length / 2 + 1, plane = bins * lanes;
    const Real scale = Real{1} / static_cast<Real>(length);
    for (std::size_t k = 0; k < bins; ++k) {
        const std::size_t at = k * lanes;
        const P ar = P::read(halves + at) * scale, br = P::read(halves + 2 * plane + at) * scale;
        if (k == 0 || k == length / 2) {
            ar.write(p->im + at), br.write(p->re + at);
            continue;
        }
        const P ai = P::read(halves + plane + at) * scale, bi = P::read(halves + 3 * plane + at) * scale;
        (ar - bi).write(p->im + at), (ai + br).write(p->re + at);
        (ar + bi).write(p->im + (length - k) * lanes), (br - ai).write(p->re + (length - k) * lanes);
    }
}

template <class Real>
void lane_fft<Real>::forward() {
    planes p{re_, im_, work_re_, work_im_};
    vectorised<&lane_fft::transform>(&p, length_, roots());
    vectorised<&lane_fft::part>(static_cast<const planes*>(&p), length_, halves_);
}

template <class Real>
void lane_fft<Real>::inverse() {
    planes p{re_, im_, work_re_, work_im_};
    vectorised<&lane_fft::join>(static_cast<const planes*>(&p), length_, static_cast<const Real*>(halves_));
    vectorised<&lane_fft::transform>(&p, length_, roots());
    // Exchanged again on the way out: the imaginary plane holds the first sequences.
    re_ = p.im, im_ = p.re, work_re_ = p.work_re, work_im_ = p.work_im;
}

}  // namespace lofi::inline LOFI_ABI::backend::detail

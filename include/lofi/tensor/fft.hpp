#pragma once
// Discrete Fourier transforms of any length, complex and real, through KissFFT.
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include <kissfft/kissfft.hh>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::tensor {

/// Transforms sequences of one length. Making one computes tables; forward and inverse then allocate nothing.
/// Lengths whose prime factors are small go straight through KissFFT; others become a convolution of a power of two, so that
/// every length costs about N log N. One object is for one thread at a time.
/// source: Cooley, Tukey (1965); Bluestein: A linear filtering approach to the computation of the DFT (1970)
template <class Real>
class fft {
public:
    using complex = std::complex<Real>;

    explicit fft(std::size_t length);

    [[nodiscard]] std::size_t size() const { return length_; }
    /// Number of complex values that a real sequence turns into: frequencies 0 to the half.
    [[nodiscard]] std::size_t real_size() const { return length_ / 2 + 1; }

    /// Computes X_k = sum_n x_n exp(-2 pi i k n / N). x and X may not overlap.
    void forward(std::span<const complex> x, std::span<complex> X) { transform(x, X, false); }
    /// Computes x_n = 1/N sum_k X_k exp(2 pi i k n / N), so that inverse undoes forward. x and X may not overlap.
    void inverse(std::span<const complex> X, std::span<complex> x);
    /// Computes the first N/2+1 values of forward for real x.
    void forward_real(std::span<const Real> x, std::span<complex> X);
    /// Undoes forward_real.
    void inverse_real(std::span<const complex> X, std::span<Real> x);

private:
    void transform(std::span<const complex> x, std::span<complex> y, bool inverse);
    void bluestein(std::span<const complex> x, std::span<complex> y);
    static std::size_t worked_length(std::size_t length);

    std::size_t length_;
    kissfft<Real> plan_;                           // of worked_length(length_)
    std::vector<complex> chirp_, chirp_spectrum_;  // empty where KissFFT takes the length itself
    std::vector<complex> in_, out_, padded_, product_;
};

// ---------------------------------------------------------------- bodies

template <class Real>
std::size_t fft<Real>::worked_length(std::size_t length) {
    std::size_t rest = length;
    for (const std::size_t p : {2, 3, 5, 7, 11, 13})
        while (rest > 1 && rest % p == 0) rest /= p;
    if (rest <= 1) return length;
    std::size_t power = 1;
    while (power < 2 * length - 1) power *= 2;
    return power;
}

template <class Real>
fft<Real>::fft(std::size_t length)
    : length_(length), plan_(worked_length(length == 0 ? 1 : length), false), in_(length), out_(length) {
    LOFI_ASSERT(length > 0, "a Fourier transform needs a length of at least 1");
    const std::size_t M = worked_length(length);
    if (M == length) return;
    chirp_.resize(length);
    chirp_spectrum_.resize(M);
    padded_.resize(M);
    product_.resize(M);
    for (std::size_t n = 0; n < length; ++n) {
        // n^2 modulo 2N, since the angle repeats there and large angles lose digits.
        const double angle = std::numbers::pi * static_cast<double>(n * n % (2 * length)) / static_cast<double>(length);
        chirp_[n] = complex(static_cast<Real>(std::cos(angle)), static_cast<Real>(std::sin(angle)));
    }
    for (std::size_t n = 0; n < length; ++n) {
        padded_[n] = chirp_[n];
        if (n > 0) padded_[M - n] = chirp_[n];
    }
    plan_.transform(padded_.data(), chirp_spectrum_.data());
}

template <class Real>
void fft<Real>::bluestein(std::span<const complex> x, std::span<complex> y) {
    const std::size_t M = padded_.size();
    for (std::size_t n = 0; n < M; ++n) padded_[n] = n < length_ ? x[n] * std::conj(chirp_[n]) : complex{};
    plan_.transform(padded_.data(), product_.data());
    // The inverse transform as the conjugate of the transform of the conjugate.
    for (std::size_t k = 0; k < M; ++k) product_[k] = std::conj(product_[k] * chirp_spectrum_[k]);
    plan_.transform(product_.data(), padded_.data());
    const Real scale = Real{1} / static_cast<Real>(M);
    for (std::size_t k = 0; k < length_; ++k) y[k] = std::conj(padded_[k]) * scale * std::conj(chirp_[k]);
}

template <class Real>
void fft<Real>::transform(std::span<const complex> x, std::span<complex> y, bool inverse) {
    LOFI_ASSERT(x.size() == length_ && y.size() == length_, "a Fourier transform needs spans of its own length");
    LOFI_ASSERT(x.data() != y.data(), "a Fourier transform does not work in place");
    std::span<const complex> from = x;
    if (inverse) {
        for (std::size_t n = 0; n < length_; ++n) in_[n] = std::conj(x[n]);
        from = in_;
    }
    if (chirp_.empty()) {
        plan_.transform(from.data(), y.data());
    } else {
        bluestein(from, y);
    }
    if (!inverse) return;
    const Real scale = Real{1} / static_cast<Real>(length_);
    for (complex& v : y) v = std::conj(v) * scale;
}

template <class Real>
void fft<Real>::inverse(std::span<const complex> X, std::span<complex> x) {
    transform(X, x, true);
}

template <class Real>
void fft<Real>::forward_real(std::span<const Real> x, std::span<complex> X) {
    LOFI_ASSERT(x.size() == length_ && X.size() == real_size(), "a real transform of N numbers gives N/2+1 complex ones");
    for (std::size_t n = 0; n < length_; ++n) in_[n] = x[n];
    transform(in_, out_, false);
    for (std::size_t k = 0; k < X.size(); ++k) X[k] = out_[k];
}

template <class Real>
void fft<Real>::inverse_real(std::span<const complex> X, std::span<Real> x) {
    LOFI_ASSERT(x.size() == length_ && X.size() == real_size(), "a real transform of N numbers gives N/2+1 complex ones");
    // in_ holds the conjugated spectrum, whose other half mirrors the first: the sign of the exponent turns round.
    for (std::size_t k = 0; k < X.size(); ++k) in_[k] = std::conj(X[k]);
    for (std::size_t k = X.size(); k < length_; ++k) in_[k] = X[length_ - k];
    transform(in_, out_, false);
    const Real scale = Real{1} / static_cast<Real>(length_);
    for (std::size_t n = 0; n < length_; ++n) x[n] = out_[n].real() * scale;
}

}  // namespace lofi::inline LOFI_ABI::tensor

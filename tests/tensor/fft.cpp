#include <lofi/tensor/fft.hpp>

#include <complex>
#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {

template <class Real>
std::vector<std::complex<Real>> noise(std::size_t n) {
    std::vector<std::complex<Real>> v(n);
    random_stream random(random_key{n});
    for (auto& c : v) {
        const float re = uniform_unit(random) - 0.5F;
        c = {re, uniform_unit(random) - 0.5F};
    }
    return v;
}

/// The definition, in double.
template <class Real>
std::vector<std::complex<double>> by_definition(const std::vector<std::complex<Real>>& x) {
    const std::size_t N = x.size();
    std::vector<std::complex<double>> y(N);
    for (std::size_t k = 0; k < N; ++k)
        for (std::size_t n = 0; n < N; ++n)
            y[k] += std::complex<double>(x[n]) *
                    std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n % N) / static_cast<double>(N));
    return y;
}

template <class Real>
void check(std::size_t N, double tolerance) {
    INFO(N);
    tensor::fft<Real> f(N);
    const auto x = noise<Real>(N);
    const auto expected = by_definition(x);
    std::vector<std::complex<Real>> X(N), back(N);
    f.forward(x, X);
    f.inverse(X, back);
    double worst = 0, worst_back = 0, size = 0;
    for (std::size_t k = 0; k < N; ++k) {
        worst = std::max(worst, std::abs(std::complex<double>(X[k]) - expected[k]));
        worst_back = std::max(worst_back, static_cast<double>(std::abs(back[k] - x[k])));
        size = std::max(size, std::abs(expected[k]));
    }
    CHECK(worst <= tolerance * size);
    CHECK(worst_back <= tolerance);

    std::vector<Real> real(N), real_back(N);
    for (std::size_t n = 0; n < N; ++n) real[n] = x[n].real();
    std::vector<std::complex<Real>> half(f.real_size()), wide(N), whole(N);
    for (std::size_t n = 0; n < N; ++n) wide[n] = real[n];
    f.forward(wide, whole);
    f.forward_real(real, half);
    f.inverse_real(half, real_back);
    for (std::size_t k = 0; k < half.size(); ++k) CHECK(std::abs(half[k] - whole[k]) <= tolerance * size);
    for (std::size_t n = 0; n < N; ++n) CHECK(std::abs(real_back[n] - real[n]) <= tolerance);
}

}  // namespace

TEST_CASE("FFT: every length against the definition, and back") {
    for (std::size_t N = 1; N <= 40; ++N) check<double>(N, 1e-13);
    // 500: frames of the STFT model. Primes and a prime times a power of two go another way.
    for (const std::size_t N : {64, 97, 101, 127, 128, 202, 243, 500, 509, 1000, 1024}) {
        check<double>(N, 1e-12);
        check<float>(N, 1e-5);
    }
}

TEST_CASE("FFT: a cosine is two lines") {
    constexpr std::size_t N = 500;
    tensor::fft<double> f(N);
    std::vector<double> x(N);
    for (std::size_t n = 0; n < N; ++n) x[n] = std::cos(2 * std::numbers::pi * 7 * static_cast<double>(n) / N);
    std::vector<std::complex<double>> X(f.real_size());
    f.forward_real(x, X);
    for (std::size_t k = 0; k < X.size(); ++k) CHECK(std::abs(X[k]) == Approx(k == 7 ? N / 2.0 : 0.0).margin(1e-10));
}

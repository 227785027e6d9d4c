#include <lofi/nn/conv1d.hpp>

#include <complex>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/tensor/fft.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

namespace {

template <class B, std::size_t K, std::size_t D = 1, nn::padding P = nn::padding::causal, std::size_t I = 3, std::size_t O = 2,
          nn::bias Bias = nn::bias::one>
using conv = nn::conv1d<nn::conv1d_config{.in = I, .out = O, .kernel = K, .dilation = D, .padding = P, .bias = Bias}, B>;

// The definition, from which nothing is shared with the code.
template <class Layer>
std::vector<double> by_definition(const std::vector<double>& x, const std::vector<double>& w, std::size_t batch) {
    constexpr std::size_t I = Layer::in_size, O = Layer::out_size, K = Layer::kernel;
    const std::size_t T = x.size() / I / batch;
    std::vector<double> y(T * batch * O);
    for (std::size_t t = 0; t < T; ++t)
        for (std::size_t b = 0; b < batch; ++b)
            for (std::size_t o = 0; o < O; ++o) {
                double sum = w[O * K * I + o];
                for (std::size_t j = 0; j < K; ++j) {
                    const auto at = static_cast<long>(t + j * Layer::dilation) - static_cast<long>(Layer::left);
                    if (at < 0 || at >= static_cast<long>(T)) continue;
                    for (std::size_t i = 0; i < I; ++i)
                        sum += w[(o * K + j) * I + i] * x[(static_cast<std::size_t>(at) * batch + b) * I + i];
                }
                y[(t * batch + b) * O + o] = sum;
            }
    return y;
}

template <class Real, std::size_t I, std::size_t O, std::size_t K>
void check_ways(backend::conv_walk walk, std::size_t length, double tolerance) {
    INFO("I " << I << " O " << O << " K " << K << " T " << walk.steps << " B " << walk.batch << " D " << walk.dilation << " L "
              << length);
    backend::cpu<Real> be;
    const auto cast = [](const std::vector<double>& v) { return std::vector<Real>(v.begin(), v.end()); };
    const std::size_t N = walk.rows();
    const auto x = cast(test::noise(N * I, 1)), dy = cast(test::noise(N * O, 2)), start = cast(test::noise(O * K * I, 4));
    auto w = cast(test::noise(O * K * I, 3));
    struct found {
        std::vector<Real> y, dx, dw;
    };
    const auto run = [&](backend::conv_plan plan) {
        found f{std::vector<Real>(N * O, Real(0.5)), std::vector<Real>(N * I, Real(9)), start};
        std::vector<Real> spectrum(plan.spectrum_count);
        nn::scratch memory;
        const auto work = memory.take<Real>(plan.work_count);
        const backend::matrix<Real, O, K * I> weights{w.data()};
        conv_spectrum(be, plan, weights, std::span<Real>(spectrum), work);
        convolve(be, plan, nn::columns<const Real, I>(x.data(), N), weights, std::span<const Real>(spectrum),
                 nn::columns<Real, O>(f.y.data(), N), work);
        convolve_backward(be, plan, nn::columns<const Real, I>(x.data(), N), weights, std::span<const Real>(spectrum),
                          nn::columns<const Real, O>(dy.data(), N), nn::columns<Real, I>(f.dx.data(), N),
                          backend::matrix<Real, O, K * I>{f.dw.data()}, work);
        return f;
    };
    const found direct = run(plan_convolution(be, walk, I, O, backend::conv_method::direct));
    backend::conv_plan plan = plan_convolution(be, walk, I, O, backend::conv_method::fft, length);
    for (const std::size_t chunk : {plan.chunk, std::size_t{2}}) {
        plan.chunk = std::min(plan.chunk, chunk);
        const found fft = run(plan);
        CHECK(test::greatest_difference(fft.y, direct.y) <= tolerance);
        CHECK(test::greatest_difference(fft.dx, direct.dx) <= tolerance);
        CHECK(test::greatest_difference(fft.dw, direct.dw) <= tolerance);
    }
}

template <class Real>
void check_lanes(double tolerance) {
    using lane_fft = backend::detail::lane_fft<Real>;
    nn::scratch memory;
    for (std::size_t L = 4; L <= 4096; L *= 2) {
        lane_fft f(L, memory.take<Real>(lane_fft::work_count(L)).data());
        const std::vector<double> x = test::noise(L * 2, L);
        const std::size_t lane = L % lane_fft::lanes == 4 ? 3 : lane_fft::lanes - 1;
        std::fill_n(f.first(), L * lane_fft::lanes, Real{0});
        std::fill_n(f.second(), L * lane_fft::lanes, Real{1});
        for (std::size_t n = 0; n < L; ++n) {
            f.first()[n * lane_fft::lanes + lane] = static_cast<Real>(x[n]);
            f.second()[n * lane_fft::lanes + lane] = static_cast<Real>(x[L + n]);
        }
        f.forward();
        tensor::fft<double> exact(L);
        for (const std::size_t half : {0, 1}) {
            std::vector<std::complex<double>> X(exact.real_size());
            exact.forward_real(std::span<const double>(x).subspan(half * L, L), X);
            const auto s = half == 0 ? f.first_spectrum() : f.second_spectrum();
            double worst = 0;
            for (std::size_t k = 0; k < X.size(); ++k) {
                const std::complex<double> got(static_cast<double>(s.re[k * lane_fft::lanes + lane]),
                                               static_cast<double>(s.im[k * lane_fft::lanes + lane]));
                worst = std::max(worst, std::abs(got - X[k]));
            }
            CHECK(worst <= tolerance * std::sqrt(static_cast<double>(L)));
        }
        f.inverse();
        double back = 0;
        for (std::size_t n = 0; n < L; ++n) {
            back = std::max(back, std::abs(static_cast<double>(f.first()[n * lane_fft::lanes + lane]) - x[n]));
            back = std::max(back, std::abs(static_cast<double>(f.second()[n * lane_fft::lanes + lane]) - x[L + n]));
        }
        CHECK(back <= 4 * tolerance);
    }
}

template <class B>
using wide_block = conv<B, 3, 5, nn::padding::causal, 16, 50>;
template <class B>
using long_block = conv<B, 130, 1, nn::padding::causal, 1, 16>;
template <class B>
using narrow_block = conv<B, 2, 512, nn::padding::causal, 19, 3>;

}  // namespace

TEST_CASE("convolution: gradients, direct and by FFT, dilated, centred") {
    test::check_layer<conv<exact_cpu, 3>, conv<fast_cpu, 3>>({.row_count = 14, .batch = 2});
    test::check_layer<conv<exact_cpu, 2, 4>, conv<fast_cpu, 2, 4>>({.row_count = 9, .batch = 1, .scheme = nn::scheme::keras});
    constexpr auto same = nn::padding::same;
    test::check_layer<conv<exact_cpu, 4, 3, same>, conv<fast_cpu, 4, 3, same>>({.row_count = 12, .batch = 2});
    using bare = conv<exact_cpu, 3, 2, same, 17, 2, nn::bias::none>;
    test::check_layer<bare, conv<fast_cpu, 3, 2, same, 17, 2, nn::bias::none>>({.row_count = 7, .batch = 1});
}

TEST_CASE("convolution: the definition") {
    const auto check = [](auto layer, std::size_t rows, std::size_t batch) {
        using L = decltype(layer);
        test::layer_run<L> run({.row_count = rows, .batch = batch});
        run.loss();
        const std::vector<double> w(run.weights.flat().begin(), run.weights.flat().end());
        CHECK(test::greatest_difference(run.y, by_definition<L>(run.x, w, batch)) <= 1e-13);
    };
    check(conv<exact_cpu, 3, 2>{}, 20, 2);
    check(conv<exact_cpu, 4, 1, nn::padding::same>{}, 21, 3);
    check(conv<exact_cpu, 40, 1, nn::padding::same, 20, 33>{}, 300, 1);  // by FFT
    check(conv<exact_cpu, 2, 3, nn::padding::same>{}, 8, 1);
    check(conv<exact_cpu, 9, 2>{}, 4, 1);  // longer than the sequence
}

TEST_CASE("convolution: spectra and rows agree to rounding at every size") {
    using lofi::backend::conv_walk;
    for (const std::size_t T : {1, 2, 31, 100, 257})
        for (const std::size_t B : {1, 3}) {
            check_ways<float, 3, 5, 16>({.steps = T, .batch = B, .kernel = 16, .dilation = 1, .left = 15}, 32, 3e-6);
            check_ways<double, 3, 5, 16>({.steps = T, .batch = B, .kernel = 16, .dilation = 2, .left = 6}, 0, 1e-14);
        }
    check_ways<float, 1, 16, 128>({.steps = 1000, .batch = 2, .kernel = 128, .dilation = 1, .left = 127}, 256, 5e-6);
    check_ways<float, 16, 1, 128>({.steps = 600, .batch = 1, .kernel = 128, .dilation = 1, .left = 127}, 0, 5e-6);
    check_ways<float, 32, 48, 9>({.steps = 500, .batch = 1, .kernel = 9, .dilation = 7, .left = 56}, 64, 5e-6);
    check_ways<double, 32, 17, 9>({.steps = 77, .batch = 2, .kernel = 9, .dilation = 3, .left = 10}, 16, 1e-13);
}

TEST_CASE("transforms side by side are those of tensor::fft") {
    check_lanes<float>(3e-6);
    check_lanes<double>(5e-15);
}

TEST_CASE("convolution: blocks of any size are the sequence") {
    test::check_streaming<conv<exact_cpu, 3, 2>>(20, 1e-14);
    test::check_blocks<wide_block>(150);
    test::check_blocks<long_block>(300);
    test::check_blocks<narrow_block>(1400);
    static_assert(conv<exact_cpu, 3, 8>::receptive_field == 17);
}

// A training step (forward and backward) of single convolutions, directly and by FFT, and by whichever lofi chooses: the choice may cost
// 1.1 times the better of the two.
//
//     bench_convolution           the table, and the worst choice
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/nn/layer.hpp>

using namespace lofi;
using backend::conv_method;

namespace {

struct timing {
    double milliseconds = 0;
    std::size_t length = 0;
};

template <std::size_t I, std::size_t O, std::size_t K>
struct bench {
    backend::cpu<float> be;
    backend::conv_walk walk;
    nn::scratch memory;
    std::vector<float> x, dy, y, dx, w, dw;

    explicit bench(backend::conv_walk to)
        : walk(to),
          x(to.rows() * I, 0.5F),
          dy(to.rows() * O, 0.25F),
          y(dy.size()),
          dx(x.size()),
          w(O * K * I, 0.01F),
          dw(w.size()) {}

    void step(const backend::conv_plan& plan) {
        const nn::scratch_scope scope(memory);
        const auto spectrum = memory.take<float>(plan.spectrum_count), work = memory.take<float>(plan.work_count);
        const backend::matrix<float, O, K * I> weights{w.data()};
        const nn::columns<const float, I> in(x.data(), walk.rows());
        conv_spectrum(be, plan, weights, spectrum, work);
        convolve(be, plan, in, weights, std::span<const float>(spectrum), nn::columns<float, O>(y.data(), walk.rows()), work);
        convolve_backward(be, plan, in, weights, std::span<const float>(spectrum),
                          nn::columns<const float, O>(dy.data(), walk.rows()), nn::columns<float, I>(dx.data(), walk.rows()),
                          backend::matrix<float, O, K * I>{dw.data()}, work);
    }
    /// Processor time, the best of several: other programs run too.
    double time(const backend::conv_plan& plan) {
        step(plan);
        double best = 1e30, all = 0;
        for (int i = 0; i < 30 && (i < 3 || all < 0.15); ++i) {
            const std::clock_t start = std::clock();
            step(plan);
            const double s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            best = std::min(best, s), all += s;
        }
        return best * 1e3;
    }
};

double worst = 0;

template <std::size_t I, std::size_t O, std::size_t K>
void run(std::size_t T, std::size_t B, std::size_t D = 1) {
    bench<I, O, K> b({.steps = T, .batch = B, .kernel = K, .dilation = D, .left = (K - 1) * D});
    const auto direct = plan_convolution(b.be, b.walk, I, O, conv_method::direct);
    const double direct_ms = b.time(direct);
    timing fft{1e30, 0};
    double estimated = 0;
    for (std::size_t L = 16; L <= 8192; L *= 2) {
        if (L < K || L > 8 * (T / D + K) || (L / 2 + 1) * 2 * I * O > 60'000'000) continue;
        const auto plan = plan_convolution(b.be, b.walk, I, O, conv_method::fft, L);
        if (plan.cost > 6e6 * fft.milliseconds) continue;  // far from the best
        const double ms = b.time(plan);
        if (ms < fft.milliseconds) fft = {ms, L}, estimated = plan.cost;
    }
    const auto chosen = plan_convolution(b.be, b.walk, I, O);
    const double chosen_ms = chosen.how == conv_method::direct ? direct_ms
                             : chosen.length == fft.length     ? fft.milliseconds
                                                               : b.time(chosen);
    const double ratio = chosen_ms / std::min(direct_ms, fft.milliseconds);
    worst = std::max(worst, ratio);
    std::printf("| %zu | %zu | %zu | %zu | %zu | %zu | %.3f | %.3f | %.3f (%zu) | %.3f | %s %zu | %.3f | %.2f |\n", I, O, K, D,
                T, B, direct_ms, direct.cost * 1e-6, fft.milliseconds, fft.length, estimated * 1e-6,
                chosen.how == conv_method::direct ? "direct" : "fft", chosen.length, chosen_ms, ratio);
    std::fflush(stdout);
}

}  // namespace

int main() {
    std::printf(
        "| in | out | taps | dilation | T | B | direct, ms | estimated | fft, ms (length) | estimated | chosen | ms | ratio |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    run<1, 16, 128>(8192, 1);
    run<16, 64, 256>(8192, 1);
    run<64, 128, 256>(8192, 1);
    run<16, 1, 128>(8192, 1);
    run<64, 16, 256>(8192, 4);
    run<16, 64, 64>(8192, 1);
    run<16, 64, 32>(8192, 1);
    run<16, 64, 16>(8192, 1);
    run<16, 64, 8>(8192, 1);
    run<64, 64, 32>(2048, 4);
    run<64, 64, 16>(2048, 4);
    run<64, 64, 64>(512, 2);
    run<32, 32, 128>(256, 1);
    run<1, 16, 32>(4096, 1);
    run<1, 16, 8>(4096, 1);
    run<3, 128, 32>(12288, 1);
    run<64, 64, 8>(512, 32);
    run<64, 64, 32>(4096, 1, 8);
    run<128, 128, 16>(1024, 1);
    run<8, 8, 64>(1024, 16);
    std::printf("\nthe worst choice costs %.2f times the better way\n", worst);
}

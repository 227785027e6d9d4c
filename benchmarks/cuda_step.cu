// Times on a device: the training step of benchmarks/lstm_train.cpp (LSTM 1-512-512-256, dense 256, dense 300, batch 64, 50 steps, with
// clipping and Adam), launched and as a replayed graph; the large product; softmax with cross-entropy. One line of JSON a figure;
// benchmarks/torch_cuda_step.py times the same in PyTorch.
#include <algorithm>
#include <cstdio>
#include <vector>

#include <lofi/cuda.cuh>
#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

using namespace lofi;
namespace device = backend::device;
namespace kernels = backend::kernels;

namespace {

using gpu = backend::cuda<float>;
constexpr std::size_t T = 50, B = 64, N = T * B, V = 300;
using first = nn::lstm<nn::lstm_config{.in = 1, .hidden = 512}, gpu>;
using second = nn::lstm<nn::lstm_config{.in = 512, .hidden = 512}, gpu>;
using third = nn::lstm<nn::lstm_config{.in = 512, .hidden = 256}, gpu>;
using head = nn::sequence<nn::dense<nn::dense_config{256, 256}, gpu>, nn::dense<nn::dense_config{256, V}, gpu>>;
using net =
    nn::parts<nn::named<"first", first>, nn::named<"second", second>, nn::named<"third", third>, nn::named<"head", head>>;

/// Median over five rounds of the microseconds of one call.
template <class F>
double microseconds(const device::stream& s, int calls, F&& f) {
    cudaEvent_t from = nullptr, to = nullptr;
    device::check(cudaEventCreate(&from), "cudaEventCreate");
    device::check(cudaEventCreate(&to), "cudaEventCreate");
    for (int i = 0; i < 3; ++i) f();
    s.wait();
    std::vector<double> rounds;
    for (int round = 0; round < 5; ++round) {
        device::check(cudaEventRecord(from, s.get()), "cudaEventRecord");
        for (int i = 0; i < calls; ++i) f();
        device::check(cudaEventRecord(to, s.get()), "cudaEventRecord");
        s.wait();
        float ms = 0;
        device::check(cudaEventElapsedTime(&ms, from, to), "cudaEventElapsedTime");
        rounds.push_back(1000.0 * ms / calls);
    }
    cudaEventDestroy(from);
    cudaEventDestroy(to);
    std::sort(rounds.begin(), rounds.end());
    return rounds[2];
}

void print(const char* name, const char* precision, double us) {
    std::printf("{\"by\": \"lofi\", \"name\": \"%s\", \"precision\": \"%s\", \"us\": %.2f}\n", name, precision, us);
    std::fflush(stdout);
}

/// The widest of LofiGen's convolutions, forward and backward: by spectra, and a product for each tap.
void convolutions(gpu& be, const char* name) {
    using conv = nn::conv1d<nn::conv1d_config{.in = 64, .out = 128, .kernel = 256}, gpu>;
    constexpr std::size_t batch = 4, count = 8192 * batch;
    const device::stream& s = be.machine.stream();
    device::buffer<float> w(s, conv::parameter_count), dw(s, conv::parameter_count), x(s, count * 64), y(s, count * 128);
    nn::context ctx;
    ctx.scratch = nn::scratch(std::size_t{1} << 28, device::memory());
    ctx.batch = batch;
    backend::cursor<float> at{w.data(), nullptr}, dat{dw.data(), nullptr};
    const auto p = conv::params::bind(at), dp = conv::params::bind(dat);
    using way = backend::kernel_tuning::convolution;
    for (const way how : {way::fft, way::direct}) {
        be.tuning.conv = how;
        print(how == way::fft ? "convolution_32768x64x128_256_taps" : "convolution_32768x64x128_256_taps_tap_by_tap", name,
              microseconds(s, 5, [&] {
                  ctx.begin({});
                  conv::tape tape;
                  const auto dx = ctx.scratch.take_rows<float, 64>(count);
                  conv::forward(be, ctx, p, rows<const float, 64>(x.data(), count), rows<float, 128>(y.data(), count), tape);
                  conv::backward(be, ctx, p, dp, tape, rows<const float, 128>(y.data(), count), dx);
              }));
    }
    be.tuning.conv = way::automatic;
}

void measure(device::precision precision, const char* name) {
    gpu be(precision);
    const device::stream& s = be.machine.stream();
    const nn::parameters<net> start(random_key{1}, nn::scheme::pytorch);
    constexpr std::size_t count = net::parameter_count;
    device::buffer<float> w(s, start.flat()), dw(s, count), mean(s, count), square(s, count);
    const std::vector<kernels::update_clock> clocks{{.rate = 0.001}};
    device::buffer<kernels::update_clock> clock(s, std::span<const kernels::update_clock>(clocks));
    std::vector<float> host_x(N);
    std::vector<std::int32_t> host_targets(B);
    random_stream random(random_key{2});
    for (float& v : host_x) v = uniform_unit(random);
    for (auto& v : host_targets) v = uniform_between(random, 0, V - 1);
    device::buffer<float> inputs(s, std::span<const float>(host_x));
    device::buffer<std::int32_t> targets(s, std::span<const std::int32_t>(host_targets));
    nn::context ctx;
    ctx.scratch = nn::scratch(std::size_t{1} << 28, device::memory());
    ctx.batch = B;
    backend::cursor<float> at{w.data(), nullptr}, dat{dw.data(), nullptr};
    const auto p = net::params::bind(at), dp = net::params::bind(dat);

    const auto step = [&] {
        ctx.begin(random_key{3});
        fill(be, 0.F, backend::columns<float, 1>(dw.data(), count));
        first::tape t1;
        second::tape t2;
        third::tape t3;
        head::tape t4;
        auto& m = ctx.scratch;
        const rows<const float, 1> x(inputs.data(), N);
        const auto h1 = m.take_rows<float, 512>(N), h2 = m.take_rows<float, 512>(N);
        const auto last = m.take_rows<float, 256>(B), dlast = m.take_rows<float, 256>(B);
        const auto logits = m.take_rows<float, V>(B), dlogits = m.take_rows<float, V>(B);
        first::forward(be, ctx, p.get<"first">(), x, h1, t1);
        second::forward(be, ctx, p.get<"second">(), h1, h2, t2);
        third::forward(be, ctx, p.get<"third">(), h2, {}, t3, {}, {last, {}});
        head::forward(be, ctx, p.get<"head">(), last, logits, t4);
        auto loss = nn::cross_entropy(be, logits, targets.span(), dlogits,
                                      nn::loss_config<float>{.scale = 1.0F / static_cast<float>(B)});
        head::backward(be, ctx, p.get<"head">(), dp.get<"head">(), t4, dlogits, dlast);
        const auto dh1 = m.take_rows<float, 512>(N), dh2 = m.take_rows<float, 512>(N);
        third::backward(be, ctx, p.get<"third">(), dp.get<"third">(), t3, {}, dh2, {dlast, {}});
        second::backward(be, ctx, p.get<"second">(), dp.get<"second">(), t2, dh2, dh1);
        first::backward(be, ctx, p.get<"first">(), dp.get<"first">(), t1, dh1, {});
        begin_update(be, std::span<const float>(dw.data(), count), 1.0, clock.data());
        using adam = kernels::adam_update<float>;
        be.machine.launch(
            adam{count, w.data(), dw.data(), mean.data(), square.data(), clock.data(), 0.9, 0.999, 1e-8, 0, 0, false},
            adam::launch(count));
        return loss;
    };
    const nn::cross_entropy_result before = step();
    print("lstm_train_step_launched", name, microseconds(s, 10, step));
    const device::graph graph(be.machine, [&] { static_cast<void>(step()); });
    print("lstm_train_step_graph", name, microseconds(s, 20, [&] { graph.replay(); }));
    be.tuning.lstm = backend::kernel_tuning::recurrence::stepwise;
    {
        const device::graph stepwise(be.machine, [&] { static_cast<void>(step()); });
        print("lstm_train_step_graph_stepwise", name, microseconds(s, 20, [&] { stepwise.replay(); }));
    }
    be.tuning.lstm = backend::kernel_tuning::recurrence::automatic;
    const nn::cross_entropy_result after = step();
    std::printf(
        "{\"by\": \"lofi\", \"name\": \"loss_before_and_after\", \"precision\": \"%s\", \"before\": %.5f, \"after\": %.5f}\n",
        name, before.sum / before.weight, after.sum / after.weight);

    device::buffer<float> a(s, N * 512), u(s, std::size_t{2048} * 512), c(s, N * 2048);
    const auto cublas = [&] {
        product(be, backend::columns<const float, 512>(a.data(), N), backend::matrix<float, 2048, 512>{u.data()},
                backend::columns<float, 2048>(c.data(), N), backend::into::set);
    };
    print("product_3200x2048x512", name, microseconds(s, 50, cublas));
    convolutions(be, name);
    if (precision == device::precision::tf32) return;
    using tiled = kernels::tiled_product<float>;
    print("product_3200x2048x512_portable", name, microseconds(s, 20, [&] {
              be.machine.launch(tiled{a.data(), 512, 1, u.data(), 1, 512, c.data(), 2048, N, 2048, 512, 0.F},
                                tiled::launch(N, 2048));
          }));
    constexpr std::size_t rows_ = 8192, wide = 1024;
    device::buffer<float> logits(s, rows_ * wide), slopes(s, rows_ * wide);
    device::buffer<std::int32_t> ids(s, rows_);
    print("softmax_cross_entropy_8192x1024", name, microseconds(s, 50, [&] {
              static_cast<void>(softmax_cross_entropy(be, backend::columns<const float, wide>(logits.data(), rows_),
                                                      std::span<const std::int32_t>(ids.span()), std::span<const float>{}, 1.F,
                                                      backend::columns<float, wide>(slopes.data(), rows_)));
          }));
    print("sum_rows_3200x2048", name,
          microseconds(s, 50, [&] { sum_rows(be, backend::columns<const float, 2048>(c.data(), N), dw.data()); }));
    using adam = kernels::adam_update<float>;
    print("adam_3.9M", name, microseconds(s, 50, [&] {
              be.machine.launch(
                  adam{count, w.data(), dw.data(), mean.data(), square.data(), clock.data(), 0.9, 0.999, 1e-8, 0, 0, false},
                  adam::launch(count));
          }));
}

}  // namespace

int main() {
    if (device::count() == 0) {
        std::printf("SKIPPED: no CUDA device on this machine\n");
        return 77;
    }
    try {
        measure(device::precision::strict, "strict");
        measure(device::precision::tf32, "tf32");
    } catch (const std::exception& e) {
        std::printf("%s\n", e.what());
        return 1;
    }
}

// Runs on a device the cases that the emulator runs in ordinary tests, the portable product beside cuBLAS, whole training steps, and a
// captured one. Exit code 77: there is no device, nothing was run. LOFI_REQUIRE_CUDA=1 makes that a failure.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <lofi/cuda.cuh>

#include "backend/cuda_cases.hpp"
#include "backend/cuda_note_lstm.hpp"
#include "backend/cuda_step.hpp"

using namespace lofi;
namespace device = backend::device;
namespace cases = test::cuda_cases;

namespace {

struct device_world {
    device::machine machine;
    std::list<std::shared_ptr<void>> owned;
    int checks = 0, failures = 0;

    template <class T>
    T* put(const std::vector<T>& v) {
        auto memory = std::make_shared<device::buffer<T>>(machine.stream(), std::span<const T>(v));
        owned.push_back(memory);
        return memory->data();
    }
    template <class T>
    std::vector<T> get(const T* p, std::size_t n) {
        std::vector<T> v(n);
        device::check(cudaMemcpyAsync(v.data(), p, n * sizeof(T), cudaMemcpyDeviceToHost, machine.stream().get()),
                      "cudaMemcpyAsync");
        machine.stream().wait();
        return v;
    }
    void expect(bool good, const std::string& what) {
        ++checks;
        if (good) return;
        ++failures;
        std::printf("    FAILED: %s\n", what.c_str());
    }
    static backend::memory_source source() { return device::memory(); }
};

void training_steps(device_world& w) {
    backend::cuda<float> be;
    be.machine = w.machine;
    const auto losses = cases::run_kernel_steps(be, w), again = cases::run_kernel_steps(be, w);
    for (std::size_t s = 0; s < losses.size(); ++s)
        w.expect(std::abs(losses[s] - cases::step_losses[s]) <= 1e-3 * cases::step_losses[s],
                 "loss of step " + std::to_string(s) + ": " + std::to_string(losses[s]) + ", on the CPU " +
                     std::to_string(cases::step_losses[s]));
    w.expect(losses == again, "the same steps give the same bits twice");
}

void captured_steps(device_world& w) {
    backend::cuda<float> be;
    be.machine = w.machine;
    using net = nn::lstm<nn::lstm_config{.in = 5, .hidden = 9}, backend::cuda<float>>;
    constexpr std::size_t T = 6, B = 4, N = T * B;
    const auto start = cases::numbers<float>(net::parameter_count, 1, 0.3), x = cases::numbers<float>(N * 5, 2),
               goal = cases::numbers<float>(N * 9, 3, 0.5);
    const auto run = [&](bool recorded) {
        float *const weights = w.put(start), *const slopes = w.put(std::vector<float>(start.size())),
                     *const mean = w.put(std::vector<float>(start.size())),
                     *const square = w.put(std::vector<float>(start.size()));
        const backend::columns<const float, 5> in(w.put(x), N);
        const backend::columns<const float, 9> want(w.put(goal), N);
        auto* const clock = w.put(std::vector<backend::kernels::update_clock>{{.rate = 0.02}});
        nn::context ctx;
        ctx.scratch = nn::scratch(std::size_t{1} << 18, device::memory());
        ctx.batch = B;
        const auto step = [&] {
            ctx.begin(random_key{1});
            fill(be, 0.F, backend::columns<float, 1>(slopes, start.size()));
            backend::cursor<float> at{weights, nullptr}, dat{slopes, nullptr};
            const auto p = net::params::bind(at), dp = net::params::bind(dat);
            const auto y = ctx.scratch.take_rows<float, 9>(N), dy = ctx.scratch.take_rows<float, 9>(N);
            net::tape tape;
            net::forward(be, ctx, p, in, y, tape);
            const auto loss = sum_distances(be, backend::distance::square, backend::columns<const float, 9>(y), want,
                                            std::span<const float>{}, 1.F / N, backend::columns<float, 9>(dy));
            net::backward(be, ctx, p, dp, tape, dy, {});
            using adam = backend::kernels::adam_update<float>;
            begin_update(be, std::span<const float>(slopes, start.size()), 1.0, clock);
            be.machine.launch(adam{start.size(), weights, slopes, mean, square, clock, 0.9, 0.999, 1e-8, 0, 0, false},
                              adam::launch(start.size()));
            return loss;
        };
        step();  // takes all memory
        if (!recorded) {
            for (int s = 0; s < 10; ++s) step();
        } else {
            const device::graph graph(be.machine, [&] { static_cast<void>(step()); });
            for (int s = 0; s < 10; ++s) graph.replay();
        }
        const auto seen = w.get(clock, 1)[0];
        w.expect(seen.updates == 11, "the clock counts replayed updates");
        const double before = step().read();
        return std::pair(w.get(weights, start.size()), before);
    };
    const auto plain = run(false), recorded = run(true);
    w.expect(plain.first == recorded.first, "replayed steps give the bits of launched ones");
    w.expect(recorded.second > 0 && recorded.second < 0.9 * N * 9, "the loss is a number");
}

/// Layers as wide as those that are trained, too large for the emulator.
void wide_recurrences(device_world& w) {
    cases::persistent_beside_stepwise<float, 128>(w, 20, 32, 0, true, false, 1e-4);
    cases::persistent_beside_stepwise<float, 256>(w, 20, 64, 0, false, true, 1e-4);
    cases::persistent_beside_stepwise<float, 512>(w, 20, 64, 0, true, false, 1e-4);
    cases::persistent_beside_stepwise<float, 1024>(w, 10, 37, 0, true, true, 1e-4);
    cases::persistent_beside_stepwise<double, 512>(w, 5, 9, 0, true, false);
}

/// Prints one line that benchmarks/cuda_report reads.
bool run(const char* name, auto&& f) {
    device_world w;
    std::string problem;
    try {
        f(w);
        w.machine.stream().wait();
    } catch (const std::exception& e) {
        problem = e.what();
    }
    const bool good = problem.empty() && w.failures == 0 && w.checks > 0;
    std::printf("%s %s: %d checks, %d failed%s%s\n", good ? "passed" : "FAILED", name, w.checks, w.failures,
                problem.empty() ? "" : ": ", problem.c_str());
    return good;
}

}  // namespace

int main() {
    if (device::count() == 0) {
        const char* const must = std::getenv("LOFI_REQUIRE_CUDA");
        std::printf("SKIPPED: no CUDA device on this machine: every case was compiled and none was run\n");
        return must != nullptr && std::strcmp(must, "1") == 0 ? 1 : 77;
    }
    cudaDeviceProp properties{};
    device::check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
    std::printf("device: %s, compute capability %d.%d\n", properties.name, properties.major, properties.minor);
    bool good = true;
    for (const auto& c : cases::all<device_world>()) good &= run(c.name, c.run);
    if (std::getenv("LOFI_CUDA_SMALL") == nullptr)
        good &= run("wide_recurrences", wide_recurrences);  // too slow under a sanitizer
    good &= run("training_steps", training_steps);
    good &= run("note_training", cases::note_training<device_world>);
    good &= run("captured_steps", captured_steps);
    return good ? 0 : 1;
}

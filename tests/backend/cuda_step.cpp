#include "backend/cuda_step.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/train/clip.hpp>
#include <lofi/train/optimiser.hpp>

#include "backend/cuda_world.hpp"

using namespace lofi;
namespace cases = test::cuda_cases;

static_assert(backend::trainable_backend<test::emulated<float>> && backend::trainable_backend<test::emulated<double>>);

namespace {
template <class Real>
std::vector<double> cpu_losses() {
    backend::cpu<Real> be;
    test::host_world world;
    train::optimiser<Real> adam(train::adam_config{}, cases::small_net<backend::cpu<Real>>::all::parameter_count);
    return cases::run_steps(be, world, [&](std::span<Real> w, std::span<Real> dw) {
        train::clip_global_norm(dw, cases::step_most);
        adam.update(w, dw, cases::step_rate);
    });
}
}  // namespace

TEST_CASE("training steps on emulated CUDA kernels end where the CPU's end") {
    const auto wanted = cpu_losses<double>();
    CHECK(wanted.back() < wanted.front());
    test::emulated_world world(1), other(2);
    test::emulated<double> exact{world.machine};
    const auto got = cases::run_kernel_steps(exact, world, 4);
    test::emulated<float> single{other.machine};
    const auto rough = cases::run_kernel_steps(single, other, 3);
    for (std::size_t s = 0; s < got.size(); ++s) {
        INFO("step " << s);
        CHECK(got[s] == Approx(wanted[s]).epsilon(1e-9));
        if (s < rough.size()) CHECK(rough[s] == Approx(wanted[s]).epsilon(1e-3));
    }
}

TEST_CASE("the losses that a CUDA device is held against are the CPU's") {
    const auto losses = cpu_losses<float>();
    for (std::size_t s = 0; s < losses.size(); ++s) {
        INFO("step " << s);
        CHECK(losses[s] == Approx(cases::step_losses[s]).epsilon(2e-4));
    }
}

#include <lofi/train/schedule.hpp>

#include "support/test.hpp"

#include <cmath>
#include <vector>

#include <lofi/nn/safetensors.hpp>

using namespace lofi;
using namespace lofi::test;

TEST_CASE("schedules as PyTorch's schedulers") {
    const auto file = nn::read_safetensors(data("train/optimisers.safetensors"));
    const std::vector<std::pair<const char*, train::schedule>> cases{
        {"rates.cosine", train::warm_up_cosine{.peak = 0.3, .floor = 0.02, .total = 10}},
        {"rates.step", train::step_decay{.start = 0.3, .factor = 0.4, .every = 3}},
        {"rates.exponential", train::exponential_to_floor{.start = 0.3, .floor = 0, .decay = 0.9}},
    };
    for (const auto& [name, s] : cases) {
        std::vector<double> expected(10);
        file.copy<double>(name, {10}, expected);
        for (std::uint64_t t = 0; t < 10; ++t) CHECK(train::value_at(s, t) == Approx(expected[t]).epsilon(1e-12));
    }
}

TEST_CASE("warm-up rises to the peak, the cosine falls to the floor and stays") {
    const train::warm_up_cosine s{.peak = 2, .floor = 0.5, .warm_up = 4, .total = 12};
    CHECK(s(0) == 0.5);
    CHECK(s(3) == 2);
    CHECK(s(4) == 2);
    CHECK(s(8) == Approx(1.25));
    CHECK(s(12) == 0.5);
    CHECK(s(1000000) == 0.5);
    for (std::uint64_t t = 4; t < 12; ++t) CHECK(s(t + 1) < s(t));
}

TEST_CASE("the schedules of the papers") {
    // MusicVAE: rate, weight of the divergence, share of samples.
    CHECK(train::exponential_to_floor{}(0) == Approx(1e-3));
    CHECK(train::exponential_to_floor{}(10000) == Approx((1e-3 - 1e-5) * std::exp(10000 * std::log(0.9999)) + 1e-5));
    CHECK(train::exponential_to_floor{}(100000000) == 1e-5);
    CHECK(train::saturating{.high = 0.2}(0) == 0);
    CHECK(train::saturating{.high = 0.2}(69314) == Approx(0.1).epsilon(1e-4));  // a half after ln 2 / 0.00001 steps
    CHECK(1 - train::inverse_sigmoid{.k = 1000}(0) == Approx(1.0 / 1001));
    CHECK(train::inverse_sigmoid{.k = 1000}(6908) == Approx(0.5).epsilon(1e-3));  // a half where exp(step/k) = k
    // Lofi2Lofi: 0.5 to 0.1 over epochs.
    const train::inverse_sigmoid forcing{.k = 30, .high = 0.5, .low = 0.1};
    CHECK(forcing(0) == Approx(30.0 / 31 * 0.4 + 0.1));
    CHECK(forcing(10000000) == 0.1);  // exp overflows to infinity, the share to its floor
    CHECK(train::ramp{.from = 0, .to = 1, .steps = 4}(1) == 0.25);
    CHECK(train::ramp{.from = 0, .to = 1, .steps = 4}(9) == 1);
    CHECK(train::ramp{.steps = 0}(0) == 1);
    CHECK(train::constant{0.3}(5) == 0.3);
}

#include <lofi/train/clip.hpp>

#include "support/test.hpp"

#include <limits>
#include <vector>

#include <lofi/nn/safetensors.hpp>

using namespace lofi;
using namespace lofi::test;

TEST_CASE("gradients are clipped as PyTorch clips them") {
    const auto file = nn::read_safetensors(data("train/optimisers.safetensors"));
    std::vector<double> gradients(70), expected(7), norm(1);
    file.copy<double>("gradients", {10, 7}, gradients);
    file.copy<double>("clip.gradient", {7}, expected);
    file.copy<double>("clip.norm", {1}, norm);
    const std::span<double> first = std::span(gradients).first(7);
    CHECK(train::clip_global_norm<double>(first, 0.5) == Approx(norm[0]).epsilon(1e-12));
    for (std::size_t i = 0; i < 7; ++i) CHECK(first[i] == Approx(expected[i]).epsilon(1e-5));  // PyTorch divides by norm + 1e-6
    CHECK(train::global_norm<double>(first) == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("small gradients stay bit for bit, and infinite ones are told") {
    std::vector<float> g{3e-5F, -4e-5F};
    const auto before = g;
    CHECK(train::clip_global_norm<float>(g, 1.0) == Approx(5e-5));
    CHECK(g == before);
    std::vector<float> large(1000, 1e30F);  // squares beyond float
    CHECK(train::clip_global_norm<float>(large, 1.0) == Approx(1e30 * std::sqrt(1000.0)));
    CHECK(train::global_norm<float>(large) == Approx(1));
    g[0] = std::numeric_limits<float>::infinity();
    CHECK(!std::isfinite(train::global_norm<float>(g)));
}

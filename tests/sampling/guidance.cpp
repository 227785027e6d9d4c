#include <lofi/sampling/guidance.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

namespace {
// As it is published: on log-probabilities.
std::vector<double> log_softmax(const std::vector<double>& x) {
    double sum = 0;
    for (const double v : x) sum += std::exp(v);
    std::vector<double> out;
    for (const double v : x) out.push_back(v - std::log(sum));
    return out;
}
}  // namespace

TEST_CASE("guidance of logits is guidance of log-probabilities, in both kinds of numbers") {
    std::mt19937 rng(6);
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(rng); };
    for (int round = 0; round < 500; ++round) {
        const std::size_t V = 1 + rng() % 20;
        const auto scale = static_cast<std::int32_t>(uniform(-2, 8) * 65536);
        std::vector<double> a, b;
        std::vector<float> fa, fb, f(V);
        std::vector<std::int32_t> ia, ib, out(V);
        for (std::size_t i = 0; i < V; ++i) {
            ia.push_back(static_cast<std::int32_t>(uniform(-5, 5) * 65536)),
                ib.push_back(static_cast<std::int32_t>(uniform(-5, 5) * 65536));
            a.push_back(ia[i] / 65536.0), b.push_back(ib[i] / 65536.0);
            fa.push_back(static_cast<float>(a[i])), fb.push_back(static_cast<float>(b[i]));
        }
        guide(fa, fb, static_cast<float>(scale) / 65536.0F, f);
        guide(ia, ib, scale, out);
        const auto la = log_softmax(a), lb = log_softmax(b);
        std::vector<double> wanted;
        for (std::size_t i = 0; i < V; ++i) wanted.push_back(scale / 65536.0 * (la[i] - lb[i]) + lb[i]);
        wanted = log_softmax(wanted);
        const auto floats = log_softmax({f.begin(), f.end()});
        std::vector<double> whole;
        for (const std::int32_t v : out) whole.push_back(v / 65536.0);
        whole = log_softmax(whole);
        for (std::size_t i = 0; i < V; ++i) {
            REQUIRE(std::abs(floats[i] - wanted[i]) < 1e-4);
            REQUIRE(std::abs(whole[i] - wanted[i]) < 2e-5);
        }
    }
}

TEST_CASE("scales 0 and 1 give either side, and removed ids stay removed") {
    const std::vector<std::int32_t> with = {5, never, 7, 9}, without = {1, 2, never, 2147483647};
    std::vector<std::int32_t> out(4);
    guide(with, without, 65536, out);
    CHECK(out == with);
    guide(with, without, 0, out);
    CHECK(out == std::vector<std::int32_t>{1, never, never, 2147483647});
    guide(with, without, 2147483647, out);
    CHECK(out == std::vector<std::int32_t>{4 * 32768 - 1 + 2, never, never, -2147483647});
    const float gone = -std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    const float huge = std::numeric_limits<float>::max();
    const std::vector<float> a = {5, gone, 7, nan, huge, 3}, b = {1, 2, gone, 0, -huge, 3};
    std::vector<float> f(6);
    guide(a, b, 2.0F, f);
    CHECK(f == std::vector<float>{9, gone, gone, gone, huge, 3});
    guide(a, b, 0.0F, f);
    CHECK(f[0] == 1.0F);
    // In place.
    std::vector<float> same = b;
    guide(a, same, 2.0F, same);
    CHECK(same[0] == 9.0F);
}

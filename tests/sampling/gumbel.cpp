#include <lofi/sampling/gumbel.hpp>

#include <cmath>
#include <vector>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {
// Chi-square of what was drawn against a softmax.
template <class Draw>
double chi_square(const std::vector<double>& x, int draws, Draw&& draw) {
    std::vector<double> seen(x.size()), p(x.size());
    double sum = 0, chi = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += p[i] = std::exp(x[i]);
    for (int i = 0; i < draws; ++i) seen[draw()] += 1;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = draws * p[i] / sum;
        chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
    return chi;
}
}  // namespace

TEST_CASE("noise is that of the definition, from end to end") {
    double worst = 0;
    std::int32_t before = gumbel_q16(0);
    const auto look = [&](std::uint32_t word) {
        const long double v = (static_cast<long double>(word) + 0.5L) / 4294967296.0L;
        const long double exact = -std::log(-std::log1p(-v));
        worst = std::max(worst, static_cast<double>(std::abs(static_cast<long double>(gumbel_q16(word)) / 65536 - exact)));
        CHECK(gumbel_q16(word) <= before + 1);
        before = gumbel_q16(word);
    };
    for (std::uint32_t word = 0; word < 3000; ++word) look(word);
    for (std::uint64_t word = 3000; word < 4294967296U; word += 999983) look(static_cast<std::uint32_t>(word));
    look(0xffffffffU);
    CHECK(worst < 2.4e-5);
    CHECK(gumbel_q16(0) < 23 * 65536);
    CHECK(gumbel_q16(0xffffffffU) > -4 * 65536);
}

TEST_CASE("ids come as often as a softmax says, a word a draw") {
    const std::vector<float> logits = {0.5F, -1.0F, 2.0F, 0.0F, 1.5F};
    std::vector<std::int32_t> whole;
    std::vector<double> x;
    for (const float l : logits) whole.push_back(static_cast<std::int32_t>(l * 65536)), x.push_back(l / 0.75);
    random_stream stream(random_key{9});
    // Four degrees of freedom, p = .001.
    CHECK(chi_square(x, 60000, [&] { return gumbel_max(logits, 0.75F, stream); }) < 18.5);
    CHECK(stream.position() == 60000);
    CHECK(chi_square(x, 60000, [&] { return gumbel_max(whole, 49152U, stream); }) < 18.5);
    CHECK(stream.position() == 120000);
}

TEST_CASE("the float and the integer draw take the same ids from the same stream") {
    random_stream numbers(random_key{1}), a(random_key{2}), b(random_key{2});
    hasher h;
    for (int i = 0; i < 2000; ++i) {
        std::vector<std::int32_t> whole(12);
        std::vector<float> logits;
        for (auto& l : whole) l = normal_q16(numbers) * 2, logits.push_back(static_cast<float>(l) / 65536);
        const std::size_t id = gumbel_max(whole, 65536U, a);
        CHECK(gumbel_max(logits, 1.0F, b) == id);
        h.add(id);
    }
    CHECK(h.value() == 0xd99eacdd6380ca47U);
}

TEST_CASE("what is removed never comes, and zero temperature takes the largest") {
    const float gone = -std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    random_stream stream(random_key{3});
    const std::vector<float> logits = {gone, 1.0F, nan, 1.0F};
    const std::vector<std::int32_t> whole = {never, 65536, never, 65536}, none(3, never);
    std::vector<int> seen(4);
    for (int i = 0; i < 200; ++i) {
        const std::size_t id = gumbel_max(logits, 1.0F, stream), other = gumbel_max(whole, 65536U, stream);
        CHECK((id == 1 || id == 3));
        CHECK((other == 1 || other == 3));
        ++seen[gumbel_max(none, 65536U, stream)];
        CHECK(gumbel_max(logits, 0.0F, stream) == 1);
        CHECK(gumbel_max(whole, 0U, stream) == 1);
    }
    CHECK(seen[0] > 30);
    CHECK(seen[1] > 30);
    CHECK(seen[2] > 30);
    const std::vector<std::int32_t> wide = {-2147483647, 2147483647};
    CHECK(gumbel_max(wide, 1U, stream) == 1);
}

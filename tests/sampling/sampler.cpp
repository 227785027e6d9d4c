#include <lofi/sampling/sampler.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<double> softmax(const std::vector<double>& x) {
    const double largest = *std::max_element(x.begin(), x.end());
    std::vector<double> p(x.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += p[i] = std::exp(x[i] - largest);
    for (double& v : p) v /= sum;
    return p;
}

// The definitions as they are written down, on logits with removed ids at -infinity, a softmax after every step.
std::vector<double> reference(std::vector<double> x, const sampler_config& c, const std::vector<bool>& heard,
                              const std::vector<double>& bias, const std::vector<bool>& allowed) {
    const std::size_t V = x.size();
    for (std::size_t i = 0; i < V; ++i) {
        if (heard[i]) x[i] = x[i] < 0 ? x[i] * c.repetition_penalty : x[i] / c.repetition_penalty;
        x[i] += bias[i];
        if (!allowed[i]) x[i] = -infinity;
        x[i] /= c.temperature;
    }
    if (c.top_k > 0) {
        std::vector<double> sorted = x;
        std::sort(sorted.rbegin(), sorted.rend());
        const double least = sorted[std::min<std::size_t>(c.top_k, V) - 1];
        for (double& v : x)
            if (v < least) v = -infinity;
    }
    if (c.top_p < 1.0F) {
        // Rising order, running sums; what has sum <= 1 - p goes, the last stays.
        const std::vector<double> p = softmax(x);
        std::vector<std::size_t> order(V);
        std::iota(order.begin(), order.end(), 0U);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] != x[b] ? x[a] < x[b] : a > b; });
        double sum = 0.0;
        for (std::size_t i = 0; i + 1 < V; ++i) {
            sum += p[order[i]];
            if (sum <= 1.0 - double{c.top_p}) x[order[i]] = -infinity;
        }
    }
    if (c.min_p > 0.0F) {
        const std::vector<double> p = softmax(x);
        const double largest = *std::max_element(p.begin(), p.end());
        for (std::size_t i = 0; i < V; ++i)
            if (p[i] < double{c.min_p} * largest) x[i] = -infinity;
    }
    const auto entropy_of = [](const std::vector<double>& p) {
        double h = 0.0;
        for (const double v : p) h -= v > 0 ? v * std::log(v) : 0.0;
        return h;
    };
    if (c.typical < 1.0F) {
        // By how far a surprise is from the entropy; the first whose running sum reaches the mass is the last that stays.
        const std::vector<double> p = softmax(x);
        const double h = entropy_of(p);
        std::vector<std::pair<double, double>> far;
        for (const double v : p) far.push_back({v > 0 ? std::abs(-std::log(v) - h) : infinity, v});
        std::vector<std::pair<double, double>> sorted = far;
        std::sort(sorted.begin(), sorted.end());
        std::size_t last = 0;
        double sum = sorted[0].second;
        while (last + 1 < V && sum < double{c.typical}) sum += sorted[++last].second;
        for (std::size_t i = 0; i < V; ++i)
            if (far[i].first > sorted[last].first + 1e-9) x[i] = -infinity;
    }
    const auto drop_below = [&](double bound) {
        const std::vector<double> p = softmax(x);
        const double largest = *std::max_element(p.begin(), p.end());
        for (std::size_t i = 0; i < V; ++i)
            if (p[i] < bound && p[i] < largest) x[i] = -infinity;
    };
    if (c.epsilon > 0.0F) drop_below(double{c.epsilon});
    if (c.eta > 0.0F) drop_below(std::min(double{c.eta}, std::sqrt(double{c.eta}) * std::exp(-entropy_of(softmax(x)))));
    if (c.top_h < 1.0F) {
        const std::vector<double> p = softmax(x);
        const double bound = double{c.top_h} * entropy_of(p);
        std::vector<std::size_t> order(V);
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] > x[b]; });
        double sum = 0.0;
        for (std::size_t i = 0; i < V; ++i) {
            const double v = p[order[i]];
            sum -= v > 0 ? v * std::log(v) : 0.0;
            if (i > 0 && sum > bound) x[order[i]] = -infinity;
        }
    }
    return softmax(x);
}

std::vector<double> shares(std::span<const std::uint32_t> weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<double> out;
    for (const std::uint32_t w : weights) out.push_back(w / sum);
    return out;
}

template <std::size_t MaxV = 8>
std::vector<double> shares(const sampler_config& config, const logits_view& in) {
    sampler<MaxV> s(config);
    return shares(s.weights(in));
}

}  // namespace

TEST_CASE("random settings give the distributions of the definitions") {
    std::mt19937 rng(11);
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(rng); };
    double worst = 0.0;
    for (int round = 0; round < 3000; ++round) {
        const std::size_t V = 1 + rng() % 40;
        sampler_config c;
        c.temperature = static_cast<float>(uniform(0.3, 3.0));
        if (rng() % 2 != 0) c.top_k = 1 + rng() % 45;
        if (rng() % 2 != 0) c.top_p = static_cast<float>(uniform(0.05, 0.999));
        if (rng() % 2 != 0) c.min_p = static_cast<float>(uniform(0.001, 0.5));
        if (rng() % 2 != 0) c.repetition_penalty = static_cast<float>(uniform(0.7, 2.0));
        if (rng() % 3 == 0) c.typical = static_cast<float>(uniform(0.05, 0.999));
        if (rng() % 3 == 0) c.epsilon = static_cast<float>(std::exp(uniform(-9, -1)));
        if (rng() % 3 == 0) c.eta = static_cast<float>(std::exp(uniform(-9, -1)));
        if (rng() % 3 == 0) c.top_h = static_cast<float>(uniform(0.05, 0.999));
        std::vector<float> logits(V), bias(V);
        std::vector<bool> heard(V), allowed(V);
        id_mask<40> heard_mask, allowed_mask;
        std::vector<double> x(V), b(V);
        const bool ties = rng() % 3 == 0;  // values on a coarse grid tie often
        for (std::size_t i = 0; i < V; ++i) {
            x[i] = logits[i] = static_cast<float>(ties ? static_cast<int>(rng() % 5) - 2 : uniform(-6, 6));
            b[i] = bias[i] = static_cast<float>(ties ? 0.0 : uniform(-1, 1));
            if (rng() % 4 == 0) heard[i] = true, heard_mask.insert(i);
            if (rng() % 8 != 0 || i == 0) allowed[i] = true, allowed_mask.insert(i);
        }
        if (ties) c.repetition_penalty = 1.0F, c.temperature = 1.0F;
        sampler<40> s(c);
        const auto got = shares(s.weights({.logits = logits, .allowed = allowed_mask, .bias = bias, .heard = heard_mask}));
        const auto wanted = reference(x, c, heard, b, allowed);
        for (std::size_t i = 0; i < V; ++i) worst = std::max(worst, std::abs(got[i] - wanted[i]));
        INFO("round " << round);
        REQUIRE(worst < 2e-6);
    }
}

TEST_CASE("hand-computed cases") {
    const float l2 = 0.6931472F;
    const std::vector<float> logits = {0.0F, l2, 2 * l2};  // 1 : 2 : 4
    CHECK(shares({}, {.logits = logits})[2] == Approx(4.0 / 7));
    CHECK(shares({.temperature = 0.5F}, {.logits = logits})[2] == Approx(16.0 / 21));
    CHECK(shares({.temperature = 2.0F}, {.logits = logits})[0] == Approx(1 / (1 + std::sqrt(2.0) + 2)));
    CHECK(shares({.top_k = 2}, {.logits = logits})[0] == 0.0);
    CHECK(shares({.top_k = 2}, {.logits = logits})[1] == Approx(1.0 / 3));
    // The first has 4/7 = .571: more than half lies before the second.
    CHECK(shares({.top_p = 0.5F}, {.logits = logits})[2] == 1.0);
    CHECK(shares({.top_p = 0.58F}, {.logits = logits})[1] == Approx(1.0 / 3));
    CHECK(shares({.min_p = 0.3F}, {.logits = logits})[0] == 0.0);
    CHECK(shares({.min_p = 0.3F}, {.logits = logits})[1] == Approx(1.0 / 3));

    // Penalty 2 before temperature: 2 ln 2 becomes ln 2, -1 becomes -2.
    const std::vector<float> signs = {2 * l2, -1.0F, 0.0F};
    id_mask<3> heard;
    heard.insert(0).insert(1);
    const auto p = shares({.repetition_penalty = 2.0F}, {.logits = signs, .heard = heard});
    CHECK(p[0] / p[2] == Approx(2.0));
    CHECK(p[1] / p[2] == Approx(std::exp(-2.0)));
}

TEST_CASE("temperature 0 takes the largest, the lowest id of several") {
    const std::vector<float> logits = {1.0F, 3.0F, 3.0F, -2.0F};
    sampler<4> s({.temperature = 0.0F});
    random_stream stream(random_key{5});
    for (int i = 0; i < 20; ++i) CHECK(s.sample({.logits = logits}, stream) == 1);
    CHECK(stream.position() == 20);  // one word a draw, needed or not
    id_mask<4> allowed;
    allowed.insert(0).insert(3);
    CHECK(s.sample({.logits = logits, .allowed = allowed}, stream) == 0);
}

TEST_CASE("extreme numbers") {
    const float nan = std::numeric_limits<float>::quiet_NaN(), huge = std::numeric_limits<float>::max();
    const std::vector<float> odd = {nan, -infinity, 2.0F, 2.0F};
    CHECK(shares({}, {.logits = odd}) == std::vector<double>{0.0, 0.0, 0.5, 0.5});
    const std::vector<float> infinite = {infinity, 1.0F, infinity};
    CHECK(shares({}, {.logits = infinite}) == std::vector<double>{0.5, 0.0, 0.5});
    const std::vector<float> wide = {-huge, huge, 0.0F};
    for (const float t : {1e-45F, 1e-3F, 1.0F, 1e3F}) CHECK(shares({.temperature = t}, {.logits = wide})[1] == 1.0);
    CHECK(shares({.temperature = huge}, {.logits = wide})[1] == Approx(std::exp(1.0) / (std::exp(1.0) + 1 + std::exp(-1.0))));
    const std::vector<float> one = {-5.0F};
    CHECK(shares({.top_k = 1, .top_p = 0.01F, .min_p = 1.0F}, {.logits = one})[0] == 1.0);
}

TEST_CASE("what leaves nothing falls back as documented") {
    const std::vector<float> logits = {1.0F, 2.0F, -infinity, -infinity};
    const id_mask<4> none;
    CHECK(shares({}, {.logits = logits, .allowed = none}) == shares({}, {.logits = logits}));
    id_mask<4> last_two;
    last_two.insert(2).insert(3);
    CHECK(shares({}, {.logits = logits, .allowed = last_two}) == std::vector<double>{0.0, 0.0, 0.5, 0.5});
    const std::vector<float> all_gone(4, -infinity);
    CHECK(shares({}, {.logits = all_gone}) == std::vector<double>(4, 0.25));
    CHECK(shares({}, {.logits = logits, .bias = all_gone}) == std::vector<double>(4, 0.25));
    const std::vector<float> not_numbers(4, std::numeric_limits<float>::quiet_NaN());
    CHECK(shares({.temperature = 0.0F}, {.logits = not_numbers})[0] == 1.0);
}

TEST_CASE("numbers from outside are checked by name") {
    CHECK(check(sampler_config{}));
    CHECK(check({.temperature = 0.0F, .top_k = 5, .top_p = 0.9F, .min_p = 0.1F}));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto refused = [](const sampler_config& c, const char* name) {
        const auto r = check(c);
        REQUIRE_FALSE(r);
        CHECK_THAT(r.error().message(), LOFI_CATCH_CONTAINS(name));
    };
    for (const float bad : {-1.0F, nan, infinity}) refused({.temperature = bad}, "temperature");
    for (const float bad : {-1.0F, nan, 0.0F, 1.1F}) refused({.top_p = bad}, "top_p");
    for (const float bad : {-0.1F, nan, 2.0F}) refused({.min_p = bad}, "min_p");
    for (const float bad : {-1.0F, nan, 0.0F, infinity}) refused({.repetition_penalty = bad}, "repetition_penalty");
    for (const float bad : {-1.0F, nan, 0.0F, 1.1F}) refused({.typical = bad}, "typical"), refused({.top_h = bad}, "top_h");
    for (const float bad : {-1.0F, nan, 1.0F}) refused({.epsilon = bad}, "epsilon"), refused({.eta = bad}, "eta");
}

TEST_CASE("the fewest that must stay do, through every filter") {
    const std::vector<float> logits = {0.0F, 9.0F, 3.0F, 1.0F};
    for (const sampler_config c :
         {sampler_config{.top_k = 1, .keep_least = 2}, sampler_config{.top_p = 0.01F, .keep_least = 2},
          sampler_config{.min_p = 1.0F, .keep_least = 2}, sampler_config{.epsilon = 0.9F, .keep_least = 2},
          sampler_config{.eta = 0.9F, .keep_least = 2}, sampler_config{.top_h = 0.01F, .keep_least = 2}}) {
        const auto p = shares(c, {.logits = logits});
        CHECK(p[1] > p[2]);
        CHECK(p[2] > 0.0);
        CHECK(p[3] == 0.0);
    }
}

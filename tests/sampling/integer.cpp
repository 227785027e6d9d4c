#include <lofi/sampling/integer.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

TEST_CASE("settings are turned into whole numbers") {
    const integer_config c =
        to_integer({.temperature = 0.85F, .top_k = 7, .top_p = 0.96F, .min_p = 0.5F, .repetition_penalty = 1.25F});
    CHECK(c.temperature == 55706);
    CHECK(c.top_k == 7);
    CHECK(c.top_p == 62915);
    CHECK(c.min_p == 32768);
    CHECK(c.repetition_penalty == 81920);
    CHECK(to_integer({}).top_p == 65536);
    const integer_config late =
        to_integer({.typical = 0.75F, .epsilon = 0.0009765625F, .eta = 1e-30F, .top_h = 0.25F, .keep_least = 2});
    CHECK(late.typical == 49152);
    CHECK(late.epsilon == 1U << 22);
    CHECK(late.eta == 0);
    CHECK(late.top_h == 16384);
    CHECK(late.keep_least == 2);
    CHECK(to_integer({}).typical == 65536);
    CHECK(to_integer({}).top_h == 65536);
    CHECK(to_integer({.temperature = 0.0F}).temperature == 0);
    CHECK(to_integer({.temperature = 1e-9F}).temperature == 1);
    CHECK(to_integer({.temperature = 1e30F}).temperature == 65535U << 16);
    CHECK(to_integer({.repetition_penalty = 1e30F}).repetition_penalty == 16U << 16);
}

TEST_CASE("distributions are those of the float sampler") {
    std::mt19937 rng(3);
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(rng); };
    double worst = 0.0;
    for (int round = 0; round < 2000; ++round) {
        const std::size_t V = 2 + rng() % 60;
        sampler_config c;
        c.temperature = static_cast<float>(uniform(0.2, 4.0));
        if (rng() % 2 != 0) c.top_k = 1 + rng() % 70;
        if (rng() % 2 != 0) c.top_p = static_cast<float>(uniform(0.1, 0.99));
        if (rng() % 2 != 0) c.min_p = static_cast<float>(uniform(0.001, 0.3));
        if (rng() % 2 != 0) c.repetition_penalty = static_cast<float>(uniform(0.8, 2.0));
        if (rng() % 4 == 0) c.typical = static_cast<float>(uniform(0.1, 0.99));
        if (rng() % 4 == 0) c.epsilon = static_cast<float>(uniform(0.0001, 0.1));
        if (rng() % 4 == 0) c.eta = static_cast<float>(uniform(0.0001, 0.1));
        if (rng() % 4 == 0) c.top_h = static_cast<float>(uniform(0.1, 0.99));
        c.keep_least = 1 + rng() % 3;
        std::vector<std::int32_t> logits(V), bias(V);
        std::vector<float> float_logits(V), float_bias(V);
        id_mask<64> heard, allowed;
        for (std::size_t i = 0; i < V; ++i) {
            logits[i] = static_cast<std::int32_t>(uniform(-8, 8) * 65536),
            bias[i] = static_cast<std::int32_t>(uniform(-1, 1) * 65536);
            float_logits[i] = static_cast<float>(logits[i]) / 65536.0F, float_bias[i] = static_cast<float>(bias[i]) / 65536.0F;
            if (rng() % 3 == 0) heard.insert(i);
            if (rng() % 3 != 0) allowed.insert(i);
        }
        // Both see the settings as the integer sampler has them.
        const integer_config ic = to_integer(c);
        c.temperature = static_cast<float>(ic.temperature) / 65536.0F, c.top_p = static_cast<float>(ic.top_p) / 65536.0F;
        c.min_p = static_cast<float>(ic.min_p) / 65536.0F, c.typical = static_cast<float>(ic.typical) / 65536.0F;
        c.top_h = static_cast<float>(ic.top_h) / 65536.0F,
        c.repetition_penalty = static_cast<float>(ic.repetition_penalty) / 65536.0F;
        sampler<64> f(c);
        integer_sampler<64> n(ic);
        const auto p = f.weights({.logits = float_logits, .allowed = allowed, .bias = float_bias, .heard = heard});
        const auto q = n.weights({.logits = logits, .allowed = allowed, .bias = bias, .heard = heard});
        double sum_p = 0.0, sum_q = 0.0, divergence = 0.0;
        for (std::size_t i = 0; i < V; ++i) sum_p += p[i], sum_q += q[i];
        for (std::size_t i = 0; i < V; ++i) {
            // Weights of a few units may round to nothing on one side alone.
            if (p[i] > 16) REQUIRE(q[i] > 0);
            if (p[i] > 0 && q[i] > 0) divergence += p[i] / sum_p * std::log(p[i] / sum_p / (q[i] / sum_q));
        }
        worst = std::max(worst, divergence);
    }
    CHECK(worst < 1e-4);
    CHECK(worst < 1e-8);
}

TEST_CASE("the same seed gives the same ids, on every machine") {
    hasher h;
    random_stream numbers(random_key{2026}), stream(random_key{7}.child("melody"));
    for (const integer_config& c :
         {integer_config{}, integer_config{.temperature = 55706}, integer_config{.temperature = 78643, .top_p = 62915},
          integer_config{.top_k = 5, .min_p = 3277, .repetition_penalty = 78643}, integer_config{.temperature = 0}}) {
        integer_sampler<16> s(c);
        std::vector<std::uint8_t> history;
        for (int i = 0; i < 2000; ++i) {
            std::vector<std::int32_t> logits(16);
            for (std::int32_t& l : logits) l = normal_q16(numbers) * 2;
            const auto heard = id_mask<16>::of(std::span<const std::uint8_t>(history));
            const std::size_t id = s.sample({.logits = logits, .heard = heard}, stream);
            h.add(id);
            history.push_back(static_cast<std::uint8_t>(id));
            if (history.size() > 6) history.erase(history.begin());
        }
    }
    CHECK(stream.position() == 10000);
    CHECK(h.value() == 0xa85a29ef2960846bU);
}

TEST_CASE("extreme logits do not overflow") {
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    const std::vector<std::int32_t> logits = {most, -most, 0, never}, bias = {most, -most, 0, 0};
    id_mask<4> heard = id_mask<4>::all();
    for (const std::uint32_t temperature : {0U, 1U, 65536U, 0xffffffffU})
        for (const std::uint32_t penalty : {1U, 65536U, 16U << 16}) {
            integer_sampler<4> s({.temperature = temperature, .repetition_penalty = penalty});
            const auto w = s.weights({.logits = logits, .bias = bias, .heard = heard});
            CHECK(w[0] == full_weight);
            CHECK(w[3] == 0);
            CHECK(w[2] >= w[1]);
        }
}

TEST_CASE("never removes an id, and what leaves nothing falls back") {
    integer_sampler<3> s;
    const std::vector<std::int32_t> gone(3, never), flat(3, 0), second = {never, 0, never};
    CHECK(s.weights({.logits = flat, .bias = second})[1] == full_weight);
    CHECK(s.weights({.logits = flat, .bias = second})[0] == 0);
    const auto even = s.weights({.logits = gone});
    CHECK(std::all_of(even.begin(), even.end(), [](std::uint32_t w) { return w == full_weight; }));
    id_mask<3> last;
    last.insert(2);
    CHECK(s.weights({.logits = second, .allowed = last})[2] == full_weight);
    CHECK(s.weights({.logits = second, .allowed = last})[1] == 0);
    const id_mask<3> none;
    CHECK(s.weights({.logits = second, .allowed = none})[1] == full_weight);
}

TEST_CASE("ties go to the lower id at temperature 0") {
    integer_sampler<4> s({.temperature = 0});
    const std::vector<std::int32_t> logits = {-5, 9, 9, 9};
    random_stream stream(random_key{1});
    CHECK(s.sample({.logits = logits}, stream) == 1);
}

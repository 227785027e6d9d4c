// A draw from 128 logits through each filter, in whole numbers and in float; and a filter of stretches: built, asked, and how much it takes
// for known that it has not seen.
#include <array>
#include <cmath>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/core/random.hpp>
#include <lofi/sampling/copy_filter.hpp>
#include <lofi/sampling/integer.hpp>
#include <lofi/sampling/sampler.hpp>

using namespace lofi;

namespace {

constexpr std::size_t V = 128;

/// Logits of a network that is fairly sure: standard normal, times 2.
std::array<std::int32_t, V> whole_logits() {
    random_stream random(random_key{1});
    std::array<std::int32_t, V> x{};
    for (std::int32_t& v : x) v = 2 * normal_q16(random);
    return x;
}

struct filtered {
    const char* name;
    sampling::sampler_config config;
};
const filtered filters[] = {{"none", {}},
                            {"top-k 40", {.top_k = 40}},
                            {"top-p .9", {.top_p = 0.9F}},
                            {"min-p .05", {.min_p = 0.05F}},
                            {"typical .9", {.typical = 0.9F}},
                            {"epsilon .001", {.epsilon = 0.001F}},
                            {"eta .001", {.eta = 0.001F}},
                            {"top-h .5", {.top_h = 0.5F}}};

void integer_draw(benchmark::State& state) {
    const filtered& f = filters[state.range(0)];
    state.SetLabel(f.name);
    const auto logits = whole_logits();
    sampling::integer_sampler<V> sampler(sampling::to_integer(f.config));
    random_stream random(random_key{2});
    for (auto _ : state) benchmark::DoNotOptimize(sampler.sample({.logits = logits}, random));
}

void float_draw(benchmark::State& state) {
    const filtered& f = filters[state.range(0)];
    state.SetLabel(f.name);
    std::array<float, V> logits{};
    const auto whole = whole_logits();
    for (std::size_t i = 0; i < V; ++i) logits[i] = static_cast<float>(whole[i]) / 65536.0F;
    sampling::sampler<V> sampler(f.config);
    random_stream random(random_key{2});
    for (auto _ : state) benchmark::DoNotOptimize(sampler.sample({.logits = logits}, random));
}

/// One sequence with so many windows of 13, of 130 ids.
std::vector<std::vector<std::uint32_t>> windows(std::int64_t count) {
    random_stream random(random_key{3});
    std::vector<std::uint32_t> song(static_cast<std::size_t>(count) + 12);
    for (std::uint32_t& t : song) t = uniform_below(random, 130);
    return {song};
}

void build_filter(benchmark::State& state) {
    const auto songs = windows(state.range(0));
    std::size_t bytes = 0;
    for (auto _ : state) bytes = sampling::build_copy_filter(songs).value().size();
    state.counters["bytes"] = static_cast<double>(bytes);
}

void ask_filter(benchmark::State& state) {
    const auto bytes = sampling::build_copy_filter(windows(state.range(0))).value();
    const auto filter = sampling::copy_filter::open(bytes).value();
    random_stream random(random_key{4});
    std::array<std::uint32_t, 12> last{};
    std::size_t known = 0, asked = 0;
    for (auto _ : state) {
        // Strange ones for certain: the filter's sequences have no such stretches but by a chance of 130^-13.
        for (std::uint32_t& t : last) t = uniform_below(random, 130);
        const auto mask = filter.strange<130>(last);
        known += 130 - mask.count(), asked += 130;
        benchmark::DoNotOptimize(mask);
    }
    state.counters["known %"] = 100.0 * static_cast<double>(known) / static_cast<double>(asked);
}

}  // namespace

BENCHMARK(integer_draw)->DenseRange(0, std::size(filters) - 1);
BENCHMARK(float_draw)->DenseRange(0, std::size(filters) - 1);
BENCHMARK(build_filter)->Arg(50000)->Arg(700000)->Unit(benchmark::kMillisecond);
BENCHMARK(ask_filter)->Arg(50000)->Arg(700000)->Unit(benchmark::kMicrosecond);

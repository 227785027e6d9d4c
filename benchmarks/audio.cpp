// How much faster than real time the meters, the resampler and the files run, and what a function of core/math.hpp costs.
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/audio.hpp>
#include <lofi/core.hpp>

namespace {

using namespace lofi;

constexpr double length = 10.0;  // seconds of stereo at 44.1 kHz

audio::buffer noise() {
    audio::buffer b(2, frames(441'000), hertz(44100));
    random_stream random(random_key{1});
    for (std::size_t c = 0; c < 2; ++c) {
        for (float& x : b.channel(c)) x = uniform_unit(random) - 0.5F;
    }
    return b;
}

void report(benchmark::State& state) {
    state.counters["x_real_time"] =
        benchmark::Counter(length * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void loudness(benchmark::State& state) {
    const audio::buffer sound = noise();
    for (auto _ : state) benchmark::DoNotOptimize(audio::loudness(sound));
    report(state);
}
BENCHMARK(loudness)->Unit(benchmark::kMillisecond);

void true_peak(benchmark::State& state) {
    const audio::buffer sound = noise();
    for (auto _ : state) {
        for (std::size_t c = 0; c < 2; ++c) {
            audio::true_peak_meter meter;
            meter.process(sound.channel(c));
            benchmark::DoNotOptimize(meter.peak());
        }
    }
    report(state);
}
BENCHMARK(true_peak)->Unit(benchmark::kMillisecond);

void resample_to_48k(benchmark::State& state) {
    const audio::buffer sound = noise();
    for (auto _ : state) benchmark::DoNotOptimize(audio::resample(sound, hertz(48000)));
    report(state);
}
BENCHMARK(resample_to_48k)->Unit(benchmark::kMillisecond);

void write_and_read_wav(benchmark::State& state) {
    const audio::buffer sound = noise();
    const auto path = std::filesystem::temp_directory_path() / "lofi-bench-audio.wav";
    for (auto _ : state) {
        audio::write_wav(path, sound).value();
        benchmark::DoNotOptimize(audio::read_wav(path).value());
    }
    std::filesystem::remove(path);
    report(state);
}
BENCHMARK(write_and_read_wav)->Unit(benchmark::kMillisecond);

// One function over a block of 4096 floats.
template <class Function>
void over_block(benchmark::State& state, Function f) {
    std::vector<float> in(4096), out(4096);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = 0.001F * static_cast<float>(i + 1);
    for (auto _ : state) {
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = f(in[i]);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(in.size()));
}
BENCHMARK_CAPTURE(over_block, sin_turns, [](float x) { return math::sin_turns(x); });
BENCHMARK_CAPTURE(over_block, std_sin, [](float x) { return std::sin(x); });
BENCHMARK_CAPTURE(over_block, exp2, [](float x) { return math::exp2(x); });
BENCHMARK_CAPTURE(over_block, std_exp2, [](float x) { return std::exp2(x); });
BENCHMARK_CAPTURE(over_block, log2, [](float x) { return math::log2(x); });
BENCHMARK_CAPTURE(over_block, std_log2, [](float x) { return std::log2(x); });
BENCHMARK_CAPTURE(over_block, tanh, [](float x) { return math::tanh(x); });
BENCHMARK_CAPTURE(over_block, std_tanh, [](float x) { return std::tanh(x); });

}  // namespace

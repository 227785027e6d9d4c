// What the radio costs inside the audio call, as a share of the time its blocks last, and how fast whole songs are made.
//
//   bench_realtime [seconds]      percentiles of thread CPU time over so much music a row (120), then whole songs
//   bench_realtime count BLOCKS   renders BLOCKS blocks of 128 frames and measures nothing, for instruction counts:
//       valgrind --tool=callgrind --toggle-collect='render_blocks*' bench_realtime count 3000
//
// Everything is on: rain, dust, wow, all layers, and a steering hand that turns a knob each second. CPU time does not count
// what others do with the processor, but their traces in the caches and the work of interrupts it does: the worst case of
// a busy machine says little, the instruction count is the same everywhere.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/radio.hpp>
#include <lofi/song.hpp>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using namespace lofi;

namespace {

constexpr double rate = 48000.0;

double cpu_seconds() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
#else
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

// The processor's own way with denormal numbers, which hosts set as they like. False where we do not know how.
bool flush_to_zero([[maybe_unused]] bool on) {
#if defined(__SSE2__)
    constexpr unsigned both = 0x8040;  // results and operands
    _mm_setcsr(on ? _mm_getcsr() | both : _mm_getcsr() & ~both);
    return true;
#elif defined(__aarch64__)
    std::uint64_t mode = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    mode = on ? mode | (1U << 24) : mode & ~(std::uint64_t{1} << 24);
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
    return true;
#else
    return false;
#endif
}

// A radio at full play, and the hand that steers it.
class player {
public:
    player() : radio_({.seed = 1, .mood = "rain"}) {
        radio_.set(engine::parameter::energy, 0.9), radio_.set(engine::parameter::density, 0.9);
        radio_.set(engine::parameter::rain, 0.6), radio_.set(engine::parameter::dust, 0.8);
        render(20.0, 512);
    }
    void render(double seconds, std::size_t frames) {
        for (double at = 0.0; at < seconds; at += static_cast<double>(frames) / rate) render(frames);
    }
    void render(std::size_t frames) { radio_.render(std::span(block_).first(2 * frames)); }
    void pause(bool on) { on ? radio_.pause() : radio_.resume(); }
    void turn_a_knob() {
        using engine::parameter;
        constexpr std::array knobs = {parameter::energy, parameter::valence, parameter::density, parameter::brightness,
                                      parameter::rain,   parameter::dust,    parameter::wow,     parameter::reverb};
        const std::size_t which = uniform_below(random_, knobs.size());
        radio_.set(knobs[which], 0.5 + 0.5 * double{uniform_unit(random_)}, engine::at::next_bar, seconds(1.0));
        for (engine::event e; radio_.poll(e);) {
        }
    }

private:
    engine::radio radio_;
    std::array<float, 1024> block_{};
    random_stream random_{random_key{3}};
};

void report(const char* what, std::size_t frames, std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    const double whole = static_cast<double>(frames) / rate;
    const auto share = [&](double part) {
        return 100.0 * times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))] / whole;
    };
    double sum = 0.0;
    for (const double t : times) sum += t;
    std::printf("%-28s %6zu %8.2f %8.2f %8.2f %8.2f %8.2f %9.0f\n", what, frames,
                100.0 * sum / (whole * static_cast<double>(times.size())), share(0.5), share(0.99), share(0.999), share(1.0),
                whole * static_cast<double>(times.size()) / sum);
}

void measure(const char* what, player& p, std::size_t frames, double seconds, bool steer = true) {
    std::vector<double> times;
    double since = 0.0;
    for (double at = 0.0; at < seconds; at += static_cast<double>(frames) / rate) {
        const double start = cpu_seconds();
        p.render(frames);
        times.push_back(cpu_seconds() - start);
        since += static_cast<double>(frames) / rate;
        if (steer && since >= 1.0) p.turn_a_knob(), since = 0.0;
    }
    report(what, frames, times);
}

void measure_blocks(double seconds) {
    std::printf("share of the time a block lasts, %%; the last column: times real time\n");
    std::printf("%-28s %6s %8s %8s %8s %8s %8s %9s\n", "", "frames", "mean", "50", "99", "99.9", "worst", "x");
    for (const std::size_t frames : {64U, 128U, 512U}) {
        player p;
        measure("at full play", p, frames, seconds);
        if (flush_to_zero(true)) measure("denormals flushed by the host", p, frames, seconds);
        flush_to_zero(false);
        p.pause(true), p.render(60.0, 512);
        measure("in a long pause", p, frames, seconds / 4, false);
        p.pause(false);
        measure("after it", p, frames, seconds / 4);
    }
}

void measure_songs() {
    std::printf("\nwhole songs, composed and rendered to stereo at 48 kHz\n");
    double sound = 0.0, time = 0.0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const double start = cpu_seconds();
        const auto song = song::compose({.seed = seed}).value();
        const double composed = cpu_seconds();
        const auto rendered = song::render(song).value();
        const double done = cpu_seconds(), length = static_cast<double>(rendered.length().value) / rate;
        std::printf("seed %d: %.0f s, composed in %.1f ms, %.0f times real time\n", static_cast<int>(seed), length,
                    1e3 * (composed - start), length / (done - start));
        sound += length, time += done - start;
    }
    std::printf("all: %.0f times real time\n", sound / time);
}

}  // namespace

// Has a name of its own for callgrind's --toggle-collect.
#if defined(__GNUC__)
[[gnu::noinline]]
#endif
void render_blocks(player& p, long count) {
    for (long i = 0; i < count; ++i) p.render(128);
}

int main(int argc, char** argv) {
    if (argc > 2 && std::string_view(argv[1]) == "count") {
        player p;
        render_blocks(p, std::strtol(argv[2], nullptr, 10));
        return 0;
    }
    measure_blocks(argc > 1 ? std::strtod(argv[1], nullptr) : 120.0);
    measure_songs();
}

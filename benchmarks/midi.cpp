// MIDI files in and out, beside a copy and a byte-wise checksum of the same bytes.
#include <benchmark/benchmark.h>

#include <cstring>

#include <lofi/core/random.hpp>
#include <lofi/midi/notes.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/midi/write.hpp>

namespace {

using lofi::ticks;

// Sixteen tracks of what files hold: loops with humanised time and velocity, pedals, bends; two megabytes.
lofi::midi::file big_file() {
    lofi::midi::file f;
    lofi::random_stream r(lofi::random_key{1}.child("benchmark"));
    for (std::uint8_t channel = 0; channel < 16; ++channel) {
        lofi::midi::track& t = f.tracks.emplace_back();
        t.add(ticks(0), lofi::midi::meta::track_name, "a track");
        std::array<std::uint8_t, 16> loop{};
        for (auto& key : loop) key = static_cast<std::uint8_t>(36 + lofi::uniform_below(r, 48));
        const auto value = [&](std::uint32_t around) { return static_cast<std::uint8_t>(around + lofi::uniform_below(r, 24)); };
        std::int64_t at = 0;
        for (std::size_t i = 0; i < 16000; ++i) {
            const std::uint8_t key = loop[i % loop.size()];
            t.add(ticks(at + lofi::uniform_below(r, 8)), lofi::midi::message::note_on, channel, key, value(70));
            if (i % 16 == 0) t.add(ticks(at + 10), lofi::midi::message::control_change, channel, 64, 127);
            if (i % 64 == 0) t.add(ticks(at + 11), lofi::midi::message::pitch_bend, channel, 0, value(52));
            at += 120;
            t.add(ticks(at - 16 + lofi::uniform_below(r, 16)), lofi::midi::message::note_off, channel, key, 64);
        }
    }
    return f;
}

const lofi::midi::file& the_file() {
    static const lofi::midi::file f = big_file();
    return f;
}
const std::vector<std::byte>& the_bytes() {
    static const std::vector<std::byte> b = lofi::midi::write(the_file()).value();
    return b;
}

void count(benchmark::State& state) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * the_bytes().size()));
}

void copy(benchmark::State& state) {
    std::vector<std::byte> to(the_bytes().size());
    for (auto _ : state) {
        std::memcpy(to.data(), the_bytes().data(), to.size());
        benchmark::ClobberMemory();
    }
    count(state);
}
void checksum(benchmark::State& state) {
    for (auto _ : state) {
        std::uint32_t sum = 0;
        for (const std::byte b : the_bytes()) sum = sum * 31 + std::to_integer<std::uint32_t>(b);
        benchmark::DoNotOptimize(sum);
    }
    count(state);
}
void read(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(lofi::midi::read(the_bytes()).value().file.tracks.data());
    count(state);
}
void read_strict(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(lofi::midi::read(the_bytes(), {lofi::midi::read_mode::strict}).value().file.tracks.data());
    count(state);
}
void write(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(lofi::midi::write(the_file()).value().data());
    count(state);
}
void pair_notes(benchmark::State& state) {
    for (auto _ : state)
        for (const auto& t : the_file().tracks) benchmark::DoNotOptimize(lofi::midi::pair_notes(t).data());
    count(state);
}

BENCHMARK(copy);
BENCHMARK(checksum);
BENCHMARK(read);
BENCHMARK(read_strict);
BENCHMARK(write);
BENCHMARK(pair_notes);

}  // namespace

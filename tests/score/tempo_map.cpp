#include <lofi/score/tempo_map.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::score;

namespace {

// The time of a tick the slow way: every stretch added up, in whole microseconds times ticks per quarter.
__extension__ using wide = __int128;
wide numerator(const tempo_map& map, std::int64_t tick) {
    std::vector<tempo_change> changes = map.changes();
    std::stable_sort(changes.begin(), changes.end(), [](auto& a, auto& b) { return a.at < b.at; });
    wide sum = 0;
    std::int64_t at = 0, tempo = 500000;
    for (const tempo_change& c : changes) {
        if (c.at.value > tick) break;
        if (c.microseconds_per_quarter == 0) continue;
        sum += wide(c.at.value - at) * tempo;
        at = c.at.value, tempo = c.microseconds_per_quarter;
    }
    return sum + wide(tick - at) * tempo;
}
wide frame(const tempo_map& map, std::int64_t tick, std::int64_t rate) {
    return numerator(map, tick) * rate / (wide(1000000) * map.resolution().ticks_per_quarter);
}

}  // namespace

TEST_CASE("without changes a quarter lasts half a second") {
    const tempo_map map;
    CHECK(map.seconds_at(ticks(480)).value == 0.5);
    CHECK(map.frame_at(ticks(480), 48000) == frames(24000));
    CHECK(map.tick_at(frames(24000), 48000) == ticks(480));
    CHECK(map.tick_at(frames(23999), 48000) < ticks(480));
    CHECK(map.tempo_at(ticks(123456)) == bpm(120));
}

TEST_CASE("ten hours at an odd tempo are exact to the frame") {
    // 77 bpm is 779221 us a quarter; 480 ticks a quarter.
    tempo_map map(resolution(480));
    map.set(ticks(0), bpm(77));
    const std::int64_t quarters = 77 * 60 * 10, tick = quarters * 480;
    CHECK(map.changes().at(0).microseconds_per_quarter == 779221);
    const std::int64_t microseconds = quarters * 779221;
    CHECK(map.numerator_at(ticks(tick)) == microseconds * 480);
    CHECK(map.frame_at(ticks(tick), 44100).value == static_cast<std::int64_t>(wide(microseconds) * 44100 / 1000000));
    CHECK(map.seconds_at(ticks(tick)).value == Approx(static_cast<double>(microseconds) / 1e6).epsilon(1e-15));
}

TEST_CASE("random maps give the frames of exact arithmetic, and back") {
    std::mt19937 rng(7);
    for (int round = 0; round < 200; ++round) {
        const int tpq = std::vector<int>{1, 24, 96, 480, 960, 32767}[rng() % 6];
        const std::int64_t rate = std::vector<std::int64_t>{8000, 22050, 44100, 48000, 192000}[rng() % 5];
        std::vector<tempo_change> changes;
        for (unsigned n = rng() % 12; n > 0; --n)
            changes.push_back(
                {ticks(rng() % (tpq * 4000)), std::vector<std::uint32_t>{0, 1, 250000, 500000, 779221, 0xffffff}[rng() % 6]});
        const tempo_map map(resolution(tpq), changes);
        std::int64_t before = -1;
        std::vector<std::int64_t> at;
        for (int i = 0; i < 60; ++i) at.push_back(rng() % (tpq * 40000));
        for (const tempo_change& c : changes) at.push_back(c.at.value), at.push_back(c.at.value + 1);
        std::sort(at.begin(), at.end());
        for (const std::int64_t t : at) {
            REQUIRE(map.numerator_at(ticks(t)) == static_cast<std::int64_t>(numerator(map, t)));
            const frames f = map.frame_at(ticks(t), rate);
            REQUIRE(f.value == static_cast<std::int64_t>(frame(map, t, rate)));
            REQUIRE(f.value >= before);
            before = f.value;
            // The last tick at or before a frame: this one or a later one on the same frame, and the next one is later.
            const ticks back = map.tick_at(f, rate);
            REQUIRE(back >= ticks(t));
            REQUIRE(map.frame_at(back, rate) == f);
            REQUIRE(map.frame_at(back + ticks(1), rate) > f);
        }
        for (int i = 0; i < 60; ++i) {
            const frames f(rng() % 100000000);
            const ticks t = map.tick_at(f, rate);
            REQUIRE(map.frame_at(t, rate) <= f);
            REQUIRE(map.frame_at(t + ticks(1), rate) > f);
        }
    }
}

TEST_CASE("of several tempos on one tick the last holds, and zero is passed over") {
    const tempo_map map(resolution(480), {{ticks(480), 300000}, {ticks(480), 1000000}, {ticks(960), 0}, {ticks(0), 600000}});
    CHECK(map.tempo_at(ticks(0)) == bpm(100));
    CHECK(map.tempo_at(ticks(479)) == bpm(100));
    CHECK(map.tempo_at(ticks(480)) == bpm(60));
    CHECK(map.tempo_at(ticks(5000)) == bpm(60));
    CHECK(map.numerator_at(ticks(960)) == 480LL * 600000 + 480LL * 1000000);
}

TEST_CASE("maps are equal when resolution and changes are") {
    CHECK(tempo_map(resolution(480)) == tempo_map());
    CHECK_FALSE(tempo_map(resolution(96)) == tempo_map());
    tempo_map a, b;
    a.set(ticks(10), bpm(90));
    CHECK_FALSE(a == b);
    b.set(ticks(10), bpm(90));
    CHECK(a == b);
}

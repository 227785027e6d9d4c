#include <lofi/song/drummer.hpp>

#include <algorithm>
#include <cstdlib>

#include "support/test.hpp"

using namespace lofi;
using score::drum;

namespace {

const pretrained::groove& network() {
    static const pretrained::groove n = pretrained::groove::builtin();
    return n;
}
song::drummer played(std::uint8_t energy, std::uint64_t material, std::uint32_t turning = 0) {
    song::drummer d(network(), {.energy = energy, .tempo = 78000}, random_key{material}, turning);
    d.generate();
    return d;
}
bool has(const arrange::drum_pattern& p, drum voice, unsigned step) {
    return std::any_of(p.begin(), p.end(), [&](const score::drum_hit& h) { return h.voice == voice && h.step == step; });
}

}  // namespace

TEST_CASE("the drummer: the same material has the same groove, whatever the turning") {
    const auto a = played(128, 4, 1), b = played(128, 4, 1), c = played(128, 4, 2), d = played(128, 5, 1);
    CHECK(a.groove() == b.groove());
    CHECK(a.fill() == b.fill());
    CHECK(a.groove() == c.groove());
    CHECK_FALSE(a.fill() == c.fill());
    CHECK_FALSE(a.groove() == d.groove());
}

TEST_CASE("the drummer: a first beat, a backbeat, no toms or crashes, more hits for more energy") {
    std::array<std::size_t, 3> hits{};
    int ones = 0, backbeats = 0;
    constexpr std::array<std::uint8_t, 3> energies = {20, 128, 240};
    for (std::uint64_t material = 1; material <= 40; ++material)
        for (std::size_t e = 0; e < energies.size(); ++e) {
            const auto d = played(energies[e], material);
            hits[e] += d.groove().size();
            for (const unsigned bar : {0U, 16U}) {
                ones += has(d.groove(), drum::kick, bar);
                backbeats += has(d.groove(), drum::snare, bar + 4) + has(d.groove(), drum::snare, bar + 12);
            }
            for (const drum v : {drum::low_tom, drum::mid_tom, drum::high_tom, drum::crash})
                for (unsigned step = 0; step < 32; ++step) CHECK_FALSE(has(d.groove(), v, step));
        }
    CHECK(hits[1] > hits[0] + 40 * 5);
    CHECK(hits[2] > hits[1] + 40 * 5);
    CHECK(ones >= 240 * 9 / 10);
    CHECK(backbeats >= 480 * 9 / 10);
}

TEST_CASE("the drummer: a fill begins as the groove does, and turns in its second bar") {
    std::size_t same = 0, second = 0;
    for (std::uint64_t material = 1; material <= 20; ++material) {
        const auto d = played(128, material);
        for (unsigned step = 0; step < 16; ++step)
            for (unsigned v = 0; v < 9; ++v)
                CHECK(has(d.groove(), static_cast<drum>(v), step) == has(d.fill(), static_cast<drum>(v), step));
        bool equal = true;
        for (unsigned step = 16; step < 32; ++step)
            for (unsigned v = 0; v < 9; ++v) {
                const bool hit = has(d.fill(), static_cast<drum>(v), step);
                equal = equal && hit == has(d.groove(), static_cast<drum>(v), step);
                second += hit;
            }
        same += equal;
    }
    CHECK(same == 0);
    CHECK(second > 20 * 8);
}

TEST_CASE("the drummer: timing is about the grid, straight, neither early nor late as a whole") {
    for (std::uint64_t material = 1; material <= 20; ++material) {
        const auto d = played(200, material);
        std::array<int, 2> sum{}, count{};
        for (const score::drum_hit& h : d.groove()) sum[h.step % 2U] += h.offset, ++count[h.step % 2U];
        CHECK(std::abs(sum[0]) <= count[0]);
        if (count[1] >= 3) CHECK(std::abs(sum[1]) <= count[1]);
    }
}

TEST_CASE("the drummer: in slices, of which there are at most so many") {
    song::drummer d(network(), {}, random_key{3}, 0);
    std::size_t calls = 1;
    while (d.step()) ++calls;
    CHECK(calls <= song::drummer::slices);
    CHECK_FALSE(d.step());
    CHECK(d.groove() == played(128, 3).groove());
    CHECK_FALSE(d.fill().empty());
}

TEST_CASE("the drummer: these hits, whatever the compiler, its flags and the machine") {
    // A change here is a change of the music: raise LOFI_MUSIC_VERSION with it.
    hasher h;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const song::drum_request request{static_cast<std::uint8_t>(2 * i), static_cast<std::int32_t>(60000 + 500 * i)};
        song::drummer d(network(), request, random_key{i}, i);
        d.generate();
        for (const auto* p : {&d.groove(), &d.fill()})
            for (const score::drum_hit& hit : *p)
                h.add(static_cast<int>(hit.step))
                    .add(static_cast<int>(hit.voice))
                    .add(static_cast<int>(hit.force.value))
                    .add(static_cast<int>(hit.offset));
    }
    CHECK(h.value() == 0x6d55da9926f4b976);
}

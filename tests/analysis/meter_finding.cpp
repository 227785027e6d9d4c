#include <lofi/analysis/meter_finding.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

/// A bass on the first beat of each bar, chords on the others, a melody of eighths over them; `upbeat` ticks before the first bar.
score::piece accompanied(int beats, int beat, int eighths, int bars, std::int64_t upbeat = 0) {
    score::piece p;
    p.tracks.resize(1);
    auto& notes = p.tracks[0].notes;
    const auto add = [&](std::int64_t at, int length, int pitch) {
        notes.push_back({ticks(at), ticks(length), score::pitch(pitch), {}});
    };
    constexpr int roots[] = {0, 5, 7, 0};
    if (upbeat > 0) add(0, static_cast<int>(upbeat), 79);
    for (int b = 0; b < bars; ++b) {
        const std::int64_t bar = upbeat + std::int64_t{b} * beats * beat;
        add(bar, beat, 36 + roots[b % 4]);
        for (int k = 1; k < beats; ++k)
            for (const int m : {55, 60, 64}) add(bar + k * beat, beat / 2, m);
        for (int e = 0; e < eighths; ++e)
            if (e != 1) add(bar + e * 240, e == 0 ? beat : 240, 72 + (e * 5 + b * 3) % 9);
    }
    score::sort_notes(notes);
    return p;
}

}  // namespace

TEST_CASE("four, three, and two times three are told apart") {
    const found_meter four = find_meter(accompanied(4, 480, 8, 16)), three = find_meter(accompanied(3, 480, 6, 16)),
                      six = find_meter(accompanied(2, 720, 6, 16));
    CHECK(four.meter == score::meter_change{ticks(0), 4, 4});
    CHECK(three.meter == score::meter_change{ticks(0), 3, 4});
    CHECK(six.meter == score::meter_change{ticks(0), 6, 8});
    CHECK(three.ahead > 0);
}

TEST_CASE("an upbeat is a bar of its own") {
    const score::piece p = with_meter(accompanied(3, 480, 6, 16, 480));
    REQUIRE(p.meters.size() == 2);
    CHECK(p.meters[0] == score::meter_change{ticks(0), 2, 8});
    CHECK(p.meters[1] == score::meter_change{ticks(480), 3, 4});
}

TEST_CASE("a metre that is said is left alone, and nothing is in 4/4") {
    score::piece p = accompanied(3, 480, 6, 16);
    p.meters = {{ticks(0), 4, 4}};
    CHECK(with_meter(p) == p);
    CHECK(find_meter({}).meter == score::meter_change{});
    CHECK(with_meter({}).meters == std::vector<score::meter_change>{{}});
    CHECK(find_meter(accompanied(3, 480, 6, 1)).meter == score::meter_change{});  // one bar says nothing
}

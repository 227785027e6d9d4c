#include <lofi/arrange/harmony.hpp>
#include <lofi/arrange/voicing.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

// All voicings of a long walk through the degrees of a key, with every colour on the way.
template <class Visit>
void walk(Visit&& visit) {
    for (const score::mode m : score::all_modes)
        for (int tonic = 0; tonic < 12; ++tonic) {
            const score::key k{score::pitch_class(tonic), m};
            random_stream random(random_key{static_cast<std::uint64_t>(tonic)}.child(static_cast<std::uint64_t>(m)));
            voicing hand;
            for (int i = 0; i < 200; ++i) {
                const int degree = uniform_between(random, 1, 7);
                const auto colour = static_cast<chord_colour>(uniform_below(random, chord_colour_count));
                const score::chord c = coloured(k, degree, colour);
                const voicing next = voice(hand_tones(c, k), hand);
                visit(k, c, hand, next);
                hand = next;
            }
        }
}

}  // namespace

TEST_CASE("a voicing holds the chord's tones, each once, in the hand's register") {
    walk([](score::key k, score::chord c, const voicing&, const voicing& v) {
        const score::pitch_set tones = hand_tones(c, k);
        score::pitch_set played;
        for (const std::uint8_t m : v.notes()) played.insert(score::pitch_class(m));
        REQUIRE(v.count == tones.size());
        REQUIRE(played == tones);
        REQUIRE(v.count >= 3);
        REQUIRE(v.midi[0] >= voicing_config{}.low);
        REQUIRE(v.top() <= voicing_config{}.high);
        REQUIRE(std::is_sorted(v.notes().begin(), v.notes().end()));
    });
}

TEST_CASE("voices move little, and the top voice like a line") {
    double moved = 0, top = 0, furthest = 0;
    int voices = 0, chords = 0;
    walk([&](score::key, score::chord, const voicing& before, const voicing& v) {
        if (before.count == 0) return;
        moved += movement(before, v), voices += v.count;
        top += std::abs(v.top() - before.top()), ++chords;
        furthest = std::max(furthest, double(movement(before, v)) / v.count);
    });
    CAPTURE(moved / voices, top / chords, furthest);
    CHECK(moved / voices < 1.5);
    CHECK(top / chords < 1.6);
    CHECK(furthest <= 5.0);
}

TEST_CASE("nothing bites: no minor ninths anywhere, no semitones down low or under the top voice") {
    int top_rubs = 0, chords = 0;
    walk([&](score::key, score::chord, const voicing&, const voicing& v) {
        ++chords;
        for (std::size_t i = 0; i < v.count; ++i)
            for (std::size_t j = 0; j < i; ++j) REQUIRE(v.midi[i] - v.midi[j] != 13);
        for (std::size_t i = 1; i < v.count; ++i) {
            const int gap = v.midi[i] - v.midi[i - 1];
            REQUIRE(gap <= 12);
            if (v.midi[i] < 60) REQUIRE(gap > 1);
            if (i + 1 == v.count && gap == 1) ++top_rubs;
        }
    });
    CAPTURE(top_rubs, chords);
    CHECK(top_rubs * 100 < chords);
}

TEST_CASE("a chord that stays keeps its voicing, and the ceiling presses the top voice down") {
    const score::key k{score::pitch_class(0), score::mode::ionian};
    const score::pitch_set tones = hand_tones(coloured(k, 2, chord_colour::ninth), k);
    const voicing first = voice(tones, {});
    CHECK(voice(tones, first) == first);
    CHECK(first.count == 4);
    const voicing low = voice(tones, {}, {.ceiling = 60});
    CHECK(low.top() <= first.top());
    CHECK(low.top() <= 64);
    CHECK(voice({}, first).count == 0);
}

TEST_CASE("of more than four tones the root goes, then the fifth") {
    const score::key k{score::pitch_class(2), score::mode::dorian};
    const score::pitch_set ninth = hand_tones(coloured(k, 1, chord_colour::ninth), k);  // D F A C E
    CHECK(ninth == score::pitch_set{5, 9, 0, 4});
    const score::pitch_set eleventh = hand_tones(coloured(k, 1, chord_colour::eleventh), k);  // D F A C E G
    CHECK(eleventh == score::pitch_set{5, 0, 4, 7});
    CHECK(hand_tones(coloured(k, 1, chord_colour::triad), k) == score::pitch_set{2, 5, 9});
}

TEST_CASE("movement counts semitones, by voice where there are equally many") {
    const voicing a{{50, 55, 60, 65}, 4}, b{{52, 55, 59, 65}, 4}, c{{51, 61, 66}, 3};
    CHECK(movement(a, b) == 3);
    CHECK(movement(b, a) == 3);
    CHECK(movement(a, a) == 0);
    CHECK(movement(a, c) == 3);
}

#include <lofi/analysis/measures.hpp>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;
using score::piece;

namespace {

piece make(int resolution, std::initializer_list<std::array<int, 3>> notes) {  // start, length, pitch
    piece p;
    p.tempo = score::tempo_map(score::resolution(resolution));
    p.tracks.resize(1);
    for (const auto& n : notes) p.tracks[0].notes.push_back({ticks(n[0]), ticks(n[1]), score::pitch(n[2])});
    return p;
}

// One onset to a step of a C major scale over two bars.
piece scale_of_two_bars() {
    return make(4, {{0, 4, 60}, {4, 4, 62}, {8, 4, 64}, {12, 4, 65}, {16, 4, 67}, {20, 4, 69}, {24, 4, 71}, {28, 4, 72}});
}

}  // namespace

TEST_CASE("random pieces measure as MusPy measures them") {
    const auto old = convention::muspy;
    const std::map<std::string, std::function<double(const piece&)>> measures = {
        {"pitches_used", [](const piece& p) { return static_cast<double>(pitches_used(p)); }},
        {"pitch_classes_used", [](const piece& p) { return static_cast<double>(pitch_classes_used(p)); }},
        {"pitch_range", [&](const piece& p) { return static_cast<double>(pitch_range(p, old)); }},
        {"empty_beat_rate", [&](const piece& p) { return empty_beat_rate(p, old); }},
        {"empty_bar_rate", [&](const piece& p) { return empty_bar_rate(p, old); }},
        {"polyphony", [](const piece& p) { return polyphony(p); }},
        {"polyphony_rate_1", [&](const piece& p) { return polyphony_rate(p, 1, old); }},
        {"polyphony_rate_2", [&](const piece& p) { return polyphony_rate(p, 2, old); }},
        {"in_d_major",
         [](const piece& p) {
             return pitch_in_scale_rate(p, {score::pitch_class(2), score::mode::ionian});
         }},
        {"in_f_minor",
         [](const piece& p) {
             return pitch_in_scale_rate(p, {score::pitch_class(5), score::mode::aeolian});
         }},
        {"scale_consistency", [](const piece& p) { return scale_consistency(p); }},
        {"pitch_entropy", [](const piece& p) { return pitch_entropy(p); }},
        {"pitch_class_entropy", [](const piece& p) { return pitch_class_entropy(p); }},
        {"groove_consistency", [&](const piece& p) { return groove_consistency(p, old); }},
        {"drum_duple", [](const piece& p) { return drum_in_pattern_rate(p, beat_division::duple); }},
        {"drum_triple", [](const piece& p) { return drum_in_pattern_rate(p, beat_division::triple); }},
        {"drum_pattern_consistency", [](const piece& p) { return drum_pattern_consistency(p); }},
    };
    std::ifstream in(test::data("analysis/muspy.txt"));
    REQUIRE(in);
    std::string line;
    piece p;
    int pieces = 0, compared = 0;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string word, value;
        words >> word;
        if (word == "piece") {
            int resolution = 0, numerator = 0, denominator = 0;
            words >> resolution >> numerator >> denominator;
            p = make(resolution, {});
            p.tracks.clear();
            p.meters = {{ticks(0), static_cast<std::uint8_t>(numerator), static_cast<std::uint8_t>(denominator)}};
            ++pieces;
        } else if (word == "note") {
            std::size_t track = 0;
            int drum = 0, start = 0, length = 0, pitch = 0;
            words >> track >> drum >> start >> length >> pitch;
            if (p.tracks.size() <= track) p.tracks.resize(track + 1);
            p.tracks[track].part = drum != 0 ? score::part::drums : score::part::keys;
            p.tracks[track].notes.push_back({ticks(start), ticks(length), score::pitch(pitch)});
        } else {
            words >> value;
            const double got = measures.at(word)(p), wanted = std::stod(value);
            INFO("piece " << pieces << ": " << line << ", here " << got);
            CHECK((std::isnan(wanted) ? std::isnan(got) : std::abs(got - wanted) < 1e-12));
            ++compared;
        }
    }
    CHECK(pieces == 24);
    CHECK(compared == 24 * 17);
}

TEST_CASE("the mended measures have no phantom bar and no note beyond its end") {
    const piece p = scale_of_two_bars();
    CHECK(groove_consistency(p, convention::muspy) == Approx(0.875));
    CHECK(groove_consistency(p) == 1.0);
    // One beat of sound, one of silence, one of sound.
    const piece gap = make(480, {{0, 480, 60}, {960, 480, 60}});
    CHECK(empty_beat_rate(gap) == Approx(1.0 / 3));
    CHECK(empty_beat_rate(gap, convention::muspy) == 0.0);
    CHECK(empty_bar_rate(make(4, {{0, 16, 60}, {32, 16, 60}})) == Approx(1.0 / 3));
    // Two voices count from a threshold of two.
    const piece two = make(4, {{0, 8, 60}, {4, 4, 64}});
    CHECK(polyphony_rate(two) == Approx(0.5));
    CHECK(polyphony_rate(two, 2, convention::muspy) == 0.0);
    CHECK(polyphony(two) == Approx(1.5));
    CHECK(polyphony(make(4, {{0, 8, 60}, {4, 8, 60}})) == 1.0);  // one pitch is one voice
}

TEST_CASE("grooves are compared on sixteen steps a bar, whatever the resolution") {
    const auto two_bars = [](int tpq, int late) {
        return make(tpq, {{0, 1, 60}, {2 * tpq, 1, 60}, {4 * tpq + late, 1, 60}, {6 * tpq + late, 2 * tpq - late, 60}});
    };
    CHECK(groove_consistency(two_bars(480, 0)) == 1.0);
    CHECK(groove_consistency(two_bars(480, 30)) == 1.0);  // a quarter of a step late is on the step
    CHECK(groove_consistency(two_bars(480, 120)) == Approx(1.0 - 4.0 / 16));
    CHECK(groove_consistency(two_bars(96, 24)) == Approx(1.0 - 4.0 / 16));
    CHECK(groove_consistency(two_bars(480, 120), convention::muspy) > 0.99);
}

TEST_CASE("drums alone, and nothing at all") {
    piece drums = make(480, {{0, 120, 36}, {480, 120, 38}, {500, 120, 42}});
    drums.tracks[0].part = score::part::drums;
    CHECK(pitch_range(drums) == 0);
    CHECK(pitch_range(drums, convention::muspy) == -127);
    CHECK(pitches_used(drums) == 0);
    CHECK(drum_in_pattern_rate(drums, beat_division::duple) == Approx(2.0 / 3));
    CHECK(std::isnan(polyphony(drums)));
    CHECK(std::isnan(pitch_entropy(drums)));
    CHECK(std::isnan(scale_consistency(drums)));

    const piece nothing;
    for (const convention how : {convention::mended, convention::muspy}) {
        CHECK(pitch_range(nothing, how) == 0);
        CHECK(std::isnan(empty_beat_rate(nothing, how)));
        CHECK(std::isnan(empty_bar_rate(nothing, how)));
        CHECK(std::isnan(groove_consistency(nothing, how)));
        CHECK(std::isnan(polyphony_rate(nothing, 2, how)));
    }
    CHECK(std::isnan(drum_pattern_consistency(nothing)));
}

TEST_CASE("a note a billion ticks long costs no more than any other") {
    const piece p = make(480, {{0, 1000000000, 60}, {0, 480, 64}});
    CHECK(polyphony_rate(p) == Approx(480e-9));
    CHECK(empty_beat_rate(p) == 0.0);
    CHECK(groove_consistency(p) == Approx(1.0).margin(1e-4));
}

TEST_CASE("bars follow the first time signature, and a broken one is 4/4") {
    piece p = make(480, {});
    CHECK(bar_length(p) == ticks(1920));
    p.meters = {{ticks(0), 6, 8}, {ticks(1440), 4, 4}};
    CHECK(bar_length(p) == ticks(1440));
    p.meters = {{ticks(0), 0, 0}};
    CHECK(bar_length(p) == ticks(1920));
    p.meters = {{ticks(0), 1, 128}};
    CHECK(bar_length(p) == ticks(15));
}

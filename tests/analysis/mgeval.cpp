#include <lofi/analysis/mgeval.hpp>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

score::piece make(int resolution, std::initializer_list<std::array<int, 3>> notes) {  // start, length, pitch
    score::piece p;
    p.tempo = score::tempo_map(score::resolution(resolution));
    p.tracks.resize(1);
    for (const auto& n : notes) p.tracks[0].notes.push_back({ticks(n[0]), ticks(n[1]), score::pitch(n[2])});
    return p;
}

}  // namespace

TEST_CASE("random pieces measure as MGEval's own code measures them") {
    using f = mgeval_features;
    using numbers = std::vector<double>;
    const auto all = [](auto member) { return [=](const f& m) { return numbers((m.*member).begin(), (m.*member).end()); }; };
    const auto one = [](double f::*member) { return [=](const f& m) { return numbers{m.*member}; }; };
    const std::map<std::string, std::function<numbers(const f&)>> features = {
        {"pitch_count", one(&f::pitch_count)},
        {"note_count", one(&f::note_count)},
        {"pitch_range", one(&f::pitch_range)},
        {"mean_interval", one(&f::mean_interval)},
        {"mean_onset_distance", one(&f::mean_onset_distance)},
        {"bar_pitches", all(&f::bar_pitches)},
        {"bar_notes", all(&f::bar_notes)},
        {"pitch_classes", all(&f::pitch_classes)},
        {"bar_pitch_classes", all(&f::bar_pitch_classes)},
        {"note_lengths", all(&f::note_lengths)},
        {"note_and_rest_lengths", all(&f::note_and_rest_lengths)},
        {"pitch_class_transitions", all(&f::pitch_class_transitions)},
        {"note_length_transitions", all(&f::note_length_transitions)},
        {"note_and_rest_transitions", all(&f::note_and_rest_transitions)},
    };
    std::ifstream in(test::data("analysis/mgeval.txt"));
    REQUIRE(in);
    score::piece p;
    int pieces = 0, compared = 0;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "piece") {
            int resolution = 0;
            std::uint32_t tempo = 0;
            words >> resolution >> tempo;
            p = {};
            p.tempo = score::tempo_map(score::resolution(resolution), {{ticks(0), tempo}});
            ++pieces;
        } else if (word == "note") {
            std::size_t track = 0;
            int drum = 0, start = 0, length = 0, pitch = 0, force = 0;
            words >> track >> drum >> start >> length >> pitch >> force;
            if (p.tracks.size() <= track) p.tracks.resize(track + 1);
            p.tracks[track].part = drum != 0 ? score::part::drums : score::part::keys;
            p.tracks[track].notes.push_back({ticks(start), ticks(length), score::pitch(pitch), score::velocity(force)});
        } else {
            numbers wanted;
            for (std::string number; words >> number;) wanted.push_back(std::stod(number));
            const numbers got = features.at(word)(measure_mgeval(p, mgeval_reading::published));
            INFO("piece " << pieces << ": " << word);
            REQUIRE(got.size() == wanted.size());
            for (std::size_t i = 0; i < got.size(); ++i) {
                INFO("number " << i << ": " << got[i] << ", there " << wanted[i]);
                CHECK(((std::isnan(wanted[i]) && std::isnan(got[i])) || std::abs(got[i] - wanted[i]) < 1e-12));
            }
            ++compared;
        }
    }
    CHECK(pieces == 16);
    CHECK(compared == 16 * 14);
}

TEST_CASE("the mended features are of all pitched tracks, go from onset to onset, and sum to one") {
    // C, a rest of a quarter, E and G together, then E; a bass below; 3/4.
    score::piece p = make(4, {{0, 4, 60}, {8, 4, 64}, {8, 4, 67}, {12, 12, 64}});
    p.meters = {{ticks(0), 3, 4}};
    mgeval_features m = measure_mgeval(p);
    CHECK(m.pitch_count == 3);
    CHECK(m.note_count == 4);
    CHECK(m.bar_notes == std::vector<double>{3, 1});
    CHECK(m.bar_pitches == std::vector<double>{3, 1});
    CHECK(m.mean_interval == Approx((7 + 3) / 2.0));
    CHECK(m.mean_onset_distance == Approx(1.5));
    CHECK(m.pitch_classes[4] == Approx(16.0 / 24));
    REQUIRE(m.bar_pitch_classes.size() == 2 * 12);
    CHECK(m.bar_pitch_classes[0] == Approx(4.0 / 12));
    CHECK(m.bar_pitch_classes[7] == Approx(4.0 / 12));
    CHECK(m.bar_pitch_classes[12 + 4] == 1);
    CHECK(m.pitch_class_transitions[0 * 12 + 4] == Approx(0.25));  // C to E, C to G, E to E, G to E
    CHECK(m.pitch_class_transitions[7 * 12 + 4] == Approx(0.25));
    CHECK(m.note_lengths[0] == Approx(0.25));                // the whole bar of three quarters
    CHECK(m.note_and_rest_lengths[12 + 9] == Approx(0.25));  // a third of a bar of rest, beside three onsets
    double sum = 0;
    for (const double v : m.note_and_rest_transitions) sum += v;
    CHECK(sum == Approx(1));
    p.tracks.push_back(make(4, {{0, 24, 40}}).tracks[0]);
    CHECK(measure_mgeval(p).note_count == 5);
    CHECK(measure_mgeval(p, mgeval_reading::published).note_count == 4);
    p.tracks.back().part = score::part::drums;
    CHECK(measure_mgeval(p).note_count == 4);
}

TEST_CASE("features of nothing, of a note without end and of every name") {
    for (const mgeval_reading how : {mgeval_reading::mended, mgeval_reading::published}) {
        const mgeval_features nothing = measure_mgeval({}, how);
        CHECK(nothing.note_count == 0);
        CHECK(std::isnan(nothing.pitch_range));
        CHECK(std::isnan(nothing.mean_interval));
        CHECK(nothing.bar_notes.empty());
        const mgeval_features endless = measure_mgeval(make(1, {{0, 1, 60}, {1, 2000000000, 61}}), how);
        CHECK(endless.bar_notes.size() == 10000);
        CHECK(endless.bar_pitch_classes.size() == 120000);
        CHECK(endless.bar_pitch_classes[0] == Approx(.25));
        CHECK(endless.bar_pitch_classes[119989] == 1);
    }
    const mgeval_features m = measure_mgeval(make(4, {{0, 16, 60}, {16, 16, 62}}));
    CHECK(mgeval_feature_list().size() == 14);
    for (const mgeval_feature& f : mgeval_feature_list()) {
        INFO(f.name);
        const std::size_t n = f.of(m, 8).size();
        CHECK((n == 1 || n == 8 || n == 96 || n == 12 || n == 24 || n == 144 || n == 576));
    }
}

#include <lofi/analysis/melody_measures.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("melody measures: keys, density and joints of neighbouring segments") {
    // C major; then D flat major, six semitones up; then two notes fewer.
    const analysis::melody_segments piece = {
        {{0, 60}, {4, 64}, {8, 65}, {12, 71}}, {{0, 77}, {4, 73}, {8, 78}, {16, 80}}, {{0, 80}, {2, 78}}};
    const std::vector<analysis::melody_segments> pieces = {piece, {{{0, 60}}}};
    const auto r = analysis::measure_segments(pieces);
    CHECK(r.pieces == 2);
    CHECK(r.neighbours == 2);
    CHECK(r.key_shared == .5);
    CHECK(r.density_change == 2);
    CHECK(r.joints_within == 1);
    CHECK(r.joint == 6);
    CHECK(r.notes == Approx(11 / 4.0));
    // Gaps: 4 five times, 8 once, 2 once.
    CHECK(r.rhythm == Approx(-(5 / 7.0 * std::log2(5 / 7.0) + 2 / 7.0 * std::log2(1 / 7.0))));
}

TEST_CASE("melody measures: silence and nothing are measured too") {
    const std::vector<analysis::melody_segments> pieces = {{{}, {{0, 60}}}};
    const auto r = analysis::measure_segments(pieces);
    CHECK(r.key_shared == 1);
    CHECK(r.joints_within == 0);
    CHECK(std::isnan(r.joint));
    CHECK(std::isnan(analysis::measure_segments({}).density_change));
}

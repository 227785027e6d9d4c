#include <lofi/recipe/set_report.hpp>

#include <cmath>
#include <random>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::recipe;

namespace {

piece_set random_set(const std::string& name, unsigned seed, int lowest) {
    std::mt19937 rng(seed);
    piece_set out;
    out.name = name;
    for (int n = 0; n < 12; ++n) {
        score::piece p;
        p.tracks.resize(1);
        std::int64_t at = 0;
        for (int i = 0; i < 40; ++i) {
            const std::int64_t length = 120 * (1 + static_cast<std::int64_t>(rng() % 4));
            p.tracks[0].notes.push_back({ticks(at), ticks(length), score::pitch(lowest + static_cast<int>(rng() % 24))});
            at += length;
        }
        out.pieces.push_back(measure_piece(p, name + "/" + std::to_string(n) + ".mid"));
    }
    return out;
}

const feature_likeness& feature(const set_comparison& c, std::string_view name) {
    for (const feature_likeness& f : c.features)
        if (f.name == name) return f;
    FAIL("no feature " << name);
    return c.features.front();
}

}  // namespace

TEST_CASE("figures of a set leave out what is no number") {
    const set_figure f = figure_of({3, std::nan(""), 1, 2});
    CHECK(f.pieces == 3);
    CHECK(f.mean == 2);
    CHECK(f.deviation == 1);
    CHECK(f.median == 2);
    CHECK(f.high == 3);
    CHECK(std::isnan(figure_of({}).mean));
}

TEST_CASE("sets of one kind are alike, of another are not, and copies are found") {
    const piece_set a = random_set("a", 1, 55), b = random_set("b", 2, 55);
    piece_set c = random_set("c", 3, 55);
    c.pieces[4] = b.pieces[7];
    for (measured_piece& p : c.pieces) p.features.pitch_range += 100, p.published.pitch_range += 100;
    const set_comparison same = compare_sets(a, b), other = compare_sets(c, b);
    CHECK(same.features.size() == 14);
    CHECK(feature(same, "pitch classes").overlap > 0.7);
    CHECK(feature(other, "pitch range").between > 90);
    CHECK(feature(other, "pitch range").overlap < 0.01);
    CHECK(same.copies.front().report.longest == 0);
    CHECK(other.copies.front().from == "b/7.mid");
    CHECK(other.copies.front().report.share == 1);
    CHECK(other.copied > 0.05);

    const std::string text = report_markdown(c, &b, &other, {{"x.svg", "a picture"}});
    CHECK_THAT(text, test::contains("| b/7.mid | " + std::to_string(b.pieces[7].tokens.size()) + " of "));
    CHECK_THAT(text, test::contains("![a picture](x.svg)") && test::contains("- c: 12 pieces\n"));
    const std::size_t two = report_pictures(c, &b, &other).size(), one = report_pictures(c, nullptr, nullptr).size();
    CHECK(two == one + 1 + 14);
    CHECK(report_markdown(c, nullptr, nullptr).find("Likeness") == std::string::npos);
}

TEST_CASE("progress is told to its end, and one piece a set is compared as far as it goes") {
    piece_set a = random_set("a", 1, 55), b = random_set("b", 2, 55);
    a.pieces.resize(1), b.pieces.resize(1);
    std::size_t last = 0, all = 0;
    const set_comparison c = compare_sets(a, b, {}, [&](std::size_t done, std::size_t of) { last = done, all = of; });
    CHECK(last == all);
    CHECK(all == 15);
    CHECK(std::isnan(c.features[0].overlap));
    CHECK_THAT(report_markdown(a, &b, &c), test::contains("– (–)"));
    CHECK(report_pictures(a, &b, &c).size() > 20);
}

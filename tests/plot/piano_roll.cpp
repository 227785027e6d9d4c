#include <lofi/plot/piano_roll.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
std::vector<plot::box> bars(const plot::figure& f, std::size_t voice) {
    std::vector<plot::box> list;
    const auto c = plot::line_color(voice);
    for (const auto& m : f.marks)
        if (const auto* b = std::get_if<plot::box>(&m);
            b != nullptr && b->fill.r == c.r && b->fill.g == c.g && b->fill.b == c.b && b->height > 4.5)
            list.push_back(*b);
    return list;
}
}  // namespace

TEST_CASE("notes lie at their beat and pitch") {
    const std::vector<plot::note_bar> notes{
        {beats(0), beats(1), 60, 1.0, 0}, {beats(2), beats(2), 72, 0.5, 1}, {beats(7), beats(1), 64, 0.0, 0}};
    const auto f = plot::piano_roll(notes, {.title = "t"});
    const auto zero = bars(f, 0), one = bars(f, 1);
    REQUIRE(zero.size() == 4);  // a bar and its beginning for each note
    REQUIRE(one.size() == 2);
    const double beat = (one[0].x - zero[0].x) / 2;
    CHECK(zero[2].x - zero[0].x == Approx(7 * beat));
    CHECK(one[0].width == Approx(2 * beat - 0.8));
    CHECK(beat == Approx((900 - 22 - 58) / 8.0));                                 // two bars fill the sheet
    CHECK((zero[0].y - one[0].y) / (zero[0].y - zero[2].y) == Approx(12.0 / 4));  // pitches are even
    CHECK(zero[0].fill.a > one[0].fill.a);
    CHECK(one[0].fill.a > zero[2].fill.a);
}

TEST_CASE("notes that are none are left out") {
    const std::vector<plot::note_bar> notes{{beats(NAN), beats(1), 60}, {beats(0), beats(INFINITY), 60},
                                            {beats(0), beats(-1), 60},  {beats(0), beats(1), 128},
                                            {beats(0), beats(1), -1},   {beats(1), beats(1), 60, NAN}};
    CHECK(bars(plot::piano_roll(notes), 0).size() == 2);
    CHECK_NOTHROW(plot::to_png(plot::piano_roll({}), 1));
    const std::vector<plot::note_bar> edges{{beats(0), beats(1), 0}, {beats(100000), beats(1), 127}};
    CHECK(plot::piano_roll(edges).marks.size() < 1000);
}

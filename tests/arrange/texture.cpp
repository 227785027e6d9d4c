#include <algorithm>

#include <lofi/arrange/texture.hpp>

#include "arrange/random_sections.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

score::track play(const section& s, const arrange_config& c, random_key key = random_key{1}) {
    score::track t;
    std::int32_t lateness = 0;
    arrange_texture(s, c, key, ticks(0), lateness, t);
    return t;
}

}  // namespace

TEST_CASE("arpeggios are of the chord's tones, high and quiet") {
    std::size_t notes = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.looseness = static_cast<std::uint8_t>(c.looseness / 4);
        section s{section_kind::theme, 0, 220, {}, test::random_rows(16, random_key{seed})};
        const auto spans = harmonise(s, c);
        for (const score::note& n : play(s, c, random_key{seed}).notes) {
            // Behind the beat by less than an eighth: the note belongs to the eighth before it, or to the one it is just ahead of.
            const auto row = static_cast<std::size_t>((n.start.value + sixteenth / 2) / row_ticks(c.rows));
            const auto span = std::find_if(spans.begin(), spans.end(),
                                           [&](const chord_span& x) { return row >= x.row && row < x.row + x.rows; });
            REQUIRE(span != spans.end());
            REQUIRE(pitch_classes(span->chord, c.key).contains(n.which.name()));
            REQUIRE(n.which.midi >= 72);
            REQUIRE(n.which.midi <= 90);
            REQUIRE(n.force.value <= 76);
            ++notes;
        }
    }
    CHECK(notes > 100 * 4);
}

TEST_CASE("the texture is for full sections, and answers where the melody rests") {
    section s{section_kind::theme, 0, 220, {}, section_rows(16, {1, {}})};
    std::size_t alone = 0, under = 0, thin = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const arrange_config c{.key_of_chance = random_key{seed}};
        section busy = s, sparse = s;
        for (score::lead_row& r : busy.rows) r.melody = {8, 9, 10, 9, 8, 9, 10, 11};
        sparse.strength = 99;
        alone += play(s, c, random_key{seed}).notes.size();
        under += play(busy, c, random_key{seed}).notes.size();
        thin += play(sparse, c, random_key{seed}).notes.size();
    }
    CAPTURE(alone, under);
    CHECK(thin == 0);
    CHECK(under * 3 < alone);
    CHECK(under > 0);
}

TEST_CASE("in an outro the texture leaves first") {
    section s{section_kind::outro, 0, 255, {}, section_rows(8, {1, {}})};
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        for (const score::note& n : play(s, {}, random_key{seed}).notes) CHECK(n.start < ticks(bar));
}

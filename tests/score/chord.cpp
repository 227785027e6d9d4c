#include <lofi/score/chord.hpp>

#include <algorithm>
#include <vector>

#include "support/test.hpp"

using namespace lofi::score;

namespace {
std::vector<int> numbers(const chord_tones& tones) { return {tones.begin(), tones.end()}; }
constexpr chord_type dominant{quality::major, seventh::minor, {}};
static_assert(pitch_classes(dominant, pitch_class(7)) == pitch_set{7, 11, 2, 5}, "chords work at compile time");
}  // namespace

TEST_CASE("chords of a mode's degrees are thirds stacked on its scale") {
    for (const mode m : all_modes) {
        for (int tonic = 0; tonic < 12; ++tonic) {
            const key k{pitch_class(tonic), m};
            for (int d = 1; d <= 7; ++d) {
                for (const stack height : {stack::triad, stack::seventh, stack::ninth, stack::eleventh, stack::thirteenth}) {
                    pitch_set wanted;
                    for (int i = 0; i < static_cast<int>(height); ++i) wanted.insert(degree(k, d + 2 * i));
                    const chord c = diatonic(m, d, height);
                    REQUIRE(pitch_classes(c, k) == wanted);
                    REQUIRE(root(c, k) == degree(k, d));
                    REQUIRE(bass(c, k) == degree(k, d));
                    REQUIRE(tones(c.type).size() == static_cast<std::size_t>(height));
                }
            }
        }
    }
    CHECK(diatonic(mode::dorian, 8) == diatonic(mode::dorian, 1));
    CHECK(diatonic(mode::dorian, 0) == diatonic(mode::dorian, 7));
}

TEST_CASE("tones rise from the root, whatever is stacked") {
    CHECK(numbers(tones({})) == std::vector{0, 4, 7});
    CHECK(numbers(tones({quality::minor, seventh::minor, extension::ninth})) == std::vector{0, 3, 7, 10, 14});
    CHECK(numbers(tones({quality::diminished, seventh::diminished, {}})) == std::vector{0, 3, 6, 9});
    CHECK(numbers(tones({quality::augmented, seventh::major, {}})) == std::vector{0, 4, 8, 11});
    CHECK(numbers(tones({quality::sus2, seventh::none, {}})) == std::vector{0, 2, 7});
    CHECK(numbers(tones({quality::sus4, seventh::minor, extension::flat_ninth | extension::thirteenth})) ==
          std::vector{0, 5, 7, 10, 13, 21});
    CHECK(numbers(tones({quality::major, seventh::none, extension::sixth | extension::ninth})) == std::vector{0, 4, 7, 9, 14});
    chord_type all{quality::minor, seventh::major, {}};
    all.added.bits = 0xff;
    const auto every = numbers(tones(all));
    CHECK(every.size() == 12);
    CHECK(std::is_sorted(every.begin(), every.end()));
}

TEST_CASE("inversions put another tone in the bass") {
    const key c{};
    chord v{5, 0, dominant, 0};
    const int basses[] = {7, 11, 2, 5};
    for (int i = 0; i < 4; ++i) {
        v.inversion = static_cast<std::uint8_t>(i);
        CHECK(bass(v, c) == pitch_class(basses[i]));
        CHECK(root(v, c) == pitch_class(7));
    }
    v.inversion = 9;
    CHECK(bass(v, c) == pitch_class(7));
    CHECK(third_of(v.type) == 4);
    CHECK(fifth_of(v.type) == 7);
    CHECK(seventh_of(v.type) == 10);
    CHECK(seventh_of(chord_type{}) == 0);
}

TEST_CASE("an altered degree is altered against the major scale, in every mode") {
    const chord flat_seven{7, -1, {}, 0};
    for (const mode m : all_modes) CHECK(root(flat_seven, key{pitch_class(0), m}) == pitch_class(10));
    CHECK(root(chord{4, 1, {}, 0}, key{pitch_class(0), mode::lydian}) == pitch_class(6));
    CHECK(root(chord{1, -1, {}, 0}, key{}) == pitch_class(11));
}

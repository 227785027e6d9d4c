#include <lofi/analysis/mood.hpp>

#include <string_view>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

score::lead_sheet sheet(std::string_view chords, std::string_view slots, int mode = 1, double tempo = 120.0) {
    score::lead_sheet s;
    s.key.scale = static_cast<score::mode>(mode);
    s.tempo = bpm(tempo);
    s.rows.resize(chords.size());
    for (std::size_t r = 0; r < chords.size(); ++r) {
        s.rows[r].chord = static_cast<std::uint8_t>(chords[r] - '0');
        for (std::size_t i = 0; i < 8; ++i)
            s.rows[r].melody[i] = static_cast<std::uint8_t>(std::string_view("0123456789abcdef").find(slots[8 * r + i]));
    }
    return s;
}

struct known {
    int mode;
    double tempo;
    std::string_view chords, slots;
    double energy, valence;
};

// What the script that labelled the corpora says of random sheets.
constexpr known cases[] = {
    {1, 40, "507", "30108f3b0303b51b101f1100", 0.283333333333333, 0.474259259259259},
    {1, 73.5, "32", "1583313b508b1150", 0.470625, 0.465625},
    {1, 150, "405", "0585f81ff10508b0b8b0f013", 0.9, 0.9025},
    {1, 240, "3", "f885f085", 1, 0.765},
    {2, 40, "6", "03881850", 0.275, 0.213055555555556},
    {2, 73.5, "542", "015f100b0385fb100f8311b0", 0.44, 0.361180555555556},
    {2, 150, "65", "10b51f1ff8f55fb1", 0.9, 0.545},
    {2, 240, "6", "1f810f58", 1, 0.6075},
    {3, 40, "5", "0585f558", 0.3, 0.101666666666667},
    {3, 73.5, "07", "585f58858b81f881", 0.5165625, 0.206041666666667},
    {3, 150, "35", "f50b1b55031f1310", 0.9, 0.5225},
    {3, 240, "3202", "081f30bf8b033808b5b0805058581bb8", 1, 0.685},
    {4, 40, "2267", "31080b0818bbb3f5fbb155f5b085f51f", 0.3, 0.516666666666667},
    {4, 73.5, "1", "f3501b0f", 0.470625, 0.700625},
    {4, 150, "370", "3f5155ff00155850f881005f", 0.9, 0.7375},
    {4, 240, "3", "0bbfbfb3", 1, 0.8},
    {5, 40, "714", "0b5f511ff81b00350008b0bf", 0.275, 0.518055555555555},
    {5, 73.5, "1", "03015f11", 0.4246875, 0.592708333333333},
    {5, 150, "62", "0300b0500b10b08f", 0.825, 0.616666666666667},
    {5, 240, "5502", "515350355138fb11080000f3bff800b0", 1, 0.7125},
    {6, 40, "63", "00f31b83588bb185", 0.3, 0.354166666666667},
    {6, 73.5, "5032", "b00001330ff80bf5b8ff031108bf1505", 0.413203125, 0.279270833333333},
    {6, 150, "43", "0f088800ff1085f3", 0.825, 0.541666666666667},
    {6, 240, "03", "030b851f850f1313", 1, 0.7375},
    {7, 40, "6", "50f0fb10", 0.275, 0.255555555555556},
    {7, 73.5, "5", "003f0f03", 0.37875, 0.309791666666667},
    {7, 150, "7", "b005bf50", 0.9, 0.3875},
    {7, 240, "3", "1b330800", 1, 0.45},
};

}  // namespace

TEST_CASE("attacks are changes to a note, steps are counted between them") {
    CHECK(motion_of(sheet("1", "11112222")) == motion{2, 1});
    CHECK(motion_of(sheet("1", "11001100")) == motion{2, 0});  // over a rest the same note is a new attack
    CHECK(motion_of(sheet("1", "00000000")) == motion{0, 0});
    CHECK(motion_of(sheet("11", "1f1f1f1f80000000")) == motion{9, 7 * 14 + 7});
    score::lead_sheet chords = sheet("1", "12345671");
    chords.has_melody = false;
    CHECK(motion_of(chords) == motion{});
}

TEST_CASE("moods are those of the script that labelled the corpora") {
    for (const known& k : cases) {
        const mood m = mood_of(sheet(k.chords, k.slots, k.mode, k.tempo));
        INFO(k.mode << " " << k.tempo << " " << k.slots);
        CHECK(m.energy == Approx(k.energy).margin(1e-12));
        CHECK(m.valence == Approx(k.valence).margin(1e-12));
    }
}

TEST_CASE("by hand: 8 attacks in 2 seconds, one step each") {
    const mood m = mood_of(sheet("1", "12345678", 1, 120.0));
    CHECK(m.attacks_per_second == 4.0);
    CHECK(m.mean_step == 1.0);
    CHECK(m.major_share == 1.0);
    CHECK(m.energy == Approx(0.45 + 0.40 * 0.5 + 0.15 / 3));
    CHECK(m.valence == Approx(0.35 * 0.9 + 0.20 + 0.25 * 0.5 + 0.20));
}

TEST_CASE("sheets with nothing in them have a mood too") {
    const mood none = mood_of(score::lead_sheet{});
    CHECK(none.attacks_per_second == 0.0);
    CHECK(none.major_share == 0.5);
    const mood rests = mood_of(sheet("0", "00000000", 7, 60.0));
    CHECK(rests.energy == 0.0);
    CHECK(rests.valence == Approx(0.1));
    const mood chords = chords_only_mood(sheet("14", "0000000000000000", 1, 120.0));
    CHECK(chords.energy == Approx(0.45 * 0.5 + 0.40 * 0.5 + 0.15 * 0.5));
    CHECK(chords.valence == Approx(0.35 * 0.9 + 0.20 + 0.25 * 0.5 + 0.20 * 0.5));
}

TEST_CASE("brighter modes are brighter") {
    using score::mode;
    const mode order[] = {mode::locrian,    mode::phrygian, mode::aeolian, mode::dorian,
                          mode::mixolydian, mode::ionian,   mode::lydian};
    for (std::size_t i = 1; i < 7; ++i) CHECK(brightness(order[i - 1]) < brightness(order[i]));
}

#include <lofi/score/mode.hpp>

#include <algorithm>
#include <map>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("the seven modes have the masks that theory gives them") {
    const std::map<mode, int> masks = {{mode::ionian, 2741}, {mode::dorian, 1709},     {mode::phrygian, 1451},
                                       {mode::lydian, 2773}, {mode::mixolydian, 1717}, {mode::aeolian, 1453},
                                       {mode::locrian, 1387}};
    for (const auto& [m, bits] : masks) {
        CHECK(mask(m) == bits);
        CHECK(steps(m)[0] == 0);
        const auto rising = steps(m);
        CHECK(std::is_sorted(rising.begin(), rising.end()));
    }
}

TEST_CASE("signature shifts are the sharps that a mode has more than major") {
    // Counted in fifths: a mode's signature is the sum of what each degree differs from major.
    for (const mode m : all_modes) {
        int differ = 0;
        for (std::size_t i = 0; i < 7; ++i) differ += steps(m)[i] - steps(mode::ionian)[i];
        CHECK(signature_shift(m) == differ);
    }
}

TEST_CASE("modes are read by name in any case") {
    for (const mode m : all_modes) CHECK(*parse_mode(to_string(m)) == m);
    CHECK(*parse_mode("MAJOR") == mode::ionian);
    CHECK(*parse_mode("Minor") == mode::aeolian);
    for (const char* name : {"", "ion", "ionian ", "blues"}) {
        const auto m = parse_mode(name);
        REQUIRE_FALSE(m);
        CHECK_THAT(m.error().message(), LOFI_CATCH_CONTAINS("mixolydian"));
    }
}

#include <lofi/token/remi.hpp>

#include <set>

#include "events_fixture.hpp"

using namespace lofi;
using namespace lofi::token;

namespace {

template <class V>
void agrees(const char* kind) {
    const auto cases = test::event_cases(kind);
    CHECK(cases.size() == 60);
    for (const test::event_case& c : cases) {
        CHECK(V::encode(c.piece).value() == c.ids);
        // What is decoded is encoded again.
        const auto piece = V::decode(c.ids).value();
        CHECK(V::encode(piece).value() == c.ids);
        for (std::size_t i = 0; i < c.ids.size(); ++i) CHECK(V::may_follow(i == 0 ? -1 : c.ids[i - 1], c.ids[i]));
    }
}

template <class V>
void spells() {
    std::set<std::string> all;
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(V::size); ++id) {
        CHECK(V::to_id(V::token_of(id)) == id);
        all.insert(V::spell(id));
    }
    CHECK(all.size() == V::size);
}

}  // namespace

TEST_CASE("REMI and TSD: an implementation of its own in Python says the same, and decoding undoes it") {
    agrees<remi>("remi");
    agrees<tsd>("tsd");
}

TEST_CASE("REMI and TSD: every id is one token") {
    spells<remi>();
    spells<tsd>();
    CHECK(remi::spell(4) == "Bar_None");
    CHECK(remi::spell(5) == "Pitch_21");
    CHECK(remi::spell(94) == "Velocity_3");
    CHECK(remi::spell(126) == "Duration_0.1.8");
    CHECK(remi::spell(189) == "Duration_12.0.4");
    CHECK(remi::spell(190) == "Position_0");
    CHECK(remi::spell(283) == "PitchDrum_88");
    CHECK(tsd::spell(4) == "Pitch_21");
    CHECK(tsd::spell(252) == "TimeShift_12.0.4");
    CHECK(tsd::spell(314) == "PitchDrum_88");
}

TEST_CASE("REMI and TSD: ties go to the larger bin") {
    CHECK(event_velocity(0) == 3);
    CHECK(event_velocity(31) == 127);
    CHECK(event_velocity(event_velocity_number(5)) == 7);  // 3 and 7 are as near
    CHECK(event_duration(event_duration_number(33)) == 34);
    CHECK(event_duration(event_duration_number(95)) == 96);
    CHECK(event_duration(event_duration_number(1000)) == 96);
}

TEST_CASE("REMI and TSD: what cannot be is refused with its place") {
    score::piece p;
    CHECK_THAT(remi::encode(p).error().message(), test::contains("no notes"));
    p.meters = {{ticks(0), 3, 4}};
    CHECK_THAT(remi::encode(p).error().message(), test::contains("is in 3/4"));
    const std::vector<std::int32_t> wrong = {4, 190, 94};
    CHECK(remi::decode(wrong).error().message() == "token 3: Velocity_3 may not follow Position_0");
    CHECK_FALSE(remi::decode(std::vector<std::int32_t>{284}));
    CHECK_FALSE(tsd::decode(std::vector<std::int32_t>{-1}));
    // A place that is not later.
    const std::vector<std::int32_t> back = {4, 195, 44, 100, 130, 194};
    CHECK_THAT(remi::decode(back).error().message(), test::contains("token 6: Position_4 may not follow"));
    // Drums keep their own pitches.
    p = {};
    p.tracks.resize(1);
    p.tracks[0].channel = 9;
    p.tracks[0].notes = {{ticks(0), ticks(120), score::pitch(36), {}}};
    const auto drums = remi::encode(p).value();
    CHECK(remi::spell(drums[2]) == "PitchDrum_36");
    CHECK(remi::decode(drums)->tracks.back().drums());
}

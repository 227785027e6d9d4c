// The C interface is the C++ radio: the same samples, the same events, the same values, whichever of them was told.
#include <lofi/radio.h>

#include <array>
#include <vector>

#include <lofi/radio.hpp>
#include <lofi/score/chord_symbol.hpp>

#include "support/test.hpp"

namespace {

constexpr std::uint32_t rate = 16000;
constexpr std::size_t block = 500;

struct c_radio {
    lofi_radio* handle = nullptr;
    explicit c_radio(std::uint64_t seed) {
        lofi_radio_config c;
        lofi_radio_defaults(&c, sizeof c);
        c.rate = rate, c.seed = seed, c.mood = "sunset";
        handle = lofi_radio_create(&c);
        REQUIRE(handle != nullptr);
    }
    c_radio(const c_radio&) = delete;
    c_radio& operator=(const c_radio&) = delete;
    ~c_radio() { lofi_radio_destroy(handle); }
};

/// Steers one as the other, now and then.
void steer(lofi_radio* c, lofi::radio& cpp, int round) {
    using lofi::at, lofi::parameter;
    if (round == 20) {
        lofi_radio_set(c, LOFI_RADIO_ENERGY, 0.9, LOFI_RADIO_NEXT_BAR, 2.0);
        cpp.set(parameter::energy, 0.9, at::next_bar, lofi::seconds(2.0));
        lofi_radio_set(c, LOFI_RADIO_DRUMS_LEVEL, -6.0, LOFI_RADIO_NOW, 0.0);
        cpp.set(lofi::level(lofi::score::part::drums), -6.0);
    } else if (round == 60) {
        lofi_radio_set(c, LOFI_RADIO_STINGER, 3, LOFI_RADIO_NEXT_BEAT, 0.0);
        cpp.play(lofi::stinger::bell, at::next_beat);
        lofi_radio_set(c, LOFI_RADIO_RAIN, 7.0, LOFI_RADIO_NOW, 0.0);  // clamped
        cpp.set(parameter::rain, 7.0);
    } else if (round == 100) {
        lofi_radio_mood(c, "drift", LOFI_RADIO_NEXT_SECTION, 0.0);
        cpp.mood("drift");
        lofi_radio_set(c, LOFI_RADIO_SKIP, 1, LOFI_RADIO_NOW, 0.0);
        cpp.skip();
    }
}

/// Whether an event of C says what that of C++ does.
void compare(const lofi_radio_event& c, const lofi::event& e) {
    using lofi::event_kind;
    REQUIRE(int{c.kind} == static_cast<int>(e.kind));
    CHECK(c.frame == e.at.value);
    CHECK(c.bar == e.bar);
    CHECK(c.tick == e.tick);
    switch (e.kind) {
        case event_kind::section:
            CHECK(int{c.section} == static_cast<int>(e.section));
            CHECK(c.tonic == e.key.tonic.value);
            CHECK(int{c.mode} == static_cast<int>(e.key.scale));
            for (int p = 0; p < 12; ++p) CHECK((c.scale >> p & 1) == int{contains(e.key, lofi::score::pitch_class(p))});
            break;
        case event_kind::chord: {
            char name[64];
            CHECK(lofi_radio_chord_name(&c, name, sizeof name) == to_string(e.chord, e.key).size());
            CHECK(std::string(name) == to_string(e.chord, e.key));
            CHECK(c.chord_root == root(e.chord, e.key).value);
            CHECK(c.chord_bass == bass(e.chord, e.key).value);
            CHECK(c.chord_tones == pitch_classes(e.chord, e.key).mask);
            break;
        }
        case event_kind::note_on:
            CHECK(c.length == e.length.value);
            CHECK(c.velocity == e.velocity.value);
            [[fallthrough]];
        case event_kind::note_off:
            CHECK(int{c.part} == static_cast<int>(e.part));
            CHECK(c.pitch == e.pitch.midi);
            break;
        case event_kind::changed: {
            CHECK(c.change.frame == e.change.frame);
            CHECK(c.change.value == e.change.value);
            CHECK(c.change.ramp == e.change.ramp);
            CHECK(int{c.change.parameter} == static_cast<int>(e.change.what));
            CHECK(int{c.change.when} == static_cast<int>(e.change.when));
            break;
        }
        case event_kind::reached:
        case event_kind::clamped:
            CHECK(int{c.parameter} == static_cast<int>(e.what));
            CHECK(c.value == e.value);
            break;
        case event_kind::why:
            CHECK(int{c.parameter} == static_cast<int>(e.what));
            CHECK(int{c.why} == static_cast<int>(e.why));
            break;
        default: break;
    }
}

}  // namespace

TEST_CASE("the C interface plays and tells what the C++ radio does") {
    const c_radio c(11);
    lofi::radio cpp({.seed = 11, .rate = lofi::hertz(rate), .mood = "sunset"});
    std::array<float, 2 * block> ours{}, theirs{};
    std::array<std::size_t, 12> seen{};
    std::size_t other = 0;
    for (int round = 0; round < 1600; ++round) {
        steer(c.handle, cpp, round);
        lofi_radio_render(c.handle, ours.data(), block);
        cpp.render(theirs);
        other += ours != theirs;
        lofi::event e;
        lofi_radio_event told;
        while (cpp.poll(e)) {
            REQUIRE(lofi_radio_poll(c.handle, &told, sizeof told) == 1);
            compare(told, e);
            ++seen[told.kind];
        }
        REQUIRE(lofi_radio_poll(c.handle, &told, sizeof told) == 0);
    }
    CHECK(other == 0);
    CHECK(lofi_radio_position(c.handle) == cpp.position().value);
    for (const auto kind : {LOFI_RADIO_EVENT_BEAT, LOFI_RADIO_EVENT_SECTION, LOFI_RADIO_EVENT_CHORD, LOFI_RADIO_EVENT_NOTE_ON,
                            LOFI_RADIO_EVENT_NOTE_OFF, LOFI_RADIO_EVENT_CHANGED, LOFI_RADIO_EVENT_CLAMPED})
        CHECK(seen[kind] > 0);
    for (int p = 0; p < LOFI_RADIO_PARAMETERS; ++p)
        CHECK(lofi_radio_value(c.handle, p) == cpp.value(static_cast<lofi::parameter>(p)));
    CHECK(lofi_radio_value(c.handle, LOFI_RADIO_RAIN) != lofi_radio_value(c.handle, LOFI_RADIO_ENERGY));

    std::array<lofi::event, 256> ahead;
    std::array<lofi_radio_event, 256> told;
    const std::size_t count = cpp.peek(2, ahead);
    REQUIRE(count > 0);
    REQUIRE(lofi_radio_peek(c.handle, 2, told.data(), sizeof told[0], told.size()) == count);
    for (std::size_t i = 0; i < count; ++i) compare(told[i], ahead[i]);
}

TEST_CASE("a state of C comes back in C++, and a log of C++ leads C to the same bar") {
    const c_radio c(4);
    lofi::radio cpp({.seed = 4, .rate = lofi::hertz(rate), .mood = "sunset"});
    std::array<float, 2 * block> ours{}, theirs{};
    for (int round = 0; round < 300; ++round) {
        if (round == 50) lofi_radio_set(c.handle, LOFI_RADIO_ENERGY, 0.2, LOFI_RADIO_NEXT_BAR, 0.0);
        lofi_radio_render(c.handle, ours.data(), block);
    }
    std::vector<std::byte> state(lofi_radio_save(c.handle, nullptr, 0));
    REQUIRE(lofi_radio_save(c.handle, state.data(), state.size()) == state.size());
    REQUIRE(cpp.restore(state));
    const auto same = [&] {
        for (int round = 0; round < 100; ++round) {
            lofi_radio_render(c.handle, ours.data(), block);
            cpp.render(theirs);
            if (ours != theirs) return false;
        }
        return true;
    };
    CHECK(same());

    std::vector<lofi_radio_change> log;
    for (lofi_radio_event e; lofi_radio_poll(c.handle, &e, sizeof e) == 1;)
        if (e.kind == LOFI_RADIO_EVENT_CHANGED) log.push_back(e.change);
    REQUIRE(log.size() == 1);
    const lofi::change change{log[0].frame, log[0].value, log[0].ramp, lofi::parameter::energy, lofi::at::next_bar};
    REQUIRE(lofi_radio_seek(c.handle, 6, log.data(), log.size()) == 1);
    REQUIRE(cpp.seek(6, std::span(&change, 1)));
    CHECK(lofi_radio_position(c.handle) == cpp.position().value);
    CHECK(same());
    REQUIRE(cpp.seek(6));  // without the log it is other music
    REQUIRE(lofi_radio_seek(c.handle, 6, log.data(), log.size()) == 1);
    CHECK_FALSE(same());
}

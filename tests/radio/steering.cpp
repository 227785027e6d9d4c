#include <lofi/radio/steering.hpp>

#include <map>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::engine;

namespace {
const auto ignore = [](const change&) {};
}

TEST_CASE("a glide runs in a straight line and is reached once") {
    steering s;
    s.accept(to_change(parameter::energy, 0.0), 0, 0, 48000, ignore);
    s.accept(to_change(parameter::energy, 1.0, engine::at::now, seconds(2.0)), 0, 1000, 48000, ignore);
    CHECK(s.gliding());
    CHECK(s.at(parameter::energy, 1000) == 0);
    CHECK(s.at(parameter::energy, 1000 + 48000) == 32768);
    CHECK(s.at(parameter::energy, 1000 + 96000) == 65536);
    std::vector<std::int64_t> reached;
    for (std::int64_t f = 0; f < 200000; f += 32) s.settle(f, [&](parameter, std::int64_t at) { reached.push_back(at); });
    CHECK(reached == std::vector<std::int64_t>{97000});
    CHECK(!s.gliding());
    // A glide that is overtaken goes on from where it was.
    s.accept(to_change(parameter::energy, 0.0, engine::at::now, seconds(1.0)), 0, 200000, 48000, ignore);
    s.accept(to_change(parameter::energy, 1.0, engine::at::now, seconds(1.0)), 0, 224000, 48000, ignore);
    CHECK(s.at(parameter::energy, 224000) == 32768);
    CHECK(s.at(parameter::energy, 248000) == 49152);
}

TEST_CASE("changes wait for their own kind of boundary, from their beat on") {
    steering s;
    s.accept(to_change(parameter::rain, 0.25, engine::at::next_beat), 5, 0, 48000, ignore);
    s.accept(to_change(parameter::dust, 0.25, engine::at::next_bar), 5, 0, 48000, ignore);
    s.accept(to_change(parameter::wow, 0.25, engine::at::next_section), 5, 0, 48000, ignore);
    std::vector<parameter> begun;
    const auto note = [&](const change& c) { begun.push_back(c.what); };
    s.arrive(boundary::section, 4, 100, 48000, note);
    CHECK(begun.empty());
    CHECK(s.expected(parameter::rain, boundary::beat, 5, 200) == to_held(parameter::rain, 0.25));
    CHECK(s.expected(parameter::dust, boundary::beat, 5, 200) == to_held(parameter::dust, 0.4));
    CHECK(s.expected(parameter::wow, boundary::bar, 8, 200) == to_held(parameter::wow, 0.35));
    CHECK(s.expected(parameter::wow, boundary::section, 8, 200) == to_held(parameter::wow, 0.25));
    s.arrive(boundary::beat, 5, 200, 48000, note);
    CHECK(begun == std::vector<parameter>{parameter::rain});
    s.arrive(boundary::bar, 8, 300, 48000, note);
    CHECK(begun == std::vector<parameter>{parameter::rain, parameter::dust});
    s.arrive(boundary::section, 16, 400, 48000, note);
    CHECK(begun.size() == 3);
    CHECK(s.at(parameter::wow, 400) == to_held(parameter::wow, 0.25));
}

TEST_CASE("a mood is all that it is made of, and a valence of one's own frees the mode") {
    steering s;
    s.accept(to_change(parameter::mood, 1.0), 0, 0, 48000, ignore);
    const song::mood& rain = song::moods[1];
    CHECK(s.at(parameter::energy, 0) == to_held(parameter::energy, rain.energy));
    CHECK(s.at(parameter::tempo, 0) == to_held(parameter::tempo, rain.tempo.value));
    CHECK(s.at(parameter::rain, 0) == to_held(parameter::rain, rain.rain));
    CHECK(s.at(steering::mood_mode, 0) == static_cast<std::int32_t>(*rain.scale));
    s.accept(to_change(parameter::valence, 0.9), 0, 0, 48000, ignore);
    CHECK(s.at(steering::mood_mode, 0) == 0);
    CHECK(s.at(steering::key_drifts, 0) == 1);
    s.accept(to_change(parameter::key, 3), 0, 0, 48000, ignore);
    CHECK(s.at(steering::key_drifts, 0) == 0);
}

TEST_CASE("parameters are held as whole numbers, clamped, and found by their names") {
    for (std::size_t p = 0; p < parameter_count; ++p) {
        const auto what = static_cast<parameter>(p);
        const parameter_info& i = info(what);
        INFO(i.name);
        CHECK(find_parameter(i.name).value() == what);
        CHECK(i.low < i.high);
        CHECK(in_range(what, i.initial));
        CHECK(from_held(what, to_held(what, i.low)) == i.low);
        CHECK(from_held(what, to_held(what, i.high)) == i.high);
        CHECK(to_held(what, i.high + 1000.0) == to_held(what, i.high));
        CHECK(to_held(what, i.low - 1000.0) == to_held(what, i.low));
        CHECK(from_held(what, to_held(what, i.initial)) == Approx(i.initial).margin(0.001));
    }
    CHECK(!find_parameter("loudness"));
    CHECK(to_string(level(score::part::drums)) == "drums level");
    CHECK(to_string(mute(score::part::texture)) == "texture mute");
    CHECK(to_string(solo(score::part::keys)) == "keys solo");
}

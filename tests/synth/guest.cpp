#include <lofi/synth/guest.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"
#include "synth/arrangement.hpp"

#include <lofi/synth/player.hpp>
#include <lofi/synth/render.hpp>

using namespace lofi;

namespace {

// Plays a sine of its own for one part and counts what it is told.
struct whistle : synth::no_guest {
    score::part part = score::part::melody;
    phase32 phase;
    std::uint32_t step = 0;
    std::int64_t left = 0;
    int resets = 0, stops = 0;

    void reset(hertz, random_key) noexcept { left = 0, ++resets; }
    bool start(const synth::note_event& e, std::size_t offset, random_key) noexcept {
        if (e.part != part) return false;
        phase = {}, step = phase32::step(math::midi_to_hertz(e.which.midi), hertz(48000.0));
        left = e.length.value + static_cast<std::int64_t>(offset);
        return true;
    }
    void stop(score::part, score::pitch) noexcept { left = 0, ++stops; }
    void process(const synth::part_views& parts) noexcept {
        for (float& y : parts[static_cast<std::size_t>(part)].left) y += 0.1F * phase.sine(), phase.advance(step);
        left = std::max<std::int64_t>(0, left - 32);
    }
    [[nodiscard]] std::size_t sounding() const noexcept { return left > 0 ? 1U : 0U; }
};

// One mode where the house would have a dozen.
struct bell : synth::no_guest {
    bool shape(const synth::note_event& e, random_stream& chance, synth::strike& out) noexcept {
        if (e.part != score::part::keys) return false;
        out.add({hertz(math::midi_to_hertz(e.which.midi).value * synth::detune(chance, 5.0)), 0.1F, seconds(1.0)});
        return true;
    }
};

struct wont_promise : synth::no_guest {
    void process(const synth::part_views&) {}
};
struct wrong_answer : synth::no_guest {
    bool start(const synth::note_event&, std::size_t) noexcept { return true; }
};
struct not_copied : synth::no_guest {
    not_copied(const not_copied&) = delete;
};

struct layers {
    std::vector<std::vector<float>> left, right;
    std::vector<float> mix;
};

template <class Guest>
layers play(synth::basic_player<Guest>& p, const std::vector<synth::note_event>& notes, std::size_t n,
            std::size_t block = 512) {
    for (const auto& e : notes) REQUIRE(p.play(e));
    layers l{std::vector(synth::layer_count, std::vector<float>(n)), std::vector(synth::layer_count, std::vector<float>(n)),
             std::vector<float>(n)};
    std::vector<float> right(n);
    for (std::size_t at = 0; at < n; at += block) {
        const std::size_t count = std::min(block, n - at);
        std::vector<audio::stereo_view> views;
        for (std::size_t i = 0; i < synth::layer_count; ++i)
            views.push_back({std::span(l.left[i]).subspan(at, count), std::span(l.right[i]).subspan(at, count)});
        p.render({std::span(l.mix).subspan(at, count), std::span(right).subspan(at, count)}, views);
    }
    return l;
}

constexpr auto keys = static_cast<std::size_t>(synth::layer::keys), melody = static_cast<std::size_t>(synth::layer::melody);

}  // namespace

TEST_CASE("what is a guest and what is not") {
    STATIC_REQUIRE(synth::guest<synth::no_guest>);
    STATIC_REQUIRE(synth::guest<whistle>);
    STATIC_REQUIRE(synth::guest<bell>);
    STATIC_REQUIRE(synth::guest<synth::guests<bell, whistle>>);
    STATIC_REQUIRE_FALSE(synth::guest<wont_promise>);
    STATIC_REQUIRE_FALSE(synth::guest<wrong_answer>);
    STATIC_REQUIRE_FALSE(synth::guest<not_copied>);
    STATIC_REQUIRE_FALSE(synth::guest<int>);
}

TEST_CASE("a guest plays its part and leaves the others as they are, bit for bit") {
    const auto notes = synth::events(test::arrangement(1, 3), hertz(48000.0));
    const synth::config c{.seed = 9};
    synth::player house(c);
    synth::basic_player<whistle> with(c);
    const layers a = play(house, notes, 96000), b = play(with, notes, 96000);
    for (std::size_t l = 0; l < synth::layer_count; ++l) {
        if (l == melody) CHECK((a.left[l] != b.left[l]));
        if (l != melody && l != static_cast<std::size_t>(synth::layer::room)) CHECK((a.left[l] == b.left[l]));
    }
}

TEST_CASE("a page of numbers takes the place of the house's instrument and is played like it") {
    const std::vector<synth::note_event> notes = {
        {frames(1000), frames(24000), score::part::keys, score::pitch(69), score::velocity(90)},
        {frames(1000), frames(24000), score::part::melody, score::pitch(72), score::velocity(90)}};
    const synth::config c{.mix = {.hiss = 0, .dust = 0, .tremolo = 0}};
    synth::basic_player<bell> p(c);
    synth::player house(c);
    const layers l = play(p, notes, 48000), h = play(house, notes, 48000);
    CHECK((l.left[melody] == h.left[melody]));
    const auto sound = std::span(l.left[keys]).subspan(4000, 16384);
    const double first = test::amplitude(sound, 440.0 / 48000.0);
    CHECK(first > 0.01);
    CHECK(test::decibels_of(test::amplitude(sound, 880.0 / 48000.0) / first) < -60.0);
    // It ends when the note ends, by the house's own release.
    CHECK(test::rms(std::span(l.left[keys]).subspan(44000, 4000)) < 1e-3 * test::rms(sound));
}

TEST_CASE("guests are asked in turn, reset with the player, and told when a note ends") {
    synth::basic_player<synth::guests<bell, whistle>> p({}, synth::guests<bell, whistle>(bell{}, whistle{}));
    auto& second = p.guest().get<1>();
    second.part = score::part::keys;  // the bell takes these before it
    p.note_on(score::part::keys, score::pitch(60), score::velocity(80));
    std::vector<float> left(320), right(320);
    p.render({left, right});
    CHECK(second.left == 0);
    second.part = score::part::bass;
    p.note_on(score::part::bass, score::pitch(40), score::velocity(80));
    p.render({left, right});
    CHECK(second.left > 0);
    CHECK(p.sounding() == 2);
    CHECK_FALSE(p.silent());
    p.note_off(score::part::bass, score::pitch(40));
    CHECK(second.stops == 1);
    const int resets = second.resets;
    p.reset();
    CHECK(second.resets == resets + 1);
    CHECK(p.sounding() == 0);
}

TEST_CASE("the kick makes room even if a guest plays it") {
    const auto ducked = [](score::part part) {
        synth::basic_player<whistle> p({.mix = {.hiss = 0, .dust = 0, .ducking = 1.0F}});
        p.guest().part = part;
        return play(p,
                    {{frames(0), frames(96000), score::part::texture, score::pitch(60), score::velocity(90)},
                     {frames(24000), frames(64), score::part::drums, score::pitch(36), score::velocity(127)}},
                    30000);
    };
    const auto texture = static_cast<std::size_t>(synth::layer::texture);
    const layers house = ducked(score::part::bass), own = ducked(score::part::drums);
    CHECK((house.left[texture] == own.left[texture]));
    CHECK((house.left[3] != own.left[3]));
}

TEST_CASE("a piece is rendered with a guest as a player plays it with one") {
    const auto piece = test::arrangement(1, 5);
    std::vector<float> plain, belled, layer;
    const auto into = [](std::vector<float>& to) {
        return [&to](audio::stereo_view x) { to.insert(to.end(), x.left.begin(), x.left.end()); };
    };
    REQUIRE(synth::render(piece, {}, {}, into(plain)));
    REQUIRE(synth::render(piece, {}, {}, into(belled), bell{}));
    CHECK((plain != belled));
    std::vector<float> again;
    REQUIRE(synth::render_layers(
        piece, {}, {},
        [&](synth::layer l, audio::stereo_view x) {
            if (l == synth::layer::keys) into(layer)(x);
        },
        into(again), bell{}));
    CHECK((again == belled));
    CHECK(layer.size() == plain.size());
}

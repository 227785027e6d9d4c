#include <lofi/synth/player.hpp>

#include <cstdlib>
#include <new>

#include "dsp/measure.hpp"
#include "support/test.hpp"
#include "synth/allocations.hpp"
#include "synth/arrangement.hpp"

#include <lofi/synth/render.hpp>

std::atomic<long> lofi::test::allocations{0};
using lofi::test::allocations;

// NOLINTBEGIN: counted, else as the library's own
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // taken inline, it sees malloc and free without their wrappers
#endif
void* operator new(std::size_t n) {
    ++allocations;
    if (void* p = std::malloc(n == 0 ? 1 : n)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// NOLINTEND

using namespace lofi;

namespace {

struct sound {
    std::vector<float> left, right;
    explicit sound(std::size_t n) : left(n), right(n) {}
    [[nodiscard]] audio::stereo_view part(std::size_t from, std::size_t n) {
        return {std::span(left).subspan(from, n), std::span(right).subspan(from, n)};
    }
};

const synth::mix dry{.hiss = 0.0F,
                     .dust = 0.0F,
                     .tremolo = 0.0F,
                     .ducking = 0.0F,
                     .reverb = 0.0F,
                     .drive = 0.0F,
                     .wow = 0.0F,
                     .tone = hertz(20000.0)};

sound play(synth::player& p, const std::vector<synth::note_event>& notes, std::size_t frames, std::uint32_t cuts) {
    for (const auto& n : notes) REQUIRE(p.play(n));
    sound s(frames);
    for (std::size_t n = 0; n < frames;) {
        const std::size_t count = std::min(cuts == 0 ? frames : test::next_cut(cuts), frames - n);
        p.render(s.part(n, count));
        n += count;
    }
    return s;
}

}  // namespace

TEST_CASE("the sound does not depend on how the caller cuts it, and reset brings it back") {
    const auto notes = synth::events(test::arrangement(2, 3), hertz(48000.0));
    const synth::config c{.seed = 5, .mix = {.rain = 0.5F, .grit = {.bits = 12, .held = hertz(22050.0)}}};
    synth::player a(c), b(c);
    const sound whole = play(a, notes, 200000, 0), cut = play(b, notes, 200000, 99);
    CHECK((whole.left == cut.left && whole.right == cut.right));
    a.reset();
    const sound again = play(a, notes, 200000, 7);
    CHECK((whole.left == again.left));
    auto other_seed = c;
    other_seed.seed = 6;
    synth::player d(other_seed);
    CHECK((play(d, notes, 200000, 0).left != whole.left));
}

TEST_CASE("the order in which notes are given does not matter") {
    auto notes = synth::events(test::arrangement(1, 4), hertz(44100.0));
    const synth::config c{.rate = hertz(44100.0)};
    synth::player a(c), b(c);
    const sound first = play(a, notes, 60000, 0);
    std::reverse(notes.begin(), notes.end());
    CHECK((play(b, notes, 60000, 0).left == first.left));
}

TEST_CASE("playing takes no memory, with all voices stolen again and again") {
    synth::player p({.mix = {.rain = 1.0F}});
    sound s(128);
    const long before = allocations;
    random_stream r(random_key{1});
    for (int block = 0; block < 1500; ++block) {
        for (int i = 0; i < 4; ++i)
            static_cast<void>(p.play({p.position() + frames(uniform_between(r, 0, 300)), frames(uniform_between(r, 100, 90000)),
                                      static_cast<score::part>(uniform_below(r, 5)), score::pitch(uniform_between(r, 20, 110)),
                                      score::velocity(uniform_between(r, 1, 127))}));
        if (block % 50 == 0)
            p.note_on(score::part::keys, score::pitch(60), score::velocity(90)),
                p.set({.keys = synth::instrument::felt, .rain = 0.3F});
        if (block % 50 == 25) p.note_off(score::part::keys, score::pitch(60));
        p.render(s.part(0, 128));
        for (std::size_t n = 0; n < 128; ++n)
            REQUIRE((std::isfinite(s.left[n]) && std::abs(s.left[n]) <= 0.9F && std::abs(s.right[n]) <= 0.9F));
        REQUIRE(p.sounding() <= synth::player::polyphony + 16);
    }
    CHECK(allocations == before);
}

TEST_CASE("a full queue says so and loses nothing that was taken") {
    synth::player p;
    std::size_t taken = 0;
    while (p.play({frames(1000000), frames(10), score::part::keys, score::pitch(60), {}})) ++taken;
    CHECK(taken == synth::player::most_waiting);
}

TEST_CASE("stealing and striking again make no click") {
    // The same low, dark note again and again: any step would stand out against its slow wave.
    synth::player p({.mix = dry});
    std::vector<synth::note_event> notes;
    for (int i = 0; i < 40; ++i)
        notes.push_back({frames(i * 4799), frames(480000), score::part::bass, score::pitch(28), score::velocity(60)});
    const sound again = play(p, notes, 200000, 0);
    double worst = 0.0;
    for (std::size_t n = 3; n < again.left.size(); ++n)
        worst = std::max(worst, std::abs(double{again.left[n]} - 3.0 * double{again.left[n - 1]} +
                                         3.0 * double{again.left[n - 2]} - double{again.left[n - 3]}));
    CHECK(worst < 2e-3);

    synth::player q({.mix = dry});
    notes.clear();
    for (int i = 0; i < 120; ++i)
        notes.push_back({frames(i * 1600), frames(960000), score::part::bass, score::pitch(20 + i % 60), score::velocity(50)});
    const sound stolen = play(q, notes, 200000, 0);
    worst = 0.0;
    for (std::size_t n = 3; n < stolen.left.size(); ++n)
        worst = std::max(worst, std::abs(double{stolen.left[n]} - 3.0 * double{stolen.left[n - 1]} +
                                         3.0 * double{stolen.left[n - 2]} - double{stolen.left[n - 3]}));
    CHECK(worst < 4e-3);
}

TEST_CASE("nothing played, nothing heard, when record, rain and tape are off") {
    synth::player p({.mix = dry});
    const sound s = play(p, {}, 20000, 5);
    for (const float v : s.left) REQUIRE(v == 0.0F);
}

TEST_CASE("notes sound on their frame, and a muted part not at all") {
    synth::player p({.mix = dry});
    const auto s = play(p, {{frames(5003), frames(4800), score::part::keys, score::pitch(60), score::velocity(100)}}, 20000, 0);
    std::size_t first = 0;
    while (std::abs(s.left[first]) < 1e-7F) ++first;
    const auto expected = static_cast<std::size_t>(5003 + p.latency().value);
    CHECK(first >= expected - 40);  // interpolating filters look a little ahead
    CHECK(first <= expected + 20);
    synth::mix muted = dry;
    muted.gain[0] = decibels(-120.0);
    synth::player q({.mix = muted});
    for (const float v :
         play(q, {{frames(100), frames(4800), score::part::keys, score::pitch(60), score::velocity(100)}}, 20000, 0).left)
        REQUIRE(v == 0.0F);
}

TEST_CASE("the kick makes room: keys duck, drums do not") {
    std::vector<synth::note_event> notes = {
        {frames(0), frames(96000), score::part::keys, score::pitch(60), score::velocity(80)}};
    std::vector<audio::stereo_view> views;
    const auto level = [&](bool kick) {
        synth::mix m = dry;
        m.ducking = 1.0F;
        synth::player p({.mix = m});
        for (const auto& n : notes) p.play(n);
        if (kick) p.play({frames(24000), frames(100), score::part::drums, score::pitch(36), score::velocity(127)});
        sound mix(48000), keys(48000);
        const std::array<audio::stereo_view, 1> layers = {keys.part(0, 48000)};
        p.render(mix.part(0, 48000), layers);
        return test::decibels_of(test::rms(std::span(keys.left).subspan(24600, 1200)));
    };
    CHECK(level(true) - level(false) < -6.0);
}

TEST_CASE("knobs turn without noise") {
    synth::player p({.mix = dry});
    p.play({frames(0), frames(480000), score::part::bass, score::pitch(33), score::velocity(80)});
    sound s(192000);
    for (std::size_t n = 0; n < s.left.size(); n += 480) {
        if (n == 48000) {
            synth::mix m = dry;
            m.gain[2] = decibels(6.0), m.tone = hertz(900.0), m.drive = 1.0F;
            p.set(m);
        }
        p.render(s.part(n, 480));
    }
    double worst = 0.0;
    for (std::size_t n = 40000; n < s.left.size(); ++n)
        worst = std::max(worst, std::abs(double{s.left[n]} - 3.0 * double{s.left[n - 1]} + 3.0 * double{s.left[n - 2]} -
                                         double{s.left[n - 3]}));
    CHECK(worst < 1e-3);
}

TEST_CASE("a player that starts anew by another seed and mix is as one that was made so") {
    static_assert(noexcept(std::declval<synth::player&>().reset(1, std::declval<const synth::mix&>())));
    for (const double rate : {8000.0, 48000.0, 192000.0}) {
        CAPTURE(rate);
        const auto notes = synth::events(test::arrangement(2, 3), hertz(rate));
        const synth::mix first{
            .keys = synth::instrument::pad, .rain = 1.0F, .wow = 1.0F, .grit = {.bits = 8, .held = hertz(7000.0)}};
        const synth::mix second{
            .keys = synth::instrument::felt, .hiss = 0.8F, .dust = 1.0F, .rain = 0.3F, .tone = hertz(3000.0)};
        const auto n = static_cast<std::size_t>(2.0 * rate);
        synth::player used({.rate = hertz(rate), .seed = 1, .mix = first});
        play(used, notes, n + 17, 5);
        used.set({.rain = 0.9F, .reverb = 1.0F}), used.fade(frames(100), frames(100000));
        const long before = allocations;
        used.reset(77, second);
        CHECK(allocations == before);
        CHECK((used.position() == frames(0) && used.sounding() == 0 && used.silent()));
        synth::player fresh({.rate = hertz(rate), .seed = 77, .mix = second});
        const sound a = play(used, notes, n, 0), b = play(fresh, notes, n, 9);
        CHECK((a.left == b.left && a.right == b.right));
    }
}

TEST_CASE("a player without a limiter gives what goes into one, and comes sooner") {
    const auto notes = synth::events(test::arrangement(2, 3), hertz(48000.0));
    synth::config c{.seed = 3, .loudness = decibels(-8.0)};
    synth::player limited(c);
    c.limiter = synth::limiting::off;
    synth::player free(c);
    sound a = play(limited, notes, 300000, 0), b = play(free, notes, 300000, 0);
    dsp::limiter limiter(c.rate, {.ceiling = c.ceiling});
    CHECK(limited.latency() == free.latency() + limiter.latency());
    limiter.process(b.part(0, 300000));
    CHECK((a.left == b.left && a.right == b.right));
}

TEST_CASE("a player is silent when it has rung out or is faded out, and not before") {
    synth::player p({.mix = dry});
    CHECK(p.silent());
    p.play({frames(4800), frames(4800), score::part::melody, score::pitch(72), score::velocity(90)});
    CHECK_FALSE(p.silent());
    sound s(480);
    std::size_t n = 0;
    for (; n < 20 * 48000 && !p.silent(); n += 480) p.render(s.part(0, 480));
    CHECK(n > 48000);
    CHECK(n < 8 * 48000);
    float loudest = 0.0F;
    for (int i = 0; i < 100; ++i) {
        p.render(s.part(0, 480));
        for (const float v : s.left) loudest = std::max(loudest, std::abs(v));
    }
    CHECK(loudest < 1e-4F);

    p.note_on(score::part::keys, score::pitch(60), score::velocity(90));
    p.fade(p.position() + frames(480), frames(4800));
    for (n = 0; n < 48000 && !p.silent(); n += 480) p.render(s.part(0, 480));
    CHECK(n >= 5280);
    CHECK(n < 9600);
}

TEST_CASE("ambience comes and goes in a glide, and ends in silence") {
    synth::mix still = dry, loud = dry;
    loud.hiss = 1.0F, loud.rain = 1.0F;
    synth::player p({.mix = still});
    sound s(96000);
    const auto level = [&](std::size_t from) { return test::rms(std::span(s.left).subspan(from, 240)); };
    const auto late = static_cast<std::size_t>(p.latency().value);
    p.render(s.part(0, 9600));
    p.set(loud), p.render(s.part(9600, 38400));
    p.set(still), p.render(s.part(48000, 48000));
    for (std::size_t n = 0; n < 9600; ++n) REQUIRE(s.left[n] == 0.0F);
    const double full = level(40000);
    CHECK(full > 1e-3);
    CHECK(level(9600 + late) < 0.5 * full);
    CHECK(level(9600 + late + 4800) > 0.4 * full);
    CHECK(level(48000 + late) > 0.4 * full);
    CHECK(level(48000 + late + 9600) < 0.05 * full);
    CHECK(level(90000) < 1e-5);
}

TEST_CASE("tremolo and ducking turn without noise") {
    synth::mix m = dry;
    synth::player p({.mix = m});
    p.play({frames(0), frames(480000), score::part::keys, score::pitch(40), score::velocity(40)});
    for (int i = 0; i < 4; ++i)
        p.play({frames(30000 + 20000 * i), frames(480), score::part::drums, score::pitch(36), score::velocity(1)});
    sound mix(192000), keys(192000);
    for (std::size_t n = 0; n < 192000; n += 480) {
        if (n % 9600 == 0) m.tremolo = 1.0F - m.tremolo, m.ducking = 1.0F - m.ducking, p.set(m);
        const std::array<audio::stereo_view, 1> layers = {keys.part(n, 480)};
        p.render(mix.part(n, 480), layers);
    }
    // The second difference of the keys' layer: a step of a thousandth of its level would stand out.
    double worst = 0.0, peak = 0.0;
    for (std::size_t n = 20000; n < 192000; ++n) {
        peak = std::max(peak, std::abs(double{keys.left[n]}));
        worst = std::max(worst, std::abs(double{keys.left[n]} - 2.0 * double{keys.left[n - 1]} + double{keys.left[n - 2]}));
    }
    CHECK(worst < 0.004 * peak);
}

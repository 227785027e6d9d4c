#include <lofi/synth/sampler.hpp>

#include <filesystem>
#include <limits>
#include <numeric>

#include "dsp/measure.hpp"
#include "support/test.hpp"
#include "synth/allocations.hpp"

#include <lofi/audio/wav_writer.hpp>
#include <lofi/synth/player.hpp>

using namespace lofi;
using synth::playing;

namespace {

audio::buffer recording(const std::vector<float>& x, double rate = 44100.0, std::size_t channels = 1) {
    audio::buffer b(channels, frames(static_cast<std::int64_t>(x.size())), hertz(rate));
    for (std::size_t c = 0; c < channels; ++c) std::copy(x.begin(), x.end(), b.channel(c).begin());
    return b;
}

synth::sampler one(const audio::buffer& sound, const synth::zone& z) {
    synth::sample_bank bank;
    const auto ok = bank.add(sound, z);
    REQUIRE(ok);
    return synth::sampler(std::move(bank));
}

synth::note_event note(int pitch, std::int64_t length = 1 << 20, int force = 127, score::part part = score::part::melody) {
    return {frames(0), frames(length), part, score::pitch(pitch), score::velocity(force)};
}

// Plays notes at the beginning, and what comes out of the left channel of all parts.
std::vector<float> play(synth::sampler& s, const std::vector<synth::note_event>& notes, std::size_t n, double rate = 48000.0,
                        std::size_t offset = 0) {
    s.reset(hertz(rate), random_key{1});
    std::uint64_t seed = 0;
    for (const auto& e : notes) REQUIRE(s.start(e, offset, random_key{seed++}));
    std::vector<float> y((n + 31) / 32 * 32), right(y.size());
    for (std::size_t at = 0; at < y.size(); at += 32) {
        synth::part_views parts;
        parts.fill({std::span(y).subspan(at, 32), std::span(right).subspan(at, 32)});
        s.process(parts);
    }
    y.resize(n);
    return y;
}

// Frequency by the turning of the phase between two windows a good way apart.
double frequency(std::span<const float> x, double near_turns) {
    const std::size_t n = 8192, apart = 4096;
    const auto phase = [&](std::size_t from) {
        std::complex<double> sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double w = 0.5 - 0.5 * std::cos(2.0 * M_PI * (static_cast<double>(i) + 0.5) / static_cast<double>(n));
            sum += w * double{x[from + i]} * std::polar(1.0, -2.0 * M_PI * near_turns * static_cast<double>(from + i));
        }
        return std::arg(sum);
    };
    double turn = phase(apart) - phase(0);
    turn -= 2.0 * M_PI * std::round(turn / (2.0 * M_PI));
    return near_turns + turn / (2.0 * M_PI * static_cast<double>(apart));
}

// Level of the strongest line of a sound further than some bins from one of its lines, against full scale.
double strongest_beside(std::span<const float> x, double turns) {
    std::vector<float> y(x.begin(), x.end());
    const auto n = static_cast<double>(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double u = (static_cast<double>(i) + 0.5) / n;
        y[i] *= static_cast<float>(0.35875 - 0.48829 * std::cos(2.0 * M_PI * u) + 0.14128 * std::cos(4.0 * M_PI * u) -
                                   0.01168 * std::cos(6.0 * M_PI * u));
    }
    audio::real_fft fft(y.size());
    std::vector<float> re(fft.bins()), im(fft.bins());
    fft.forward(y, re, im);
    double worst = 0.0;
    for (std::size_t k = 0; k < fft.bins(); ++k)
        if (std::abs(static_cast<double>(k) - turns * n) > 8.0)
            worst = std::max(worst, std::hypot(double{re[k]}, double{im[k]}));
    return test::decibels_of(2.0 * worst / (0.35875 * n));
}

double roughness(std::span<const float> x) {  // the largest third difference: what a step would be
    double worst = 0.0;
    for (std::size_t n = 3; n < x.size(); ++n)
        worst = std::max(worst, std::abs(double{x[n]} - 3.0 * double{x[n - 1]} + 3.0 * double{x[n - 2]} - double{x[n - 3]}));
    return worst;
}

}  // namespace

TEST_CASE("samples sound at their pitch, whatever the key and the rates") {
    for (const double from : {22050.0, 44100.0, 96000.0})
        for (const double to : {44100.0, 48000.0})
            for (const int key : {33, 45, 60, 69, 70, 81, 93}) {
                auto s = one(recording(test::sine(440.0 / from, static_cast<std::size_t>(from) * 3), from),
                             {.root = score::pitch(69), .tune = semitones(0.25)});
                const auto y = play(s, {note(key)}, 16384, to);
                const double wanted = 440.0 * std::exp2((key - 69 + 0.25) / 12.0) / to;
                CAPTURE(from, to, key);
                CHECK(std::abs(1200.0 * std::log2(frequency(std::span(y).subspan(1024), wanted) / wanted)) < 0.01);
                CHECK(std::abs(test::decibels_of(test::amplitude(std::span(y).subspan(1024), wanted) * std::sqrt(2.0))) < 0.1);
            }
}

TEST_CASE("played high or low, nothing folds back") {
    for (const double f : {0.02, 0.11, 0.23, 0.34, 0.41})
        for (const int up : {-24, -12, -5, 0, 1, 4, 7, 11, 12, 16, 19, 24, 31}) {
            auto s = one(recording(test::sine(f, 200000), 48000.0), {.root = score::pitch(60)});
            const auto y = play(s, {note(60 + up)}, 17408);
            const double there = f * std::exp2(up / 12.0);
            CAPTURE(f, up);
            CHECK(strongest_beside(std::span(y).subspan(1024), there < 0.5 ? there : -1.0) < -80.0);
        }
}

TEST_CASE("a loop of whole turns is a tone without a seam, however short it is and however high it is played") {
    for (const std::int64_t turns : {1, 3, 40})
        for (const int up : {-12, 0, 7, 15, 24}) {
            auto s = one(recording(test::sine(0.01, 8000), 48000.0), {.root = score::pitch(60),
                                                                      .mode = playing::looped,
                                                                      .loop_start = frames(3000),
                                                                      .loop_end = frames(3000 + 100 * turns)});
            const auto y = play(s, {note(60 + up)}, 66560);
            CAPTURE(turns, up);
            CHECK(strongest_beside(std::span(y).subspan(1024), 0.01 * std::exp2(up / 12.0)) < -80.0);
        }
}

TEST_CASE("a loop that does not fit is faded into itself") {
    const auto seam = [](double crossfade) {
        auto s = one(recording(test::sine(0.0051, 20000), 48000.0), {.root = score::pitch(60),
                                                                     .mode = playing::looped,
                                                                     .loop_start = frames(5003),
                                                                     .loop_end = frames(15101),
                                                                     .crossfade = seconds(crossfade)});
        const auto y = play(s, {note(60)}, 48000);
        return roughness(std::span(y).subspan(1024));
    };
    CHECK(seam(0.0) > 0.05);
    CHECK(seam(0.05) < 2e-3);
}

TEST_CASE("notes end without a click: by the note, by the sample, by the same key, by too many") {
    const auto low = recording(test::sine(0.002, 30000), 48000.0);
    auto held = one(low, {.root = score::pitch(60), .attack = seconds(0.005)});
    const auto let_go = play(held, {note(60, 10000)}, 40000);
    CHECK(roughness(let_go) < 1e-4);
    CHECK(test::rms(std::span(let_go).subspan(24000)) < 1e-4);
    CHECK(held.sounding() == 0);
    const auto to_its_end = play(held, {note(60)}, 40000);
    CHECK(roughness(to_its_end) < 2e-4);
    CHECK(held.sounding() == 0);

    std::vector<float> y(96000), right(y.size());
    held.reset(hertz(48000.0), {});
    for (std::size_t at = 0; at < y.size(); at += 32) {
        if (at % 1600 == 0) held.start(note(60 + static_cast<int>(at / 1600) % 45, 1 << 20, 5), at / 32 % 32, random_key{at});
        synth::part_views parts;
        parts.fill({std::span(y).subspan(at, 32), std::span(right).subspan(at, 32)});
        held.process(parts);
        REQUIRE(held.sounding() <= synth::sampler::polyphony + 8);
    }
    CHECK(roughness(y) < 2e-3);
}

TEST_CASE("zones: parts, keys, forces, takes, groups and drums") {
    synth::sample_bank bank;
    const auto level = [](float v) { return recording(std::vector<float>(20000, v), 48000.0); };
    const synth::zone soft{.low = score::pitch(40), .high = score::pitch(50), .hard = score::velocity(63), .touch = 0.0};
    auto hard = soft;
    hard.soft = score::velocity(64), hard.hard = score::velocity(127);
    REQUIRE(bank.add(level(0.1F), soft));
    REQUIRE(bank.add(level(0.2F), hard));
    REQUIRE(bank.add(level(0.3F), hard));
    const synth::zone open{.part = score::part::drums,
                           .low = score::pitch(46),
                           .high = score::pitch(46),
                           .follow = 0.0,
                           .touch = 0.0,
                           .mode = playing::whole,
                           .choke = 1};
    auto closed = open;
    closed.low = closed.high = score::pitch(42);
    REQUIRE(bank.add(level(0.4F), open));
    REQUIRE(bank.add(level(0.5F), closed));
    synth::sampler s(std::move(bank));

    const auto heard = [&](const synth::note_event& e, std::size_t at = 4000) {
        return play(s, {e}, 6000)[at] * std::sqrt(2.0F);
    };
    CHECK(heard(note(45, 6000, 50)) == Approx(0.1F).epsilon(1e-3));
    CHECK(heard(note(45, 3000, 50), 5900) < 0.09F);
    CHECK(heard(note(46, 10, 50, score::part::drums)) == Approx(0.4F).epsilon(1e-3));  // drums ring on
    CHECK(heard(note(42, 10, 50, score::part::drums)) == Approx(0.5F).epsilon(1e-3));
    s.reset(hertz(48000.0), {});
    CHECK_FALSE(s.start(note(39), 0, {}));
    CHECK_FALSE(s.start(note(51), 0, {}));
    CHECK_FALSE(s.start(note(45, 100, 80, score::part::keys), 0, {}));
    CHECK_FALSE(synth::sampler().start(note(45), 0, {}));

    // Both takes come, the same one for the same key.
    std::array<int, 2> count{};
    for (std::uint64_t k = 0; k < 64; ++k) {
        std::array<float, 2> out{};
        for (float& v : out) {
            s.reset(hertz(48000.0), {});
            s.start(note(45, 4000, 100), 0, random_key{k}.child("take"));
            std::vector<float> y(64), r(64);
            for (const std::size_t at : {std::size_t{0}, std::size_t{32}}) {
                synth::part_views parts;
                parts.fill({std::span(y).subspan(at, 32), std::span(r).subspan(at, 32)});
                s.process(parts);
            }
            v = y[60] * std::sqrt(2.0F);
        }
        REQUIRE(out[0] == out[1]);
        ++count[out[0] > 0.25F ? 1 : 0];
    }
    CHECK((count[0] > 16 && count[1] > 16));

    // The closed hat ends the open one.
    const auto both = play(s, {note(46, 10, 50, score::part::drums), note(42, 10, 50, score::part::drums)}, 6000);
    CHECK(both[5900] * std::sqrt(2.0F) == Approx(0.5F).epsilon(1e-2));
}

TEST_CASE("in the player a sampler has the same bits however blocks are cut, after a reset, in a copy, and takes no memory") {
    synth::sample_bank bank;
    REQUIRE(bank.add(recording(test::sine(0.01, 50000), 44100.0, 2), {.part = score::part::keys, .release = seconds(0.5)}));
    REQUIRE(bank.add(recording(test::sine(0.02, 9000), 22050.0), {.part = score::part::keys, .pan = -0.5F}));
    const synth::sampler guest(std::move(bank));
    const auto render = [&](auto& p, std::uint32_t cuts) {
        random_stream r(random_key{3});
        for (int i = 0; i < 80; ++i) {
            const auto part = static_cast<score::part>(uniform_below(r, 5));
            const auto at = frames(i * 1000 + uniform_between(r, 0, 900));
            const auto length = frames(uniform_between(r, 100, 30000));
            const auto pitch = score::pitch(uniform_between(r, 30, 90));
            REQUIRE(p.play({at, length, part, pitch, score::velocity(uniform_between(r, 1, 127))}));
        }
        std::vector<float> left(100000), right(left.size());
        const long before = test::allocations;
        for (std::size_t n = 0; n < left.size();) {
            const std::size_t count = std::min(cuts == 0 ? left.size() : test::next_cut(cuts), left.size() - n);
            p.render({std::span(left).subspan(n, count), std::span(right).subspan(n, count)});
            n += count;
        }
        CHECK(test::allocations == before);
        left.insert(left.end(), right.begin(), right.end());
        return left;
    };
    synth::basic_player<synth::sampler> a({.seed = 5}, guest), b({.seed = 5}, guest);
    const auto whole = render(a, 0), cut = render(b, 99);
    CHECK((whole == cut));
    const long before = test::allocations;
    a.reset();
    CHECK(test::allocations == before);
    CHECK((render(a, 7) == whole));
    synth::player house({.seed = 5});
    CHECK((render(house, 0) != whole));
    for (const float v : whole) REQUIRE((std::isfinite(v) && std::abs(v) < 0.9F));
}

TEST_CASE("bad zones and bad samples are refused, each with its reason") {
    const auto sine = recording(test::sine(0.01, 4000), 44100.0);
    const auto why = [](const audio::buffer& sound, const synth::zone& z) {
        synth::sample_bank bank;
        const auto r = bank.add(sound, z);
        REQUIRE_FALSE(r);
        CHECK(bank.size() == 0);
        return std::string(r.error().what());
    };
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    CHECK(why(sine, {.low = score::pitch(72), .high = score::pitch(60)}) == "zone: lowest key 72 is above the highest, 60");
    CHECK(why(sine, {.high = score::pitch(200)}) == "zone: highest key 200 is above 127");
    CHECK(why(sine, {.soft = score::velocity(90), .hard = score::velocity(20)}) ==
          "zone: softest force 90 is above the hardest, 20");
    CHECK(why(sine, {.part = static_cast<score::part>(9)}) == "zone: names a part that is not there");
    for (const double bad : {nan, inf, -inf, 1e6}) {
        CHECK(why(sine, {.tune = semitones(bad)}) == "zone: tune is not from -96 to 96 semitones");
        CHECK(why(sine, {.follow = bad}) == "zone: follow is not from -4 to 4 semitones a key");
        CHECK(why(sine, {.gain = decibels(bad)}) == "zone: gain is not from -120 to 40 dB");
        CHECK(why(sine, {.touch = bad}) == "zone: touch is not from 0 to 8");
        CHECK(why(sine, {.pan = static_cast<float>(bad)}) == "zone: pan is not from -1 to 1");
        CHECK(why(sine, {.attack = seconds(bad)}) == "zone: attack is not from 0 to 60 s");
        CHECK(why(sine, {.release = seconds(bad)}) == "zone: release is not from 0 to 60 s");
        CHECK(why(sine, {.crossfade = seconds(bad)}) == "zone: crossfade is not from 0 to 60 s");
    }
    CHECK(why(sine, {.mode = playing::looped, .loop_start = frames(100), .loop_end = frames(4001)}) ==
          "zone: a loop from 100 to 4001 lies outside the sample's 4000 frames");
    CHECK(why(sine, {.mode = playing::looped, .loop_start = frames(-1), .loop_end = frames(9)}) ==
          "zone: a loop from -1 to 9 lies outside the sample's 4000 frames");
    CHECK(why(sine, {.mode = playing::looped, .loop_start = frames(100), .loop_end = frames(103)}) ==
          "zone: a loop from 100 to 103 is shorter than 4 frames");
    CHECK(why(sine, {.mode = playing::looped, .loop_start = frames(3999)}) ==
          "zone: a loop from 3999 to 4000 is shorter than 4 frames");
    CHECK(why(recording({}), {}) == "sample: has no sound in it");
    CHECK(why(recording({0.0F}, 44100.0, 6), {}) == "sample: 6 channels; one or two are played");
    CHECK(why(recording({0.0F, 0.1F}, 10.0), {}) == "sample: its rate is not from 1000 to 768000 Hz");
    CHECK(why(recording({0.0F, std::numeric_limits<float>::infinity()}), {}) == "sample: frame 1 is not a number");
}

TEST_CASE("WAV files are taken as they come, and what is wrong with them is said with their name") {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / "lofi_sampler_test";
    std::filesystem::create_directories(folder);
    const auto good = folder / "good.wav", many = folder / "many.wav", text = folder / "text.wav";
    REQUIRE(audio::write_wav(good, recording(test::sine(0.01, 4000), 22050.0, 2)));
    REQUIRE(audio::write_wav(many, recording(test::sine(0.01, 40), 22050.0, 3)));
    REQUIRE(audio::write_wav(text, recording({0.0F})));
    std::filesystem::resize_file(text, 7);
    synth::sample_bank bank;
    CHECK(bank.add(good, {.root = score::pitch(60)}));
    CHECK(bank.size() == 1);
    CHECK(bank[0].length == 4000);
    CHECK(bank[0].rate == 22050.0);
    CHECK(bank.bytes() > 2 * 4000 * sizeof(float));
    CHECK(bank.bytes() < 6 * 8000 * sizeof(float));
    CHECK(std::string(bank.add(many).error().what()) == many.string() + ": sample: 3 channels; one or two are played");
    const std::string broken = bank.add(text).error().what(), missing = bank.add(folder / "none.wav").error().what();
    CHECK(broken.rfind(text.string(), 0) == 0);
    CHECK(missing.find("none.wav") != std::string::npos);
    CHECK(bank.size() == 1);
    std::filesystem::remove_all(folder);
}

TEST_CASE("one frame of sound, the shortest loop, the lowest and highest keys at the lowest and highest rates") {
    for (const double from : {1000.0, 768000.0})
        for (const double to : {8000.0, 192000.0})
            for (const playing mode : {playing::held, playing::whole, playing::looped}) {
                auto s = one(recording(std::vector<float>(4, 0.5F), from),
                             {.tune = semitones(96.0), .mode = mode, .loop_start = frames(0), .loop_end = frames(4)});
                for (const float v : play(s, {note(0, 64), note(127, 64), note(60, 64)}, 20000, to, 31))
                    REQUIRE((std::isfinite(v) && std::abs(v) < 3.0F));
            }
    auto single = one(recording({1.0F}), {});
    for (const float v : play(single, {note(60)}, 64)) REQUIRE(std::isfinite(v));
    CHECK(single.sounding() == 0);
}

#include "measure/sound_watch.hpp"
#include "measure/tune.hpp"

#include "support/test.hpp"

using namespace lofi;
using namespace measure;

namespace {

// A chord of sines over a little noise: ten seconds in which nothing is wrong.
std::vector<float> calm(double rate = 48000.0) {
    std::vector<float> x(static_cast<std::size_t>(10.0 * rate));
    random_stream random(random_key{3});
    for (std::size_t t = 0; t < x.size(); ++t) {
        double sum = 0.0;
        for (const double hz : {220.0, 277.0, 330.0, 1760.0}) sum += 0.1 * std::sin(6.283185307179586 * hz * double(t) / rate);
        x[t] = static_cast<float>(sum) + 0.002F * (uniform_unit(random) - 0.5F);
    }
    return x;
}

void feed(sound_watch& w, std::span<const float> x, std::size_t block) {
    for (std::size_t at = 0; at < x.size(); at += block) {
        const auto part = x.subspan(at, std::min(block, x.size() - at));
        w.process(part, part);
    }
}

// Ten seconds six times over: a minute without a seam, since all sines have whole periods in ten seconds.
std::vector<float> minutes(int count) {
    const auto ten = calm();
    std::vector<float> x;
    for (int i = 0; i < 6 * count; ++i) x.insert(x.end(), ten.begin(), ten.end());
    return x;
}

tune melody(const std::vector<std::vector<int>>& bars, int tonic = 0) {
    tune t;
    t.keys = {{0, {score::pitch_class(tonic), score::mode::ionian}}};
    t.bars = static_cast<std::int32_t>(bars.size());
    for (std::size_t b = 0; b < bars.size(); ++b)
        for (std::size_t i = 0; i < bars[b].size(); ++i)
            t.notes.push_back({static_cast<std::int32_t>(16 * b + 2 * i), 2.0F, score::part::melody,
                               static_cast<std::uint8_t>(bars[b][i] + tonic)});
    return t;
}

bar_names names(const tune& t, counted_from zero = counted_from::c) {
    name_book book;
    return name_bars(t, hearing::melody, zero, book);
}

}  // namespace

TEST_CASE("a watch hears clicks where they are, on the seam of two minutes too, and none in calm sound") {
    auto x = minutes(3);
    {
        sound_watch w(hertz(48000.0));
        feed(w, x, 960);
        CHECK(w.clicks().empty());
        CHECK(w.broken() == 0);
        REQUIRE(w.loudness().size() == 3);
        CHECK(std::abs(w.loudness()[0] - w.loudness()[2]) < 0.05);
    }
    const std::vector<std::size_t> places = {100'000, 2'880'000, 2'880'300 + 48'000, 5'759'990, 7'000'000};
    for (const std::size_t p : places) x[p] += 0.3F;
    for (const std::size_t block : {960U, 7777U, 4'000'000U}) {
        sound_watch w(hertz(48000.0));
        feed(w, x, block);
        INFO("blocks of " << block);
        REQUIRE(w.clicks().size() == 2 * places.size());  // both channels
        for (const heard_click& c : w.clicks())
            CHECK(std::any_of(places.begin(), places.end(),
                              [&](std::size_t p) { return std::abs(c.second * 48000.0 - double(p)) < 3.0; }));
    }
}

TEST_CASE("a watch hears silence, broken numbers and peaks") {
    auto x = calm();
    std::fill(x.begin() + 96'000, x.begin() + 240'000, 0.0005F);
    x[300'000] = std::numeric_limits<float>::quiet_NaN();
    x[300'001] = std::numeric_limits<float>::infinity();
    x[400'000] = -0.9F;
    sound_watch w(hertz(48000.0));
    feed(w, std::span(x).first(250'000), 1000);
    CHECK(std::abs(w.longest_silence() - 3.0) < 0.01);
    CHECK(w.broken() == 0);
    CHECK(w.peak() < 0.45);
    feed(w, std::span(x).subspan(250'000), 1000);
    CHECK(w.broken() == 4);
}

TEST_CASE("faults put into calm sound are found, all that are not small") {
    const auto x = calm();
    for (const fault kind : {fault::jump, fault::spike, fault::splice}) CHECK(found_faults(x, kind, 0.25) > 0.99);
    CHECK(found_faults(x, fault::jump, 0.002) < 0.2);
}

TEST_CASE("bars repeat where pitches and sixteenths are the same, whatever the lengths") {
    auto t = melody({{60, 62}, {64}, {60, 62}, {64}, {65}, {}, {60, 62}});
    t.notes[3].sixteenths = 7.0F;
    const auto n = names(t);
    CHECK(n[0] == n[2]);
    CHECK(n[5] == 0);
    CHECK(n[0] != n[1]);
    const repeats r = find_repeats(n);
    CHECK(r.heard == 6);
    CHECK(r.bars == 3.0 / 6.0);
    CHECK(r.run == 2);
    CHECK(find_repeats(n, 2).bars == 0.0);  // songs of two bars know nothing of each other
    // One bar over and over repeats half of what there is, not all but one.
    CHECK(find_repeats(names(melody({{60}, {60}, {60}, {60}, {60}, {60}}))).run == 3);
    // Other steps are other bars.
    auto later = t;
    for (step_note& s : later.notes) s.step += s.step >= 32 ? 1 : 0;
    CHECK(names(later)[0] != names(later)[2]);
}

TEST_CASE("counted from the tonic, bars repeat in another key") {
    tune t = melody({{60, 64, 67}, {62, 66, 69}});
    t.keys.push_back({16, {score::pitch_class(2), score::mode::ionian}});
    CHECK(find_repeats(names(t)).bars == 0.0);
    CHECK(find_repeats(names(t, counted_from::tonic)).bars == 0.5);
    name_book book;
    const auto here = name_bars(melody({{60, 64}}), hearing::melody, counted_from::tonic, book);
    const auto there = name_bars(melody({{60, 64}}, 5), hearing::melody, counted_from::tonic, book);
    CHECK(here == there);
}

TEST_CASE("a bar most of whose notes stood before is recalled") {
    CHECK(melody_recalled(melody({{60, 62, 64, 65}, {60, 62, 64, 67}}), 8) == 0.5);  // 3 of 5 notes
    CHECK(melody_recalled(melody({{60, 62, 64, 65}, {60, 62, 69, 67}}), 8) == 0.0);
    CHECK(melody_recalled(melody({{60, 62, 64, 65}, {60, 62, 64, 65}}), 1) == 0.0);
}

TEST_CASE("notes fit the key they are made in") {
    const std::vector<int> scale = {60, 64, 67, 65, 62, 59, 60, 60};
    for (const int tonic : {0, 3, 11}) {
        const auto t = melody(std::vector<std::vector<int>>(16, scale), tonic);
        const key_fit f = fit_key(t);
        CHECK(f.in_key == 1.0);
        CHECK(f.windows == 2);
        CHECK(f.same == 1.0);
        tune wrong = t;
        wrong.keys[0].key.tonic = score::pitch_class(tonic + 6);
        CHECK(fit_key(wrong).in_key < 0.5);
        CHECK(fit_key(wrong).related == 0.0);
        wrong.keys[0].key.tonic = score::pitch_class(tonic + 5);
        CHECK(fit_key(wrong).same == 0.0);
        CHECK(fit_key(wrong).related == 1.0);
    }
}

TEST_CASE("drums vary from one bar for ever to a new one each time") {
    const bar_names one(64, 7);
    const drum_variety same = vary_drums(one);
    CHECK(same.stretches == 2);
    CHECK(same.distinct == 1.0 / 32.0);
    CHECK(same.entropy == 0.0);
    bar_names all(70);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i % 7 == 0 ? 0 : i);
    const drum_variety new_ones = vary_drums(all);
    CHECK(new_ones.bars == 60);
    CHECK(new_ones.different == 60);
    CHECK(new_ones.distinct == 1.0);
    CHECK(std::abs(new_ones.entropy - 5.0) < 1e-12);
}

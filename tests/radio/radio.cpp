#include <lofi/radio.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <new>
#include <set>

#include "support/test.hpp"

namespace {
std::atomic<long> allocations{0};
std::atomic<long long> allocated{0};
}  // namespace

// NOLINTBEGIN: counted, else as the library's own
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // taken inline, it sees malloc and free without their wrappers
#endif
void* operator new(std::size_t n) {
    ++allocations, allocated += static_cast<long long>(n);
    if (void* p = std::malloc(n == 0 ? 1 : n)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// NOLINTEND

using namespace lofi;

namespace {

// Changes at frames of the output, in order: what a game might do.
std::vector<change> performance(std::uint64_t seed, std::int64_t until, int count) {
    random_stream random(random_key{seed}.child("performance"));
    std::vector<change> log;
    for (int i = 0; i < count; ++i) {
        const auto what = static_cast<parameter>(uniform_below(random, engine::parameter_count));
        if (what == parameter::playing) continue;
        const engine::parameter_info& p = engine::info(what);
        const double share = uniform_unit(random);
        const auto when = static_cast<at>(uniform_below(random, 4));
        const seconds ramp(chance(random, 1, 2) ? 0.0 : uniform_unit(random) * 6.0);
        change c =
            engine::to_change(what, what == parameter::gain ? -12.0 * share : p.low + (p.high - p.low) * share, when, ramp);
        c.frame = std::int64_t{32} * uniform_below(random, static_cast<std::uint32_t>(until / 32));
        log.push_back(c);
        if (what == parameter::pause) log.back().value = 1, log.push_back(c), log.back().value = 0, log.back().frame += 9600;
    }
    std::sort(log.begin(), log.end(), [](const change& a, const change& b) { return a.frame < b.frame; });
    return log;
}

std::vector<float> play(radio& r, std::size_t frames, std::uint32_t cuts = 0) {
    std::vector<float> out(2 * frames);
    random_stream random(random_key{cuts});
    for (std::size_t at = 0; at < frames;) {
        const std::size_t wish = cuts == 0 ? frames : cuts < 5000 ? cuts : 1 + uniform_below(random, 3000);
        const std::size_t n = std::min(wish, frames - at);
        r.render(std::span(out).subspan(2 * at, 2 * n));
        at += n;
    }
    return out;
}

// Frames until two sounds part, or -1.
std::ptrdiff_t parting(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size()) return 0;
    const auto at = std::mismatch(a.begin(), a.end(), b.begin()).first;
    return at == a.end() ? -1 : (at - a.begin()) / 2;
}

std::vector<event> events(radio& r) {
    std::vector<event> all;
    event e;
    while (r.poll(e)) all.push_back(e);
    return all;
}

}  // namespace

TEST_CASE("any split of the same time into blocks gives the same bits") {
    const auto log = performance(3, 40 * 48000, 60);
    std::vector<float> whole;
    for (const std::uint32_t cuts : {0U, 1U, 17U, 64U, 128U, 1000U, 9999U}) {
        radio r({.seed = 5});
        REQUIRE(r.seek(0, log));
        const auto sound = play(r, 40 * 48000, cuts);
        if (whole.empty()) whole = sound;
        INFO(cuts);
        REQUIRE(parting(sound, whole) == -1);
    }
    radio other({.seed = 6});
    REQUIRE(other.seek(0, log));
    CHECK(parting(play(other, 40 * 48000), whole) >= 0);
}

TEST_CASE("what is set live and polled as changes is the log that plays the same again") {
    radio live({.seed = 8, .mood = "cafe"});
    const auto asked = performance(4, 60 * 48000, 80);
    std::vector<float> heard;
    std::vector<change> log;
    std::size_t next = 0;
    for (std::int64_t at = 0; at < 60 * 48000; at += 480) {
        while (next < asked.size() && asked[next].frame <= at) REQUIRE(live.set(asked[next++]));
        const auto block = play(live, 480);
        heard.insert(heard.end(), block.begin(), block.end());
        for (const event& e : events(live))
            if (e.kind == event_kind::changed) log.push_back(e.change);
    }
    REQUIRE(log.size() > 60);
    radio again({.seed = 8, .mood = "cafe"});
    REQUIRE(again.seek(0, log));
    // It stands where bar 0 is heard.
    const auto first = static_cast<std::size_t>(2 * again.position().value);
    const auto from = heard.begin() + static_cast<std::ptrdiff_t>(first);
    CHECK(parting(play(again, 59 * 48000), std::vector<float>(from, from + 2 * 59 * 48000)) == -1);
}

TEST_CASE("a saved radio goes on bit for bit in another, wherever it is saved") {
    const auto log = performance(7, 150 * 48000, 150);
    radio played({.seed = 21, .mood = "study"});
    REQUIRE(played.seek(0, log));
    random_stream random(random_key{99});
    for (int trial = 0; trial < 12; ++trial) {
        play(played, 1 + uniform_below(random, 12 * 48000));
        const auto bytes = played.save();
        REQUIRE(bytes);
        radio other({.seed = 1000});
        play(other, 1 + uniform_below(random, 96000));
        const auto done = other.restore(*bytes);
        INFO((done ? "" : done.error().what()));
        REQUIRE(done);
        REQUIRE(other.position() == played.position());
        // Saved again at once, it can be brought back again.
        radio third({.seed = 2000});
        REQUIRE(third.restore(other.save().value()));
        const auto sound = play(played, 48000);
        INFO("trial " << trial << " at " << played.position().value);
        REQUIRE(parting(play(other, 48000, 333), sound) == -1);
        REQUIRE(parting(play(third, 48000), sound) == -1);
    }
}

TEST_CASE("seeking to a bar equals playing to it") {
    const auto log = performance(11, 100 * 48000, 60);
    radio played({.seed = 4});
    REQUIRE(played.seek(0, log));
    const std::int64_t start = played.position().value;
    std::map<std::int32_t, std::int64_t> bars;
    std::vector<float> sound;
    for (int second = 0; second < 120; ++second) {
        const auto block = play(played, 48000);
        sound.insert(sound.end(), block.begin(), block.end());
        for (const event& e : events(played))
            if (e.kind == event_kind::bar) bars[e.bar] = e.at.value;
    }
    REQUIRE(bars.size() > 25);
    for (const std::int32_t bar : {1, 2, 5, 9, 14, 20, 25}) {
        radio r({.seed = 4});
        REQUIRE(r.seek(bar, log));
        REQUIRE(r.position().value == bars.at(bar));
        const auto from = sound.begin() + 2 * (bars.at(bar) - start);
        INFO("bar " << bar);
        REQUIRE(parting(play(r, 48000), std::vector<float>(from, from + 2 * 48000)) == -1);
    }
}

TEST_CASE("rendering, setting, polling and peeking take no memory, and all of it is under 8 MB") {
    for (const double hz : {8000.0, 44100.0, 192000.0}) {
        const long long before = allocated;
        radio r({.seed = 3, .rate = hertz(hz)});
        INFO(hz << " Hz: " << (allocated - before) << " bytes");
        CHECK(allocated - before < 8'000'000);
        std::vector<float> block(2 * 700);
        std::vector<event> ahead(2000);
        random_stream random(random_key{5});
        const long count = allocations;
        float peak = 0.0F;
        for (int i = 0; i < static_cast<int>(60.0 * hz / 350.0); ++i) {
            r.render(std::span(block).first(2 * (1 + uniform_below(random, 700))));
            for (const float x : block) peak = std::max(peak, std::abs(x));
            if (chance(random, 1, 20)) {
                const auto what = static_cast<parameter>(uniform_below(random, engine::parameter_count));
                const engine::parameter_info& p = engine::info(what);
                const double value = p.low + (p.high - p.low) * uniform_unit(random);
                r.set(what,
                      what == parameter::pause     ? 0.0
                      : what == parameter::playing ? 1.0
                                                   : value,
                      static_cast<at>(uniform_below(random, 4)), seconds(uniform_unit(random) * 3.0));
            }
            event e;
            while (r.poll(e)) {
            }
            if (i % 16 == 0) static_cast<void>(r.peek(4, ahead));
        }
        CHECK(allocations == count);
        CHECK(peak <= 0.8913F);  // -1 dB
    }
}

TEST_CASE("events come in order, beats keep the tempo, and every note ends") {
    radio r({.seed = 12, .start = {{parameter::tempo, 90.0}, {parameter::energy, 0.8}}});
    std::int64_t last = 0;
    std::vector<std::int64_t> beats;
    std::map<std::pair<int, int>, int> on;
    std::size_t notes = 0;
    int chords = 0, sections = 0;
    for (int second = 0; second < 90; ++second) {
        play(r, 48000);
        for (const event& e : events(r)) {
            REQUIRE(e.at.value >= last);
            last = e.at.value;
            if (e.kind == event_kind::beat) {
                REQUIRE(e.tick % 960 == 0);
                REQUIRE(e.bar * 4 + e.tick / 960 == static_cast<std::int32_t>(beats.size()));
                beats.push_back(e.at.value);
            }
            const std::pair<int, int> who{static_cast<int>(e.part), e.pitch.midi};
            if (e.kind == event_kind::note_on) ++on[who], ++notes;
            if (e.kind == event_kind::note_off) {
                --on[who];
                REQUIRE(on[who] >= 0);
            }
            chords += e.kind == event_kind::chord ? 1 : 0;
            sections += e.kind == event_kind::section ? 1 : 0;
        }
    }
    CHECK(notes > 500);
    CHECK(chords > 20);
    CHECK(sections >= 4);
    REQUIRE(beats.size() > 100);
    for (std::size_t i = 1; i < beats.size(); ++i) {
        REQUIRE(beats[i] - beats[i - 1] >= 31999);  // 48000 * 60 / 90
        REQUIRE(beats[i] - beats[i - 1] <= 32001);
    }
}

TEST_CASE("what peek tells comes to pass, and two bars are always written") {
    radio r({.seed = 30, .start = {{parameter::energy, 0.7}}});
    std::vector<event> ahead(3000), come;
    play(r, 3 * 48000);
    for (int second = 0; second < 60; ++second) {
        events(r);
        const std::int64_t now = r.position().value;
        const std::size_t n = r.peek(2, ahead);
        std::int64_t end = 0;
        std::multiset<std::pair<std::int64_t, int>> told, heard;
        for (std::size_t i = 0; i < n; ++i) {
            REQUIRE(ahead[i].at.value >= now);
            if (i > 0) REQUIRE(ahead[i].at >= ahead[i - 1].at);
            if (ahead[i].kind == event_kind::note_on) told.insert({ahead[i].at.value, ahead[i].pitch.midi});
            end = std::max(end, ahead[i].at.value);
        }
        CHECK(end - now > 3 * 48000);
        play(r, 48000);
        for (const event& e : events(r))
            if (e.kind == event_kind::note_on && e.at.value >= now + 2000) heard.insert({e.at.value, e.pitch.midi});
        std::size_t matched = 0;
        for (const auto& h : heard)
            matched += std::any_of(told.begin(), told.end(),
                                   [&](const auto& t) { return t.second == h.second && std::abs(t.first - h.first) <= 2; })
                           ? 1U
                           : 0U;
        REQUIRE(matched + 2 >= heard.size());  // the bass may still learn which chord follows
    }
}

TEST_CASE("a change lands on its boundary, to the frame, and is heard to have landed") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
        radio r({.seed = seed, .start = {{parameter::energy, 0.1}}});
        play(r, (9 + seed) * 40000);
        events(r);
        REQUIRE(r.set(parameter::energy, 0.9, at::next_bar));
        REQUIRE(r.set(parameter::brightness, 0.9, at::next_beat));
        REQUIRE(r.set(parameter::rain, 0.7, at::next_section));
        REQUIRE(r.set(parameter::key, seed, at::next_bar));
        const std::int64_t asked = r.position().value;
        play(r, 40 * 48000);
        std::map<parameter, std::int64_t> reached;
        std::vector<std::int64_t> beats, bars, sections;
        std::int64_t drums = 0;
        bool told = false;
        for (const event& e : events(r)) {
            if (e.kind == event_kind::beat) beats.push_back(e.at.value);
            if (e.kind == event_kind::bar) bars.push_back(e.at.value);
            if (e.kind == event_kind::section) sections.push_back(e.at.value);
            if (e.kind == event_kind::reached) reached.emplace(e.what, e.at.value);
            if (e.kind == event_kind::note_on && e.part == score::part::drums && drums == 0) drums = e.at.value;
            told = told || (e.kind == event_kind::why && e.why == engine::reason::drums_in && e.what != parameter::rain);
        }
        const auto first = [&](const std::vector<std::int64_t>& v) {
            return *std::find_if(v.begin(), v.end(),
                                 [&](std::int64_t f) { return f >= asked + r.latency().value + r.lead().value; });
        };
        CHECK(reached.at(parameter::energy) == first(bars));
        CHECK(reached.at(parameter::brightness) == first(beats));
        CHECK(reached.at(parameter::rain) == first(sections));
        CHECK(reached.at(parameter::key) == first(bars));
        // The drums come in with the bar.
        CHECK(drums >= first(bars) - 1);
        CHECK(drums <= first(bars) + 48000 * 4);
        const bool with_section = std::find(sections.begin(), sections.end(), first(bars)) != sections.end();
        CHECK((told || with_section));
    }
}

TEST_CASE("the music pauses, ends at a cadence, begins again, skips and plays stingers") {
    radio r({.seed = 14, .start = {{parameter::energy, 0.7}, {parameter::dust, 0.0}}});
    play(r, 20 * 48000);
    events(r);
    REQUIRE(r.pause());
    play(r, 4800);
    const auto still = play(r, 48000);
    CHECK(std::all_of(still.begin(), still.end(), [](float x) { return x == 0.0F; }));
    events(r);
    play(r, 48000);
    CHECK(events(r).empty());
    REQUIRE(r.resume());
    const auto back = play(r, 96000);
    CHECK(std::any_of(back.begin(), back.end(), [](float x) { return std::abs(x) > 0.05F; }));
    CHECK(!events(r).empty());

    REQUIRE(r.play(stinger::rise, at::next_beat));
    play(r, 2 * 48000);
    int texture = 0;
    for (const event& e : events(r)) texture += e.kind == event_kind::note_on && e.part == score::part::texture ? 1 : 0;
    CHECK(texture >= 4);

    REQUIRE(r.skip());
    play(r, 8 * 48000);
    int sections = 0;
    for (const event& e : events(r)) sections += e.kind == event_kind::section ? 1 : 0;
    CHECK(sections >= 1);

    REQUIRE(r.stop());
    play(r, 16 * 48000);
    std::int64_t stopped = 0, beat = 0;
    score::chord last{};
    score::key key{};
    for (const event& e : events(r)) {
        if (e.kind == event_kind::stopped) stopped = e.at.value;
        if (e.kind == event_kind::beat) beat = e.at.value;
        if (e.kind == event_kind::chord) last = e.chord, key = e.key;
    }
    CHECK(stopped != 0);
    CHECK(score::root(last, key) == key.tonic);
    CHECK(r.position().value - beat > 2 * 48000);
    play(r, 10 * 48000);
    const auto silence = play(r, 48000);
    CHECK(std::all_of(silence.begin(), silence.end(), [](float x) { return std::abs(x) < 0.02F; }));
    REQUIRE(r.start());
    play(r, 10 * 48000);
    CHECK(std::any_of(still.begin(), still.end(), [](float x) { return x == 0.0F; }));
    int beats = 0;
    for (const event& e : events(r)) beats += e.kind == event_kind::beat ? 1 : 0;
    CHECK(beats > 8);
}

TEST_CASE("bad values are clamped and told, and a full queue says so") {
    radio r({.seed = 2});
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    REQUIRE(r.set(parameter::energy, nan));
    REQUIRE(r.set(parameter::tempo, inf));
    REQUIRE(r.set(parameter::gain, -inf));
    REQUIRE(r.set(parameter::rain, 7.0, at::now, seconds(nan)));
    REQUIRE(r.set(parameter::dust, 0.2));
    CHECK(!r.set(static_cast<parameter>(200), 0.2));
    CHECK(!r.mood("nowhere"));
    play(r, 4800);
    std::map<parameter, double> clamped;
    for (const event& e : events(r))
        if (e.kind == event_kind::clamped) clamped[e.what] = e.value;
    const std::map<parameter, double> expected{
        {parameter::energy, 0.0}, {parameter::tempo, 110.0}, {parameter::gain, -60.0}, {parameter::rain, 1.0}};
    CHECK((clamped == expected));
    CHECK(r.value(parameter::tempo) == Approx(110.0));

    std::size_t taken = 0;
    while (r.set(parameter::rain, 0.5)) ++taken;
    CHECK(taken >= 1024);
    play(r, 64);
    std::size_t changed = 0;
    for (const event& e : events(r)) changed += e.kind == event_kind::changed ? 1 : 0;
    CHECK(changed == taken);
    // What waits for a section is kept as well, up to a bound; the rest waits in the queue and nothing is lost.
    taken = 0;
    while (r.set(parameter::rain, 0.5, at::next_section)) ++taken;
    play(r, 60 * 48000);
    changed = 0;
    std::size_t lost = 0;
    for (const event& e : events(r)) {
        changed += e.kind == event_kind::changed ? 1U : 0U;
        lost += e.kind == event_kind::lost ? static_cast<std::size_t>(e.value) : 0U;
    }
    CHECK(changed > 200);
    CHECK(lost == 0);
}

TEST_CASE("nobody who does not poll is worse off, but for the events that are lost") {
    radio r({.seed = 2, .start = {{parameter::energy, 0.9}}});
    play(r, 400 * 48000, 4096);
    const auto kept = events(r);
    CHECK(kept.size() == 4096);
    play(r, 48000);
    const auto more = events(r);
    REQUIRE(!more.empty());
    CHECK(more[0].kind == event_kind::lost);
    CHECK(more[0].value > 100.0);
}

TEST_CASE("odd rates and blocks are played, and wrong configurations refused by name") {
    for (const double hz : {8000.0, 11025.0, 22050.0, 44100.0, 96000.0, 192000.0}) {
        radio r({.seed = 9, .rate = hertz(hz)});
        const auto sound = play(r, static_cast<std::size_t>(6.0 * hz), 65536);
        double power = 0.0;
        for (const float x : sound) power += double{x} * double{x};
        REQUIRE(std::isfinite(power));
        CHECK(power / static_cast<double>(sound.size()) > 1e-5);
    }
    radio r;
    r.render(std::span<float>());
    r.render(std::span<float>(static_cast<float*>(nullptr), 0));
    CHECK(r.position() == frames(0));

    const auto message = [](const radio_config& c) {
        const auto ok = engine::check(c);
        return ok ? std::string() : ok.error().message();
    };
    using Catch::Matchers::Contains;
    CHECK_THAT(message({.rate = hertz(4000.0)}), Contains("4000 Hz"));
    CHECK_THAT(message({.rate = hertz(std::numeric_limits<double>::quiet_NaN())}), Contains("rate"));
    CHECK_THAT(message({.mood = "sad"}), Contains("night"));
    CHECK_THAT(message({.start = {{parameter::energy, 2.0}}}), Contains("start: energy"));
    const std::array<std::byte, 10> junk{};
    CHECK(!message({.weights = junk}).empty());
    CHECK_THROWS_AS(radio({.mood = "sad"}), lofi::error);
}

TEST_CASE("corrupt, foreign and older states are refused, and the radio plays on as if nothing had been") {
    radio r({.seed = 40}), twin({.seed = 40});
    play(r, 30 * 48000), play(twin, 30 * 48000);
    const auto good = r.save().value();
    CHECK(good.size() < 4096);
    const auto refused = [&](std::vector<std::byte> bytes) {
        const auto ok = r.restore(bytes);
        return ok ? std::string() : ok.error().message();
    };
    CHECK(!refused({}).empty());
    for (std::size_t n = 0; n < good.size(); n += 7)
        CHECK(!refused({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)}).empty());
    random_stream random(random_key{1});
    for (int i = 0; i < 300; ++i) {
        auto bad = good;
        bad[uniform_below(random, static_cast<std::uint32_t>(bad.size()))] ^=
            static_cast<std::byte>(1U << uniform_below(random, 8));
        REQUIRE(!refused(bad).empty());
    }
    auto older = good;
    older[8] = static_cast<std::byte>(99);
    CHECK_THAT(refused(older), Catch::Matchers::Contains("version"));
    radio slower({.seed = 40, .rate = hertz(44100.0)});
    play(slower, 1000);
    CHECK_THAT(refused(slower.save().value()), Catch::Matchers::Contains("44100"));
    // A state that was made up, with a right checksum.
    for (int i = 0; i < 200; ++i) {
        auto state = engine::read_state(good).value();
        for (int k = 0; k < 3; ++k)
            state.machine[uniform_below(random, static_cast<std::uint32_t>(state.machine.size()))] =
                static_cast<std::byte>(uniform_below(random, 256));
        radio victim({.seed = 1});
        if (victim.restore(engine::write_state(state))) {
            const auto sound = play(victim, 4800);
            REQUIRE(std::all_of(sound.begin(), sound.end(), [](float x) { return std::isfinite(x); }));
        }
    }
    CHECK(parting(play(r, 48000), play(twin, 48000)) == -1);

    CHECK(!r.seek(-1));
    std::vector<change> log{engine::to_change(parameter::energy, 0.5), engine::to_change(parameter::energy, 0.5)};
    log[0].frame = 100;
    CHECK(!r.seek(3, log));
    log[0] = engine::to_change(parameter::playing, 0.0), log[1].frame = 64;
    const auto never = r.seek(300, log);
    REQUIRE(!never);
    CHECK_THAT(never.error().message(), Catch::Matchers::Contains("never gets to bar 300"));
}

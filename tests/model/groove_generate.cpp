#include <lofi/model/groove_generate.hpp>

#include <algorithm>

#include <lofi/backend/fixed.hpp>
#include <lofi/pretrained/groove.hpp>

#include "support/test.hpp"

using namespace lofi;
using score::drum;

namespace {

using writer = model::groove_writer<pretrained::groove_sizes, backend::fixed>;

model::groove_pattern write(const model::groove_conditions& c, const model::groove_sampling& s, std::uint64_t seed,
                            const model::groove_opening& opening = {}) {
    static const auto network = pretrained::groove::builtin();
    return writer({}, network.params(), c, s, random_key{seed}, opening).generate();
}

model::groove_conditions funk(std::int32_t hits) {
    model::groove_conditions c;
    c.tempo = 90000;
    c.style = model::groove_style::funk;
    c.kind = model::groove_kind::beat;
    c.hits = hits;
    return c;
}

}  // namespace

TEST_CASE("grooves: in order, in range, and the same for the same seed") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto a = write(funk(40), {}, seed);
        CHECK(a == write(funk(40), {}, seed));
        CHECK_FALSE(a == write(funk(40), {}, seed + 1000));
        for (std::size_t i = 0; i < a.size(); ++i) {
            CHECK(a[i].step < model::groove_steps);
            CHECK(static_cast<std::size_t>(a[i].voice) < model::groove_voices);
            CHECK(a[i].force.value >= 1);
            CHECK(a[i].force.value <= 127);
            CHECK(a[i].offset >= -64);
            CHECK(a[i].offset < 64);
            if (i > 0) CHECK(std::pair(a[i - 1].step, a[i - 1].voice) < std::pair(a[i].step, a[i].voice));
        }
    }
}

TEST_CASE("grooves: the hits that are asked for are about the hits that come") {
    for (const std::int32_t hits : {16, 30, 50}) {
        double sum = 0;
        for (std::uint64_t seed = 1; seed <= 20; ++seed) sum += static_cast<double>(write(funk(hits), {}, seed).size());
        CHECK(sum / 20 == Approx(hits).margin(3));
    }
}

TEST_CASE("grooves: what moves the touches does not move the hits, and voices can be barred") {
    model::groove_sampling even;
    even.forces.temperature = even.offsets.temperature = 0;
    model::groove_sampling no_hat;
    no_hat.voice_bias[2] = sampling::never;
    const auto a = write(funk(40), {}, 5), b = write(funk(40), even, 5), c = write(funk(40), no_hat, 5);
    REQUIRE(a.size() == b.size());
    bool other = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].step == b[i].step);
        CHECK(a[i].voice == b[i].voice);
        other = other || a[i].force != b[i].force;
    }
    CHECK(other);
    CHECK(std::none_of(c.begin(), c.end(), [](const score::drum_hit& h) { return h.voice == drum::closed_hat; }));
}

TEST_CASE("grooves: an opening is kept as it is, and the network goes on from there") {
    const auto first = write(funk(40), {}, 5);
    const auto second = write(funk(40), {}, 6, {{first.data(), first.size()}, 16});
    std::size_t kept = 0;
    for (const score::drum_hit& h : first) kept += h.step < 16;
    REQUIRE(kept > 4);
    REQUIRE(second.size() >= kept);
    for (std::size_t i = 0; i < kept; ++i) CHECK(second[i] == first[i]);
    for (std::size_t i = kept; i < second.size(); ++i) CHECK(second[i].step >= 16);

    // Nonsense from outside: voices there are none of are left out, more steps than there are is all of them.
    const score::drum_hit odd[] = {{3, drum::shaker, score::velocity(50), 0}, {4, drum::snare, score::velocity(127), 64}};
    const auto given = write(funk(40), {}, 7, {odd, 1000});
    REQUIRE(given.size() == 1);
    CHECK(given[0] == odd[1]);
}

TEST_CASE("grooves: never more hits than a pattern holds") {
    model::groove_sampling all;
    all.voice_bias.fill(100 << 16);
    const auto p = write({}, all, 1);
    CHECK(p.size() == model::most_hits);
}

TEST_CASE("grooves: steps are counted: one for each sixteenth, one for each hit") {
    const auto network = pretrained::groove::builtin();
    writer w({}, network.params(), funk(30), {}, random_key{3});
    std::size_t steps = 1;
    while (w.step()) ++steps;
    CHECK(steps == model::groove_steps + w.pattern().size());
    CHECK_FALSE(w.step());  // is over, and stays so
    CHECK(steps == model::groove_steps + w.pattern().size());

    model::groove_sampling none;
    none.voice_bias.fill(sampling::never);
    writer silent({}, network.params(), {}, none, random_key{3});
    CHECK(silent.generate().empty());
}

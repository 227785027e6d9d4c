#include <lofi/model/lofi2lofi_generate.hpp>

#include <lofi/pretrained/lofi2lofi.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
using writer = model::phrase_writer<pretrained::lofi2lofi_sizes, backend::fixed>;

model::lead_phrase write(const pretrained::lofi2lofi& network, const model::lead_conditions& c, const model::lead_sampling& s,
                         std::uint64_t seed) {
    const auto z = model::draw_latent<pretrained::lofi2lofi_sizes.latent>(random_key{seed}.child("latent"));
    return writer({}, network.params(), c, z, s, random_key{seed}).generate();
}
}  // namespace

TEST_CASE("phrases: as long as asked, in range, and the same for the same seed") {
    const auto network = pretrained::lofi2lofi::builtin();
    for (std::int32_t rows : {1, 7, 16, 64}) {
        const auto told = model::plan({.energy = 36000, .valence = 30000, .tempo = 150000, .scale = {}, .rows = rows});
        const auto a = write(network, told, {}, 3), b = write(network, told, {}, 3), c = write(network, told, {}, 4);
        CHECK(a.rows == static_cast<std::size_t>(rows));
        for (const std::uint8_t v : a.chord_span()) CHECK(v < model::chord_end);
        for (const std::uint8_t v : a.melody_span()) CHECK(v < model::melody_symbols);
        CHECK(a.chords == b.chords);
        CHECK(a.melody == b.melody);
        if (rows >= 16) CHECK_FALSE((a.chords == c.chords && a.melody == c.melody));
    }
}

TEST_CASE("phrases: the network ends them itself where it may, and chords come round where a loop is asked for") {
    const auto network = pretrained::lofi2lofi::builtin();
    auto told = model::plan({.energy = 36000, .valence = 30000, .tempo = 150000, .scale = {}, .rows = 64});
    told.rows_known = false;
    bool shorter = false;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto p = write(network, told, {.end = model::phrase_end::by_network}, seed);
        CHECK(p.rows >= 1);
        CHECK(p.rows <= 64);
        shorter = shorter || p.rows < 64;
    }
    CHECK(shorter);
    told.rows = 16;
    const auto p = write(network, told, {.loop = 4}, 1);
    for (std::size_t i = 4; i < 16; ++i) CHECK(p.chords[i] == p.chords[i - 4]);
}

TEST_CASE("phrases: a bias toward a chord brings more of it") {
    const auto network = pretrained::lofi2lofi::builtin();
    const auto told = model::plan({.energy = 36000, .valence = 30000, .tempo = 150000, .scale = {}, .rows = 16});
    model::lead_sampling biased;
    biased.chord_bias[3] = 3 * 65536;
    std::size_t plain_count = 0, biased_count = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        for (const std::uint8_t c : write(network, told, {}, seed).chord_span()) plain_count += c == 3;
        for (const std::uint8_t c : write(network, told, biased, seed).chord_span()) biased_count += c == 3;
    }
    CHECK(biased_count > 3 * plain_count);
}

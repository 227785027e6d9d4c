#include <lofi/pretrained/music_vae.hpp>

#include <vector>

#include "support/test.hpp"

#include <lofi/model/segment_attributes.hpp>

using namespace lofi;

namespace {
constexpr auto sizes = pretrained::music_vae_sizes;
const model::segment_conditions c_major{.style = 1, .scale = score::mode::ionian};
}  // namespace

TEST_CASE("built-in melody network: there, of the right size, others refused") {
    const auto network = pretrained::music_vae::builtin();
    CHECK(network.hash() == pretrained::music_vae::builtin().hash());
    CHECK(sizeof(pretrained::detail::music_vae_words) <= 1U << 20);
    CHECK(sizeof(pretrained::detail::music_vae_words) > 500000);
    std::vector<std::uint64_t> words(std::begin(pretrained::detail::music_vae_words),
                                     std::end(pretrained::detail::music_vae_words));
    words[0] -= 1;  // says one byte fewer
    const auto read = pretrained::music_vae::read(std::span<const std::uint64_t>(words));
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message(), test::contains("is not what a melody network of this size needs"));
}

TEST_CASE("built-in melody network: segments keep to scale and joint, and go on from what was heard") {
    const auto network = pretrained::music_vae::builtin();
    model::segment_writer<sizes, backend::fixed> writer(
        {}, network.params(), c_major, {.steps = {}, .scale = score::mask(score::mode::ionian), .joint = 4}, random_key{3});
    int last = -1;
    std::size_t notes = 0;
    for (std::uint64_t s = 0; s < 40; ++s) {
        bool first = true, sounds = false;
        for (const std::uint8_t v : writer.write(model::draw_segment_latent<sizes.latent>(random_key{s}))) {
            if (v == token::melody_class::off) CHECK(sounds);
            if (v != token::melody_class::hold) sounds = v >= token::melody_class::first_note;
            if (v < token::melody_class::first_note) continue;
            const int pitch = v - token::melody_class::first_note + token::melody_class::lowest;
            CHECK(contains(score::key{}, score::pitch_class(pitch % 12)));
            if (first && last >= 0) CHECK(std::abs(pitch - last) <= 4);
            last = pitch, first = false, ++notes;
        }
    }
    CHECK(notes > 120);
}

TEST_CASE("built-in melody network: steered, segments are denser, higher, more syncopated") {
    using enum model::segment_attribute;
    const auto network = pretrained::music_vae::builtin();
    const auto denser =
        model::attribute_direction<sizes, backend::fixed>({}, network.params(), density, c_major, random_key{1}, 256);
    const auto sum = [&](model::segment_attribute a, std::int32_t pull, std::int32_t higher, std::int32_t off_beat) {
        std::int64_t total = 0;
        for (std::uint64_t i = 0; i < 60; ++i) {
            model::segment_writer<sizes, backend::fixed> writer(
                {}, network.params(), c_major, {.steps = {}, .scale = {}, .higher = higher, .off_beat = off_beat},
                random_key{i});
            total += value_of(
                writer.write(model::pulled(model::draw_segment_latent<sizes.latent>(random_key{100 + i}), denser, pull)), a);
        }
        return total;
    };
    CHECK(2 * sum(density, 65536, 0, 0) > 3 * sum(density, -65536, 0, 0));
    CHECK(sum(height, 0, 5461, 0) > sum(height, 0, -5461, 0) + 60 * 256 * 2);  // two semitones and more
    CHECK(sum(syncopation, 0, 0, 65536) > 2 * sum(syncopation, 0, 0, -65536));
}

TEST_CASE("latents that are like another stay on the prior") {
    const auto first = model::draw_segment_latent<24>(random_key{1});
    CHECK(model::draw_segment_latent<24>(first, 65536, random_key{2}) == first);
    CHECK(model::draw_segment_latent<24>(first, 0, random_key{2}) == model::draw_segment_latent<24>(random_key{2}));
    double square = 0, cross = 0;
    auto z = first;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const auto next = model::draw_segment_latent<24>(z, 39322, random_key{3 + i});
        for (std::size_t d = 0; d < 24; ++d) {
            square += static_cast<double>(next[d]) * next[d] / 0x1p32;
            cross += static_cast<double>(next[d]) * z[d] / 0x1p32;
        }
        z = next;
    }
    CHECK(square / 48000 == Approx(1).margin(.03));
    CHECK(cross / 48000 == Approx(.6).margin(.03));
}

#pragma once
// Lyrics2Lofi from files of weights: a text read, and music written to it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_samples.hpp>
#include <lofi/recipe/lyrics2lofi_published.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The improved network, ready to read and to write.
template <model::lyrics2lofi_config C = lyrics2lofi_sizes, model::hashed_encoder_config W = lyrics2lofi_words>
class lyrics_writer {
public:
    using trainee = lyrics2lofi_trainee<C, W>;
    using network = typename trainee::network;

    /// Reads weights of `lofi train lyrics2lofi`.
    /// errors: "x.safetensors: its config differs at /setting: \"published\", not \"improved\""; a tensor missing, of another shape or not finite
    explicit lyrics_writer(const std::filesystem::path& path);

    /// What a text says: a vector, and what mood it asks for.
    struct reading {
        std::array<std::int32_t, C.vector> vector{};  ///< in 1/65536
        std::size_t words = 0;                        ///< that were read
        double valence = 0, energy = 0;               ///< held in 0 to 1
        bpm tempo{120};                               ///< of the rows
    };
    [[nodiscard]] reading read(std::string_view text);
    /// What the network is told of a reading: as near to its mood as can be planned.
    [[nodiscard]] static model::lead_request request_of(const reading& r, std::int32_t rows);
    /// Writes a phrase in C, without a title. Energy and valence are what was asked for.
    [[nodiscard]] score::lead_sheet write(const reading& r, std::int32_t rows, const model::lead_sampling& sampling,
                                          random_key key);
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    nn::parameters<network> weights_;
    backend::cpu<float> backend_;
    nn::context context_;
};

/// The published network, ready to write.
class published_lyrics_writer {
public:
    static constexpr model::published_config sizes = model::published_lyrics_sizes;
    using network = published_lyrics_network<sizes>;

    /// Reads weights trained here, or the published names of weights trained elsewhere.
    explicit published_lyrics_writer(const std::filesystem::path& path);

    /// Writes what a text leads to: the likeliest tokens from the mean of what the latent may be, or from a draw.
    enum class from : std::uint8_t { mean, draw };
    [[nodiscard]] model::published_sheet write(const text::token_vectors& text, from latent, random_key key);
    [[nodiscard]] network::params view() { return weights_.view(); }

private:
    nn::parameters<network> weights_;
    backend::cpu<float> backend_;
    nn::context context_;
};

// ---------------------------------------------------------------- bodies

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
lyrics_writer<C, W>::lyrics_writer(const std::filesystem::path& path) {
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header(file, nn::read_header(file), trainee::kind(), trainee::config());
    nn::load_weights<float>(file, nn::tensors_of<network>(weights_.view()), nn::extra_tensors::ignore);
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
auto lyrics_writer<C, W>::read(std::string_view text) -> reading {
    constexpr std::size_t Z = C.vector, M = model::text_moods;
    const text::hashed_text words = trainee::text_type::read(text);
    const text::hashed_text* const one = &words;
    context_.begin({});
    context_.mode = nn::mode::inference;
    const nn::columns<float, Z> z = context_.scratch.template take_rows<float, Z>(1);
    const nn::columns<float, M> mood = context_.scratch.template take_rows<float, M>(1);
    typename network::tape tape;
    network::read(backend_, context_, weights_.view(), trainee::text_type::make_batch(std::span(&one, 1)), z, mood, tape);
    const auto share = [&](std::size_t k) { return std::clamp(static_cast<double>(mood[0][k]), 0.0, 1.0); };
    reading out;
    out.words = words.tokens();
    out.valence = share(0), out.energy = share(1), out.tempo = bpm(std::round(60 + 120 * share(2)));
    for (std::size_t d = 0; d < Z; ++d) out.vector[d] = detail::to_q16(static_cast<double>(z[0][d]));
    return out;
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
model::lead_request lyrics_writer<C, W>::request_of(const reading& r, std::int32_t rows) {
    return {.energy = detail::to_q16(r.energy),
            .valence = detail::to_q16(r.valence),
            .tempo = static_cast<std::int32_t>(std::lround(r.tempo.value * 1000)),
            .scale = {},
            .rows = rows};
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
score::lead_sheet lyrics_writer<C, W>::write(const reading& r, std::int32_t rows, const model::lead_sampling& sampling,
                                             random_key key) {
    const model::lead_conditions told = model::plan(request_of(r, rows));
    model::phrase_writer<network::sheet_sizes, backend::cpu<float>> writer({}, weights_.view().template get<"decoder">(), told,
                                                                           r.vector, sampling, key);
    score::lead_sheet sheet = to_sheet(writer.generate(), told, {});
    sheet.energy = r.energy, sheet.valence = r.valence;
    return sheet;
}

inline published_lyrics_writer::published_lyrics_writer(const std::filesystem::path& path) {
    using trainee = published_lyrics_trainee<sizes>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header_if_ours(file, trainee::kind(), trainee::config());
    nn::load_weights<float>(file, nn::tensors_of<network>(weights_.view()));
}

inline model::published_sheet published_lyrics_writer::write(const text::token_vectors& text, from latent, random_key key) {
    constexpr std::size_t Z = sizes.latent;
    const text::token_vectors* const one = &text;
    context_.begin({});
    const nn::columns<float, Z> mean = context_.scratch.take_rows<float, Z>(1),
                                spread = context_.scratch.take_rows<float, Z>(1);
    network::posterior_tape tape;
    network::encode(backend_, context_, weights_.view(), published_texts::make_batch(std::span(&one, 1)), mean, spread, tape);
    std::array<float, Z> z{};
    random_stream random(key);
    for (std::size_t d = 0; d < Z; ++d) {
        const float noise = static_cast<float>(normal_q16(random)) / 65536;
        z[d] = mean[0][d] + (latent == from::draw ? std::exp(spread[0][d] / 2) * noise : 0);
    }
    return model::generate<sizes, backend::cpu<float>>(backend_, weights_.view().get<"decoder">(), frame<const float, Z>(z));
}

}  // namespace lofi::inline LOFI_ABI::recipe

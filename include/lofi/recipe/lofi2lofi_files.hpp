#pragma once
// The improved Lofi2Lofi from files of weights: where phrases lie in its latent space, and the latents near and between them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/model/lofi2lofi_encoder.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>

namespace lofi::inline LOFI_ABI::recipe {

template <model::lofi2lofi_config C>
using improved_weights = nn::parameters<model::lofi2lofi_network<C, backend::cpu<float>>>;

/// Reads weights of `lofi train lofi2lofi`: a checkpoint, or a file of finished weights.
/// errors: "x.safetensors: its config differs at /latent: 64, not 100"; a tensor missing, of another shape or not finite
template <model::lofi2lofi_config C = model::lofi2lofi_config{}>
[[nodiscard]] improved_weights<C> read_improved(const std::filesystem::path& path);

/// Where a phrase lies in the latent space.
template <std::size_t Z>
struct lead_posterior {
    std::array<float, Z> mean{}, log_variance{};
};
/// Encodes phrases, with melody or without.
/// errors: "sheet 3: has 70 rows, and a phrase has 1 to 64"
template <model::lofi2lofi_config C>
[[nodiscard]] std::vector<lead_posterior<C.latent>> encode_phrases(improved_weights<C>& weights,
                                                                   std::span<const score::lead_sheet> sheets);

/// A latent in 1/65536, as the phrase writer takes it.
template <std::size_t Z>
using lead_latent = std::array<std::int32_t, Z>;
/// Draws a latent near a phrase: `spread` of its posterior's standard deviations away, 0 for its mean.
template <std::size_t Z>
[[nodiscard]] lead_latent<Z> latent_near(const lead_posterior<Z>& phrase, double spread, random_key key);
/// The latent that lies on the way from one phrase to another, on the arc between their means; share 0 is the first, 1 the second.
/// source: White: Sampling Generative Networks (2016)
template <std::size_t Z>
[[nodiscard]] lead_latent<Z> latent_between(const lead_posterior<Z>& from, const lead_posterior<Z>& to, double share);
/// The conditions on that way: numbers glide, corpus and mode are those of the nearer phrase.
[[nodiscard]] model::lead_conditions conditions_between(const model::lead_conditions& from, const model::lead_conditions& to,
                                                        double share);

// ---------------------------------------------------------------- bodies

template <model::lofi2lofi_config C>
improved_weights<C> read_improved(const std::filesystem::path& path) {
    using trainee = lofi2lofi_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header(file, nn::read_header(file), trainee::kind(), trainee::config());
    improved_weights<C> weights;
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(weights.view()), nn::extra_tensors::ignore);
    return weights;
}

template <model::lofi2lofi_config C>
std::vector<lead_posterior<C.latent>> encode_phrases(improved_weights<C>& weights, std::span<const score::lead_sheet> sheets) {
    using network = model::lofi2lofi_network<C, backend::cpu<float>>;
    constexpr std::size_t Z = C.latent;
    backend::cpu<float> be;
    nn::context ctx;
    std::vector<lead_posterior<Z>> out;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        const std::size_t rows = sheets[i].rows.size();
        if (rows < 1 || rows > model::longest_phrase)
            raise(error("sheet " + std::to_string(i + 1), "has " + std::to_string(rows) + " rows, and a phrase has 1 to " +
                                                              std::to_string(model::longest_phrase)));
        const model::lead_example example = model::to_example(sheets[i], 0);
        const model::lead_batch batch = model::make_batch(std::span(&example, 1), std::span(&example.conditions, 1));
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        const nn::columns<float, 2 * Z> y = ctx.scratch.template take_rows<float, 2 * Z>(1);
        typename network::encoder_tape tape;
        network::encode(be, ctx, weights.view(), batch, y, tape);
        auto& found = out.emplace_back();
        for (std::size_t d = 0; d < Z; ++d) found.mean[d] = y[0][d], found.log_variance[d] = y[0][Z + d];
    }
    return out;
}

namespace detail {
inline std::int32_t to_q16(double v) { return static_cast<std::int32_t>(std::lround(std::clamp(v, -1e4, 1e4) * 65536)); }
}  // namespace detail

template <std::size_t Z>
lead_latent<Z> latent_near(const lead_posterior<Z>& phrase, double spread, random_key key) {
    random_stream random(key);
    lead_latent<Z> z{};
    for (std::size_t d = 0; d < Z; ++d) {
        const double noise = normal_q16(random) / 65536.0;
        z[d] = detail::to_q16(static_cast<double>(phrase.mean[d]) +
                              spread * std::exp(static_cast<double>(phrase.log_variance[d]) / 2) * noise);
    }
    return z;
}

template <std::size_t Z>
lead_latent<Z> latent_between(const lead_posterior<Z>& from, const lead_posterior<Z>& to, double share) {
    double aa = 0, bb = 0, ab = 0;
    for (std::size_t d = 0; d < Z; ++d) {
        const double a = static_cast<double>(from.mean[d]), b = static_cast<double>(to.mean[d]);
        aa += a * a, bb += b * b, ab += a * b;
    }
    const double cosine = aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0) : 1.0, angle = std::acos(cosine);
    // Where the means point the same way, or opposite ways, there is no arc: a straight line.
    const bool straight = std::sin(angle) < 1e-3;
    const double u = straight ? 1 - share : std::sin((1 - share) * angle) / std::sin(angle),
                 v = straight ? share : std::sin(share * angle) / std::sin(angle);
    lead_latent<Z> z{};
    for (std::size_t d = 0; d < Z; ++d)
        z[d] = detail::to_q16(u * static_cast<double>(from.mean[d]) + v * static_cast<double>(to.mean[d]));
    return z;
}

inline model::lead_conditions conditions_between(const model::lead_conditions& from, const model::lead_conditions& to,
                                                 double share) {
    const auto glide = [&](std::int32_t a, std::int32_t b) {
        return static_cast<std::int32_t>(std::lround(a + share * (b - a)));
    };
    const auto both = [&](const std::optional<std::int32_t>& a, const std::optional<std::int32_t>& b) {
        return a && b ? std::optional(glide(*a, *b)) : std::nullopt;
    };
    model::lead_conditions c = share < 0.5 ? from : to;
    c.rows = glide(from.rows, to.rows);
    c.tempo = both(from.tempo, to.tempo);
    c.majors = both(from.majors, to.majors);
    c.attacks = both(from.attacks, to.attacks);
    c.steps = both(from.steps, to.steps);
    return c;
}

}  // namespace lofi::inline LOFI_ABI::recipe

#pragma once
// Weights of the published Lofi2Lofi from files, wherever they were trained: latents into lead sheets, lead sheets into latents.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <lofi/backend/cpu.hpp>
#include <lofi/model/lofi2lofi_published_training.hpp>
#include <lofi/nn/checkpoint.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The backend of whoever decodes and encodes.
using published_backend = backend::cpu<float>;
template <model::published_config C>
using published_network = model::published_lofi2lofi<C, published_backend>;
template <model::published_config C>
using published_decoder_weights = nn::parameters<model::published_decoder<C, published_backend>>;

/// Reads the weights of a whole model from safetensors.
/// errors: a tensor missing, of another shape, unknown or not finite; a lofi checkpoint of another model or of other sizes
template <model::published_config C = model::published_config{}>
[[nodiscard]] nn::parameters<published_network<C>> read_published(const std::filesystem::path& path);
/// Reads the weights of a decoder, from a file of a decoder alone or of a whole model.
/// errors: as `read_published`
template <model::published_config C = model::published_config{}>
[[nodiscard]] published_decoder_weights<C> read_published_decoder(const std::filesystem::path& path);

/// Decodes latents, as the published system does.
/// errors: "latent 3: number 17 is not finite" (both count from 1)
template <model::published_config C>
[[nodiscard]] std::vector<model::published_sheet> decode_latents(published_decoder_weights<C>& weights,
                                                                 rows<const float, C.latent> latents);
/// The same, with the weights of a file.
template <model::published_config C = model::published_config{}>
[[nodiscard]] std::vector<model::published_sheet> decode_latents(const std::filesystem::path& path,
                                                                 rows<const float, C.latent> latents) {
    auto weights = read_published_decoder<C>(path);
    return decode_latents<C>(weights, latents);
}

/// Where a sheet lies in the latent space.
template <std::size_t Z>
struct published_posterior {
    std::array<float, Z> mean{}, log_variance{};  ///< `mean` is the sheet's latent
};
/// Encodes sheets with a melody. Rows beyond the fiftieth are not seen.
/// errors: "sheet 3: has no melody", "sheet 3: has no rows", and those of `token::encode`
template <model::published_config C>
[[nodiscard]] std::vector<published_posterior<C.latent>> encode_sheets(nn::parameters<published_network<C>>& weights,
                                                                       std::span<const score::lead_sheet> sheets);
/// The same, with the weights of a file.
template <model::published_config C = model::published_config{}>
[[nodiscard]] std::vector<published_posterior<C.latent>> encode_sheets(const std::filesystem::path& path,
                                                                       std::span<const score::lead_sheet> sheets) {
    auto weights = read_published<C>(path);
    return encode_sheets<C>(weights, sheets);
}

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::string nth(const char* what, std::size_t i) { return std::string(what) + " " + std::to_string(i + 1); }

}  // namespace detail

template <model::published_config C>
nn::parameters<published_network<C>> read_published(const std::filesystem::path& path) {
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header_if_ours(file, "lofi2lofi",
                             {{"setting", "published"}, {"hidden", C.hidden}, {"small", C.small}, {"latent", C.latent}});
    nn::parameters<published_network<C>> weights;
    nn::load_weights<float>(file, nn::tensors_of<published_network<C>>(weights.view()));
    return weights;
}

template <model::published_config C>
published_decoder_weights<C> read_published_decoder(const std::filesystem::path& path) {
    using decoder = model::published_decoder<C, published_backend>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header_if_ours(file, "lofi2lofi",
                             {{"setting", "published"}, {"hidden", C.hidden}, {"small", C.small}, {"latent", C.latent}});
    published_decoder_weights<C> weights;
    const auto tensors = nn::tensors_of<decoder>(weights.view());
    if (file.contains(std::string("decoder.").append(tensors.front().name))) {
        nn::load_weights<float>(file, tensors, nn::extra_tensors::ignore,
                                [](const std::string& name) { return std::string("decoder.").append(name); });
    } else {
        nn::load_weights<float>(file, tensors);
    }
    return weights;
}

template <model::published_config C>
std::vector<model::published_sheet> decode_latents(published_decoder_weights<C>& weights, rows<const float, C.latent> latents) {
    published_backend be;
    std::vector<model::published_sheet> out;
    for (std::size_t i = 0; i < latents.count(); ++i) {
        const auto z = latents[i];
        for (std::size_t d = 0; d < z.size(); ++d)
            if (!std::isfinite(z[d])) raise(error(detail::nth("latent", i), detail::nth("number", d) + " is not finite"));
        out.push_back(model::generate<C, published_backend>(be, weights.view(), z));
        if (auto fine = token::check(out.back().sheet); !fine) raise(fine.error().at(detail::nth("latent", i)));
    }
    return out;
}

template <model::published_config C>
std::vector<published_posterior<C.latent>> encode_sheets(nn::parameters<published_network<C>>& weights,
                                                         std::span<const score::lead_sheet> sheets) {
    using network = published_network<C>;
    constexpr std::size_t Z = C.latent, batch_size = 128;
    std::vector<token::lead_tokens> tokens;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        if (sheets[i].rows.empty()) raise(error(detail::nth("sheet", i), "has no rows"));
        if (!sheets[i].has_melody) raise(error(detail::nth("sheet", i), "has no melody"));
        auto encoded = token::encode(sheets[i], token::melody_range::published);
        if (!encoded) raise(encoded.error().at(detail::nth("sheet", i)));
        tokens.push_back(std::move(*encoded));
    }
    published_backend be;
    nn::context ctx;
    std::vector<published_posterior<Z>> out;
    for (std::size_t first = 0; first < tokens.size(); first += batch_size) {
        const auto b = model::make_batch(std::span(tokens).subspan(first, std::min(batch_size, tokens.size() - first)));
        ctx.begin({});
        const auto mean = ctx.scratch.take_rows<float, Z>(b.size), log_variance = ctx.scratch.take_rows<float, Z>(b.size);
        typename network::posterior_tape tape;
        network::encode(be, ctx, weights.view(), b, mean, log_variance, tape);
        for (std::size_t i = 0; i < b.size; ++i) {
            auto& posterior = out.emplace_back();
            std::copy(mean[i].begin(), mean[i].end(), posterior.mean.begin());
            std::copy(log_variance[i].begin(), log_variance[i].end(), posterior.log_variance.begin());
        }
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

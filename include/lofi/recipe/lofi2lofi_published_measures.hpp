#pragma once
// The published Lofi2Lofi on the measures that the improved one is held to: bounds of the likelihood, and samples.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Bounds what each phrase costs, END and all slots counted, in nats. The published decoder was trained on its own tokens, but
/// a likelihood p(x|z) is a product of probabilities of each token given the true ones before it, so here it is told the truth;
/// `published_evaluation` gives the published loss. The network's 15 notes cannot tell the highest tonic from the one below, so
/// the bounds are of phrases in which these two are one.
template <model::published_config C, class Backend>
[[nodiscard]] lead_bounds published_bounds(typename model::published_lofi2lofi<C, Backend>::params p,
                                           std::span<const token::lead_tokens> phrases, std::size_t samples, random_key key);

/// Lead sheets from latents of the prior, each token the likeliest, as published.
template <model::published_config C, class Backend>
[[nodiscard]] std::vector<score::lead_sheet> published_samples(typename model::published_decoder<C, Backend>::params p,
                                                               std::size_t count, random_key key);

// ---------------------------------------------------------------- bodies

namespace detail {

// Adds to each phrase what its tokens cost under the logits of all steps.
template <class Real, std::size_t V, class Cost>
void add_costs(nn::columns<const Real, V> logits, std::span<const std::int32_t> targets, std::size_t batch, Cost&& cost) {
    for (std::size_t n = 0; n < targets.size(); ++n) {
        if (targets[n] < 0) continue;
        const auto x = logits[n];
        const double most = static_cast<double>(*std::max_element(x.begin(), x.end()));
        double sum = 0;
        for (const Real v : x) sum += std::exp(static_cast<double>(v) - most);
        cost(n % batch) += most + std::log(sum) - static_cast<double>(x[static_cast<std::size_t>(targets[n])]);
    }
}

// Adds to each phrase what its chords cost in knowing where it ends: END against going on.
template <class Real, std::size_t V, class Cost>
void add_end_costs(nn::columns<const Real, V> logits, std::span<const std::int32_t> targets, std::size_t batch, Cost&& cost) {
    for (std::size_t n = 0; n < targets.size(); ++n) {
        if (targets[n] < 0) continue;
        const auto x = logits[n];
        const double most = static_cast<double>(*std::max_element(x.begin(), x.end()));
        double sum = 0;
        for (const Real v : x) sum += std::exp(static_cast<double>(v) - most);
        const double end = static_cast<double>(x[token::end_chord]) - most - std::log(sum);
        cost(n % batch) += targets[n] == token::end_chord ? -end : -std::log1p(-std::min(std::exp(end), 1 - 1e-12));
    }
}

}  // namespace detail

template <model::published_config C, class Backend>
lead_bounds published_bounds(typename model::published_lofi2lofi<C, Backend>::params p,
                             std::span<const token::lead_tokens> phrases, std::size_t samples, random_key key) {
    using network = model::published_lofi2lofi<C, Backend>;
    using real = typename Backend::real;
    constexpr std::size_t Z = C.latent, batch_size = 64;
    Backend be;
    nn::context ctx;
    lead_bounds out;
    latent_spread spread(Z);
    for (std::size_t first = 0; first < phrases.size(); first += batch_size) {
        const auto part = phrases.subspan(first, std::min(batch_size, phrases.size() - first));
        const model::published_batch batch = model::make_batch(part, model::published_steps::likelihood);
        const model::published_feed truth = model::true_tokens(batch);
        const std::size_t B = batch.size;
        ctx.begin({});
        const auto take = [&] { return nn::columns<real, Z>(ctx.scratch.template take_rows<real, Z>(B)); };
        const nn::columns<real, Z> mean = take(), log_variance = take(), z = take();
        typename network::posterior_tape tape;
        network::encode(be, ctx, p, batch, mean, log_variance, tape);

        std::vector<lead_bounds::phrase> found(B);
        random_stream random(key.child(first));
        std::vector<double> whole(B);
        const auto latents = weigh_posteriors(nn::constant(mean), nn::constant(log_variance), z, samples, random, spread, [&] {
            const nn::scratch_scope scope(ctx.scratch);
            model::published_decoder_run<C, Backend> run(be, ctx, p.template get<"decoder">(), batch);
            run.forward(nn::constant(z), truth);
            std::vector<model::phrase_cost> costs(B);
            detail::add_costs(run.chords.predict(), std::span(batch.chord_targets), B,
                              [&](std::size_t b) -> double& { return costs[b].chords; });
            detail::add_costs(run.melody.predict(), std::span(batch.melody_targets), B,
                              [&](std::size_t b) -> double& { return costs[b].melody; });
            for (std::size_t b = 0; b < B; ++b) {
                found[b].chords += costs[b].chords / static_cast<double>(samples);
                found[b].melody += costs[b].melody / static_cast<double>(samples);
                whole[b] = costs[b].chords + costs[b].melody;
            }
            return std::span<const double>(whole);
        });
        for (std::size_t b = 0; b < B; ++b) {
            found[b].divergence = latents[b].divergence;
            found[b].importance = latents[b].importance;
            found[b].rows = static_cast<std::size_t>(batch.chord_lengths[b]);
            out.phrases.push_back(found[b]);
        }
    }
    out.mean_variance = spread.variance(phrases.size());
    return out;
}

template <model::published_config C, class Backend>
std::vector<score::lead_sheet> published_samples(typename model::published_decoder<C, Backend>::params p, std::size_t count,
                                                 random_key key) {
    Backend be;
    std::vector<score::lead_sheet> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto drawn = model::draw_latent<C.latent>(key.child(i));
        std::array<float, C.latent> z{};
        std::transform(drawn.begin(), drawn.end(), z.begin(), [](std::int32_t v) { return static_cast<float>(v) / 65536.0F; });
        out.push_back(model::generate<C, Backend>(be, p, frame<const float, C.latent>(z)).sheet);
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

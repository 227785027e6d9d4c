#pragma once
// How the published Lyrics2Lofi is trained, over vectors of texts; and what music costs given a text, under it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/model/lyrics2lofi_published_training.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>
#include <lofi/recipe/lofi2lofi_published_measures.hpp>
#include <lofi/recipe/lyrics2lofi.hpp>
#include <lofi/recipe/text_vectors.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The width of the published vectors, BERT's.
inline constexpr std::size_t published_text_width = 768;
using published_texts = model::given_vectors<published_text_width, backend::cpu<float>>;
template <model::published_config C, model::text_encoder Text = published_texts>
using published_lyrics_network = model::published_lyrics2lofi<C, Text, backend::cpu<float>>;

/// A text's vectors with its music.
struct published_lyrics_example {
    text::token_vectors text;
    token::lead_tokens music;
};
/// The examples whose music has a melody, with the vectors of a file or, where `vectors` is empty, drawn ones.
[[nodiscard]] std::vector<published_lyrics_example> published_lyrics(std::span<const lyrics_example> examples,
                                                                     const std::filesystem::path& vectors = {});

/// The network with its data, as `train::train` takes it. The settings are those of the published Lofi2Lofi.
template <model::published_config C = model::published_lyrics_sizes, model::text_encoder Text = published_texts>
class published_lyrics_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = published_lyrics_network<C, Text>;

    published_lyrics_trainee(const published_recipe& recipe, std::vector<published_lyrics_example> train,
                             std::vector<published_lyrics_example> valid);

    [[nodiscard]] static std::string kind() { return "lyrics2lofi"; }
    [[nodiscard]] static nn::json config() {
        return {
            {"setting", "published"}, {"width", Text::width}, {"hidden", C.hidden}, {"small", C.small}, {"latent", C.latent}};
    }
    [[nodiscard]] std::span<real> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<real> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<real> buffers() { return {}; }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors() { return nn::tensors_of<network>(weights_.view()); }
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() const { return batches_.per_epoch(); }
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder) const;
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    struct batch {
        typename Text::batch texts;
        model::published_batch music;
    };
    [[nodiscard]] static batch batch_of(std::span<const published_lyrics_example* const> examples);

    published_recipe recipe_;
    std::vector<published_lyrics_example> train_, valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// What phrases cost, each with the text at its place, in nats: -log of the mean likelihood over `samples` latents drawn from what the
/// text says of them. END and all slots counted, each token given the true ones before it.
template <model::published_config C, model::text_encoder Text>
[[nodiscard]] std::vector<model::phrase_cost> published_lyrics_costs(typename published_lyrics_network<C, Text>::params p,
                                                                     std::span<const token::lead_tokens* const> phrases,
                                                                     std::span<const typename Text::source* const> texts,
                                                                     std::size_t samples, random_key key);

// ---------------------------------------------------------------- bodies

inline std::vector<published_lyrics_example> published_lyrics(std::span<const lyrics_example> examples,
                                                              const std::filesystem::path& vectors) {
    std::vector<std::string> texts;
    for (const lyrics_example& e : examples) texts.push_back(e.text);
    auto read = vectors.empty() ? draw_text_vectors(texts, published_text_width)
                                : read_text_vectors(vectors, texts, published_text_width);
    std::vector<published_lyrics_example> out;
    for (std::size_t i = 0; i < examples.size(); ++i)
        if (examples[i].sheet.has_melody) out.push_back({std::move(read[i]), detail::published_tokens_of(examples[i].sheet)});
    return out;
}

template <model::published_config C, model::text_encoder Text>
published_lyrics_trainee<C, Text>::published_lyrics_trainee(const published_recipe& recipe,
                                                            std::vector<published_lyrics_example> train,
                                                            std::vector<published_lyrics_example> valid)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch}, random_key{recipe.seed}.child("batches"), train_.size()) {
    if (train_.empty()) raise(error("lyrics2lofi", "needs texts whose music has a melody to learn from, and was given none"));
    if (valid_.empty()) raise(error("lyrics2lofi", "needs texts whose music has a melody to validate on, and was given none"));
}

template <model::published_config C, model::text_encoder Text>
train::loop_config published_lyrics_trainee<C, Text>::loop(std::filesystem::path folder) const {
    return detail::loop_of(recipe_, steps_per_epoch(), std::move(folder));
}

template <model::published_config C, model::text_encoder Text>
auto published_lyrics_trainee<C, Text>::batch_of(std::span<const published_lyrics_example* const> examples) -> batch {
    std::vector<token::lead_tokens> music;
    std::vector<const typename Text::source*> texts;
    for (const published_lyrics_example* e : examples) music.push_back(e->music), texts.push_back(&e->text);
    return {Text::make_batch(texts), model::make_batch(music)};
}

template <model::published_config C, model::text_encoder Text>
train::metrics published_lyrics_trainee<C, Text>::train_step(std::uint64_t step, random_key key) {
    std::vector<const published_lyrics_example*> examples;
    for (const std::uint32_t i : batches_.at(step)) examples.push_back(&train_[i]);
    const batch b = batch_of(examples);
    const double truth = detail::truth_at(recipe_, step / steps_per_epoch());
    context_.begin(key.child("network"));
    const auto noise = context_.scratch.take_rows<real, C.latent>(b.music.size);
    normal_noise(backend_, key.child("latent"), noise.flat());
    const auto dp = gradients_.view();
    return detail::metrics_of(network::loss(backend_, context_, weights_.view(), b.texts, b.music,
                                            model::mixed_tokens(b.music, truth, key.child("truth")), nn::constant(noise), &dp));
}

template <model::published_config C, model::text_encoder Text>
train::metrics published_lyrics_trainee<C, Text>::validate() {
    model::published_losses mean;
    double batches = 0;
    for (std::size_t first = 0; first < valid_.size(); first += recipe_.batch) {
        std::vector<const published_lyrics_example*> examples;
        for (std::size_t i = first; i < std::min(first + recipe_.batch, valid_.size()); ++i) examples.push_back(&valid_[i]);
        const batch b = batch_of(examples);
        context_.begin({});
        detail::add_to_mean(
            mean, network::loss(backend_, context_, weights_.view(), b.texts, b.music, model::own_tokens(b.music), {}),
            ++batches);
    }
    return detail::metrics_of(mean);
}

template <model::published_config C, model::text_encoder Text>
std::vector<model::phrase_cost> published_lyrics_costs(typename published_lyrics_network<C, Text>::params p,
                                                       std::span<const token::lead_tokens* const> phrases,
                                                       std::span<const typename Text::source* const> texts, std::size_t samples,
                                                       random_key key) {
    using network = published_lyrics_network<C, Text>;
    constexpr std::size_t Z = C.latent, most = 64;
    backend::cpu<float> be;
    nn::context ctx;
    std::vector<model::phrase_cost> out(phrases.size());
    for (std::size_t first = 0; first < phrases.size(); first += most) {
        const std::size_t B = std::min(most, phrases.size() - first);
        std::vector<token::lead_tokens> music;
        for (std::size_t b = 0; b < B; ++b) music.push_back(*phrases[first + b]);
        const model::published_batch batch = model::make_batch(music, model::published_steps::likelihood);
        const model::published_feed truth = model::true_tokens(batch);
        const auto words = Text::make_batch(texts.subspan(first, B));
        ctx.begin({});
        const auto take = [&] { return nn::columns<float, Z>(ctx.scratch.template take_rows<float, Z>(B)); };
        const nn::columns<float, Z> mean = take(), log_variance = take(), noise = take(), z = take(), fed = take();
        typename network::posterior_tape posterior;
        network::encode(be, ctx, p, words, mean, log_variance, posterior);
        const auto& decoder = p.template get<"decoder">();
        // Sums of likelihoods, each over the largest so far: of all tokens, and of all but where the phrase ends.
        std::vector<std::vector<double>> whole(B), open(B);
        for (std::size_t s = 0; s < samples; ++s) {
            const nn::scratch_scope scope(ctx.scratch);
            // The same noise whatever the text and its place: what differs is the text's doing.
            for (std::size_t b = 0; b < B; ++b) {
                random_stream random(key.child(s));
                for (std::size_t d = 0; d < Z; ++d) noise[b][d] = static_cast<float>(normal_q16(random)) / 65536;
            }
            gaussian_sample(be, backend::spread_form::log_variance, nn::constant(mean), nn::constant(log_variance),
                            nn::constant(noise), z);
            model::published_heads_run<C, backend::cpu<float>> heads(be, ctx, decoder.sheet, nn::constant(z));
            typename network::feedback_tape feedback;
            network::feed_back(be, ctx, decoder, heads, nn::constant(z), fed, feedback);
            model::published_decoder_run<C, backend::cpu<float>> run(be, ctx, decoder.sheet, batch);
            run.forward(nn::constant(fed), truth);
            std::vector<model::phrase_cost> costs(B);
            const auto chords = run.chords.predict();
            detail::add_costs(chords, std::span(batch.chord_targets), B,
                              [&](std::size_t b) -> double& { return costs[b].chords; });
            detail::add_end_costs(chords, std::span(batch.chord_targets), B,
                                  [&](std::size_t b) -> double& { return costs[b].end; });
            detail::add_costs(run.melody.predict(), std::span(batch.melody_targets), B,
                              [&](std::size_t b) -> double& { return costs[b].melody; });
            for (std::size_t b = 0; b < B; ++b) {
                whole[b].push_back(-costs[b].chords - costs[b].melody);
                open[b].push_back(-costs[b].chords - costs[b].melody + costs[b].end);
                out[first + b].melody += costs[b].melody / static_cast<double>(samples);
            }
        }
        const auto log_mean = [&](const std::vector<double>& v) {
            const double top = *std::max_element(v.begin(), v.end());
            double sum = 0;
            for (const double x : v) sum += std::exp(x - top);
            return top + std::log(sum / static_cast<double>(samples));
        };
        for (std::size_t b = 0; b < B; ++b) {
            model::phrase_cost& c = out[first + b];
            c.chords = -log_mean(whole[b]) - c.melody;
            c.end = log_mean(open[b]) - log_mean(whole[b]);
        }
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

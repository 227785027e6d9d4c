#pragma once
// How the published Lofi2Lofi is trained: what the training loop asks of a network.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/backend/cpu.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/model/lofi2lofi_published_training.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What the decoder goes on with in training.
enum class published_forcing : std::uint8_t {
    none,       ///< its own tokens: the published runs
    scheduled,  ///< the truth now and then, less often from epoch to epoch: published, and switched off
};

/// The published settings. `epochs` alone is ours: the published training has no end.
struct published_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 100;
    std::size_t batch = 128;
    double rate = 1e-3, decay = .1;
    published_forcing forcing = published_forcing::none;
    train::inverse_sigmoid share_of_truth{.k = 30, .high = .5, .low = .1};  ///< by epoch
};

/// Phrases to learn from, and phrases to measure on.
struct published_phrases {
    std::vector<token::lead_tokens> train, valid;
};
/// The phrases with a melody of one split.
[[nodiscard]] std::vector<token::lead_tokens> published_tokens(const corpus::lead_sheet_corpus& all, corpus::split which);
/// Phrases with a melody by the splits that their files name; hold-out and test stay out.
[[nodiscard]] published_phrases split_by_files(const corpus::lead_sheet_corpus& all);
/// All phrases with a melody but those of hold-out and test, `share` of their songs to train, each song whole. The published
/// split is by phrases, so that a song may stand on both sides.
[[nodiscard]] published_phrases split_by_songs(const corpus::lead_sheet_corpus& all, random_key key, double share = .85);

/// The published loss over phrases, free-running from the mean, in batches in order: the mean over the batches.
template <model::published_config C, class Backend>
[[nodiscard]] model::published_losses published_evaluation(typename model::published_lofi2lofi<C, Backend>::params p,
                                                           std::span<const token::lead_tokens> phrases,
                                                           std::size_t batch = 128);

/// The network with its data, as `train::train` takes it.
template <model::published_config C = model::published_config{}>
class published_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::published_lofi2lofi<C, backend_type>;

    published_trainee(const published_recipe& recipe, published_phrases phrases);

    [[nodiscard]] static std::string kind() { return "lofi2lofi"; }
    [[nodiscard]] static nn::json config() {
        return {{"setting", "published"}, {"hidden", C.hidden}, {"small", C.small}, {"latent", C.latent}};
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
    published_recipe recipe_;
    published_phrases phrases_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

// ---------------------------------------------------------------- bodies

namespace detail {

inline train::metrics metrics_of(const model::published_losses& l) {
    return {{"loss", l.total()},
            {"chord loss", l.chords},
            {"melody loss", l.melody},
            {"divergence", l.divergence},
            {"chord accuracy", l.chord_accuracy},
            {"melody accuracy", l.melody_accuracy},
            {"tempo error", l.tempo},
            {"valence error", l.valence},
            {"energy error", l.energy},
            {"key loss", l.key},
            {"mode loss", l.mode}};
}

/// Takes the nth losses into a mean of n.
inline void add_to_mean(model::published_losses& mean, const model::published_losses& l, double n) {
    using losses = model::published_losses;
    for (const auto part : {&losses::chords, &losses::melody, &losses::divergence, &losses::tempo, &losses::valence,
                            &losses::energy, &losses::key, &losses::mode, &losses::chord_accuracy, &losses::melody_accuracy})
        mean.*part += (l.*part - mean.*part) / n;
}

// The loop of every trainee with the published settings.
inline train::loop_config loop_of(const published_recipe& r, std::uint64_t steps_per_epoch, std::filesystem::path folder) {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = r.seed;
    c.steps_per_epoch = steps_per_epoch;
    c.steps = r.epochs * steps_per_epoch;
    c.optimiser = train::adamw_config{.weight_decay = r.decay};
    c.rate = train::constant{r.rate};
    return c;
}

// The share of true tokens that the decoders are given in an epoch.
inline double truth_at(const published_recipe& r, std::uint64_t epoch) {
    return r.forcing == published_forcing::scheduled ? r.share_of_truth(epoch) : 0.0;
}

inline bool may_learn(const corpus::phrase& p) {
    return p.sheet.has_melody && !p.sheet.rows.empty() && (p.split == corpus::split::train || p.split == corpus::split::valid);
}

inline token::lead_tokens published_tokens_of(const score::lead_sheet& sheet) {
    return token::encode(sheet, token::melody_range::published).value();
}

}  // namespace detail

inline std::vector<token::lead_tokens> published_tokens(const corpus::lead_sheet_corpus& all, corpus::split which) {
    std::vector<token::lead_tokens> out;
    for (const corpus::phrase& p : all.phrases)
        if (p.split == which && p.sheet.has_melody && !p.sheet.rows.empty())
            out.push_back(detail::published_tokens_of(p.sheet));
    return out;
}

inline published_phrases split_by_files(const corpus::lead_sheet_corpus& all) {
    return {published_tokens(all, corpus::split::train), published_tokens(all, corpus::split::valid)};
}

inline published_phrases split_by_songs(const corpus::lead_sheet_corpus& all, random_key key, double share) {
    std::vector<std::uint32_t> songs;
    for (const corpus::phrase& p : all.phrases)
        if (detail::may_learn(p)) songs.push_back(p.song);
    std::sort(songs.begin(), songs.end());
    songs.erase(std::unique(songs.begin(), songs.end()), songs.end());
    random_stream random(key);
    shuffle(random, std::span(songs));
    songs.resize(static_cast<std::size_t>(share * static_cast<double>(songs.size())));
    std::sort(songs.begin(), songs.end());
    published_phrases out;
    for (const corpus::phrase& p : all.phrases)
        if (detail::may_learn(p))
            (std::binary_search(songs.begin(), songs.end(), p.song) ? out.train : out.valid)
                .push_back(detail::published_tokens_of(p.sheet));
    return out;
}

template <model::published_config C, class Backend>
model::published_losses published_evaluation(typename model::published_lofi2lofi<C, Backend>::params p,
                                             std::span<const token::lead_tokens> phrases, std::size_t batch) {
    using network = model::published_lofi2lofi<C, Backend>;
    Backend be;
    nn::context ctx;
    model::published_losses mean;
    double batches = 0;
    for (std::size_t first = 0; first < phrases.size(); first += batch) {
        const auto b = model::make_batch(phrases.subspan(first, std::min(batch, phrases.size() - first)));
        ctx.begin({});
        detail::add_to_mean(mean, network::loss(be, ctx, p, b, model::own_tokens(b), {}), ++batches);
    }
    return mean;
}

template <model::published_config C>
published_trainee<C>::published_trainee(const published_recipe& recipe, published_phrases phrases)
    : recipe_(recipe),
      phrases_(std::move(phrases)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch}, random_key{recipe.seed}.child("batches"), phrases_.train.size()) {
    if (phrases_.train.empty()) raise(error("lofi2lofi", "needs phrases with a melody to learn from, and was given none"));
    if (phrases_.valid.empty()) raise(error("lofi2lofi", "needs phrases with a melody to validate on, and was given none"));
}

template <model::published_config C>
train::loop_config published_trainee<C>::loop(std::filesystem::path folder) const {
    return detail::loop_of(recipe_, steps_per_epoch(), std::move(folder));
}

template <model::published_config C>
train::metrics published_trainee<C>::train_step(std::uint64_t step, random_key key) {
    std::vector<token::lead_tokens> phrases;
    for (const std::uint32_t i : batches_.at(step)) phrases.push_back(phrases_.train[i]);
    const model::published_batch b = model::make_batch(phrases);
    const double truth = detail::truth_at(recipe_, step / steps_per_epoch());
    context_.begin(key.child("network"));
    const auto noise = context_.scratch.take_rows<real, C.latent>(b.size);
    normal_noise(backend_, key.child("latent"), noise.flat());
    const auto dp = gradients_.view();
    return detail::metrics_of(network::loss(backend_, context_, weights_.view(), b,
                                            model::mixed_tokens(b, truth, key.child("truth")), nn::constant(noise), &dp));
}

template <model::published_config C>
train::metrics published_trainee<C>::validate() {
    return detail::metrics_of(published_evaluation<C, backend_type>(weights_.view(), phrases_.valid, recipe_.batch));
}

}  // namespace lofi::inline LOFI_ABI::recipe

#pragma once
// How the improved Lofi2Lofi is trained: what the training loop asks of a network, over lead sheets with and without melody.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/model/lofi2lofi_encoder.hpp>
#include <lofi/recipe/posterior.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Settings of the improved training.
struct lofi2lofi_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 28;
    std::size_t batch = 32;  ///< phrases with melody in a step, and as many without
    double rate = 3e-3, decay = .04, average = .995, clip = 1;
    double free_nats = .02;        ///< each latent dimension may cost so much; half of it in phrases without melody
    double feature_dropout = .15;  ///< of look-back features, each group by itself
    /// Share of the phrases whose latent is drawn from the prior. The aggregate of the posteriors is not quite the prior, and a
    /// decoder that has only seen posteriors writes too evenly from the prior: its chords would lose a sixth of their
    /// mutual information.
    double prior_share = .6;
    model::condition_mask mask{};
    model::lead_augmentation vary{};
};

/// The names of the corpora that the network can tell apart, from id 1 on.
inline constexpr std::array<std::string_view, 4> lofi2lofi_corpora = {"ewld", "lieder", "billboard_chords", "midi_chords"};

/// The phrases of one split as examples; those with melody, and those without.
struct lead_examples {
    std::vector<model::lead_example> melodic, chordal;
    std::vector<std::uint32_t> melodic_songs;  ///< the song of each melodic phrase
};
[[nodiscard]] lead_examples examples_of(const corpus::lead_sheet_corpus& all, corpus::split which);

/// The network with its data, as `train::train` takes it.
template <model::lofi2lofi_config C = model::lofi2lofi_config{}>
class lofi2lofi_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::lofi2lofi_network<C, backend_type>;

    lofi2lofi_trainee(const lofi2lofi_recipe& recipe, lead_examples train, std::vector<model::lead_example> valid);

    [[nodiscard]] static std::string kind() { return "lofi2lofi"; }
    [[nodiscard]] static nn::json config() {
        return {
            {"setting", "improved"}, {"latent", C.latent}, {"encoder", C.encoder}, {"chord", C.chord}, {"melody", C.melody}};
    }
    [[nodiscard]] std::span<real> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<real> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<real> buffers() { return {}; }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors();
    [[nodiscard]] std::vector<train::parameter_group> groups();
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() { return batches_.per_epoch(); }
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder);
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    void learn(std::span<const model::lead_example> examples, double free_nats, random_key key, double beta,
               std::array<double, 5>& sums);

    lofi2lofi_recipe recipe_;
    lead_examples train_;
    std::vector<model::lead_example> valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// What a set of phrases costs under a network, nothing told: the evidence lower bound and the importance-weighted bound.
struct lead_bounds {
    struct phrase {
        double chords = 0, melody = 0, divergence = 0;  ///< means over the samples, nats
        double importance = 0;                          ///< -log of the importance-weighted estimate, nats
        std::size_t rows = 0;
    };
    std::vector<phrase> phrases;
    std::vector<double> mean_variance;  ///< of each latent dimension, over the phrases

    /// Bits per row over all phrases: the evidence bound, the importance-weighted one.
    [[nodiscard]] double elbo_bits_per_row() const;
    [[nodiscard]] double importance_bits_per_row() const;
    /// Dimensions whose mean moves by more than a variance of .01.
    [[nodiscard]] std::size_t alive() const {
        return static_cast<std::size_t>(
            std::count_if(mean_variance.begin(), mean_variance.end(), [](double v) { return v > .01; }));
    }
};
template <class Network>
[[nodiscard]] lead_bounds bounds(typename Network::params p, std::span<const model::lead_example> examples, std::size_t samples,
                                 random_key key, bool told = false);

// ---------------------------------------------------------------- bodies

namespace detail {
inline std::uint8_t corpus_id(std::string_view set) {
    const auto known = std::find(lofi2lofi_corpora.begin(), lofi2lofi_corpora.end(), set);
    return known == lofi2lofi_corpora.end() ? std::uint8_t{0}
                                            : static_cast<std::uint8_t>(known - lofi2lofi_corpora.begin() + 1);
}
}  // namespace detail

inline lead_examples examples_of(const corpus::lead_sheet_corpus& all, corpus::split which) {
    lead_examples out;
    for (const corpus::phrase& p : all.phrases) {
        if (p.split != which) continue;
        model::lead_example e = model::to_example(p.sheet, detail::corpus_id(all.sets[p.set]));
        if (e.rows() > model::longest_phrase) continue;
        if (e.has_melody()) {
            out.melodic.push_back(std::move(e));
            out.melodic_songs.push_back(p.song);
        } else {
            out.chordal.push_back(std::move(e));
        }
    }
    return out;
}

namespace detail {
inline std::vector<std::uint32_t> lengths_of(std::span<const model::lead_example> examples) {
    std::vector<std::uint32_t> lengths;
    for (const model::lead_example& e : examples) lengths.push_back(static_cast<std::uint32_t>(e.rows()));
    return lengths;
}
}  // namespace detail

template <model::lofi2lofi_config C>
lofi2lofi_trainee<C>::lofi2lofi_trainee(const lofi2lofi_recipe& recipe, lead_examples train,
                                        std::vector<model::lead_example> valid)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch, .bucket = 8, .rest = train::last_batch::drop}, random_key{recipe.seed}.child("batches"),
               detail::lengths_of(train_.melodic)) {
    if (train_.melodic.size() < recipe.batch)
        raise(error("lofi2lofi", "needs at least " + std::to_string(recipe.batch) +
                                     " training phrases with a melody, and was given " +
                                     std::to_string(train_.melodic.size())));
    if (valid_.empty()) raise(error("lofi2lofi", "needs phrases with a melody to validate on, and was given none"));
}

template <model::lofi2lofi_config C>
std::vector<nn::named_tensor<float>> lofi2lofi_trainee<C>::tensors() {
    std::vector<nn::named_tensor<real>> out;
    network::visit(weights_.view(), [&](std::string_view name, std::span<const std::size_t> shape, std::span<real> values) {
        out.push_back({std::string(name), nn::tensor_shape(shape.begin(), shape.end()), values});
    });
    return out;
}

template <model::lofi2lofi_config C>
std::vector<train::parameter_group> lofi2lofi_trainee<C>::groups() {
    const auto all = tensors();
    return train::decay_matrices_only<real>(all, parameters());
}

template <model::lofi2lofi_config C>
train::loop_config lofi2lofi_trainee<C>::loop(std::filesystem::path folder) {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = recipe_.epochs * c.steps_per_epoch;
    c.optimiser = train::adamw_config{.beta1 = .9, .beta2 = .98, .weight_decay = recipe_.decay};
    c.rate = train::warm_up_cosine{.peak = recipe_.rate, .floor = .02 * recipe_.rate, .warm_up = 100, .total = c.steps};
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    return c;
}

template <model::lofi2lofi_config C>
void lofi2lofi_trainee<C>::learn(std::span<const model::lead_example> examples, double free_nats, random_key key, double beta,
                                 std::array<double, 5>& sums) {
    random_stream random(key.child("vary"));
    std::vector<model::lead_example> varied;
    std::vector<model::lead_conditions> told;
    for (const model::lead_example& e : examples) {
        varied.push_back(model::vary(e, recipe_.vary, random));
        told.push_back(model::hide(varied.back().conditions, recipe_.mask, random));
    }
    const model::lead_batch batch =
        model::make_batch(varied, told, {.rate = recipe_.feature_dropout, .key = key.child("features")});
    constexpr std::size_t Z = C.latent;
    const std::size_t B = batch.size;
    auto& ctx = context_;
    ctx.begin(key.child("network"));
    ctx.mode = nn::mode::training;
    typename network::params p = weights_.view(), dp = gradients_.view();
    const nn::columns<real, 2 *Z> y = ctx.scratch.take_rows<real, 2 * Z>(B), dy = ctx.scratch.take_rows<real, 2 * Z>(B);
    const nn::columns<real, Z> z = ctx.scratch.take_rows<real, Z>(B), dz = ctx.scratch.take_rows<real, Z>(B);
    typename network::encoder_tape encoder_tape;
    typename network::latent::tape latent_tape;
    network::encode(backend_, ctx, p, batch, y, encoder_tape);
    const auto mean = nn::constant(nn::part<0, Z>(y)), spread = nn::constant(nn::part<Z, Z>(y));
    network::latent::forward(backend_, ctx, mean, spread, z, latent_tape);
    random_stream swap(key.child("prior"));
    std::vector<bool> from_prior(B);
    for (std::size_t b = 0; b < B; ++b) {
        from_prior[b] = static_cast<double>(uniform_unit(swap)) < recipe_.prior_share;
        for (std::size_t d = 0; d < Z && from_prior[b]; ++d) z[b][d] = static_cast<real>(normal_q16(swap)) / 65536;
    }

    // The loss of a group is the mean cost of its phrases, with the divergence, in hundreds of nats.
    constexpr double unit = 100;
    std::vector<model::phrase_cost> costs(B);
    network::decode(backend_, ctx, p, batch, nn::constant(z), costs, &dp,
                    static_cast<real>(1 / (unit * static_cast<double>(B))), dz);
    for (std::size_t b = 0; b < B; ++b)
        if (from_prior[b]) std::fill_n(dz[b].begin(), Z, real{0});  // the encoder had no part in it
    network::latent::backward(backend_, ctx, latent_tape, nn::constant(dz), nn::part<0, Z>(dy), nn::part<Z, Z>(dy));
    std::array<double, Z> by_dimension{};
    network::latent::divergence(backend_, ctx, mean, spread, {.scale = beta / unit, .free_nats = free_nats}, nn::part<0, Z>(dy),
                                nn::part<Z, Z>(dy), by_dimension);
    network::encode_backward(backend_, ctx, p, dp, encoder_tape, nn::constant(dy));

    for (std::size_t i = 0; i < B; ++i) {
        sums[0] += costs[i].chords;
        sums[1] += costs[i].melody;
        sums[3] += static_cast<double>(varied[i].rows());
    }
    for (const double d : by_dimension) sums[2] += d * static_cast<double>(B);
    sums[4] += static_cast<double>(B);
}

template <model::lofi2lofi_config C>
train::metrics lofi2lofi_trainee<C>::train_step(std::uint64_t step, random_key key) {
    const double whole = static_cast<double>(recipe_.epochs * steps_per_epoch());
    const double beta = std::min(1.0, static_cast<double>(step + 1) / (.15 * whole));
    std::vector<model::lead_example> examples;
    for (const std::uint32_t i : batches_.at(step)) examples.push_back(train_.melodic[i]);
    std::array<double, 5> melodic{}, chordal{};
    learn(examples, recipe_.free_nats, key.child("melodic"), beta, melodic);
    if (!train_.chordal.empty()) {
        random_stream random(key.child("chordal examples"));
        examples.clear();
        for (std::size_t i = 0; i < recipe_.batch; ++i)
            examples.push_back(train_.chordal[uniform_below(random, static_cast<std::uint32_t>(train_.chordal.size()))]);
        learn(examples, recipe_.free_nats / 2, key.child("chordal"), beta, chordal);
    }
    const double bit = std::log(2.0);
    return {{"bits per row", (melodic[0] + melodic[1] + beta * melodic[2]) / melodic[3] / bit},
            {"bits per chord", melodic[0] / (melodic[3] + melodic[4]) / bit},
            {"bits per slot", melodic[1] / (8 * melodic[3]) / bit},
            {"divergence bits per phrase", melodic[2] / melodic[4] / bit}};
}

template <model::lofi2lofi_config C>
train::metrics lofi2lofi_trainee<C>::validate() {
    const lead_bounds b = bounds<network>(weights_.view(), valid_, 1, random_key{recipe_.seed}.child("validation"));
    double chords = 0, melody = 0, divergence = 0, rows = 0;
    for (const auto& p : b.phrases)
        chords += p.chords, melody += p.melody, divergence += p.divergence, rows += static_cast<double>(p.rows);
    const double bit = std::log(2.0), n = static_cast<double>(b.phrases.size());
    return {{"bits per row", b.elbo_bits_per_row()},
            {"bits per chord", chords / (rows + n) / bit},
            {"bits per slot", melody / (8 * rows) / bit},
            {"divergence bits per phrase", divergence / n / bit}};
}

inline double lead_bounds::elbo_bits_per_row() const {
    double nats = 0, rows = 0;
    for (const phrase& p : phrases) nats += p.chords + p.melody + p.divergence, rows += static_cast<double>(p.rows);
    return nats / rows / std::log(2.0);
}

inline double lead_bounds::importance_bits_per_row() const {
    double nats = 0, rows = 0;
    for (const phrase& p : phrases) nats += p.importance, rows += static_cast<double>(p.rows);
    return nats / rows / std::log(2.0);
}

template <class Network>
lead_bounds bounds(typename Network::params p, std::span<const model::lead_example> examples, std::size_t samples,
                   random_key key, bool told) {
    using real = typename Network::real;
    constexpr std::size_t Z = Network::Z, batch_size = 32;
    backend::cpu<real> be;
    nn::context ctx;
    lead_bounds out;
    latent_spread spread(Z);
    for (std::size_t first = 0; first < examples.size(); first += batch_size) {
        const auto part = examples.subspan(first, std::min(batch_size, examples.size() - first));
        std::vector<model::lead_conditions> conditions;
        for (const model::lead_example& e : part) conditions.push_back(told ? e.conditions : model::hide_all(e.conditions));
        const model::lead_batch batch = model::make_batch(part, conditions);
        const std::size_t B = batch.size;
        ctx.begin(key.child(first));
        ctx.mode = nn::mode::inference;
        const nn::columns<real, 2 * Z> y = ctx.scratch.template take_rows<real, 2 * Z>(B);
        const nn::columns<real, Z> z = ctx.scratch.template take_rows<real, Z>(B);
        typename Network::encoder_tape tape;
        Network::encode(be, ctx, p, batch, y, tape);
        std::vector<lead_bounds::phrase> found(B);
        random_stream random(key.child("noise").child(first));
        std::vector<model::phrase_cost> costs(B);
        std::vector<double> whole(B);
        const auto latents =
            weigh_posteriors(nn::constant(nn::part<0, Z>(y)), nn::constant(nn::part<Z, Z>(y)), z, samples, random, spread, [&] {
                Network::decode(be, ctx, p, batch, nn::constant(z), costs);
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
            found[b].rows = part[b].rows();
            out.phrases.push_back(found[b]);
        }
    }
    out.mean_variance = spread.variance(examples.size());
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

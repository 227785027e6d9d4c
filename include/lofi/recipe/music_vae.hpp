#pragma once
// How the melody network is trained: what the training loop asks of it, over segments; what segments cost under it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/corpus/melody_corpus.hpp>
#include <lofi/model/music_vae_training.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/recipe/posterior.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Sets of clean licence that the shipped network learned from; with two more, the styles that it tells apart, from 1 on.
inline constexpr std::array<std::string_view, 4> music_vae_styles = {"ewld", "lieder", "pop909", "rs200"};

/// Settings of the training.
struct music_vae_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 20;
    std::size_t batch = 64;
    double rate = 4e-3, decay = .05, average = .995, clip = 1;
    double free_nats = .12;        ///< each latent dimension may cost so much
    double feature_dropout = .15;  ///< of features that look back, each by itself
    double prior_share = .15;      ///< of segments whose latent is drawn from the prior, so that the decoder knows it too
    model::segment_mask mask{};
};

/// The segments of one split; of one set, where it is named.
[[nodiscard]] std::vector<model::segment_example> segment_examples(const corpus::melody_corpus& all, corpus::split which,
                                                                   std::string_view set = {});

/// The network with its data, as `train::train` takes it.
template <model::music_vae_config C = model::music_vae_config{}>
class music_vae_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::music_vae_training<C, backend_type>;

    /// errors: no segments to learn from or to validate on
    music_vae_trainee(const music_vae_recipe& recipe, std::vector<model::segment_example> train,
                      std::vector<model::segment_example> valid);

    [[nodiscard]] static std::string kind() { return "music-vae"; }
    [[nodiscard]] static nn::json config() {
        return {{"setting", "improved"}, {"latent", C.latent}, {"encoder", C.encoder}, {"decoder", C.decoder}};
    }
    [[nodiscard]] std::span<real> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<real> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<real> buffers() { return {}; }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors() { return nn::tensors_of<network>(weights_.view()); }
    [[nodiscard]] std::vector<train::parameter_group> groups() {
        const auto all = tensors();
        return train::decay_matrices_only<real>(all, parameters());
    }
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() { return batches_.per_epoch(); }
    /// params: steps: of the whole run, which the rate's schedule reaches to; 0: those of the recipe's epochs
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder, std::uint64_t steps = 0);
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    music_vae_recipe recipe_;
    std::vector<model::segment_example> train_, valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
    std::uint64_t steps_ = 0;  // of the whole run: the divergence counts more and more as it begins
};

/// What segments cost: the evidence bound and the importance-weighted bound, in nats a segment.
struct segment_bounds {
    struct one {
        double nats = 0, divergence = 0, importance = 0;
        std::uint32_t song = 0;
    };
    std::vector<one> segments;
    std::vector<double> mean_variance;  ///< of each latent dimension, over the segments

    [[nodiscard]] double elbo_bits_per_step() const;
    [[nodiscard]] double importance_bits_per_step() const;
    [[nodiscard]] double divergence_bits() const;  ///< a segment
    /// Dimensions whose mean moves by more than a variance of .01.
    [[nodiscard]] std::size_t alive() const {
        return static_cast<std::size_t>(
            std::count_if(mean_variance.begin(), mean_variance.end(), [](double v) { return v > .01; }));
    }
};
/// What is told beside the notes when costs are measured.
struct segment_told {
    bool conditions = false, before = true;
};
template <class Network>
[[nodiscard]] segment_bounds bounds(typename Network::params p, std::span<const model::segment_example> examples,
                                    std::size_t samples, random_key key, segment_told told = {});

template <model::music_vae_config C>
using music_vae_weights = nn::parameters<model::music_vae_training<C, backend::cpu<float>>>;
/// Reads weights of `lofi train music-vae`: a checkpoint, or finished weights.
/// errors: "x.safetensors: its config differs at /decoder: 64, not 128"; a tensor missing, of another shape or not finite
template <model::music_vae_config C = model::music_vae_config{}>
[[nodiscard]] music_vae_weights<C> read_music_vae(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

inline std::vector<model::segment_example> segment_examples(const corpus::melody_corpus& all, corpus::split which,
                                                            std::string_view set) {
    std::vector<model::segment_example> out;
    for (const corpus::melody_segment& s : all.segments) {
        if (s.split != which || (!set.empty() && all.sets[s.set] != set)) continue;
        std::vector<model::segment> before;
        for (std::uint32_t i = s.before; i != corpus::melody_segment::none && before.size() < 2; i = all.segments[i].before)
            before.insert(before.begin(), corpus::from_tonic(all.segments[i]));
        const auto known = std::find(music_vae_styles.begin(), music_vae_styles.end(), all.sets[s.set]);
        model::segment_conditions c;
        if (known != music_vae_styles.end()) c.style = static_cast<std::uint8_t>(known - music_vae_styles.begin() + 1);
        c.scale = s.key.scale;
        out.push_back(model::to_segment_example(corpus::from_tonic(s), before, c));
        out.back().song = s.song;
    }
    return out;
}

template <model::music_vae_config C>
music_vae_trainee<C>::music_vae_trainee(const music_vae_recipe& recipe, std::vector<model::segment_example> train,
                                        std::vector<model::segment_example> valid)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch}, random_key{recipe.seed}.child("batches"), train_.size()) {
    steps_ = recipe_.epochs * steps_per_epoch();
    if (train_.empty()) raise(error("music-vae", "needs melodies to learn from, and was given none"));
    if (valid_.empty()) raise(error("music-vae", "needs melodies to validate on, and was given none"));
}

template <model::music_vae_config C>
train::loop_config music_vae_trainee<C>::loop(std::filesystem::path folder, std::uint64_t steps) {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = steps_ = steps != 0 ? steps : recipe_.epochs * c.steps_per_epoch;
    c.optimiser = train::adamw_config{.beta1 = .9, .beta2 = .98, .weight_decay = recipe_.decay};
    c.rate = train::warm_up_cosine{.peak = recipe_.rate,
                                   .floor = .02 * recipe_.rate,
                                   .warm_up = std::min<std::uint64_t>(100, c.steps / 2),
                                   .total = c.steps};
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    return c;
}

template <model::music_vae_config C>
train::metrics music_vae_trainee<C>::train_step(std::uint64_t step, random_key key) {
    constexpr std::size_t Z = C.latent;
    const double beta = std::min(1.0, static_cast<double>(step + 1) / (.15 * static_cast<double>(steps_)));
    random_stream random(key.child("told"));
    std::vector<const model::segment_example*> examples;
    std::vector<model::segment_shown> shown;
    for (const std::uint32_t i : batches_.at(step)) {
        examples.push_back(&train_[i]);
        shown.push_back(model::hide(train_[i], recipe_.mask, random));
    }
    const model::segment_batch batch =
        model::make_batch(examples, shown, {.rate = recipe_.feature_dropout, .key = key.child("features")});
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
        for (std::size_t d = 0; d < Z && from_prior[b]; ++d) z.row(b)[d] = static_cast<real>(normal_q16(swap)) / 65536;
    }
    std::vector<model::segment_cost> costs(B);
    const double unit = static_cast<double>(model::segment_steps);
    network::decode(backend_, ctx, p, batch, nn::constant(z), costs, &dp,
                    static_cast<real>(1 / (unit * static_cast<double>(B))), dz);
    for (std::size_t b = 0; b < B; ++b)
        if (from_prior[b]) std::fill_n(dz.row(b), Z, real{0});  // the encoder had no part in it
    network::latent::backward(backend_, ctx, latent_tape, nn::constant(dz), nn::part<0, Z>(dy), nn::part<Z, Z>(dy));
    const double divergence =
        network::latent::divergence(backend_, ctx, mean, spread, {.scale = beta / unit, .free_nats = recipe_.free_nats},
                                    nn::part<0, Z>(dy), nn::part<Z, Z>(dy));
    network::encode_backward(backend_, ctx, p, dp, encoder_tape, nn::constant(dy));

    model::segment_cost sum;
    for (const model::segment_cost& c : costs) sum += c;
    const double bit = std::log(2.0), steps = static_cast<double>(sum.steps);
    return {{"bits per step", (sum.nats / steps + beta * divergence / unit) / bit},
            {"divergence bits per segment", divergence / bit},
            {"accuracy", static_cast<double>(sum.right) / steps}};
}

template <model::music_vae_config C>
train::metrics music_vae_trainee<C>::validate() {
    const segment_bounds b = bounds<network>(weights_.view(), valid_, 1, random_key{recipe_.seed}.child("validation"));
    return {{"bits per step", b.elbo_bits_per_step()}, {"divergence bits per segment", b.divergence_bits()}};
}

inline double segment_bounds::elbo_bits_per_step() const {
    double nats = 0;
    for (const one& s : segments) nats += s.nats + s.divergence;
    return nats / std::log(2.0) / static_cast<double>(segments.size() * model::segment_steps);
}
inline double segment_bounds::importance_bits_per_step() const {
    double nats = 0;
    for (const one& s : segments) nats += s.importance;
    return nats / std::log(2.0) / static_cast<double>(segments.size() * model::segment_steps);
}
inline double segment_bounds::divergence_bits() const {
    double nats = 0;
    for (const one& s : segments) nats += s.divergence;
    return nats / std::log(2.0) / static_cast<double>(segments.size());
}

template <class Network>
segment_bounds bounds(typename Network::params p, std::span<const model::segment_example> examples, std::size_t samples,
                      random_key key, segment_told told) {
    using real = typename Network::real;
    constexpr std::size_t Z = Network::Z, batch_size = 64;
    backend::cpu<real> be;
    nn::context ctx;
    segment_bounds out;
    latent_spread spread(Z);
    for (std::size_t first = 0; first < examples.size(); first += batch_size) {
        std::vector<const model::segment_example*> part;
        std::vector<model::segment_shown> shown;
        for (std::size_t i = first; i < std::min(examples.size(), first + batch_size); ++i) {
            part.push_back(&examples[i]);
            shown.push_back({told.conditions ? examples[i].conditions : model::segment_conditions{}, told.before});
        }
        const model::segment_batch batch = model::make_batch(part, shown);
        const std::size_t B = batch.size;
        ctx.begin(key.child(first));
        ctx.mode = nn::mode::inference;
        const nn::columns<real, 2 * Z> y = ctx.scratch.template take_rows<real, 2 * Z>(B);
        const nn::columns<real, Z> z = ctx.scratch.template take_rows<real, Z>(B);
        typename Network::encoder_tape tape;
        Network::encode(be, ctx, p, batch, y, tape);
        std::vector<double> nats(B), whole(B);
        random_stream random(key.child("noise").child(first));
        std::vector<model::segment_cost> costs(B);
        const auto latents =
            weigh_posteriors(nn::constant(nn::part<0, Z>(y)), nn::constant(nn::part<Z, Z>(y)), z, samples, random, spread, [&] {
                Network::decode(be, ctx, p, batch, nn::constant(z), costs);
                for (std::size_t b = 0; b < B; ++b) {
                    whole[b] = costs[b].nats;
                    nats[b] += costs[b].nats / static_cast<double>(samples);
                }
                return std::span<const double>(whole);
            });
        for (std::size_t b = 0; b < B; ++b)
            out.segments.push_back({nats[b], latents[b].divergence, latents[b].importance, part[b]->song});
    }
    out.mean_variance = spread.variance(examples.size());
    return out;
}

template <model::music_vae_config C>
music_vae_weights<C> read_music_vae(const std::filesystem::path& path) {
    using trainee = music_vae_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header(file, nn::read_header(file), trainee::kind(), trainee::config());
    music_vae_weights<C> weights;
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(weights.view()), nn::extra_tensors::ignore);
    return weights;
}

}  // namespace lofi::inline LOFI_ABI::recipe

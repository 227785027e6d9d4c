#pragma once
// How the groove network is trained: what the training loop asks of it, over windows of drumming.
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
#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/model/groove_training.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Settings of the training.
struct groove_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 40;
    std::size_t batch = 48;
    double rate = 4e-3, decay = .05, average = .995, clip = 1;
    double feature_dropout = .05;  ///< of features that look back, each by itself
    model::groove_mask mask{};
    model::groove_augmentation vary{};
};

/// The style of a window: what stands before the '/' of "funk/purdieshuffle".
[[nodiscard]] model::groove_style style_of(std::string_view style);
/// A window as the network sees it, and everything that could be told about it. Hits beyond the most a pattern holds are left out.
[[nodiscard]] model::groove_example to_example(const corpus::groove_window& w);
/// The windows of one split; of one set, where it is named.
[[nodiscard]] std::vector<model::groove_example> examples_of(const corpus::groove_corpus& all, corpus::split which,
                                                             std::string_view set = {});

/// The network with its data, as `train::train` takes it.
template <model::groove_config C = model::groove_config{}>
class groove_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::groove_training<C, backend_type>;

    groove_trainee(const groove_recipe& recipe, std::vector<model::groove_example> train,
                   std::vector<model::groove_example> valid);

    [[nodiscard]] static std::string kind() { return "groove"; }
    [[nodiscard]] static nn::json config() { return {{"hits", C.hits}, {"touches", C.touches}}; }
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
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder);
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    groove_recipe recipe_;
    std::vector<model::groove_example> train_, valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// What the conditions of a bound tell.
enum class groove_told : std::uint8_t {
    nothing,
    beforehand,  ///< tempo and style: what is known before anybody plays
};
/// What each groove costs, in bits.
template <class Training>
[[nodiscard]] std::vector<model::groove_cost> groove_bits(typename Training::params p,
                                                          std::span<const model::groove_example> examples,
                                                          groove_told told = groove_told::nothing);
/// The conditions that a bound tells.
[[nodiscard]] model::groove_conditions shown(const model::groove_conditions& c, groove_told told);

/// Weights in memory, and from a file of `lofi train groove`: a checkpoint, or finished weights.
/// errors: "x.safetensors: its config differs at /hits: 64, not 112"; a tensor missing, of another shape or not finite
template <model::groove_config C>
using groove_weights = nn::parameters<model::groove_training<C, backend::cpu<float>>>;
template <model::groove_config C = model::groove_config{}>
[[nodiscard]] groove_weights<C> read_groove(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

inline model::groove_style style_of(std::string_view style) {
    using enum model::groove_style;
    constexpr std::pair<std::string_view, model::groove_style> known[] = {
        {"hiphop", hiphop}, {"soul", soul},       {"funk", funk},     {"neworleans", new_orleans},
        {"jazz", jazz},     {"pop", song},        {"country", song},  {"blues", song},
        {"gospel", song},   {"reggae", reggae},   {"rock", rock},     {"punk", punk},
        {"latin", latin},   {"afrocuban", latin}, {"afrobeat", latin}};
    const std::string_view group = style.substr(0, style.find('/'));
    for (const auto& [name, id] : known)
        if (group == name) return id;
    return style.empty() ? not_told : other;
}

inline model::groove_example to_example(const corpus::groove_window& w) {
    model::groove_example e;
    for (const score::drum_hit& h : w.groove.hits)
        if (!e.pattern.full()) e.pattern.push_back(h);
    e.conditions.tempo = static_cast<std::int32_t>(std::lround(w.tempo.value * 1000));
    e.conditions.style = style_of(w.style);
    if (w.fill) e.conditions.kind = model::groove_kind::all_fill;
    if (w.swing) e.conditions.swing = static_cast<std::int32_t>(std::lround(*w.swing * 1000));
    model::describe({e.pattern.data(), e.pattern.size()}, e.conditions);
    return e;
}

inline std::vector<model::groove_example> examples_of(const corpus::groove_corpus& all, corpus::split which,
                                                      std::string_view set) {
    std::vector<model::groove_example> out;
    for (const corpus::groove_window& w : all.windows)
        if (w.split == which && (set.empty() || all.sets[w.set] == set)) out.push_back(to_example(w));
    return out;
}

namespace detail {
inline std::vector<std::uint32_t> hit_counts(std::span<const model::groove_example> examples) {
    std::vector<std::uint32_t> counts;
    for (const model::groove_example& e : examples) counts.push_back(static_cast<std::uint32_t>(e.pattern.size()));
    return counts;
}

inline train::metrics groove_metrics(const model::groove_cost& sum, double grooves, double in_bits) {
    const double share = in_bits / grooves;
    return {{"bits per groove", sum.sum() * share},
            {"bits of hits", sum.hits * share},
            {"bits of force", sum.forces * share},
            {"bits of timing", sum.offsets * share}};
}
}  // namespace detail

template <model::groove_config C>
groove_trainee<C>::groove_trainee(const groove_recipe& recipe, std::vector<model::groove_example> train,
                                  std::vector<model::groove_example> valid)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch, .bucket = 8, .rest = train::last_batch::drop}, random_key{recipe.seed}.child("batches"),
               detail::hit_counts(train_)) {
    if (train_.size() < recipe.batch)
        raise(error("groove", "needs at least " + std::to_string(recipe.batch) + " training windows, and was given " +
                                  std::to_string(train_.size())));
    if (valid_.empty()) raise(error("groove", "needs windows to validate on, and was given none"));
}

template <model::groove_config C>
train::loop_config groove_trainee<C>::loop(std::filesystem::path folder) {
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

template <model::groove_config C>
train::metrics groove_trainee<C>::train_step(std::uint64_t step, random_key key) {
    random_stream random(key.child("vary"));
    std::vector<model::groove_example> varied;
    std::vector<model::groove_conditions> told;
    for (const std::uint32_t i : batches_.at(step)) {
        varied.push_back(model::vary(train_[i], recipe_.vary, random));
        told.push_back(model::hide(varied.back().conditions, recipe_.mask, random));
    }
    const model::groove_batch batch =
        model::make_batch(varied, told, {.rate = recipe_.feature_dropout, .key = key.child("features")});
    context_.begin(key.child("network"));
    context_.mode = nn::mode::training;
    std::vector<model::groove_cost> costs(batch.size);
    typename network::params dp = gradients_.view();
    constexpr double unit = 100;  // nats
    network::cost(backend_, context_, weights_.view(), batch, costs, &dp,
                  static_cast<real>(1 / (unit * static_cast<double>(batch.size))));
    model::groove_cost sum;
    for (const model::groove_cost& c : costs) sum += c;
    return detail::groove_metrics(sum, static_cast<double>(batch.size), 1 / std::log(2.0));
}

template <model::groove_config C>
train::metrics groove_trainee<C>::validate() {
    model::groove_cost sum;
    for (const model::groove_cost& c : groove_bits<network>(weights_.view(), valid_)) sum += c;
    return detail::groove_metrics(sum, static_cast<double>(valid_.size()), 1);
}

inline model::groove_conditions shown(const model::groove_conditions& c, groove_told told) {
    model::groove_conditions out;
    if (told == groove_told::beforehand) out.tempo = c.tempo, out.style = c.style;
    return out;
}

template <class Training>
std::vector<model::groove_cost> groove_bits(typename Training::params p, std::span<const model::groove_example> examples,
                                            groove_told told) {
    constexpr std::size_t batch_size = 64;
    backend::cpu<typename Training::real> be;
    nn::context ctx;
    std::vector<model::groove_cost> out;
    for (std::size_t first = 0; first < examples.size(); first += batch_size) {
        const auto part = examples.subspan(first, std::min(batch_size, examples.size() - first));
        std::vector<model::groove_conditions> conditions;
        for (const model::groove_example& e : part) conditions.push_back(shown(e.conditions, told));
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        std::vector<model::groove_cost> costs(part.size());
        Training::cost(be, ctx, p, model::make_batch(part, conditions), costs);
        for (const model::groove_cost& c : costs) {
            const double bit = std::log(2.0);
            out.push_back({c.hits / bit, c.forces / bit, c.offsets / bit});
        }
    }
    return out;
}

template <model::groove_config C>
groove_weights<C> read_groove(const std::filesystem::path& path) {
    using trainee = groove_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header(file, nn::read_header(file), trainee::kind(), trainee::config());
    groove_weights<C> weights;
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(weights.view()), nn::extra_tensors::ignore);
    return weights;
}

}  // namespace lofi::inline LOFI_ABI::recipe

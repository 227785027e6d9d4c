#pragma once
// How the note network is trained: what the training loop asks of it, over stretches of songs; what songs cost under it.
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
#include <lofi/corpus/hands_corpus.hpp>
#include <lofi/model/note_lstm_training.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Sets of clean licence that the shipped network learned from.
inline constexpr std::array<std::string_view, 3> note_lstm_corpora = {"loops", "ewld", "lieder"};

/// Settings of the training.
struct note_lstm_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 10;
    std::size_t batch = 32;
    double rate = 4e-3, decay = .05, average = .995, clip = 1;
    double feature_dropout = .08;        ///< of features that look back, each by itself
    std::size_t bars = 8, tokens = 320;  ///< of a stretch
    std::size_t most_repeats = 4;        ///< how often small sets may come in an epoch
    model::note_mask mask{};
};

/// The style of a song: each of the first four sets without and with a melody, 1 to 8.
[[nodiscard]] std::uint8_t note_style_of(const corpus::hands_song& s);
/// Names of the styles, from 1 on: "loops", "loops with a melody", ...
[[nodiscard]] std::vector<std::string> note_style_names(const corpus::hands_corpus& all);
/// The songs of one split as pieces; of one set, where it is named.
[[nodiscard]] std::vector<model::note_piece> note_pieces(const corpus::hands_corpus& all, corpus::split which,
                                                         std::string_view set = {});

/// The network with its data, as `train::train` takes it.
template <model::note_lstm_config C = model::note_lstm_config{}>
class note_lstm_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::note_lstm_training<C, backend_type>;

    /// errors: no songs to learn from or to validate on
    note_lstm_trainee(const note_lstm_recipe& recipe, std::vector<model::note_piece> train,
                      std::vector<model::note_piece> valid, std::vector<std::string> styles = {});

    [[nodiscard]] static std::string kind() { return "note-lstm"; }
    [[nodiscard]] nn::json config() const { return config_of(styles_); }
    [[nodiscard]] static nn::json config_of(const std::vector<std::string>& styles) {
        return {{"setting", "improved"}, {"hidden", C.hidden}, {"tokens", "hands"}, {"styles", styles}};
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
    [[nodiscard]] static train::metrics metrics_of(double nats, double tokens, double right) {
        return {{"bits per token", nats / std::log(2.0) / std::max(tokens, 1.0)}, {"accuracy", right / std::max(tokens, 1.0)}};
    }

protected:
    note_lstm_recipe recipe_;
    std::vector<model::note_piece> train_, valid_;
    std::vector<std::string> styles_;
    std::vector<model::note_excerpt> excerpts_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// What a bound tells the network.
enum class note_told : std::uint8_t {
    nothing,
    all,  ///< style, mode, tempo and how many bars
};
/// What each piece costs, stretch by stretch.
template <class Training>
[[nodiscard]] std::vector<model::note_cost> note_costs(typename Training::params p, std::span<const model::note_piece> pieces,
                                                       note_told told = note_told::nothing, std::size_t bars = 8,
                                                       std::size_t tokens = 320);

/// Weights in memory, and from a file of `lofi train note-lstm`: a checkpoint, or finished weights.
/// errors: "x.safetensors: its config differs at /hidden: 64, not 128"; a tensor missing, of another shape or not finite
template <model::note_lstm_config C>
using note_lstm_weights = nn::parameters<model::note_lstm_training<C, backend::cpu<float>>>;
template <model::note_lstm_config C = model::note_lstm_config{}>
[[nodiscard]] note_lstm_weights<C> read_note_lstm(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

inline std::uint8_t note_style_of(const corpus::hands_song& s) {
    return static_cast<std::uint8_t>(1 + 2 * std::min<std::uint32_t>(s.set, 3) + (s.melody ? 1 : 0));
}

inline std::vector<std::string> note_style_names(const corpus::hands_corpus& all) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min<std::size_t>(all.sets.size(), 4); ++i)
        out.push_back(all.sets[i]), out.push_back(all.sets[i] + " with a melody");
    return out;
}

inline std::vector<model::note_piece> note_pieces(const corpus::hands_corpus& all, corpus::split which, std::string_view set) {
    std::vector<model::note_piece> out;
    for (const corpus::hands_song& s : all.songs) {
        if (s.split != which || (!set.empty() && all.sets[s.set] != set)) continue;
        model::note_conditions c;
        c.style = note_style_of(s);
        c.scale = s.key.scale;
        c.tempo = static_cast<std::int32_t>(std::lround(s.tempo.value * 1000));
        out.push_back(model::to_note_piece(c, s.tokens));
    }
    return out;
}

namespace detail {

// Small sets come several times, so that a large one does not drown them.
inline std::vector<model::note_excerpt> balanced(std::span<const model::note_piece> pieces, const note_lstm_recipe& r) {
    std::vector<model::note_excerpt> all = model::note_excerpts(pieces, r.bars, r.tokens), out;
    std::array<std::size_t, model::note_styles + 1> tokens{};
    for (const model::note_excerpt& e : all) tokens[pieces[e.piece].conditions.style] += e.count;
    const std::size_t most = *std::max_element(tokens.begin(), tokens.end());
    for (const model::note_excerpt& e : all) {
        const std::size_t times = std::clamp<std::size_t>(most / tokens[pieces[e.piece].conditions.style], 1, r.most_repeats);
        out.insert(out.end(), times, e);
    }
    return out;
}

inline train::batches note_batches(const note_lstm_recipe& r, std::span<const model::note_excerpt> excerpts) {
    std::vector<std::uint32_t> counts;
    for (const model::note_excerpt& e : excerpts) counts.push_back(static_cast<std::uint32_t>(e.count));
    return {{.size = r.batch, .bucket = 16}, random_key{r.seed}.child("batches"), std::move(counts)};
}

}  // namespace detail

template <model::note_lstm_config C>
note_lstm_trainee<C>::note_lstm_trainee(const note_lstm_recipe& recipe, std::vector<model::note_piece> train,
                                        std::vector<model::note_piece> valid, std::vector<std::string> styles)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      styles_(std::move(styles)),
      excerpts_(detail::balanced(train_, recipe)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_(detail::note_batches(recipe, excerpts_)) {
    if (excerpts_.empty()) raise(error("note-lstm", "needs songs to learn from, and was given none"));
    if (valid_.empty()) raise(error("note-lstm", "needs songs to validate on, and was given none"));
}

template <model::note_lstm_config C>
train::loop_config note_lstm_trainee<C>::loop(std::filesystem::path folder, std::uint64_t steps) {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = steps != 0 ? steps : recipe_.epochs * c.steps_per_epoch;
    c.optimiser = train::adamw_config{.beta1 = .9, .beta2 = .98, .weight_decay = recipe_.decay};
    c.rate = train::warm_up_cosine{.peak = recipe_.rate,
                                   .floor = .02 * recipe_.rate,
                                   .warm_up = std::min<std::uint64_t>(100, c.steps / 2),
                                   .total = c.steps};
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    return c;
}

template <model::note_lstm_config C>
train::metrics note_lstm_trainee<C>::train_step(std::uint64_t step, random_key key) {
    random_stream random(key.child("told"));
    std::vector<model::note_excerpt> excerpts;
    std::vector<model::note_conditions> shown;
    for (const std::uint32_t i : batches_.at(step)) {
        excerpts.push_back(excerpts_[i]);
        shown.push_back(model::hide(train_[excerpts_[i].piece].conditions, recipe_.mask, random));
    }
    const model::note_batch batch =
        model::make_batch(train_, excerpts, shown, {.rate = recipe_.feature_dropout, .key = key.child("features")});
    context_.begin(key.child("network"));
    context_.mode = nn::mode::training;
    std::size_t tokens = 0;
    for (const model::note_excerpt& e : excerpts) tokens += e.count;
    std::vector<model::note_cost> costs(batch.size);
    typename network::params dp = gradients_.view();
    network::cost(backend_, context_, weights_.view(), batch, costs, &dp, static_cast<real>(1 / static_cast<double>(tokens)));
    model::note_cost sum;
    for (const model::note_cost& c : costs) sum += c;
    return metrics_of(sum.nats, static_cast<double>(sum.tokens), static_cast<double>(sum.right));
}

template <model::note_lstm_config C>
train::metrics note_lstm_trainee<C>::validate() {
    model::note_cost sum;
    for (const model::note_cost& c : note_costs<network>(weights_.view(), valid_, note_told::all)) sum += c;
    return metrics_of(sum.nats, static_cast<double>(sum.tokens), static_cast<double>(sum.right));
}

template <class Training>
std::vector<model::note_cost> note_costs(typename Training::params p, std::span<const model::note_piece> pieces, note_told told,
                                         std::size_t bars, std::size_t tokens) {
    constexpr std::size_t batch_size = 32;
    backend::cpu<typename Training::real> be;
    nn::context ctx;
    std::vector<model::note_cost> out(pieces.size());
    const auto excerpts = model::note_excerpts(pieces, bars, tokens);
    for (std::size_t first = 0; first < excerpts.size(); first += batch_size) {
        const auto part = std::span(excerpts).subspan(first, std::min(batch_size, excerpts.size() - first));
        std::vector<model::note_conditions> shown;
        for (const model::note_excerpt& e : part)
            shown.push_back(told == note_told::all ? pieces[e.piece].conditions : model::note_conditions{});
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        std::vector<model::note_cost> costs(part.size());
        Training::cost(be, ctx, p, model::make_batch(pieces, part, shown), costs);
        for (std::size_t i = 0; i < part.size(); ++i) out[part[i].piece] += costs[i];
    }
    return out;
}

template <model::note_lstm_config C>
note_lstm_weights<C> read_note_lstm(const std::filesystem::path& path) {
    using trainee = note_lstm_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    const nn::checkpoint_header header = nn::read_header(file);
    // What its styles are called is the file's own affair.
    nn::json expected = trainee::config_of({});
    if (header.config.contains("styles")) expected["styles"] = header.config["styles"];
    nn::check_header(file, header, trainee::kind(), expected);
    note_lstm_weights<C> weights;
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(weights.view()), nn::extra_tensors::ignore);
    return weights;
}

}  // namespace lofi::inline LOFI_ABI::recipe

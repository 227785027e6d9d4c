#pragma once
// How the note/chord LSTMs of papers 001 and 003 are trained, and how they write.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/backend/cpu.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/model/note_lstm_published_training.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The published settings. Paper 001: 100 epochs; 003: 50 on piano, then 200 on lo-fi.
struct note_lstm_published_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 100;
    std::size_t batch = 64;
    double rate = 1e-3;
    std::size_t frozen = 0;  ///< how many LSTMs, from the first on, stay as they are: for what goes on from trained weights
};

/// Songs one after the other, as the papers join them: windows reach across.
[[nodiscard]] std::vector<std::int32_t> joined(const corpus::note_corpus& all, corpus::split which,
                                               const token::notechord_vocabulary& vocabulary);

/// The network with its data, as `train::train` takes it.
template <model::note_lstm_published_config C>
class note_lstm_published_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::note_lstm_published<C, backend_type>;

    /// params: train, valid: joined tokens as numbers of the vocabulary
    /// errors: a vocabulary that the network has no room for; too few tokens for one window
    note_lstm_published_trainee(const note_lstm_published_recipe& recipe, token::notechord_vocabulary vocabulary,
                                std::vector<std::int32_t> train, std::vector<std::int32_t> valid);

    [[nodiscard]] static std::string kind() { return "note-lstm"; }
    [[nodiscard]] static const char* setting() {
        return C.head == model::note_lstm_head::plain ? "published-001" : "published-003";
    }
    [[nodiscard]] nn::json config() const { return config_of(vocabulary_); }
    [[nodiscard]] static nn::json config_of(const token::notechord_vocabulary& vocabulary);
    [[nodiscard]] std::span<real> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<real> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<real> buffers() { return weights_.buffers(); }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors() { return nn::tensors_of<network>(weights_.view()); }
    [[nodiscard]] std::vector<train::parameter_group> groups() const;
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() const { return batches_.per_epoch(); }
    /// params: steps: of the whole run, which the rate's schedule reaches to; 0: those of the recipe's epochs
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder, std::uint64_t steps = 0) const;
    [[nodiscard]] typename network::params view() { return weights_.view(); }
    /// Goes on from trained weights of the same network and vocabulary.
    void start_from(std::span<const real> parameters, std::span<const real> buffers);
    [[nodiscard]] static train::metrics metrics_of(double nats, double tokens, double right) {
        return {{"loss", nats / tokens}, {"bits per token", nats / tokens / std::log(2.0)}, {"accuracy", right / tokens}};
    }

protected:
    note_lstm_published_recipe recipe_;
    token::notechord_vocabulary vocabulary_;
    std::vector<std::int32_t> train_, valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// Published weights with their vocabulary.
template <model::note_lstm_published_config C>
struct note_lstm_published_weights {
    using network = model::note_lstm_published<C, backend::cpu<float>>;
    nn::parameters<network> weights;
    token::notechord_vocabulary vocabulary;
};
/// Reads weights of `lofi train note-lstm`: a checkpoint, or finished weights.
/// errors: "x.safetensors: its config differs at /setting: ..."; a vocabulary that is none
template <model::note_lstm_published_config C>
[[nodiscard]] note_lstm_published_weights<C> read_note_lstm_published(const std::filesystem::path& path);

/// What tokens cost, in bits, each seen through the window before it; the first window's tokens are only seen.
struct note_lstm_bits {
    double bits = 0;
    std::size_t tokens = 0, right = 0;

    [[nodiscard]] double per_token() const { return bits / static_cast<double>(std::max<std::size_t>(tokens, 1)); }
};
template <class Network>
[[nodiscard]] note_lstm_bits published_bits(typename Network::params p, std::span<const std::int32_t> tokens, std::size_t used);

/// Writes pieces side by side as the papers do: from a window of the corpus on, the likeliest token each time.
/// params: starts: for each piece at least a window of tokens, of which the last N are seen
template <class Network>
[[nodiscard]] std::vector<std::vector<std::int32_t>> write_published(typename Network::params p,
                                                                     std::span<const std::span<const std::int32_t>> starts,
                                                                     std::size_t used, std::size_t count);

// ---------------------------------------------------------------- bodies

inline std::vector<std::int32_t> joined(const corpus::note_corpus& all, corpus::split which,
                                        const token::notechord_vocabulary& vocabulary) {
    std::vector<std::int32_t> out;
    for (const corpus::note_song& s : all.songs) {
        if (s.split != which) continue;
        auto numbers = vocabulary.encode(s.tokens);
        if (!numbers) throw numbers.error().at(s.name);
        out.insert(out.end(), numbers->begin(), numbers->end());
    }
    return out;
}

namespace detail {

inline train::batches window_batches(const note_lstm_published_recipe& r, std::size_t tokens, std::size_t window) {
    return {{.size = r.batch}, random_key{r.seed}.child("batches"), tokens > window ? tokens - window : 0};
}

// Windows that end before the given places, time-major.
template <class Real>
void fill_windows(std::span<const std::int32_t> tokens, std::span<const std::size_t> ends, std::size_t N, std::size_t used,
                  std::vector<Real>& inputs, std::vector<std::int32_t>& targets) {
    const std::size_t B = ends.size();
    inputs.assign(N * B, Real{0}), targets.assign(B, -1);
    for (std::size_t b = 0; b < B; ++b) {
        for (std::size_t t = 0; t < N; ++t)
            inputs[t * B + b] = static_cast<Real>(model::published_input(tokens[ends[b] - N + t], used));
        targets[b] = ends[b] < tokens.size() ? tokens[ends[b]] : -1;
    }
}

}  // namespace detail

template <model::note_lstm_published_config C>
nn::json note_lstm_published_trainee<C>::config_of(const token::notechord_vocabulary& vocabulary) {
    nn::json words = nn::json::array();
    for (const token::notechord t : vocabulary.tokens()) words.push_back(t.id);
    return {{"setting", setting()},   {"hidden", {C.first, C.second, C.third}},
            {"dense", C.dense},       {"window", C.window},
            {"capacity", C.capacity}, {"vocabulary", words}};
}

template <model::note_lstm_published_config C>
note_lstm_published_trainee<C>::note_lstm_published_trainee(const note_lstm_published_recipe& recipe,
                                                            token::notechord_vocabulary vocabulary,
                                                            std::vector<std::int32_t> train, std::vector<std::int32_t> valid)
    : recipe_(recipe),
      vocabulary_(std::move(vocabulary)),
      train_(std::move(train)),
      valid_(std::move(valid)),
      batches_(detail::window_batches(recipe, train_.size(), C.window)) {
    if (vocabulary_.size() > C.capacity)
        raise(error("note-lstm", "has room for " + std::to_string(C.capacity) + " different tokens, and the corpus has " +
                                     std::to_string(vocabulary_.size())));
    for (const auto& [what, tokens] : {std::pair{"learn from", &train_}, std::pair{"validate on", &valid_}})
        if (tokens->size() <= C.window)
            raise(error("note-lstm", "sees " + std::to_string(C.window) +
                                         " tokens and guesses the one that comes, and was given " +
                                         std::to_string(tokens->size()) + " to " + what));
    random_stream random(random_key{recipe.seed}.child("weights"));
    network::initialise(weights_.view(), random, vocabulary_.size());
}

template <model::note_lstm_published_config C>
std::vector<train::parameter_group> note_lstm_published_trainee<C>::groups() const {
    constexpr std::size_t sizes[] = {network::first::parameter_count, network::second::parameter_count,
                                     network::third::parameter_count};
    std::size_t first = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(recipe_.frozen, 3); ++i) first += sizes[i];
    return {{.first = first, .count = network::parameter_count - first}};
}

template <model::note_lstm_published_config C>
train::loop_config note_lstm_published_trainee<C>::loop(std::filesystem::path folder, std::uint64_t steps) const {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = steps != 0 ? steps : recipe_.epochs * c.steps_per_epoch;
    if (C.head == model::note_lstm_head::plain)
        c.optimiser = train::keras_rmsprop();
    else
        c.optimiser = train::keras_adam();
    c.rate = train::constant{recipe_.rate};
    return c;
}

template <model::note_lstm_published_config C>
train::metrics note_lstm_published_trainee<C>::train_step(std::uint64_t step, random_key key) {
    std::vector<std::size_t> ends;
    for (const std::uint32_t i : batches_.at(step)) ends.push_back(i + C.window);
    std::vector<real> inputs;
    std::vector<std::int32_t> targets;
    detail::fill_windows(std::span<const std::int32_t>(train_), ends, C.window, vocabulary_.size(), inputs, targets);
    context_.begin(key.child("network"));
    context_.mode = nn::mode::training;
    const auto dp = gradients_.view();
    const auto r = network::loss(backend_, context_, weights_.view(), inputs, targets, vocabulary_.size(), &dp);
    return metrics_of(r.sum, static_cast<double>(r.count), static_cast<double>(r.correct));
}

template <model::note_lstm_published_config C>
train::metrics note_lstm_published_trainee<C>::validate() {
    const note_lstm_bits b = published_bits<network>(weights_.view(), valid_, vocabulary_.size());
    return metrics_of(b.bits * std::log(2.0), static_cast<double>(b.tokens), static_cast<double>(b.right));
}

template <model::note_lstm_published_config C>
void note_lstm_published_trainee<C>::start_from(std::span<const real> parameters, std::span<const real> buffers) {
    LOFI_ASSERT(parameters.size() == weights_.flat().size() && buffers.size() == weights_.buffers().size(),
                "weights to go on from are of the same network");
    std::copy(parameters.begin(), parameters.end(), weights_.flat().begin());
    std::copy(buffers.begin(), buffers.end(), weights_.buffers().begin());
}

template <model::note_lstm_published_config C>
note_lstm_published_weights<C> read_note_lstm_published(const std::filesystem::path& path) {
    using trainee = note_lstm_published_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    const nn::checkpoint_header header = nn::read_header(file);
    std::vector<token::notechord> tokens;
    if (header.config.contains("vocabulary") && header.config["vocabulary"].is_array())
        for (const nn::json& id : header.config["vocabulary"])
            if (id.is_number_unsigned() && id.template get<std::uint64_t>() < token::notechord::count &&
                id.template get<std::uint64_t>() != 128) {
                token::notechord t;
                t.id = id.template get<std::uint16_t>();
                tokens.push_back(t);
            }
    note_lstm_published_weights<C> out;
    out.vocabulary = token::notechord_vocabulary(tokens);
    nn::check_header(file, header, trainee::kind(), trainee::config_of(out.vocabulary));
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(out.weights.view()), nn::extra_tensors::ignore);
    return out;
}

template <class Network>
note_lstm_bits published_bits(typename Network::params p, std::span<const std::int32_t> tokens, std::size_t used) {
    constexpr std::size_t batch = 64;
    using real = typename Network::real;
    typename Network::backend_type be;
    nn::context ctx;
    std::vector<real> inputs;
    std::vector<std::int32_t> targets;
    std::vector<std::size_t> ends;
    note_lstm_bits out;
    for (std::size_t end = Network::N; end < tokens.size(); ++end) {
        ends.push_back(end);
        if (ends.size() < batch && end + 1 < tokens.size()) continue;
        detail::fill_windows(tokens, ends, Network::N, used, inputs, targets);
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        const auto r = Network::loss(be, ctx, p, inputs, targets, used);
        out.bits += r.sum / std::log(2.0), out.tokens += r.count, out.right += r.correct;
        ends.clear();
    }
    return out;
}

template <class Network>
std::vector<std::vector<std::int32_t>> write_published(typename Network::params p,
                                                       std::span<const std::span<const std::int32_t>> starts, std::size_t used,
                                                       std::size_t count) {
    using real = typename Network::real;
    const std::size_t B = starts.size(), N = Network::N;
    typename Network::backend_type be;
    nn::context ctx;
    std::vector<std::vector<std::int32_t>> made(B);
    std::vector<real> inputs(N * B);
    if (B == 0) return made;
    const auto read = [&](std::size_t t, std::size_t b, std::int32_t token) {
        inputs[t * B + b] = static_cast<real>(model::published_input(token, used));
    };
    for (std::size_t b = 0; b < B; ++b) {
        LOFI_ASSERT(starts[b].size() >= N, "writing starts from a window of tokens");
        const auto window = starts[b].last(N);
        for (std::size_t t = 0; t < N; ++t) read(t, b, window[t]);
    }
    for (std::size_t i = 0; i < count; ++i) {
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        const auto y = ctx.scratch.template take_rows<real, Network::V>(B);
        Network::predict(be, ctx, p, inputs, used, y);
        std::copy(inputs.begin() + static_cast<std::ptrdiff_t>(B), inputs.end(), inputs.begin());  // the windows move on
        for (std::size_t b = 0; b < B; ++b) {
            made[b].push_back(static_cast<std::int32_t>(std::max_element(y[b].data(), y[b].data() + used) - y[b].data()));
            read(N - 1, b, made[b].back());
        }
    }
    return made;
}

}  // namespace lofi::inline LOFI_ABI::recipe

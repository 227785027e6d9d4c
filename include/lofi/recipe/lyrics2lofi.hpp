#pragma once
// How the improved Lyrics2Lofi is trained: what the training loop asks of a network, over music with texts and without.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/mood.hpp>
#include <lofi/backend/cpu_bag.hpp>
#include <lofi/corpus/lyrics_corpus.hpp>
#include <lofi/model/lyrics2lofi_training.hpp>
#include <lofi/recipe/lexicon_texts.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Settings of the improved training.
struct lyrics2lofi_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 43;
    std::size_t batch =
        32;  ///< texts with a melody in a step, as many phrases of chords alone, and twice as many texts of the lexicon
    double rate = 5e-4, decay = .1, average = .995, clip = 1;
    double word_dropout = .2;  ///< share of words that are not seen
    /// Share of phrases whose text is not seen at all, and deviation of the noise on every vector: or the network would know its few
    /// tunes by their texts.
    double text_dropout = .6, vector_noise = .5;
    double feature_dropout = .3;  ///< of look-back features, each group by itself
    double mood_weight = 1;       ///< of the squared error of what is read out of texts
    model::condition_mask mask{};
    model::lead_augmentation
        vary{};  ///< of phrases whose text is not seen; of others the octave alone, so that the mood stays true
};

/// A text with its music.
struct lyrics_example {
    std::string text, language;
    corpus::text_kind kind = corpus::text_kind::lyrics;
    std::uint32_t song = 0, phrase = 0;
    score::lead_sheet sheet;
    model::lead_example music;
};

/// The texts of one split whose music is no longer than a phrase may be.
[[nodiscard]] std::vector<lyrics_example> lyrics_examples(const corpus::lyrics_corpus& all, corpus::split which);
/// Phrases of one split without a text, as examples of an empty one.
[[nodiscard]] std::vector<lyrics_example> silent_examples(const corpus::lyrics_corpus& all, corpus::split which);

/// Where things lie, for a batch that takes them from any place.
template <class T>
[[nodiscard]] std::vector<const T*> pointers_to(std::span<const T> all) {
    std::vector<const T*> out;
    for (const T& t : all) out.push_back(&t);
    return out;
}

/// What a text's mood is trained towards: valence and energy of its music, and (bpm - 60) / 120.
[[nodiscard]] std::array<double, model::text_moods> mood_targets(const score::lead_sheet& sheet);

/// Sizes of what is trained by `lofi train lyrics2lofi`, and how much of the decoder's outputs is dropped: more than in Lofi2Lofi,
/// since no latent keeps it from knowing its tunes by heart.
inline constexpr model::lyrics2lofi_config lyrics2lofi_sizes{};
inline constexpr model::hashed_encoder_config lyrics2lofi_words{};
inline constexpr model::lofi2lofi_dropout lyrics2lofi_dropout{.chord = {3, 10}, .melody = {4, 10}};

/// The network with its data, as `train::train` takes it.
template <model::lyrics2lofi_config C = lyrics2lofi_sizes, model::hashed_encoder_config W = lyrics2lofi_words>
class lyrics2lofi_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using text_type = model::hashed_encoder<W, backend_type>;
    using network = model::lyrics2lofi_network<C, text_type, backend_type, lyrics2lofi_dropout>;

    lyrics2lofi_trainee(const lyrics2lofi_recipe& recipe, std::vector<lyrics_example> train, std::vector<lyrics_example> silent,
                        std::vector<lyrics_example> valid);

    [[nodiscard]] static std::string kind() { return "lyrics2lofi"; }
    [[nodiscard]] static nn::json config() {
        return {{"setting", "improved"}, {"buckets", W.buckets}, {"width", W.width},  {"vector", C.vector},
                {"reader", C.reader},    {"chord", C.chord},     {"melody", C.melody}};
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
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder);
    [[nodiscard]] typename network::params view() { return weights_.view(); }

private:
    struct sums {
        double chords = 0, melody = 0, rows = 0, mood = 0, moods = 0;
    };
    void learn_music(std::span<const lyrics_example* const> examples, random_key key, sums& out);
    void learn_words(random_key key, sums& out);

    lyrics2lofi_recipe recipe_;
    std::vector<lyrics_example> train_, valid_;  // to train on: what has a text, then what has none
    std::vector<const lyrics_example*> melodic_, chordal_;
    lexicon_texts lexicon_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

/// What phrases cost, each with the text at its place, in nats: exact, END and all slots counted, nothing told but the text.
template <class Network>
[[nodiscard]] std::vector<model::phrase_cost> lyrics_costs(typename Network::params p,
                                                           std::span<const model::lead_example* const> phrases,
                                                           std::span<const std::string* const> texts);

// ---------------------------------------------------------------- bodies

inline std::vector<lyrics_example> lyrics_examples(const corpus::lyrics_corpus& all, corpus::split which) {
    std::vector<lyrics_example> out;
    for (const corpus::text_of_music& t : all.texts) {
        const corpus::phrase& p = all.music.phrases[t.phrase];
        if (t.split != which || p.sheet.rows.empty() || p.sheet.rows.size() > model::longest_phrase) continue;
        out.push_back({t.text, t.language, t.kind, p.song, t.phrase, p.sheet,
                       model::to_example(p.sheet, detail::corpus_id(all.music.sets[p.set]))});
    }
    return out;
}

inline std::vector<lyrics_example> silent_examples(const corpus::lyrics_corpus& all, corpus::split which) {
    std::set<std::uint32_t> told;
    for (const corpus::text_of_music& t : all.texts) told.insert(t.phrase);
    std::vector<lyrics_example> out;
    for (std::uint32_t i = 0; i < all.music.phrases.size(); ++i) {
        const corpus::phrase& p = all.music.phrases[i];
        if (p.split != which || p.sheet.rows.empty() || p.sheet.rows.size() > model::longest_phrase || told.count(i) != 0)
            continue;
        out.push_back({{},
                       {},
                       corpus::text_kind::tags,
                       p.song,
                       i,
                       p.sheet,
                       model::to_example(p.sheet, detail::corpus_id(all.music.sets[p.set]))});
    }
    return out;
}

inline std::array<double, model::text_moods> mood_targets(const score::lead_sheet& sheet) {
    return {sheet.valence, sheet.energy, (sheet.tempo.value - 60) / 120};
}

namespace detail {

inline std::vector<std::uint32_t> lengths_of(std::span<const lyrics_example* const> examples) {
    std::vector<std::uint32_t> lengths;
    for (const lyrics_example* e : examples) lengths.push_back(static_cast<std::uint32_t>(e->music.rows()));
    return lengths;
}

inline std::vector<lyrics_example> joined(std::vector<lyrics_example> a, std::vector<lyrics_example> b) {
    std::move(b.begin(), b.end(), std::back_inserter(a));
    return a;
}

inline std::vector<const lyrics_example*> with_melody(std::span<const lyrics_example> all, bool melody) {
    std::vector<const lyrics_example*> out;
    for (const lyrics_example& e : all)
        if (e.music.has_melody() == melody) out.push_back(&e);
    return out;
}

/// Takes words out of a text by chance.
inline text::hashed_text drop_words(text::hashed_text t, double share, random_stream& random) {
    for (std::size_t i = 0; i < t.tokens(); ++i)
        if (static_cast<double>(uniform_unit(random)) < share)
            std::fill_n(t.ids.begin() + static_cast<std::ptrdiff_t>(i * text::hashed_ids), text::hashed_ids, -1);
    return t;
}

}  // namespace detail

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
lyrics2lofi_trainee<C, W>::lyrics2lofi_trainee(const lyrics2lofi_recipe& recipe, std::vector<lyrics_example> train,
                                               std::vector<lyrics_example> silent, std::vector<lyrics_example> valid)
    : recipe_(recipe),
      train_(detail::joined(std::move(train), std::move(silent))),
      valid_(std::move(valid)),
      melodic_(detail::with_melody(train_, true)),
      chordal_(detail::with_melody(train_, false)),
      lexicon_(scale_of(train_)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::pytorch),
      batches_({.size = recipe.batch, .bucket = 8, .rest = train::last_batch::drop}, random_key{recipe.seed}.child("batches"),
               detail::lengths_of(melodic_)) {
    std::erase_if(valid_, [](const lyrics_example& e) { return !e.music.has_melody() || e.kind != corpus::text_kind::lyrics; });
    if (melodic_.size() < recipe.batch)
        raise(error("lyrics2lofi", "needs at least " + std::to_string(recipe.batch) +
                                       " training phrases with a melody, and was given " + std::to_string(melodic_.size())));
    if (valid_.empty()) raise(error("lyrics2lofi", "needs lyrics to validate on, and was given none"));
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
train::loop_config lyrics2lofi_trainee<C, W>::loop(std::filesystem::path folder) {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = recipe_.epochs * c.steps_per_epoch;
    c.optimiser = train::adamw_config{.beta1 = .9, .beta2 = .98, .weight_decay = recipe_.decay};
    c.rate = train::warm_up_cosine{.peak = recipe_.rate,
                                   .floor = .02 * recipe_.rate,
                                   .warm_up = std::min<std::uint64_t>(100, c.steps / 10),
                                   .total = c.steps};
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    return c;
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
void lyrics2lofi_trainee<C, W>::learn_music(std::span<const lyrics_example* const> examples, random_key key, sums& out) {
    random_stream random(key.child("vary"));
    const std::size_t B = examples.size();
    std::vector<model::lead_example> varied;
    std::vector<model::lead_conditions> told;
    std::vector<text::hashed_text> texts(B);
    for (std::size_t b = 0; b < B; ++b) {
        const bool seen = static_cast<double>(uniform_unit(random)) >= recipe_.text_dropout;
        varied.push_back(model::vary(
            examples[b]->music,
            seen ? model::lead_augmentation{.tempo_spread = 0, .mode_flip = 0, .octave = recipe_.vary.octave} : recipe_.vary,
            random));
        told.push_back(model::hide(varied.back().conditions, recipe_.mask, random));
        if (seen) texts[b] = detail::drop_words(text_type::read(examples[b]->text), recipe_.word_dropout, random);
    }
    const model::lead_batch batch =
        model::make_batch(varied, told, {.rate = recipe_.feature_dropout, .key = key.child("features")});
    const auto words = text_type::make_batch(pointers_to(std::span<const text::hashed_text>(texts)));
    auto& ctx = context_;
    ctx.begin(key.child("network"));
    ctx.mode = nn::mode::training;
    auto p = weights_.view(), dp = gradients_.view();
    constexpr std::size_t Z = C.vector, M = model::text_moods;
    const nn::columns<real, Z> z = ctx.scratch.take_rows<real, Z>(B), noisy = ctx.scratch.take_rows<real, Z>(B),
                               dz = ctx.scratch.take_rows<real, Z>(B);
    const nn::columns<real, M> mood = ctx.scratch.take_rows<real, M>(B), dmood = ctx.scratch.take_rows<real, M>(B);
    typename network::tape tape;
    network::read(backend_, ctx, p, words, z, mood, tape);

    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t d = 0; d < Z; ++d)
            noisy[b][d] = z[b][d] + static_cast<real>(recipe_.vector_noise * normal_q16(random) / 65536.0);

    // The loss is the mean cost of the phrases in hundreds of nats, and the mean squared error of the moods of texts that were seen.
    std::vector<model::phrase_cost> costs(B);
    network::decode(backend_, ctx, p, batch, nn::constant(noisy), costs, &dp,
                    static_cast<real>(1 / (100.0 * static_cast<double>(B))), dz);
    fill(backend_, real{0}, dmood);
    for (std::size_t b = 0; b < B; ++b) {
        out.chords += costs[b].chords, out.melody += costs[b].melody, out.rows += static_cast<double>(varied[b].rows());
        if (texts[b].tokens() == 0) continue;
        const auto target = mood_targets(examples[b]->sheet);
        for (std::size_t k = 0; k < M; ++k) {
            const double off = static_cast<double>(mood[b][k]) - target[k];
            dmood[b][k] = static_cast<real>(recipe_.mood_weight * 2 * off / static_cast<double>(B));
            out.mood += off * off / M;
        }
        out.moods += 1;
    }
    network::read_backward(backend_, ctx, p, dp, tape, nn::constant(dz), nn::constant(dmood));
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
void lyrics2lofi_trainee<C, W>::learn_words(random_key key, sums& out) {
    random_stream random(key);
    const std::size_t B = 2 * recipe_.batch;
    std::vector<text::hashed_text> texts;
    std::vector<std::array<double, 2>> targets;
    for (std::size_t b = 0; b < B; ++b) {
        const lexicon_text t = lexicon_.draw(random);
        texts.push_back(text_type::read(t.text));
        targets.push_back({t.valence, t.energy});
    }
    auto& ctx = context_;
    ctx.begin(key.child("network"));
    ctx.mode = nn::mode::training;
    constexpr std::size_t Z = C.vector, M = model::text_moods;
    const nn::columns<real, Z> z = ctx.scratch.take_rows<real, Z>(B);
    const nn::columns<real, M> mood = ctx.scratch.take_rows<real, M>(B), dmood = ctx.scratch.take_rows<real, M>(B);
    typename network::tape tape;
    const auto words = text_type::make_batch(pointers_to(std::span<const text::hashed_text>(texts)));
    network::read(backend_, ctx, weights_.view(), words, z, mood, tape);
    fill(backend_, real{0}, dmood);  // words tell no tempo
    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t k = 0; k < 2; ++k) {
            const double off = static_cast<double>(mood[b][k]) - targets[b][k];
            dmood[b][k] = static_cast<real>(recipe_.mood_weight * 2 * off / static_cast<double>(B));
            out.mood += off * off / 2 / static_cast<double>(B);
        }
    network::read_backward(backend_, ctx, weights_.view(), gradients_.view(), tape, {}, nn::constant(dmood));
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
train::metrics lyrics2lofi_trainee<C, W>::train_step(std::uint64_t step, random_key key) {
    std::vector<const lyrics_example*> examples;
    for (const std::uint32_t i : batches_.at(step)) examples.push_back(melodic_[i]);
    sums melodic, chordal, words;
    learn_music(examples, key.child("melodic"), melodic);
    if (!chordal_.empty()) {
        random_stream random(key.child("chordal examples"));
        examples.clear();
        for (std::size_t i = 0; i < recipe_.batch; ++i)
            examples.push_back(chordal_[uniform_below(random, static_cast<std::uint32_t>(chordal_.size()))]);
        learn_music(examples, key.child("chordal"), chordal);
    }
    learn_words(key.child("words"), words);
    const double bit = std::log(2.0);
    return {{"bits per row", (melodic.chords + melodic.melody) / melodic.rows / bit},
            {"mood error", std::sqrt(melodic.mood / std::max(melodic.moods, 1.0))},
            {"mood error of words", std::sqrt(words.mood)}};
}

template <model::lyrics2lofi_config C, model::hashed_encoder_config W>
train::metrics lyrics2lofi_trainee<C, W>::validate() {
    std::vector<const model::lead_example*> phrases;
    std::vector<const std::string*> texts;
    double rows = 0, nats = 0;
    for (const lyrics_example& e : valid_) {
        phrases.push_back(&e.music), texts.push_back(&e.text);
        rows += static_cast<double>(e.music.rows());
    }
    for (const model::phrase_cost& c : lyrics_costs<network>(weights_.view(), phrases, texts)) nats += c.chords + c.melody;
    return {{"bits per row", nats / rows / std::log(2.0)}};
}

template <class Network>
std::vector<model::phrase_cost> lyrics_costs(typename Network::params p, std::span<const model::lead_example* const> phrases,
                                             std::span<const std::string* const> texts) {
    using real = typename Network::real;
    using text_type = typename Network::text_type;
    constexpr std::size_t Z = Network::Z, M = model::text_moods, most = 64;
    typename Network::backend_type be;
    nn::context ctx;
    std::vector<model::phrase_cost> out(phrases.size());
    for (std::size_t first = 0; first < phrases.size(); first += most) {
        const std::size_t B = std::min(most, phrases.size() - first);
        std::vector<model::lead_example> music;
        std::vector<model::lead_conditions> told;
        std::vector<text::hashed_text> read;
        for (std::size_t b = 0; b < B; ++b) {
            music.push_back(*phrases[first + b]);
            told.push_back(model::hide_all(music.back().conditions));
            read.push_back(text_type::read(*texts[first + b]));
        }
        const auto words = text_type::make_batch(pointers_to(std::span<const text::hashed_text>(read)));
        const model::lead_batch batch = model::make_batch(music, told);
        ctx.begin({});
        ctx.mode = nn::mode::inference;
        const nn::columns<real, Z> z = ctx.scratch.template take_rows<real, Z>(B);
        const nn::columns<real, M> mood = ctx.scratch.template take_rows<real, M>(B);
        typename Network::tape tape;
        Network::read(be, ctx, p, words, z, mood, tape);
        Network::decode(be, ctx, p, batch, nn::constant(z), std::span(out).subspan(first, B));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

#pragma once
// The published Lofi2Lofi's decoder: from a latent to a lead sheet, a step at a time; how it counts tempo; its titles.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lofi/core/bits.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/nn/activation.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/embedding.hpp>
#include <lofi/nn/lstm_cell.hpp>
#include <lofi/nn/sequence.hpp>
#include <lofi/token/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
/// source: github.com/jacbz/Lofi, where `hidden` and `latent` are one number
struct published_config {
    std::size_t hidden = 100;  ///< units of each LSTM, and width of the tokens' embeddings
    std::size_t small = 32;  ///< width of tempo, key, mode, valence and energy on their way in, and of the heads' hidden layer
    std::size_t latent = 100;  ///< Z, and width of what the decoder's LSTMs are fed
};

/// Rows of the longest phrase: longer ones are cut in training, and generation stops there.
inline constexpr std::size_t published_rows = 50;

/// The tempo as the network counts it: 70 to 200 bpm are squeezed into 70 to 100, and these into 0 to 1.
[[nodiscard]] constexpr double published_tempo(bpm tempo) {
    return std::clamp((tempo.value - 70) * 3 / 13 + 70, 70.0, 100.0) / 30 - 7.0 / 3;
}
/// The tempo that the network's number stands for, 70 to 100 bpm. It does not undo the squeeze.
[[nodiscard]] inline bpm published_bpm(double tempo) { return bpm(std::nearbyint(std::clamp(tempo, 0.0, 1.0) * 30 + 70)); }

/// The title of a latent: '#', a digit from each fifth of its numbers, and digits of a hash, 25 characters in all.
[[nodiscard]] std::string published_title(std::span<const float> z);

/// A stream of tokens: a cell, a head that predicts the token, and the way from the token, joined with a context, back into the
/// cell.
template <published_config C, class Backend, std::size_t Vocabulary, std::size_t Context>
struct published_voice {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, Z = C.latent, V = Vocabulary, context_size = Context;
    using cell = nn::lstm_cell<nn::lstm_config{.in = Z, .hidden = H}, Backend>;
    using embeddings = nn::embedding<nn::embedding_config{.vocabulary = V, .width = H}, Backend>;
    using prediction = nn::sequence<nn::dense<nn::dense_config{.in = H, .out = H}, Backend>, nn::relu<H, Backend>,
                                    nn::dense<nn::dense_config{.in = H, .out = V}, Backend>>;
    using downsample = nn::dense<nn::dense_config{.in = H + Context, .out = Z}, Backend>;

    struct params {
        typename cell::params lstm;
        typename embeddings::params table;
        typename prediction::params head;
        typename downsample::params join;
        static constexpr params bind(auto& at) {
            return {cell::params::bind(at), embeddings::params::bind(at), prediction::params::bind(at),
                    downsample::params::bind(at)};
        }
    };
    static constexpr std::size_t parameter_count =
        cell::parameter_count + embeddings::parameter_count + prediction::parameter_count + downsample::parameter_count;

    /// What crosses time, for one track.
    struct state {
        typename cell::state lstm{};
        std::array<real, Z> x{};  ///< what the cell is fed next
    };
    /// Runs the cell and returns its likeliest token.
    static std::size_t step(Backend&, params, state&) noexcept;
    /// Makes the cell's next input from a token and its context.
    static void feed(Backend&, params, state&, std::size_t token, frame<const real, Context> context) noexcept;

    template <class F>
    static void visit(params, F&& f, std::string_view lstm, std::string_view prefix);
    static void initialise(params, random_stream&, nn::scheme);
};

/// The decoder. The cells start from zeros and run through the whole track.
template <published_config C, class Backend>
struct published_decoder {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, S = C.small, Z = C.latent;
    using chord_voice = published_voice<C, Backend, token::chord_ids, Z>;                  // context: z
    using melody_voice = published_voice<C, Backend, token::published_melody_ids, 2 * Z>;  // context: chord, z
    template <std::size_t Out>
    using head = nn::sequence<nn::dense<nn::dense_config{.in = Z, .out = S}, Backend>, nn::relu<S, Backend>,
                              nn::dense<nn::dense_config{.in = S, .out = Out}, Backend>>;
    using number_head = head<1>;
    using key_head = head<token::key_ids>;
    using mode_head = head<token::mode_ids>;

    struct params {
        typename chord_voice::params chords;
        typename melody_voice::params melody;
        typename key_head::params key;
        typename mode_head::params mode;
        typename number_head::params tempo, valence, energy;
        static constexpr params bind(auto& at) {
            return {chord_voice::params::bind(at), melody_voice::params::bind(at), key_head::params::bind(at),
                    mode_head::params::bind(at),   number_head::params::bind(at),  number_head::params::bind(at),
                    number_head::params::bind(at)};
        }
    };
    static constexpr std::size_t parameter_count = chord_voice::parameter_count + melody_voice::parameter_count +
                                                   key_head::parameter_count + mode_head::parameter_count +
                                                   3 * number_head::parameter_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params, F&& f);
    static void initialise(params, random_stream&, nn::scheme);
};

/// A lead sheet, and what the heads said before it was brought into bounds.
struct published_sheet {
    score::lead_sheet sheet;
    double tempo = 0, valence = 0, energy = 0;
};

/// Decodes a latent: the likeliest token at each step, up to the first END, at most 50 rows.
template <published_config C, class Backend>
[[nodiscard]] published_sheet generate(Backend&, typename published_decoder<C, Backend>::params,
                                       frame<const float, C.latent> z);

// ---------------------------------------------------------------- bodies

inline std::string published_title(std::span<const float> z) {
    std::string title = "#";
    hasher hash;
    for (const float v : z) hash.add(bits_as<std::uint32_t>(v));
    for (std::size_t i = 0; i < 100; i += 5) {
        const float size = i < z.size() ? std::abs(z[i]) * 587.0F : 0.0F;
        title += static_cast<char>('0' + (size < 2147483648.0F ? static_cast<std::int64_t>(size) % 10 : 0));
    }
    title += std::to_string(hash.value());
    title.resize(25, '0');
    return title;
}

namespace detail {

/// The place of the greatest number, the first where several are equal.
template <class Real>
std::size_t greatest(std::span<const Real> values) {
    return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace detail

template <published_config C, class Backend, std::size_t Vocabulary, std::size_t Context>
std::size_t published_voice<C, Backend, Vocabulary, Context>::step(Backend& be, params p, state& s) noexcept {
    std::array<real, H> h;
    std::array<real, V> logits;
    typename prediction::state none{};
    cell::step(be, p.lstm, s.lstm, frame<const real, Z>(s.x), frame<real, H>(h));
    prediction::step(be, p.head, none, frame<const real, H>(h), frame<real, V>(logits));
    return detail::greatest<real>(logits);
}

template <published_config C, class Backend, std::size_t Vocabulary, std::size_t Context>
void published_voice<C, Backend, Vocabulary, Context>::feed(Backend& be, params p, state& s, std::size_t token,
                                                            frame<const real, Context> context) noexcept {
    std::array<real, H + Context> joined;
    embeddings::step(be, p.table, static_cast<std::int32_t>(token), frame<real, H>(joined.data(), H));
    std::copy(context.begin(), context.end(), joined.begin() + H);
    typename downsample::state none{};
    downsample::step(be, p.join, none, frame<const real, H + Context>(joined), frame<real, Z>(s.x));
}

template <published_config C, class Backend, std::size_t Vocabulary, std::size_t Context>
template <class F>
void published_voice<C, Backend, Vocabulary, Context>::visit(params p, F&& f, std::string_view lstm, std::string_view prefix) {
    const auto name = [&](const char* rest) { return std::string(prefix).append(rest); };
    nn::visit_as<cell>(lstm, p.lstm, f);
    nn::visit_as<embeddings>(name("_embeddings"), p.table, f);
    nn::visit_as<prediction>(name("_prediction"), p.head, f);
    nn::visit_as<downsample>(name("_embedding_downsample"), p.join, f);
}

template <published_config C, class Backend, std::size_t Vocabulary, std::size_t Context>
void published_voice<C, Backend, Vocabulary, Context>::initialise(params p, random_stream& random, nn::scheme s) {
    cell::initialise(p.lstm, random, s);
    embeddings::initialise(p.table, random, s);
    prediction::initialise(p.head, random, s);
    downsample::initialise(p.join, random, s);
}

template <published_config C, class Backend>
template <class F>
void published_decoder<C, Backend>::visit(params p, F&& f) {
    chord_voice::visit(p.chords, f, "chords_lstm", "chord");
    melody_voice::visit(p.melody, f, "melody_lstm", "melody");
    nn::visit_as<key_head>("key_linear", p.key, f);
    nn::visit_as<mode_head>("mode_linear", p.mode, f);
    nn::visit_as<number_head>("tempo_linear", p.tempo, f);
    nn::visit_as<number_head>("valence_linear", p.valence, f);
    nn::visit_as<number_head>("energy_linear", p.energy, f);
}

template <published_config C, class Backend>
void published_decoder<C, Backend>::initialise(params p, random_stream& random, nn::scheme s) {
    chord_voice::initialise(p.chords, random, s);
    melody_voice::initialise(p.melody, random, s);
    key_head::initialise(p.key, random, s);
    mode_head::initialise(p.mode, random, s);
    number_head::initialise(p.tempo, random, s);
    number_head::initialise(p.valence, random, s);
    number_head::initialise(p.energy, random, s);
}

namespace detail {

/// What the heads say of a latent.
template <class Real>
struct published_words {
    std::array<Real, 1> tempo, valence, energy;
    std::array<Real, token::key_ids> key;
    std::array<Real, token::mode_ids> mode;
};

template <published_config C, class Backend, class Real = typename Backend::real>
published_words<Real> say(Backend& be, const typename published_decoder<C, Backend>::params& p, frame<const Real, C.latent> z) {
    using decoder = published_decoder<C, Backend>;
    const auto head = [&]<class Head>(const typename Head::params& weights, Head*) {
        std::array<Real, Head::out_size> y;
        typename Head::state none{};
        Head::step(be, weights, none, z, frame<Real, Head::out_size>(y));
        return y;
    };
    constexpr auto* number = static_cast<typename decoder::number_head*>(nullptr);
    return {head(p.tempo, number), head(p.valence, number), head(p.energy, number),
            head(p.key, static_cast<typename decoder::key_head*>(nullptr)),
            head(p.mode, static_cast<typename decoder::mode_head*>(nullptr))};
}

/// A sheet without rows, of what the heads said.
template <class Real>
published_sheet to_sheet(const published_words<Real>& said) {
    published_sheet out;
    out.tempo = static_cast<double>(said.tempo[0]);
    out.valence = static_cast<double>(said.valence[0]);
    out.energy = static_cast<double>(said.energy[0]);
    const auto share = [](double v) { return std::round(std::clamp(v, 0.0, 1.0) * 1000) / 1000; };
    out.sheet.tempo = published_bpm(out.tempo);
    out.sheet.valence = share(out.valence);
    out.sheet.energy = share(out.energy);
    out.sheet.key = {score::pitch_class(static_cast<int>(greatest<Real>(said.key))),
                     static_cast<score::mode>(greatest<Real>(said.mode) + 1)};
    return out;
}

/// Writes the rows that both voices sing from z.
template <published_config C, class Backend, class Real = typename Backend::real>
void write_rows(Backend& be, const typename published_decoder<C, Backend>::params& p, const std::array<Real, C.latent>& z,
                score::lead_sheet& sheet) {
    using decoder = published_decoder<C, Backend>;
    constexpr std::size_t Z = C.latent;
    typename decoder::chord_voice::state chords{.lstm = {}, .x = z};
    typename decoder::melody_voice::state melody{};
    std::array<Real, 2 * Z> context;  // chord, z
    std::copy(z.begin(), z.end(), context.begin() + Z);
    while (sheet.rows.size() < published_rows) {
        const std::size_t chord = decoder::chord_voice::step(be, p.chords, chords);
        if (chord == token::end_chord) break;
        decoder::chord_voice::feed(be, p.chords, chords, chord, frame<const Real, Z>(z));
        // In the first bar alone the melody starts from this bar's chord: later it goes on from what the bar before left.
        if (sheet.rows.empty()) melody.x = chords.x;
        std::copy(chords.x.begin(), chords.x.end(), context.begin());
        score::lead_row& row = sheet.rows.emplace_back();
        row.chord = static_cast<std::uint8_t>(chord);
        for (std::uint8_t& slot : row.melody) {
            const std::size_t note = decoder::melody_voice::step(be, p.melody, melody);
            decoder::melody_voice::feed(be, p.melody, melody, note, frame<const Real, 2 * Z>(context));
            slot = static_cast<std::uint8_t>(note);
        }
    }
}

}  // namespace detail

template <published_config C, class Backend>
published_sheet generate(Backend& be, typename published_decoder<C, Backend>::params p, frame<const float, C.latent> latent) {
    using real = typename Backend::real;
    std::array<real, C.latent> z;
    std::transform(latent.begin(), latent.end(), z.begin(), [](float v) { return static_cast<real>(v); });
    published_sheet out = detail::to_sheet(detail::say<C>(be, p, frame<const real, C.latent>(z)));
    out.sheet.title = published_title(latent);
    detail::write_rows<C>(be, p, z, out.sheet);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model

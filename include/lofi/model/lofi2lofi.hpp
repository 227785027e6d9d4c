#pragma once
// The improved Lofi2Lofi: a conditional decoder of lead sheets over a Gaussian latent, for any backend, a step at a time.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/lead_features.hpp>
#include <lofi/nn/bag_lstm.hpp>
#include <lofi/nn/dense.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
struct lofi2lofi_config {
    std::size_t latent = 100;  ///< Z
    std::size_t encoder = 80;  ///< hidden units a direction
    std::size_t chord = 96;    ///< hidden units of the chord LSTM
    std::size_t melody = 192;  ///< hidden units of the melody LSTM
};

/// What a chord's or slot's logits depend on beside the network's outputs.
struct chord_view {
    int previous;
    std::array<int, 4> back;  ///< chords 1, 2, 4, 8 bars back; 9 before the start
};
struct melody_view {
    int chord, last, previous;
    std::array<int, 4> back;  ///< slots 8, 16, 32, 64 back; 16 before the start
};
[[nodiscard]] chord_view view(const chord_state&);
[[nodiscard]] melody_view view(const melody_state&);

/// Outputs of the chord head: a[9], by interval from the chord before r[7], copy[4].
inline constexpr std::size_t chord_outputs = chord_symbols + 7 + 4;
/// Outputs of the melody head: a[16], by degree above the chord r[7], by interval from the last pitch d[31], hold, copy[4]; and
/// read at the first slot of a bar only: new, or a copy of the bar 1 to 8 back.
inline constexpr std::size_t melody_outputs = melody_symbols + 7 + 31 + 1 + 4;
inline constexpr std::size_t bar_choices = 1 + most_back;
inline constexpr std::size_t melody_head_size = melody_outputs + bar_choices;

/// Calls f(symbol, output) for each network output that is part of a symbol's logit: a logit is the sum of these outputs.
template <class F>
constexpr void chord_terms(const chord_view& v, F&& f);
template <class F>
constexpr void melody_terms(const melody_view& v, F&& f);

/// The decoder: what the play door needs of the network.
template <lofi2lofi_config C, class Backend>
struct lofi2lofi_decoder {
    using chord_lstm =
        nn::bag_lstm<nn::bag_lstm_config{
                         .vocabulary = chord_table, .ids = chord_feature::count, .constant = C.latent, .hidden = C.chord},
                     Backend>;
    using melody_lstm =
        nn::bag_lstm<nn::bag_lstm_config{
                         .vocabulary = melody_table, .ids = melody_feature::count, .constant = C.latent, .hidden = C.melody},
                     Backend>;
    using chord_head = typename Backend::template weights<chord_outputs, C.chord>;
    using melody_head = typename Backend::template weights<melody_head_size, C.melody>;
    using activation = typename Backend::activation;
    using sum = typename Backend::sum;

    struct params {
        typename chord_lstm::params chords;
        chord_head chords_out;
        typename melody_lstm::params melody;
        melody_head melody_out;
        static constexpr params bind(auto& at) {
            return {chord_lstm::params::bind(at), chord_head::bind(at), melody_lstm::params::bind(at), melody_head::bind(at)};
        }
    };

    /// What crosses time, for one phrase.
    struct state {
        std::array<sum, 4 * C.chord> chord_still{};  ///< b + W_z z
        std::array<sum, 4 * C.melody> melody_still{};
        std::array<activation, C.chord> chord_h{};
        std::array<sum, C.chord> chord_c{};
        std::array<activation, C.melody> melody_h{};
        std::array<sum, C.melody> melody_c{};
    };

    /// Starts a phrase from its latent.
    static void reset(Backend& be, params p, state& s, frame<const activation, C.latent> z) noexcept {
        s = {};
        linear_step(be, z, p.chords.zh, frame<sum, 4 * C.chord>(s.chord_still));
        linear_step(be, z, p.melody.zh, frame<sum, 4 * C.melody>(s.melody_still));
    }
    /// realtime: yes
    static void step_chord(Backend& be, params p, state& s, const chord_state::ids& ids, frame<sum, chord_outputs> y) noexcept {
        std::array<sum, 4 * C.chord> gates = s.chord_still;
        gather_sum_step(be, p.chords.table, std::span<const std::int32_t>(ids), frame<sum, 4 * C.chord>(gates));
        lstm_gates_step(be, p.chords.hh, frame<sum, 4 * C.chord>(gates), frame<activation, C.chord>(s.chord_h),
                        frame<sum, C.chord>(s.chord_c));
        linear_step(be, frame<const activation, C.chord>(s.chord_h), p.chords_out, y);
    }
    /// realtime: yes
    static void step_melody(Backend& be, params p, state& s, const melody_state::ids& ids,
                            frame<sum, melody_head_size> y) noexcept {
        std::array<sum, 4 * C.melody> gates = s.melody_still;
        gather_sum_step(be, p.melody.table, std::span<const std::int32_t>(ids), frame<sum, 4 * C.melody>(gates));
        lstm_gates_step(be, p.melody.hh, frame<sum, 4 * C.melody>(gates), frame<activation, C.melody>(s.melody_h),
                        frame<sum, C.melody>(s.melody_c));
        linear_step(be, frame<const activation, C.melody>(s.melody_h), p.melody_out, y);
    }
};

// ---------------------------------------------------------------- bodies

inline chord_view view(const chord_state& s) { return {s.before(1), {s.before(1), s.before(2), s.before(4), s.before(8)}}; }

inline melody_view view(const melody_state& s) {
    return {s.chord(), s.last(), s.before(1), {s.before(8), s.before(16), s.before(32), s.before(64)}};
}

template <class F>
constexpr void chord_terms(const chord_view& v, F&& f) {
    for (int c = 0; c < static_cast<int>(chord_symbols); ++c) f(static_cast<std::size_t>(c), static_cast<std::size_t>(c));
    if (v.previous >= 1 && v.previous <= 7)
        for (int c = 1; c <= 7; ++c)
            f(static_cast<std::size_t>(c), chord_symbols + static_cast<std::size_t>((c - v.previous + 7) % 7));
    for (std::size_t k = 0; k < v.back.size(); ++k)
        if (v.back[k] < static_cast<int>(chord_symbols)) f(static_cast<std::size_t>(v.back[k]), chord_symbols + 7 + k);
}

template <class F>
constexpr void melody_terms(const melody_view& v, F&& f) {
    constexpr std::size_t relative = melody_symbols, interval = relative + 7, hold = interval + 31, copy = hold + 1;
    for (int m = 0; m < static_cast<int>(melody_symbols); ++m) f(static_cast<std::size_t>(m), static_cast<std::size_t>(m));
    for (int m = 1; m < static_cast<int>(melody_symbols); ++m) {
        if (v.chord >= 1 && v.chord <= 7)
            f(static_cast<std::size_t>(m), relative + static_cast<std::size_t>((m - v.chord + 14) % 7));
        if (v.last >= 1) f(static_cast<std::size_t>(m), interval + static_cast<std::size_t>(m - v.last + 15));
    }
    if (v.previous < static_cast<int>(melody_symbols)) f(static_cast<std::size_t>(v.previous), hold);
    for (std::size_t k = 0; k < v.back.size(); ++k)
        if (v.back[k] < static_cast<int>(melody_symbols)) f(static_cast<std::size_t>(v.back[k]), copy + k);
}

}  // namespace lofi::inline LOFI_ABI::model

#pragma once
// The groove network: which drums hit at each of 32 steps, then how hard and how far off the grid, for any backend.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/groove_features.hpp>
#include <lofi/nn/bag_lstm.hpp>
#include <lofi/nn/dense.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
struct groove_config {
    std::size_t hits = 112;    ///< hidden units of the LSTM over steps
    std::size_t touches = 72;  ///< hidden units of the LSTM over hits
};

/// Outputs of the hit head: for each voice how likely it is, how much more so where it hit a bar ago, and how much more so for each voice
/// before it that hits in the same step.
inline constexpr std::size_t voice_pairs = groove_voices * (groove_voices - 1) / 2;
inline constexpr std::size_t hit_outputs = 2 * groove_voices + voice_pairs;
/// Outputs of the touch head: force; offset, and how a ghost, a soft, a firm or a loud hit lies otherwise.
inline constexpr std::size_t force_levels = 4;
inline constexpr std::size_t touch_outputs = touch_classes * (2 + force_levels);

/// Calls f(output) for each network output whose sum says how likely a voice hits, given the voices before it in this step and those of
/// the same step a bar ago.
template <class F>
constexpr void hit_terms(std::size_t voice, voice_mask now, voice_mask bar_ago, F&& f);
/// Calls f(symbol, output) for each network output that is part of a class of offset's logit.
template <class F>
constexpr void offset_terms(std::uint8_t force, F&& f);

template <groove_config C, class Backend>
struct groove_network {
    using backend_type = Backend;
    using real = typename Backend::real;
    using activation = typename Backend::activation;
    using sum = typename Backend::sum;
    static constexpr std::size_t H = C.hits, R = C.touches, Z = condition_size;
    using hit_lstm =
        nn::bag_lstm<nn::bag_lstm_config{.vocabulary = hit_table, .ids = hit_feature::count, .constant = Z, .hidden = H},
                     Backend>;
    using touch_lstm =
        nn::bag_lstm<nn::bag_lstm_config{.vocabulary = touch_table, .ids = touch_feature::count, .constant = Z, .hidden = R},
                     Backend>;
    using hit_head = typename Backend::template weights<hit_outputs, H>;
    using touch_head = typename Backend::template weights<touch_outputs, R>;

    struct params {
        typename hit_lstm::params hits;
        hit_head hits_out;
        typename touch_lstm::params touches;
        touch_head touches_out;
        static constexpr params bind(auto& at) {
            return {hit_lstm::params::bind(at), hit_head::bind(at), touch_lstm::params::bind(at), touch_head::bind(at)};
        }
    };

    /// What crosses time, for one LSTM of one groove.
    template <std::size_t Hidden>
    struct state {
        std::array<sum, 4 * Hidden> still{};  ///< b + W_z z
        std::array<activation, Hidden> h{};
        std::array<sum, Hidden> c{};
    };

    /// Starts a groove from its conditions, a vector of `told`.
    static void reset_hits(Backend& be, params p, state<H>& s, frame<const activation, Z> z) noexcept {
        s = {};
        linear_step(be, z, p.hits.zh, frame<sum, 4 * H>(s.still));
    }
    static void reset_touches(Backend& be, params p, state<R>& s, frame<const activation, Z> z) noexcept {
        s = {};
        linear_step(be, z, p.touches.zh, frame<sum, 4 * R>(s.still));
    }
    /// realtime: yes
    static void step_hits(Backend& be, params p, state<H>& s, const hit_state::ids& ids, frame<sum, hit_outputs> y) noexcept {
        step(be, p.hits, p.hits_out, s, std::span<const std::int32_t>(ids), y);
    }
    /// realtime: yes
    static void step_touches(Backend& be, params p, state<R>& s, const touch_state::ids& ids,
                             frame<sum, touch_outputs> y) noexcept {
        step(be, p.touches, p.touches_out, s, std::span<const std::int32_t>(ids), y);
    }

private:
    template <std::size_t Hidden, std::size_t Out>
    static void step(Backend& be, const auto& lstm, const auto& head, state<Hidden>& s, std::span<const std::int32_t> ids,
                     frame<sum, Out> y) noexcept {
        std::array<sum, 4 * Hidden> gates = s.still;
        gather_sum_step(be, lstm.table, ids, frame<sum, 4 * Hidden>(gates));
        lstm_gates_step(be, lstm.hh, frame<sum, 4 * Hidden>(gates), frame<activation, Hidden>(s.h), frame<sum, Hidden>(s.c));
        linear_step(be, frame<const activation, Hidden>(s.h), head, y);
    }
};

/// The conditions in the numbers of a backend.
template <class Backend>
[[nodiscard]] constexpr std::array<typename Backend::activation, condition_size> to_activations(const groove_conditions& c);

// ---------------------------------------------------------------- bodies

template <class F>
constexpr void hit_terms(std::size_t voice, voice_mask now, voice_mask bar_ago, F&& f) {
    f(voice);
    if (sounds(bar_ago, voice)) f(groove_voices + voice);
    const std::size_t first = 2 * groove_voices + voice * (voice - 1) / 2;
    for (std::size_t v = 0; v < voice; ++v)
        if (sounds(now, v)) f(first + v);
}

template <class F>
constexpr void offset_terms(std::uint8_t force, F&& f) {
    // Ghosts below 32, soft below 64, firm below 96.
    const std::size_t level = touch_classes * (2 + static_cast<std::size_t>(force / 4));
    for (std::size_t o = 0; o < touch_classes; ++o) f(o, touch_classes + o), f(o, level + o);
}

template <class Backend>
constexpr std::array<typename Backend::activation, condition_size> to_activations(const groove_conditions& c) {
    return told_vector<Backend, condition_size>(c);
}

}  // namespace lofi::inline LOFI_ABI::model

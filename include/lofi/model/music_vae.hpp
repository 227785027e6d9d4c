#pragma once
// The melody network: segments of two bars from a latent, each seeing those before it, and back to the latent; for any backend.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/music_vae_features.hpp>
#include <lofi/nn/bag_lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
struct music_vae_config {
    std::size_t latent = 24;   ///< Z
    std::size_t encoder = 64;  ///< hidden units a direction
    std::size_t decoder = 144;
};

/// What the encoder sees of a step: its class, and its place.
inline constexpr std::array<std::size_t, 2> segment_encoder_sizes = {segment_symbols, segment_steps};
inline constexpr auto segment_encoder_offsets = offsets(segment_encoder_sizes);
inline constexpr std::size_t segment_encoder_table = static_cast<std::size_t>(segment_encoder_offsets.back());

/// Outputs of the head: of each class; of a note by its step from the one before; of a note in the scale that was told; of the class that
/// stands a half bar, one, two and four bars back.
namespace segment_output {
inline constexpr int leap = 24;  // semitones; what leaps further counts as that far
inline constexpr std::size_t step = segment_symbols, scale = step + 2 * leap + 1, copy = scale + 1, count = copy + 4;
}  // namespace segment_output

/// Whether a class may stand here: a note ends only while it sounds.
[[nodiscard]] constexpr bool segment_allows(const segment_context& s, std::int32_t symbol) {
    return symbol != token::melody_class::off || s.sounds;
}
/// Calls f(output) for each network output whose sum is the logit of a class. The model's probabilities are the softmax over those that
/// `segment_allows`.
template <class F>
constexpr void segment_terms(const segment_context& s, std::int32_t symbol, F&& f);

template <music_vae_config C, class Backend>
struct music_vae {
    using backend_type = Backend;
    using real = typename Backend::real;
    using activation = typename Backend::activation;
    using sum = typename Backend::sum;
    static constexpr std::size_t Z = C.latent, E = C.encoder, H = C.decoder, told_size = Z + segment_condition_size;
    template <backend::time_order Order>
    using way = nn::bag_lstm<nn::bag_lstm_config{
                                 .vocabulary = segment_encoder_table, .ids = 2, .constant = 1, .hidden = E, .order = Order},
                             Backend>;
    using onward = way<backend::time_order::onward>;
    using reverse = way<backend::time_order::reverse>;
    using posterior = typename Backend::template weights<2 * Z, 2 * E>;
    using decoder =
        nn::bag_lstm<nn::bag_lstm_config{
                         .vocabulary = segment_table, .ids = segment_feature::count, .constant = told_size, .hidden = H},
                     Backend>;
    using head = typename Backend::template weights<segment_output::count, H>;

    struct params {
        typename onward::params onward_lstm;
        typename reverse::params reverse_lstm;
        posterior mean_and_variance;
        typename decoder::params decode;
        head out;
        static constexpr params bind(auto& at) {
            return {onward::params::bind(at), reverse::params::bind(at), posterior::bind(at), decoder::params::bind(at),
                    head::bind(at)};
        }
    };

    /// What crosses the steps of a segment.
    struct state {
        std::array<sum, 4 * H> still{};  ///< b + W_z [z; conditions]
        std::array<activation, H> h{};
        std::array<sum, H> c{};
    };

    /// Finds the mean of the latent of a segment, in the sums of the backend, and its log-variance after it.
    /// realtime: yes
    static void encode(Backend& be, params p, std::span<const std::uint8_t, segment_steps> steps,
                       frame<sum, 2 * Z> y) noexcept {
        std::array<activation, 2 * E> ends{};
        run_way(be, p.onward_lstm, steps, backend::time_order::onward, frame<activation, E>(ends.data(), E));
        run_way(be, p.reverse_lstm, steps, backend::time_order::reverse, frame<activation, E>(ends.data() + E, E));
        linear_step(be, frame<const activation, 2 * E>(ends), p.mean_and_variance, y);
    }
    /// Starts a segment from its latent and the conditions.
    static void reset(Backend& be, params p, state& s, frame<const activation, told_size> told) noexcept {
        s = {};
        linear_step(be, told, p.decode.zh, frame<sum, 4 * H>(s.still));
    }
    /// realtime: yes
    static void step(Backend& be, params p, state& s, const segment_state::ids& ids,
                     frame<sum, segment_output::count> y) noexcept {
        std::array<sum, 4 * H> gates = s.still;
        gather_sum_step(be, p.decode.table, std::span<const std::int32_t>(ids), frame<sum, 4 * H>(gates));
        lstm_gates_step(be, p.decode.hh, frame<sum, 4 * H>(gates), frame<activation, H>(s.h), frame<sum, H>(s.c));
        linear_step(be, frame<const activation, H>(s.h), p.out, y);
    }

private:
    template <class Way>
    static void run_way(Backend& be, const Way& w, std::span<const std::uint8_t, segment_steps> steps,
                        backend::time_order order, frame<activation, E> h) noexcept {
        std::array<activation, 1> one{};
        if constexpr (std::floating_point<activation>)
            one[0] = 1;
        else
            one[0] = Backend::to_activation(1 << Backend::sum_bits);
        std::array<sum, 4 * E> still{}, gates{};
        std::array<sum, E> c{};
        linear_step(be, frame<const activation, 1>(one), w.zh, frame<sum, 4 * E>(still));
        for (std::size_t i = 0; i < segment_steps; ++i) {
            const std::size_t t = order == backend::time_order::onward ? i : segment_steps - 1 - i;
            const std::array<std::int32_t, 2> ids = {segment_encoder_offsets[0] + steps[t],
                                                     segment_encoder_offsets[1] + static_cast<std::int32_t>(t)};
            gates = still;
            gather_sum_step(be, w.table, std::span<const std::int32_t>(ids), frame<sum, 4 * E>(gates));
            lstm_gates_step(be, w.hh, frame<sum, 4 * E>(gates), h, frame<sum, E>(c));
        }
    }
};

// ---------------------------------------------------------------- bodies

template <class F>
constexpr void segment_terms(const segment_context& s, std::int32_t symbol, F&& f) {
    using namespace segment_output;
    f(static_cast<std::size_t>(symbol));
    if (symbol >= token::melody_class::first_note) {
        const int pitch = symbol - token::melody_class::first_note;
        if (s.sung >= 0) f(step + static_cast<std::size_t>(std::clamp(pitch - s.sung, -leap, leap) + leap));
        if ((s.scale >> ((pitch + token::melody_class::lowest) % 12) & 1U) != 0) f(std::size_t{scale});
    }
    for (std::size_t k = 0; k < 4; ++k)
        if (s.back[k] == symbol) f(copy + k);
}

}  // namespace lofi::inline LOFI_ABI::model

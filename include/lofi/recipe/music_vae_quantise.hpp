#pragma once
// The melody network in fixed point: quantised, and what segments cost under it, step by step as it writes.
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/model/music_vae_generate.hpp>
#include <lofi/nn/quantise.hpp>
#include <lofi/recipe/music_vae.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Quantises the network: 8 bits a weight, one scale a row.
/// errors: weights too large for the fixed backend
template <model::music_vae_config C>
[[nodiscard]] backend::fixed_arena quantise_music_vae(typename model::music_vae<C, backend::cpu<float>>::params p) {
    nn::quantiser q;
    q.bag_lstm(p.onward_lstm);
    q.bag_lstm(p.reverse_lstm);
    q.affine(p.mean_and_variance, nn::input_form::state);
    q.bag_lstm(p.decode);
    q.affine(p.out, nn::input_form::state);
    return q.arena();
}

/// What each segment costs from the mean of its posterior, everything told, under a network that steps: for the fixed backend, and as a
/// check for any other. In nats, the divergence left out.
template <model::music_vae_config C, class Backend>
[[nodiscard]] std::vector<double> stepped_costs(typename model::music_vae<C, Backend>::params p,
                                                std::span<const model::segment_example> examples);

// ---------------------------------------------------------------- bodies

template <model::music_vae_config C, class Backend>
std::vector<double> stepped_costs(typename model::music_vae<C, Backend>::params p,
                                  std::span<const model::segment_example> examples) {
    using network = model::music_vae<C, Backend>;
    using sum = typename network::sum;
    using activation = typename network::activation;
    constexpr double unit = std::floating_point<sum> ? 1.0 : 1.0 / 65536.0;
    Backend be;
    std::vector<double> out;
    for (const model::segment_example& e : examples) {
        const auto z = model::encode_segment<C>(be, p, e.steps);
        std::array<activation, network::told_size> told{};
        for (std::size_t i = 0; i < z.size(); ++i) {
            if constexpr (std::floating_point<activation>)
                told[i] = static_cast<activation>(z[i]) / 65536;
            else
                told[i] = Backend::to_activation(z[i]);
        }
        const auto conditions = model::told_vector<Backend, model::segment_condition_size>(e.conditions);
        std::copy(conditions.begin(), conditions.end(), told.begin() + C.latent);
        typename network::state memory;
        network::reset(be, p, memory, frame<const activation, network::told_size>(told));
        double nats = 0;
        for (std::size_t t = 0; t < model::segment_steps; ++t) {
            model::segment_state::ids ids;
            for (std::size_t k = 0; k < ids.size(); ++k) ids[k] = e.seen[t * ids.size() + k];
            std::array<sum, model::segment_output::count> y;
            network::step(be, p, memory, ids, frame<sum, model::segment_output::count>(y));
            std::array<double, model::segment_output::count> real;
            for (std::size_t i = 0; i < y.size(); ++i) real[i] = static_cast<double>(y[i]) * unit;
            model::segment_context at = e.context[t];
            at.scale = e.conditions.scale ? score::mask(*e.conditions.scale) : std::uint16_t{0};
            nats += model::step_cost<double>(real.data(), at, std::int32_t{e.steps[t]}, 0, nullptr).nats;
        }
        out.push_back(nats);
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

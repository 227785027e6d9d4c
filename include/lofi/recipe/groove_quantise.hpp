#pragma once
// The groove network in fixed point: quantised, and what grooves cost under it, step by step as it plays.
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include <lofi/nn/quantise.hpp>
#include <lofi/recipe/groove.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Quantises the network: 8 bits a weight, one scale a row.
/// errors: weights too large for the fixed backend
template <model::groove_config C>
[[nodiscard]] backend::fixed_arena quantise_groove(typename model::groove_network<C, backend::cpu<float>>::params p);

/// What each groove costs under a network that steps, in bits: for the fixed backend, and as a check for any other.
template <model::groove_config C, class Backend>
[[nodiscard]] std::vector<model::groove_cost> stepped_bits(typename model::groove_network<C, Backend>::params p,
                                                           std::span<const model::groove_example> examples,
                                                           groove_told told = groove_told::nothing);

// ---------------------------------------------------------------- bodies

template <model::groove_config C>
backend::fixed_arena quantise_groove(typename model::groove_network<C, backend::cpu<float>>::params p) {
    nn::quantiser q;
    q.bag_lstm(p.hits);
    q.affine(p.hits_out, nn::input_form::state);
    q.bag_lstm(p.touches);
    q.affine(p.touches_out, nn::input_form::state);
    return q.arena();
}

template <model::groove_config C, class Backend>
std::vector<model::groove_cost> stepped_bits(typename model::groove_network<C, Backend>::params p,
                                             std::span<const model::groove_example> examples, groove_told told) {
    using network = model::groove_network<C, Backend>;
    using sum = typename network::sum;
    constexpr double unit = std::floating_point<sum> ? 1.0 : 1.0 / 65536.0;
    constexpr auto real = [](const auto& y) {
        std::array<double, std::tuple_size_v<std::remove_cvref_t<decltype(y)>>> out;
        for (std::size_t i = 0; i < y.size(); ++i) out[i] = static_cast<double>(y[i]) * unit;
        return out;
    };
    Backend be;
    std::vector<model::groove_cost> out;
    for (const model::groove_example& e : examples) {
        const model::groove_conditions c = shown(e.conditions, told);
        const auto z = model::to_activations<Backend>(c);
        const frame<const typename network::activation, model::condition_size> zf(z);
        const auto steps = model::steps_of({e.pattern.data(), e.pattern.size()});
        model::groove_cost cost;

        typename network::template state<C.hits> hit_memory;
        network::reset_hits(be, p, hit_memory, zf);
        model::hit_state hits(c);
        for (const model::voice_mask voices : steps) {
            model::hit_state::ids ids;
            hits.features(ids);
            std::array<sum, model::hit_outputs> y;
            network::step_hits(be, p, hit_memory, ids, frame<sum, model::hit_outputs>(y));
            cost.hits += model::hit_cost<double>(real(y).data(), voices, hits.before(16), 0, nullptr);
            hits.push(voices);
        }
        typename network::template state<C.touches> touch_memory;
        network::reset_touches(be, p, touch_memory, zf);
        model::touch_state touches(steps);
        for (const score::drum_hit& h : e.pattern) {
            model::touch_state::ids ids;
            touches.features(ids);
            std::array<sum, model::touch_outputs> y;
            network::step_touches(be, p, touch_memory, ids, frame<sum, model::touch_outputs>(y));
            const model::touch t{model::velocity_class(h.force), model::offset_class(h.offset)};
            cost += model::touch_cost<double>(real(y).data(), t, 0, nullptr);
            touches.push(t);
        }
        const double bit = std::log(2.0);
        out.push_back({cost.hits / bit, cost.forces / bit, cost.offsets / bit});
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

#pragma once
// The decoder of the improved Lofi2Lofi in fixed point: quantised, and measured against the real one.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/model/lofi2lofi_encoder.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/nn/quantise.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Quantises a decoder: 8 bits a weight, one scale a row.
/// errors: weights too large for the fixed backend
template <model::lofi2lofi_config C>
[[nodiscard]] backend::fixed_arena quantise(typename model::lofi2lofi_decoder<C, backend::cpu<float>>::params p);

/// How far the fixed decoder is from the real one, over phrases that both are told the truth about.
struct quantisation_report {
    double chord_divergence = 0, slot_divergence = 0, bar_divergence = 0;  ///< mean KL(real || fixed), bits a step
    double chord_agreement = 0, slot_agreement = 0, bar_agreement = 0;     ///< share of steps with the same most likely symbol
    std::size_t chords = 0, slots = 0, bars = 0;
};
template <model::lofi2lofi_config C>
[[nodiscard]] quantisation_report compare(typename model::lofi2lofi_decoder<C, backend::cpu<float>>::params real,
                                          typename model::lofi2lofi_decoder<C, backend::fixed>::params fixed,
                                          std::span<const model::lead_example> examples, random_key key);

// ---------------------------------------------------------------- bodies

template <model::lofi2lofi_config C>
backend::fixed_arena quantise(typename model::lofi2lofi_decoder<C, backend::cpu<float>>::params p) {
    nn::quantiser q;
    q.bag_lstm(p.chords);
    q.affine(p.chords_out, nn::input_form::state);
    q.bag_lstm(p.melody);
    q.affine(p.melody_out, nn::input_form::state);
    return q.arena();
}

namespace detail {

// Divergence in bits between two sets of logits, and whether they agree on the best.
struct distance_meter {
    double divergence = 0;
    std::size_t agreements = 0, count = 0;

    template <std::size_t V>
    void add(std::array<double, V> p, std::array<double, V> q) {
        agreements += std::max_element(p.begin(), p.end()) - p.begin() == std::max_element(q.begin(), q.end()) - q.begin();
        model::detail::log_softmax(p);
        model::detail::log_softmax(q);
        for (std::size_t v = 0; v < V; ++v) divergence += std::exp(p[v]) * (p[v] - q[v]) / std::log(2.0);
        ++count;
    }
    [[nodiscard]] double mean() const { return divergence / static_cast<double>(std::max<std::size_t>(count, 1)); }
    [[nodiscard]] double share() const {
        return static_cast<double>(agreements) / static_cast<double>(std::max<std::size_t>(count, 1));
    }
};

}  // namespace detail

template <model::lofi2lofi_config C>
quantisation_report compare(typename model::lofi2lofi_decoder<C, backend::cpu<float>>::params real,
                            typename model::lofi2lofi_decoder<C, backend::fixed>::params fixed,
                            std::span<const model::lead_example> examples, random_key key) {
    using real_decoder = model::lofi2lofi_decoder<C, backend::cpu<float>>;
    using fixed_decoder = model::lofi2lofi_decoder<C, backend::fixed>;
    backend::cpu<float> real_backend;
    backend::fixed fixed_backend;
    detail::distance_meter chords, slots, bars;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const model::lead_example& e = examples[i];
        const auto z = model::draw_latent<C.latent>(key.child(i));
        const auto zr = model::to_activations<backend::cpu<float>, C.latent>(z);
        const auto zf = model::to_activations<backend::fixed, C.latent>(z);
        typename real_decoder::state sr;
        typename fixed_decoder::state sf;
        real_decoder::reset(real_backend, real, sr, frame<const float, C.latent>(zr));
        fixed_decoder::reset(fixed_backend, fixed, sf, frame<const std::int16_t, C.latent>(zf));

        model::chord_state cs(e.conditions);
        model::chord_state::ids chord_ids;
        for (std::size_t t = 0; t <= e.rows(); ++t) {
            cs.features(chord_ids);
            std::array<float, model::chord_outputs> yr;
            std::array<std::int32_t, model::chord_outputs> yf;
            real_decoder::step_chord(real_backend, real, sr, chord_ids, frame<float, model::chord_outputs>(yr));
            fixed_decoder::step_chord(fixed_backend, fixed, sf, chord_ids, frame<std::int32_t, model::chord_outputs>(yf));
            std::array<double, model::chord_symbols> pr{}, pf{};
            model::chord_terms(view(cs), [&](std::size_t symbol, std::size_t output) {
                pr[symbol] += static_cast<double>(yr[output]);
                pf[symbol] += static_cast<double>(yf[output]) / 65536.0;
            });
            chords.add(pr, pf);
            if (t < e.rows())
                cs.push(e.chords[t],
                        e.chords[t] != 0 && model::triad_is_major(static_cast<score::mode>(e.conditions.mode), e.chords[t]));
        }
        model::melody_state ms(e.conditions, e.chords);
        model::melody_state::ids melody_ids;
        for (std::size_t t = 0; t < e.melody.size(); ++t) {
            ms.features(melody_ids);
            std::array<float, model::melody_head_size> yr;
            std::array<std::int32_t, model::melody_head_size> yf;
            real_decoder::step_melody(real_backend, real, sr, melody_ids, frame<float, model::melody_head_size>(yr));
            fixed_decoder::step_melody(fixed_backend, fixed, sf, melody_ids, frame<std::int32_t, model::melody_head_size>(yf));
            std::array<double, model::melody_symbols> pr{}, pf{};
            model::melody_terms(view(ms), [&](std::size_t symbol, std::size_t output) {
                pr[symbol] += static_cast<double>(yr[output]);
                pf[symbol] += static_cast<double>(yf[output]) / 65536.0;
            });
            slots.add(pr, pf);
            if (t % 8 == 0) {
                std::array<double, model::bar_choices> br{}, bf{};
                for (std::size_t k = 0; k < model::bar_choices; ++k) {
                    br[k] = k <= t / 8 ? static_cast<double>(yr[model::melody_outputs + k]) : -60.0;
                    bf[k] = k <= t / 8 ? static_cast<double>(yf[model::melody_outputs + k]) / 65536.0 : -60.0;
                }
                bars.add(br, bf);
            }
            ms.push(e.melody[t]);
        }
    }
    return {chords.mean(), slots.mean(), bars.mean(), chords.share(), slots.share(),
            bars.share(),  chords.count, slots.count, bars.count};
}

}  // namespace lofi::inline LOFI_ABI::recipe

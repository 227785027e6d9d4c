#pragma once
// The note network in fixed point: quantised, and what pieces cost under it, step by step as it writes.
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/nn/quantise.hpp>
#include <lofi/recipe/note_lstm.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Quantises the network: 8 bits a weight, one scale a row.
/// errors: weights too large for the fixed backend
template <model::note_lstm_config C>
[[nodiscard]] backend::fixed_arena quantise_note_lstm(typename model::note_lstm<C, backend::cpu<float>>::params p) {
    nn::quantiser q;
    q.bag_lstm(p.notes);
    q.affine(p.notes_out, nn::input_form::state);
    return q.arena();
}

/// What each piece costs under a network that steps, everything told, starting anew where `note_costs` does: for the fixed backend, and
/// as a check for any other.
template <model::note_lstm_config C, class Backend>
[[nodiscard]] std::vector<model::note_cost> stepped_costs(typename model::note_lstm<C, Backend>::params p,
                                                          std::span<const model::note_piece> pieces, std::size_t bars = 8,
                                                          std::size_t tokens = 320);

// ---------------------------------------------------------------- bodies

template <model::note_lstm_config C, class Backend>
std::vector<model::note_cost> stepped_costs(typename model::note_lstm<C, Backend>::params p,
                                            std::span<const model::note_piece> pieces, std::size_t bars, std::size_t tokens) {
    using network = model::note_lstm<C, Backend>;
    using sum = typename network::sum;
    constexpr double unit = std::floating_point<sum> ? 1.0 : 1.0 / 65536.0;
    Backend be;
    std::vector<model::note_cost> out(pieces.size());
    for (const model::note_excerpt& e : model::note_excerpts(pieces, bars, tokens)) {
        const model::note_piece& piece = pieces[e.piece];
        const auto z = model::told_vector<Backend, model::note_condition_size>(piece.conditions);
        typename network::state memory;
        network::reset(be, p, memory, frame<const typename network::activation, model::note_condition_size>(z));
        for (std::size_t at = e.first; at < e.first + e.count; ++at) {
            model::note_state::ids ids;
            const auto first = piece.features.begin() + static_cast<std::ptrdiff_t>(at * ids.size());
            std::copy(first, first + static_cast<std::ptrdiff_t>(ids.size()), ids.begin());
            std::array<sum, model::note_output::count> y;
            network::step(be, p, memory, ids, frame<sum, model::note_output::count>(y));
            std::array<double, model::note_output::count> real;
            for (std::size_t i = 0; i < y.size(); ++i) real[i] = static_cast<double>(y[i]) * unit;
            model::note_context context = piece.context[at];
            context.scale = piece.conditions.scale ? score::mask(*piece.conditions.scale) : std::uint16_t{0};
            out[e.piece] += model::token_cost<double>(real.data(), context, piece.allowed[at], piece.tokens[at], 0, nullptr);
        }
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe

#pragma once
// Writing a piece for two hands with the note network, a token at a time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/model/logits.hpp>
#include <lofi/model/note_lstm.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::model {

/// How tokens are drawn. As it stands, from the raw network.
struct note_sampling {
    sampling::integer_config tokens{};
    std::uint16_t scale = 0;                      ///< pitch classes above the tonic that notes may have, a bit each; 0: all
    std::int32_t out_of_scale = sampling::never;  ///< what is added to the logits of notes outside, in 1/65536
};

/// Writes a piece. It ends where the conditions' bars are full, or, without, where the network ends it. Every eight bars the network and
/// its count of bars start anew, as in the pieces that it learned from; what it sees of the bars before goes on.
/// Something that may veto tokens, a guard against copies say, is asked before each draw: `veto(state, allowed)` takes ids out of
/// `allowed`, which never becomes empty.
template <note_lstm_config C, class Backend>
class note_writer {
public:
    using network = note_lstm<C, Backend>;
    static constexpr std::int32_t stretch = 8;  // bars
    struct no_veto {
        void operator()(const note_state&, token::hands_set&) const noexcept {}
    };

    /// Copies everything but the weights.
    note_writer(Backend be, typename network::params p, const note_conditions& c, const note_sampling& sampling, random_key key)
        : be_(be),
          params_(p),
          sampling_(sampling),
          bars_(c.bars.value_or(-1)),
          state_(c, stretch),
          random_(key.child("tokens")),
          sampler_(sampling.tokens),
          told_(told_vector<Backend, note_condition_size>(c)) {
        network::reset(be_, params_, memory_, frame<const typename network::activation, note_condition_size>(told_));
    }

    /// Writes one token and returns it; -1 after the end.
    /// realtime: yes
    template <class Veto = no_veto>
    std::int32_t step(Veto&& veto = {}) noexcept;
    [[nodiscard]] const note_state& state() const { return state_; }

private:
    using sum = typename network::sum;

    Backend be_;
    typename network::params params_;
    note_sampling sampling_;
    std::int32_t bars_;
    note_state state_;
    typename network::state memory_{};
    random_stream random_;
    sampling::integer_sampler<note_symbols> sampler_;
    std::array<typename network::activation, note_condition_size> told_;
};

// ---------------------------------------------------------------- bodies

template <note_lstm_config C, class Backend>
template <class Veto>
std::int32_t note_writer<C, Backend>::step(Veto&& veto) noexcept {
    const token::hands_grammar& grammar = state_.grammar();
    if (grammar.done()) return -1;
    token::hands_set allowed = grammar.mask();
    const auto forbid = [&](std::int32_t id) { allowed[static_cast<std::size_t>(id) / 64] &= ~(std::uint64_t{1} << id % 64); };
    // Where the number of bars was asked for, the end comes when they are full, and no sooner.
    if (bars_ >= 0) forbid(grammar.bars() < bars_ ? token::hands_id::end : token::hands_id::bar);
    if (state_.length() > 0) veto(state_, allowed);

    note_state::ids ids;
    state_.features(ids);
    std::array<sum, note_output::count> y;
    network::step(be_, params_, memory_, ids, frame<sum, note_output::count>(y));
    const note_context at = state_.context();
    std::array<std::int32_t, note_symbols> logits{}, bias{};
    for (std::size_t v = 0; v < note_symbols; ++v) {
        const auto id = static_cast<std::int32_t>(v);
        std::int64_t logit = 0;
        note_terms(at, id, [&](std::size_t output) { logit += detail::logit_q16(y[output]); });
        logits[v] = static_cast<std::int32_t>(std::clamp<std::int64_t>(logit, -2'000'000'000, 2'000'000'000));
        const token::hands_token t = token::hands_of(id);
        if (sampling_.scale != 0 && (t.kind == token::hands_kind::left || t.kind == token::hands_kind::right) &&
            (sampling_.scale >> ((t.value + 36) % 12) & 1U) == 0)
            bias[v] = sampling_.out_of_scale;
    }
    const auto id = static_cast<std::int32_t>(
        sampler_.sample({.logits = logits, .allowed = sampling::mask_view(allowed), .bias = bias}, random_));
    if (id == token::hands_id::bar && grammar.bars() > 0 && grammar.bars() % stretch == 0) {
        // A stretch begins with its bar, as in training.
        network::reset(be_, params_, memory_, frame<const typename network::activation, note_condition_size>(told_));
        network::step(be_, params_, memory_, ids, frame<sum, note_output::count>(y));
    }
    state_.push(id);
    return id;
}

}  // namespace lofi::inline LOFI_ABI::model

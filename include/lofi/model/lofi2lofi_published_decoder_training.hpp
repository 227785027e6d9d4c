#pragma once
// The published Lofi2Lofi's decoder over batches: on its own tokens or on the truth, forward and backward.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/lofi2lofi_published_batch.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A voice over all steps of a batch. A token is chosen, not computed, so no gradient runs through it: backward, the cell is an
/// LSTM over inputs that are known, and the way from tokens to inputs one product for all steps.
template <class Voice>
class published_voice_run {
public:
    using backend_type = typename Voice::backend_type;
    using real = typename Voice::real;
    using params = typename Voice::params;
    static constexpr std::size_t H = Voice::H, Z = Voice::Z, V = Voice::V, K = Voice::context_size;

    /// Memory for the run comes from the context, where it stays.
    published_voice_run(backend_type&, nn::context&, params, std::size_t steps, std::size_t batch);

    /// What the cell is fed at a step, 0 to `steps`; the caller writes that of step 0.
    [[nodiscard]] nn::columns<real, Z> input(std::size_t t) const { return nn::columns<real, Z>(x_.sub(t * batch_, batch_)); }
    /// What is joined with the token of a step; the caller writes it before the step.
    [[nodiscard]] nn::columns<real, K> context(std::size_t t) const { return nn::part<H, K>(joined_.sub(t * batch_, batch_)); }
    /// Runs a step. params: feed (B): tokens to go on with, or negative for the cell's own
    void step(std::size_t t, std::span<const std::int32_t> feed);
    /// Predicts the tokens of all steps. shapes: (N,V)
    [[nodiscard]] nn::columns<const real, V> predict();
    /// The tokens that the run went on with, (N).
    [[nodiscard]] std::span<const std::int32_t> fed() const { return fed_; }

    /// Goes back from the predictions to the inputs. writes: dp +=, dinput =
    void backward_cell(params dp, nn::columns<const real, V> dlogits);
    /// Gradient of the input of step t; the caller may add to it between the two ways back.
    [[nodiscard]] nn::columns<real, Z> dinput(std::size_t t) const { return nn::columns<real, Z>(dx_.sub(t * batch_, batch_)); }
    /// Goes back from the inputs to tokens and contexts. writes: dp +=, dcontext =
    void backward_join(params dp);
    [[nodiscard]] nn::columns<const real, K> dcontext(std::size_t t) const {
        return nn::constant(nn::part<H, K>(djoined_.sub(t * batch_, batch_)));
    }

private:
    backend_type& be_;
    nn::context& ctx_;
    params p_;
    std::size_t steps_, batch_;
    rows<real, Z> x_, dx_;                // (N+B)
    rows<real, H + K> joined_, djoined_;  // (N)
    rows<real, 4 * H> bias_;              // (1)
    std::span<std::int32_t> fed_;         // (N)
    typename Voice::cell::tape lstm_;
    typename Voice::prediction::tape head_;
};

/// The decoder over a batch.
template <published_config C, class Backend>
class published_decoder_run {
public:
    using decoder = published_decoder<C, Backend>;
    using real = typename Backend::real;
    using params = typename decoder::params;
    static constexpr std::size_t Z = C.latent;

    published_decoder_run(Backend& be, nn::context& ctx, params p, const published_batch& b)
        : chords(be, ctx, p.chords, b.bars, b.size),
          melody(be, ctx, p.melody, 8 * b.bars, b.size),
          be_(be),
          ctx_(ctx),
          p_(p),
          bars_(b.bars),
          batch_(b.size) {}

    /// Runs both voices over all steps, from z (B,Z).
    void forward(nn::columns<const real, Z> z, const published_feed& feed);
    /// Goes back from both predictions. writes: dp +=, dz =
    void backward(params dp, nn::columns<const real, token::chord_ids> dchords,
                  nn::columns<const real, token::published_melody_ids> dmelody, nn::columns<real, Z> dz);

    published_voice_run<typename decoder::chord_voice> chords;
    published_voice_run<typename decoder::melody_voice> melody;

private:
    Backend& be_;
    nn::context& ctx_;
    params p_;
    std::size_t bars_, batch_;
};

// ---------------------------------------------------------------- bodies

template <class Voice>
published_voice_run<Voice>::published_voice_run(backend_type& be, nn::context& ctx, params p, std::size_t steps,
                                                std::size_t batch)
    : be_(be), ctx_(ctx), p_(p), steps_(steps), batch_(batch) {
    const std::size_t N = steps * batch;
    auto& s = ctx.scratch;
    x_ = s.template take_rows<real, Z>(N + batch);
    joined_ = s.template take_rows<real, H + K>(N);
    fed_ = s.template take<std::int32_t>(N);
    bias_ = s.template take_rows<real, 4 * H>(1);
    spread(be_, p_.lstm.ih.b, nn::columns<real, 4 * H>(bias_));
    add(be_, nn::columns<const real, 4 * H>(p_.lstm.hh.b, 1), nn::columns<real, 4 * H>(bias_));
    auto& r = lstm_.record;
    r.gates = s.template take_rows<real, 4 * H>(N);
    r.h = s.template take_rows<real, H>(N + batch);
    r.c = s.template take_rows<real, H>(N + batch);
    r.tanh_c = s.template take_rows<real, H>(N);
    fill(be_, real{0}, nn::columns<real, H>(r.h.sub(0, batch)));
    fill(be_, real{0}, nn::columns<real, H>(r.c.sub(0, batch)));
    lstm_.x = nn::constant(x_.sub(0, N));
    lstm_.walk = {.steps = steps, .batch = batch, .lengths = {}, .order = nn::time_order::onward};
}

template <class Voice>
void published_voice_run<Voice>::step(std::size_t t, std::span<const std::int32_t> feed) {
    const nn::scratch_scope scope(ctx_.scratch);
    const std::size_t at = t * batch_;
    const auto& r = lstm_.record;
    const auto gates = r.gates.sub(at, batch_);
    spread(be_, bias_.data(), nn::columns<real, 4 * H>(gates));
    product(be_, nn::constant(input(t)), p_.lstm.ih.w, nn::columns<real, 4 * H>(gates), backend::into::add);
    // One step of the sequence: the states before and after it lie next to each other.
    const backend::lstm_record<real, H> one{
        gates, r.h.sub(at, 2 * batch_), r.c.sub(at, 2 * batch_), r.tanh_c.sub(at, batch_), {}};
    lstm_forward(be_, backend::sequence_walk{.steps = 1, .batch = batch_}, p_.lstm.hh.w, one, nn::columns<real, H>{});

    const std::span<std::int32_t> tokens = fed_.subspan(at, batch_);
    std::copy(feed.begin(), feed.end(), tokens.begin());
    if (std::any_of(tokens.begin(), tokens.end(), [](std::int32_t id) { return id < 0; })) {
        const auto logits = ctx_.scratch.template take_rows<real, V>(batch_);
        Voice::prediction::forward(be_, ctx_, p_.head, nn::constant(r.h.sub(at + batch_, batch_)), nn::columns<real, V>(logits),
                                   nn::no_tape{});
        for (std::size_t b = 0; b < batch_; ++b)
            if (tokens[b] < 0) tokens[b] = static_cast<std::int32_t>(detail::greatest<real>(logits[b]));
    }
    const nn::columns<real, H + K> joined = joined_.sub(at, batch_);
    Voice::embeddings::forward(be_, ctx_, p_.table, tokens, nn::part<0, H>(joined), nn::no_tape{});
    Voice::downsample::forward(be_, ctx_, p_.join, nn::constant(joined), input(t + 1), nn::no_tape{});
}

template <class Voice>
auto published_voice_run<Voice>::predict() -> nn::columns<const real, V> {
    const std::size_t N = steps_ * batch_;
    const nn::columns<real, V> logits = ctx_.scratch.template take_rows<real, V>(N);
    Voice::prediction::forward(be_, ctx_, p_.head, nn::constant(lstm_.record.h.sub(batch_, N)), logits, head_);
    return logits;
}

template <class Voice>
void published_voice_run<Voice>::backward_cell(params dp, nn::columns<const real, V> dlogits) {
    const std::size_t N = steps_ * batch_;
    dx_ = ctx_.scratch.template take_rows<real, Z>(N + batch_);
    djoined_ = ctx_.scratch.template take_rows<real, H + K>(N);
    const nn::scratch_scope scope(ctx_.scratch);
    const nn::columns<real, H> dh = ctx_.scratch.template take_rows<real, H>(N);
    Voice::prediction::backward(be_, ctx_, p_.head, dp.head, head_, dlogits, dh);
    Voice::cell::whole::backward(be_, ctx_, p_.lstm, dp.lstm, lstm_, nn::constant(dh), nn::columns<real, Z>(dx_.sub(0, N)));
    fill(be_, real{0}, dinput(steps_));
}

template <class Voice>
void published_voice_run<Voice>::backward_join(params dp) {
    const std::size_t N = steps_ * batch_;
    Voice::downsample::backward(be_, ctx_, p_.join, dp.join, typename Voice::downsample::tape{nn::constant(joined_)},
                                nn::constant(dx_.sub(batch_, N)), nn::columns<real, H + K>(djoined_));
    Voice::embeddings::backward(be_, ctx_, p_.table, dp.table, typename Voice::embeddings::tape{fed_},
                                nn::constant(nn::part<0, H>(djoined_)));
}

template <published_config C, class Backend>
void published_decoder_run<C, Backend>::forward(nn::columns<const real, Z> z, const published_feed& feed) {
    LOFI_ASSERT(feed.chords.size() == bars_ * batch_ && feed.melody.size() == 8 * bars_ * batch_,
                "a feed has a token, or a negative number, for each step");
    const auto of = [&](const std::vector<std::int32_t>& tokens, std::size_t t) {
        return std::span(tokens).subspan(t * batch_, batch_);
    };
    copy(be_, z, chords.input(0));
    for (std::size_t bar = 0; bar < bars_; ++bar) {
        copy(be_, z, chords.context(bar));
        chords.step(bar, of(feed.chords, bar));
        const auto chord = nn::constant(chords.input(bar + 1));
        // As published: the first slot of a later bar goes on from the bar before, and has not heard of the new chord.
        if (bar == 0) copy(be_, chord, melody.input(0));
        for (std::size_t t = 8 * bar; t < 8 * bar + 8; ++t) {
            copy(be_, chord, nn::part<0, Z>(melody.context(t)));
            copy(be_, z, nn::part<Z, Z>(melody.context(t)));
            melody.step(t, of(feed.melody, t));
        }
    }
}

template <published_config C, class Backend>
void published_decoder_run<C, Backend>::backward(params dp, nn::columns<const real, token::chord_ids> dchords,
                                                 nn::columns<const real, token::published_melody_ids> dmelody,
                                                 nn::columns<real, Z> dz) {
    fill(be_, real{0}, dz);
    melody.backward_cell(dp.melody, dmelody);
    melody.backward_join(dp.melody);
    chords.backward_cell(dp.chords, dchords);
    add(be_, nn::constant(melody.dinput(0)), chords.dinput(1));
    for (std::size_t t = 0; t < 8 * bars_; ++t) {
        add(be_, nn::part<0, Z>(melody.dcontext(t)), chords.dinput(t / 8 + 1));
        add(be_, nn::part<Z, Z>(melody.dcontext(t)), dz);
    }
    chords.backward_join(dp.chords);
    for (std::size_t bar = 0; bar < bars_; ++bar) add(be_, chords.dcontext(bar), dz);
    add(be_, nn::constant(chords.dinput(0)), dz);
}

}  // namespace lofi::inline LOFI_ABI::model

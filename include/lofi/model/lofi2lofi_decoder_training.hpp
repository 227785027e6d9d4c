#pragma once
// The improved Lofi2Lofi's decoder over batches: what phrases cost given a vector each, forward and backward.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/lofi2lofi.hpp>
#include <lofi/model/lofi2lofi_batch.hpp>
#include <lofi/nn/dropout.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What a phrase costs, in nats.
struct phrase_cost {
    double chords = 0;  ///< chords and END
    double melody = 0;
    double end = 0;  ///< of `chords`, what it costs to know where the phrase ends
};

/// Dropout of the outputs of the decoder's LSTMs in training.
struct lofi2lofi_dropout {
    nn::fraction chord{0, 1}, melody{1, 5};
};

/// The decoder as it is trained. Its weights lie in the order of `lofi2lofi_decoder::params`.
template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D = lofi2lofi_dropout{}>
struct lofi2lofi_trained_decoder : lofi2lofi_decoder<C, Backend> {
    using decoder = lofi2lofi_decoder<C, Backend>;
    using real = typename Backend::real;
    static constexpr std::size_t Z = C.latent;
    using params = typename decoder::params;
    using chord_head = nn::dense<nn::dense_config{.in = C.chord, .out = chord_outputs}, Backend>;
    using melody_head = nn::dense<nn::dense_config{.in = C.melody, .out = melody_head_size}, Backend>;
    using chord_dropout = nn::dropout<nn::dropout_config{.size = C.chord, .rate = D.chord}, Backend>;
    using melody_dropout = nn::dropout<nn::dropout_config{.size = C.melody, .rate = D.melody}, Backend>;
    static constexpr std::size_t parameter_count = decoder::chord_lstm::parameter_count + chord_head::parameter_count +
                                                   decoder::melody_lstm::parameter_count + melody_head::parameter_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<typename decoder::chord_lstm>("chords", p.chords, f);
        nn::visit_as<chord_head>("chords_out", p.chords_out, f);
        nn::visit_as<typename decoder::melody_lstm>("melody", p.melody, f);
        nn::visit_as<melody_head>("melody_out", p.melody_out, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        decoder::chord_lstm::initialise(p.chords, random, s);
        chord_head::initialise(p.chords_out, random, s);
        decoder::melody_lstm::initialise(p.melody, random, s);
        melody_head::initialise(p.melody_out, random, s);
    }

    /// Finds what each phrase costs given its latent, and with `dp` the gradients of scale * the sum of the costs.
    /// shapes: z, dz (B,Z); costs (B)
    /// writes: dp +=, dz =
    static void decode(Backend&, nn::context&, params, const lead_batch&, nn::columns<const real, Z> z,
                       std::span<phrase_cost> costs, params* dp = nullptr, real scale = 0, nn::columns<real, Z> dz = {});
};

// ---------------------------------------------------------------- bodies

namespace detail {

/// Turns logits into log-probabilities where they stand.
template <std::size_t V>
void log_softmax(std::array<double, V>& x) {
    const double most = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (const double v : x) sum += std::exp(v - most);
    const double log_sum = most + std::log(sum);
    for (double& v : x) v -= log_sum;
}

// Cost of one chord, and its gradient in the head's outputs; `end` gets what going on or ending cost.
template <class Real>
double chord_cost(const Real* y, const chord_view& v, int target, Real scale, Real* dy, double& end) {
    std::array<double, chord_symbols> x{};
    chord_terms(v, [&](std::size_t symbol, std::size_t output) { x[symbol] += static_cast<double>(y[output]); });
    log_softmax(x);
    if (dy != nullptr)
        chord_terms(v, [&](std::size_t symbol, std::size_t output) {
            dy[output] += scale * static_cast<Real>(std::exp(x[symbol]) - (static_cast<int>(symbol) == target ? 1.0 : 0.0));
        });
    const double at_end = x[static_cast<std::size_t>(chord_end)];
    end += target == chord_end ? -at_end : -std::log1p(-std::min(std::exp(at_end), 1 - 1e-12));
    return -x[static_cast<std::size_t>(target)];
}

// Cost of one bar: a mixture of eight new slots and copies of the bars before that it equals. y(k), dy(k): outputs at slot k.
template <class Real, class Y, class View, class Target, class DY>
double bar_cost(Y&& y, View&& view_of, Target&& target, std::size_t bars_before, unsigned repeats, Real scale, DY&& dy) {
    std::array<std::array<double, melody_symbols>, 8> slots{};
    double fresh = 0;
    for (std::size_t k = 0; k < 8; ++k) {
        melody_terms(view_of(k),
                     [&](std::size_t symbol, std::size_t output) { slots[k][symbol] += static_cast<double>(y(k)[output]); });
        log_softmax(slots[k]);
        fresh += slots[k][static_cast<std::size_t>(target(k))];
    }
    constexpr double never = -1e30;
    std::array<double, bar_choices> choice;
    for (std::size_t c = 0; c < bar_choices; ++c)
        choice[c] = c <= bars_before ? static_cast<double>(y(0)[melody_outputs + c]) : never;
    log_softmax(choice);

    std::array<double, bar_choices> joint;
    joint.fill(never);
    joint[0] = choice[0] + fresh;
    for (std::size_t c = 1; c < bar_choices; ++c)
        if ((repeats >> c & 1U) != 0) joint[c] = choice[c];
    const double most = *std::max_element(joint.begin(), joint.end());
    double sum = 0;
    for (const double j : joint) sum += std::exp(j - most);
    const double total = most + std::log(sum);

    if (dy(0) != nullptr) {
        // Each way of making the bar learns as much as it is answerable for it.
        const double new_share = std::exp(joint[0] - total);
        for (std::size_t c = 0; c <= std::min(bars_before, bar_choices - 1); ++c)
            dy(0)[melody_outputs + c] += scale * static_cast<Real>(std::exp(choice[c]) - std::exp(joint[c] - total));
        for (std::size_t k = 0; k < 8; ++k)
            melody_terms(view_of(k), [&](std::size_t symbol, std::size_t output) {
                const double d = std::exp(slots[k][symbol]) - (static_cast<int>(symbol) == target(k) ? 1.0 : 0.0);
                dy(k)[output] += scale * static_cast<Real>(new_share * d);
            });
    }
    return -total;
}

}  // namespace detail

template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D>
void lofi2lofi_trained_decoder<C, Backend, D>::decode(Backend& be, nn::context& ctx, params p, const lead_batch& b,
                                                      nn::columns<const real, Z> z, std::span<phrase_cost> costs, params* dp,
                                                      real scale, nn::columns<real, Z> dz) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size, T = b.bars;
    ctx.batch = B;
    std::fill(costs.begin(), costs.end(), phrase_cost{});
    {
        const std::size_t N = (T + 1) * B;
        ctx.lengths = b.chord_lengths;
        typename decoder::chord_lstm::tape lstm_tape;
        typename chord_dropout::tape dropout_tape;
        typename chord_head::tape head_tape;
        const nn::columns<real, C.chord> h = ctx.scratch.template take_rows<real, C.chord>(N),
                                         kept = ctx.scratch.template take_rows<real, C.chord>(N);
        const auto y = ctx.scratch.template take_rows<real, chord_outputs>(N),
                   dy = ctx.scratch.template take_rows<real, chord_outputs>(dp != nullptr ? N : 0);
        decoder::chord_lstm::forward(be, ctx, p.chords, b.chord_ids, z, h, lstm_tape);
        chord_dropout::forward(be, ctx, {}, nn::constant(h), kept, dropout_tape);
        chord_head::forward(be, ctx, p.chords_out, nn::constant(kept), nn::columns<real, chord_outputs>(y), head_tape);
        if (dp != nullptr) fill(be, real{0}, nn::columns<real, chord_outputs>(dy));
        for (std::size_t n = 0; n < N; ++n)
            if (b.chord_targets[n] >= 0)
                costs[n % B].chords += detail::chord_cost<real>(y[n].data(), b.chord_views[n], b.chord_targets[n], scale,
                                                                dp != nullptr ? dy[n].data() : nullptr, costs[n % B].end);
        if (dp != nullptr) {
            const nn::columns<real, C.chord> dkept = ctx.scratch.template take_rows<real, C.chord>(N);
            chord_head::backward(be, ctx, p.chords_out, dp->chords_out, head_tape, nn::constant(dy), dkept);
            chord_dropout::backward(be, ctx, {}, {}, dropout_tape, nn::constant(dkept), dkept);
            decoder::chord_lstm::backward(be, ctx, p.chords, dp->chords, lstm_tape, nn::constant(dkept), dz);
        }
    }
    if (!b.has_melody) return;
    const std::size_t N = 8 * T * B;
    ctx.lengths = b.melody_lengths;
    typename decoder::melody_lstm::tape lstm_tape;
    typename melody_dropout::tape dropout_tape;
    typename melody_head::tape head_tape;
    const nn::columns<real, C.melody> h = ctx.scratch.template take_rows<real, C.melody>(N),
                                      kept = ctx.scratch.template take_rows<real, C.melody>(N);
    const auto y = ctx.scratch.template take_rows<real, melody_head_size>(N),
               dy = ctx.scratch.template take_rows<real, melody_head_size>(dp != nullptr ? N : 0);
    decoder::melody_lstm::forward(be, ctx, p.melody, b.melody_ids, z, h, lstm_tape);
    melody_dropout::forward(be, ctx, {}, nn::constant(h), kept, dropout_tape);
    melody_head::forward(be, ctx, p.melody_out, nn::constant(kept), nn::columns<real, melody_head_size>(y), head_tape);
    if (dp != nullptr) fill(be, real{0}, nn::columns<real, melody_head_size>(dy));
    for (std::size_t bar = 0; bar < T; ++bar) {
        for (std::size_t i = 0; i < B; ++i) {
            const auto row = [&](std::size_t k) { return (8 * bar + k) * B + i; };
            if (b.melody_targets[row(0)] < 0) continue;
            costs[i].melody += detail::bar_cost<real>(
                [&](std::size_t k) { return y[row(k)].data(); },
                [&](std::size_t k) -> const melody_view& { return b.melody_views[row(k)]; },
                [&](std::size_t k) { return b.melody_targets[row(k)]; }, bar, b.repeats[bar * B + i], scale,
                [&](std::size_t k) -> real* { return dp != nullptr ? dy[row(k)].data() : nullptr; });
        }
    }
    if (dp == nullptr) return;
    const nn::columns<real, C.melody> dkept = ctx.scratch.template take_rows<real, C.melody>(N);
    const nn::columns<real, Z> dz_melody = ctx.scratch.template take_rows<real, Z>(dz.empty() ? 0 : B);
    melody_head::backward(be, ctx, p.melody_out, dp->melody_out, head_tape, nn::constant(dy), dkept);
    melody_dropout::backward(be, ctx, {}, {}, dropout_tape, nn::constant(dkept), dkept);
    decoder::melody_lstm::backward(be, ctx, p.melody, dp->melody, lstm_tape, nn::constant(dkept), dz_melody);
    if (!dz.empty()) add(be, nn::constant(dz_melody), dz);
}

}  // namespace lofi::inline LOFI_ABI::model

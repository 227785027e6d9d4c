#pragma once
// The improved Lofi2Lofi, whole: encoder, latent and decoder over batches, forward and backward.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/model/lofi2lofi.hpp>
#include <lofi/model/lofi2lofi_batch.hpp>
#include <lofi/nn/dropout.hpp>
#include <lofi/nn/latent.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What a phrase costs, in nats.
struct phrase_cost {
    double chords = 0;  ///< chords and END
    double melody = 0;
};

/// Dropout of the outputs of the decoder's LSTMs in training.
struct lofi2lofi_dropout {
    nn::fraction chord{0, 1}, melody{1, 5};
};

/// The whole network. The decoder's weights stand last in the arena, in the order of `lofi2lofi_decoder::params`.
template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D = lofi2lofi_dropout{}>
struct lofi2lofi_network {
    using real = typename Backend::real;
    static constexpr std::size_t Z = C.latent, E = C.encoder;
    template <backend::time_order Order>
    using way = nn::bag_lstm<nn::bag_lstm_config{
                                 .vocabulary = encoder_table, .ids = encoder_ids, .constant = 1, .hidden = E, .order = Order},
                             Backend>;
    using onward = way<backend::time_order::onward>;
    using reverse = way<backend::time_order::reverse>;
    using posterior = nn::dense<nn::dense_config{.in = 2 * E, .out = 2 * Z}, Backend>;
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = Z}, Backend>;
    using decoder = lofi2lofi_decoder<C, Backend>;
    using chord_head = nn::dense<nn::dense_config{.in = C.chord, .out = chord_outputs}, Backend>;
    using melody_head = nn::dense<nn::dense_config{.in = C.melody, .out = melody_head_size}, Backend>;
    using chord_dropout = nn::dropout<nn::dropout_config{.size = C.chord, .rate = D.chord}, Backend>;
    using melody_dropout = nn::dropout<nn::dropout_config{.size = C.melody, .rate = D.melody}, Backend>;

    struct params {
        typename onward::params onward_lstm;
        typename reverse::params reverse_lstm;
        typename posterior::params mean_and_variance;
        typename decoder::params decode;
        static constexpr params bind(auto& at) {
            return {onward::params::bind(at), reverse::params::bind(at), posterior::params::bind(at),
                    decoder::params::bind(at)};
        }
    };
    static constexpr std::size_t decoder_count = decoder::chord_lstm::parameter_count + chord_head::parameter_count +
                                                 decoder::melody_lstm::parameter_count + melody_head::parameter_count;
    static constexpr std::size_t parameter_count =
        onward::parameter_count + reverse::parameter_count + posterior::parameter_count + decoder_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<onward>("encoder.onward", p.onward_lstm, f);
        nn::visit_as<reverse>("encoder.reverse", p.reverse_lstm, f);
        nn::visit_as<posterior>("encoder.posterior", p.mean_and_variance, f);
        nn::visit_as<typename decoder::chord_lstm>("decoder.chords", p.decode.chords, f);
        nn::visit_as<chord_head>("decoder.chords_out", p.decode.chords_out, f);
        nn::visit_as<typename decoder::melody_lstm>("decoder.melody", p.decode.melody, f);
        nn::visit_as<melody_head>("decoder.melody_out", p.decode.melody_out, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        onward::initialise(p.onward_lstm, random, s);
        reverse::initialise(p.reverse_lstm, random, s);
        posterior::initialise(p.mean_and_variance, random, s);
        decoder::chord_lstm::initialise(p.decode.chords, random, s);
        chord_head::initialise(p.decode.chords_out, random, s);
        decoder::melody_lstm::initialise(p.decode.melody, random, s);
        melody_head::initialise(p.decode.melody_out, random, s);
    }

    struct encoder_tape {
        typename onward::tape onward_lstm;
        typename reverse::tape reverse_lstm;
        typename posterior::tape dense;
    };
    /// Finds the posterior of each phrase.
    /// shapes: y (B,2Z): mean, then log-variance
    static void encode(Backend&, nn::context&, params, const lead_batch&, nn::columns<real, 2 * Z> y, encoder_tape&);
    static void encode_backward(Backend&, nn::context&, params, params dp, const encoder_tape&,
                                nn::columns<const real, 2 * Z> dy);

    /// Finds what each phrase costs given its latent, and with `dp` the gradients of scale * the sum of the costs.
    /// shapes: z, dz (B,Z); costs (B)
    /// writes: dp +=, dz =
    static void decode(Backend&, nn::context&, params, const lead_batch&, nn::columns<const real, Z> z,
                       std::span<phrase_cost> costs, params* dp = nullptr, real scale = 0, nn::columns<real, Z> dz = {});
};

// ---------------------------------------------------------------- bodies

template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D>
void lofi2lofi_network<C, Backend, D>::encode(Backend& be, nn::context& ctx, params p, const lead_batch& b,
                                              nn::columns<real, 2 * Z> y, encoder_tape& tape) {
    ctx.batch = b.size;
    ctx.lengths = b.encoder_lengths;
    const auto last = ctx.scratch.template take_rows<real, 2 * E>(b.size);
    // The vector that stays the same says whether there is a melody to see.
    const auto seen = ctx.scratch.template take_rows<real, 1>(b.size);
    fill(be, b.has_melody ? real{1} : real{0}, nn::columns<real, 1>(seen));
    const nn::columns<const real, 1> z = nn::constant(seen);
    onward::forward(be, ctx, p.onward_lstm, b.encoder_ids, z, {}, tape.onward_lstm, nn::part<0, E>(last));
    reverse::forward(be, ctx, p.reverse_lstm, b.encoder_ids, z, {}, tape.reverse_lstm, nn::part<E, E>(last));
    posterior::forward(be, ctx, p.mean_and_variance, nn::constant(last), y, tape.dense);
}

template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D>
void lofi2lofi_network<C, Backend, D>::encode_backward(Backend& be, nn::context& ctx, params p, params dp,
                                                       const encoder_tape& tape, nn::columns<const real, 2 * Z> dy) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, 2 * E> dlast = ctx.scratch.template take_rows<real, 2 * E>(dy.count());
    posterior::backward(be, ctx, p.mean_and_variance, dp.mean_and_variance, tape.dense, dy, dlast);
    onward::backward(be, ctx, p.onward_lstm, dp.onward_lstm, tape.onward_lstm, {}, {}, nn::constant(nn::part<0, E>(dlast)));
    reverse::backward(be, ctx, p.reverse_lstm, dp.reverse_lstm, tape.reverse_lstm, {}, {}, nn::constant(nn::part<E, E>(dlast)));
}

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

// Cost of one chord, and its gradient in the head's outputs.
template <class Real>
double chord_cost(const Real* y, const chord_view& v, int target, Real scale, Real* dy) {
    std::array<double, chord_symbols> x{};
    chord_terms(v, [&](std::size_t symbol, std::size_t output) { x[symbol] += static_cast<double>(y[output]); });
    log_softmax(x);
    if (dy != nullptr)
        chord_terms(v, [&](std::size_t symbol, std::size_t output) {
            dy[output] += scale * static_cast<Real>(std::exp(x[symbol]) - (static_cast<int>(symbol) == target ? 1.0 : 0.0));
        });
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
void lofi2lofi_network<C, Backend, D>::decode(Backend& be, nn::context& ctx, params p, const lead_batch& b,
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
        decoder::chord_lstm::forward(be, ctx, p.decode.chords, b.chord_ids, z, h, lstm_tape);
        chord_dropout::forward(be, ctx, {}, nn::constant(h), kept, dropout_tape);
        chord_head::forward(be, ctx, p.decode.chords_out, nn::constant(kept), nn::columns<real, chord_outputs>(y), head_tape);
        if (dp != nullptr) fill(be, real{0}, nn::columns<real, chord_outputs>(dy));
        for (std::size_t n = 0; n < N; ++n)
            if (b.chord_targets[n] >= 0)
                costs[n % B].chords += detail::chord_cost<real>(y[n].data(), b.chord_views[n], b.chord_targets[n], scale,
                                                                dp != nullptr ? dy[n].data() : nullptr);
        if (dp != nullptr) {
            const nn::columns<real, C.chord> dkept = ctx.scratch.template take_rows<real, C.chord>(N);
            chord_head::backward(be, ctx, p.decode.chords_out, dp->decode.chords_out, head_tape, nn::constant(dy), dkept);
            chord_dropout::backward(be, ctx, {}, {}, dropout_tape, nn::constant(dkept), dkept);
            decoder::chord_lstm::backward(be, ctx, p.decode.chords, dp->decode.chords, lstm_tape, nn::constant(dkept), dz);
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
    decoder::melody_lstm::forward(be, ctx, p.decode.melody, b.melody_ids, z, h, lstm_tape);
    melody_dropout::forward(be, ctx, {}, nn::constant(h), kept, dropout_tape);
    melody_head::forward(be, ctx, p.decode.melody_out, nn::constant(kept), nn::columns<real, melody_head_size>(y), head_tape);
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
    melody_head::backward(be, ctx, p.decode.melody_out, dp->decode.melody_out, head_tape, nn::constant(dy), dkept);
    melody_dropout::backward(be, ctx, {}, {}, dropout_tape, nn::constant(dkept), dkept);
    decoder::melody_lstm::backward(be, ctx, p.decode.melody, dp->decode.melody, lstm_tape, nn::constant(dkept), dz_melody);
    if (!dz.empty()) add(be, nn::constant(dz_melody), dz);
}

}  // namespace lofi::inline LOFI_ABI::model

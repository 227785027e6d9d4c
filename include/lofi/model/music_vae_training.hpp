#pragma once
// The melody network over batches, forward and backward: posterior, what segments cost given their latents, and the gradients.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/model/music_vae.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/dropout.hpp>
#include <lofi/nn/latent.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A segment as training sees it.
struct segment_example {
    segment steps{};
    segment_conditions conditions;  ///< all known
    std::uint32_t song = 0;
    /// What the network sees before each step, `segment_feature::count` numbers a step: with the segments before it, and without.
    std::array<std::int16_t, segment_steps * segment_feature::count> seen{}, alone{};
    std::array<segment_context, segment_steps> context{}, context_alone{};
};

/// Prepares a segment with those before it, the oldest first; two of them are as good as more. Note-offs while nothing sounds become holds.
[[nodiscard]] segment_example to_segment_example(segment steps, std::span<const segment> before, const segment_conditions& c);

/// How often each part of the conditions, and what came before, is kept from the network in training.
struct segment_mask {
    double style = .2, scale = .2, before = .15;
};
/// What the network is shown of a segment.
struct segment_shown {
    segment_conditions conditions;
    bool before = true;
};
[[nodiscard]] segment_shown hide(const segment_example& e, const segment_mask& mask, random_stream& random);

/// Features that look back are left out now and then, each by itself.
struct segment_dropout {
    double rate = 0;
    random_key key{};
};

/// Segments side by side, time-major: step t of segment b is row t*B + b.
struct segment_batch {
    std::size_t size = 0;                          ///< B
    std::vector<std::int32_t> encoder_ids;         ///< (32*B, 2)
    std::vector<std::int32_t> ids;                 ///< (32*B, segment_feature::count)
    std::vector<float> told;                       ///< (B, segment_condition_size)
    std::vector<std::uint16_t> scales;             ///< (B) the mode that is told, 0: none
    std::vector<const segment_example*> examples;  ///< (B)
    std::vector<bool> with_before;                 ///< (B)
};
[[nodiscard]] segment_batch make_batch(std::span<const segment_example* const> examples, std::span<const segment_shown> shown,
                                       segment_dropout drop = {});

/// What a segment costs given its latent.
struct segment_cost {
    double nats = 0;
    std::size_t steps = 0, right = 0;
    segment_cost& operator+=(const segment_cost& o) { return nats += o.nats, steps += o.steps, right += o.right, *this; }
};
/// The cost of one step, and its gradient in the head's outputs. dy null: none.
template <class Real>
segment_cost step_cost(const Real* y, const segment_context& at, std::int32_t symbol, Real scale, Real* dy);

/// The network as training takes it. Its arena is that of `music_vae::params`.
template <music_vae_config C, class Backend>
struct music_vae_training {
    using network = music_vae<C, Backend>;
    using real = typename Backend::real;
    using params = typename network::params;
    static constexpr std::size_t Z = C.latent, E = C.encoder, H = C.decoder, Told = network::told_size,
                                 Out = segment_output::count;
    using onward = typename network::onward;
    using reverse = typename network::reverse;
    using posterior = nn::dense<nn::dense_config{.in = 2 * E, .out = 2 * Z}, Backend>;
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = Z}, Backend>;
    using decoder = typename network::decoder;
    using drop = nn::dropout<nn::dropout_config{.size = H, .rate = {1, 4}}, Backend>;
    using head = nn::dense<nn::dense_config{.in = H, .out = Out}, Backend>;
    static constexpr std::size_t parameter_count = onward::parameter_count + reverse::parameter_count +
                                                   posterior::parameter_count + decoder::parameter_count +
                                                   head::parameter_count,
                                 buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<onward>("encoder.onward", p.onward_lstm, f);
        nn::visit_as<reverse>("encoder.reverse", p.reverse_lstm, f);
        nn::visit_as<posterior>("encoder.posterior", p.mean_and_variance, f);
        nn::visit_as<decoder>("decoder", p.decode, f);
        nn::visit_as<head>("out", p.out, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        onward::initialise(p.onward_lstm, random, s);
        reverse::initialise(p.reverse_lstm, random, s);
        posterior::initialise(p.mean_and_variance, random, s);
        decoder::initialise(p.decode, random, s);
        head::initialise(p.out, random, s);
    }

    struct encoder_tape {
        typename onward::tape onward_lstm;
        typename reverse::tape reverse_lstm;
        typename posterior::tape dense;
    };
    /// Finds the posterior of each segment. shapes: y (B,2Z): mean, then log-variance
    static void encode(Backend&, nn::context&, params, const segment_batch&, nn::columns<real, 2 * Z> y, encoder_tape&);
    /// writes: dp +=
    static void encode_backward(Backend&, nn::context&, params, params dp, const encoder_tape&,
                                nn::columns<const real, 2 * Z> dy);
    /// Finds what each segment costs given its latent, and with `dp` the gradients of scale * the sum of the costs.
    /// shapes: z, dz (B,Z); costs (B)
    /// writes: dp +=, dz =
    static void decode(Backend&, nn::context&, params, const segment_batch&, nn::columns<const real, Z> z,
                       std::span<segment_cost> costs, params* dp = nullptr, real scale = 0, nn::columns<real, Z> dz = {});
};

// ---------------------------------------------------------------- bodies

inline segment_example to_segment_example(segment steps, std::span<const segment> before, const segment_conditions& c) {
    token::drop_stray_offs(std::span<std::uint8_t>(steps));
    segment_example e;
    e.steps = steps;
    e.conditions = c;
    const auto look = [&](segment_state state, auto& seen, auto& context) {
        segment_state::ids ids;
        for (std::size_t t = 0; t < segment_steps; ++t) {
            state.features(ids);
            for (std::size_t k = 0; k < ids.size(); ++k) seen[t * ids.size() + k] = static_cast<std::int16_t>(ids[k]);
            context[t] = state.context();
            state.push(std::int32_t{steps[t]});
        }
    };
    segment_state state;
    look(state, e.alone, e.context_alone);
    for (const segment& s : before) state.push(s);
    look(state, e.seen, e.context);
    return e;
}

inline segment_shown hide(const segment_example& e, const segment_mask& mask, random_stream& random) {
    const auto hidden = [&](double p) { return static_cast<double>(uniform_unit(random)) < p; };
    segment_shown out{e.conditions, true};
    if (hidden(mask.style)) out.conditions.style = 0;
    if (hidden(mask.scale)) out.conditions.scale.reset();
    if (hidden(mask.before)) out.before = false;
    return out;
}

inline segment_batch make_batch(std::span<const segment_example* const> examples, std::span<const segment_shown> shown,
                                segment_dropout drop) {
    LOFI_ASSERT(!examples.empty() && shown.size() == examples.size(), "a batch has segments, and what is shown of each");
    constexpr std::size_t K = segment_feature::count;
    segment_batch b;
    const std::size_t B = b.size = examples.size();
    b.encoder_ids.resize(segment_steps * B * 2);
    b.ids.resize(segment_steps * B * K);
    b.told.assign(B * segment_condition_size, 0.0F);
    random_stream random(drop.key);
    for (std::size_t i = 0; i < B; ++i) {
        const segment_example& e = *examples[i];
        b.examples.push_back(&e);
        b.with_before.push_back(shown[i].before);
        b.scales.push_back(shown[i].conditions.scale ? score::mask(*shown[i].conditions.scale) : std::uint16_t{0});
        told(shown[i].conditions, [&](std::size_t place) { b.told[i * segment_condition_size + place] = 1; });
        const auto& seen = shown[i].before ? e.seen : e.alone;
        for (std::size_t t = 0; t < segment_steps; ++t) {
            const std::size_t n = t * B + i;
            b.encoder_ids[2 * n] = segment_encoder_offsets[0] + e.steps[t];
            b.encoder_ids[2 * n + 1] = segment_encoder_offsets[1] + static_cast<std::int32_t>(t);
            for (std::size_t k = 0; k < K; ++k) {
                const bool kept =
                    k == segment_feature::place || drop.rate == 0 || static_cast<double>(uniform_unit(random)) >= drop.rate;
                b.ids[n * K + k] = kept ? seen[t * K + k] : -1;
            }
        }
    }
    return b;
}

template <class Real>
segment_cost step_cost(const Real* y, const segment_context& at, std::int32_t symbol, Real scale, Real* dy) {
    std::array<double, segment_symbols> x{};
    double most = -1e30;
    std::int32_t best = symbol;
    for (std::size_t v = 0; v < segment_symbols; ++v) {
        if (!segment_allows(at, static_cast<std::int32_t>(v))) continue;
        double logit = 0;
        segment_terms(at, static_cast<std::int32_t>(v), [&](std::size_t output) { logit += static_cast<double>(y[output]); });
        x[v] = logit;
        if (logit > most) most = logit, best = static_cast<std::int32_t>(v);
    }
    const double own = x[static_cast<std::size_t>(symbol)];
    double sum = 0;
    for (std::size_t v = 0; v < segment_symbols; ++v)
        if (segment_allows(at, static_cast<std::int32_t>(v))) sum += x[v] = std::exp(x[v] - most);
    if (dy != nullptr)
        for (std::size_t v = 0; v < segment_symbols; ++v) {
            if (!segment_allows(at, static_cast<std::int32_t>(v))) continue;
            const Real d = scale * static_cast<Real>(x[v] / sum - (static_cast<std::int32_t>(v) == symbol ? 1.0 : 0.0));
            segment_terms(at, static_cast<std::int32_t>(v), [&](std::size_t output) { dy[output] += d; });
        }
    return {std::log(sum) + most - own, 1, best == symbol ? 1U : 0U};
}

template <music_vae_config C, class Backend>
void music_vae_training<C, Backend>::encode(Backend& be, nn::context& ctx, params p, const segment_batch& b,
                                            nn::columns<real, 2 * Z> y, encoder_tape& tape) {
    ctx.batch = b.size;
    ctx.lengths = {};
    const auto last = ctx.scratch.template take_rows<real, 2 * E>(b.size);
    const auto one = ctx.scratch.template take_rows<real, 1>(b.size);
    fill(be, real{1}, nn::columns<real, 1>(one));
    onward::forward(be, ctx, p.onward_lstm, b.encoder_ids, nn::constant(one), {}, tape.onward_lstm, nn::part<0, E>(last));
    reverse::forward(be, ctx, p.reverse_lstm, b.encoder_ids, nn::constant(one), {}, tape.reverse_lstm, nn::part<E, E>(last));
    posterior::forward(be, ctx, p.mean_and_variance, nn::constant(last), y, tape.dense);
}

template <music_vae_config C, class Backend>
void music_vae_training<C, Backend>::encode_backward(Backend& be, nn::context& ctx, params p, params dp,
                                                     const encoder_tape& tape, nn::columns<const real, 2 * Z> dy) {
    const nn::scratch_scope scope(ctx.scratch);
    ctx.batch = dy.count();
    const nn::columns<real, 2 * E> dlast = ctx.scratch.template take_rows<real, 2 * E>(dy.count());
    posterior::backward(be, ctx, p.mean_and_variance, dp.mean_and_variance, tape.dense, dy, dlast);
    onward::backward(be, ctx, p.onward_lstm, dp.onward_lstm, tape.onward_lstm, {}, {}, nn::constant(nn::part<0, E>(dlast)));
    reverse::backward(be, ctx, p.reverse_lstm, dp.reverse_lstm, tape.reverse_lstm, {}, {}, nn::constant(nn::part<E, E>(dlast)));
}

template <music_vae_config C, class Backend>
void music_vae_training<C, Backend>::decode(Backend& be, nn::context& ctx, params p, const segment_batch& b,
                                            nn::columns<const real, Z> z, std::span<segment_cost> costs, params* dp, real scale,
                                            nn::columns<real, Z> dz) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size, N = segment_steps * B;
    ctx.batch = B;
    ctx.lengths = {};
    std::fill(costs.begin(), costs.end(), segment_cost{});
    const nn::columns<real, Told> told = ctx.scratch.template take_rows<real, Told>(B);
    copy(be, z, nn::part<0, Z>(told));
    for (std::size_t i = 0; i < B; ++i)
        std::copy_n(b.told.begin() + static_cast<std::ptrdiff_t>(i * segment_condition_size), segment_condition_size,
                    told.row(i) + Z);
    typename decoder::tape lstm_tape;
    typename drop::tape drop_tape;
    typename head::tape head_tape;
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(N),
                               kept = ctx.scratch.template take_rows<real, H>(N);
    const auto y = ctx.scratch.template take_rows<real, Out>(N),
               dy = ctx.scratch.template take_rows<real, Out>(dp != nullptr ? N : 0);
    decoder::forward(be, ctx, p.decode, b.ids, nn::constant(told), h, lstm_tape);
    drop::forward(be, ctx, {}, nn::constant(h), kept, drop_tape);
    head::forward(be, ctx, p.out, nn::constant(kept), nn::columns<real, Out>(y), head_tape);
    if (dp != nullptr) fill(be, real{0}, nn::columns<real, Out>(dy));
    for (std::size_t n = 0; n < N; ++n) {
        const std::size_t i = n % B, t = n / B;
        segment_context at = b.with_before[i] ? b.examples[i]->context[t] : b.examples[i]->context_alone[t];
        at.scale = b.scales[i];
        costs[i] +=
            step_cost(y[n].data(), at, std::int32_t{b.examples[i]->steps[t]}, scale, dp != nullptr ? dy[n].data() : nullptr);
    }
    if (dp == nullptr) return;
    const nn::columns<real, H> dkept = ctx.scratch.template take_rows<real, H>(N);
    const nn::columns<real, Told> dtold = ctx.scratch.template take_rows<real, Told>(dz.empty() ? 0 : B);
    head::backward(be, ctx, p.out, dp->out, head_tape, nn::constant(dy), dkept);
    drop::backward(be, ctx, {}, {}, drop_tape, nn::constant(dkept), dkept);
    decoder::backward(be, ctx, p.decode, dp->decode, lstm_tape, nn::constant(dkept), dtold);
    if (!dz.empty()) copy(be, nn::constant(nn::part<0, Z>(dtold)), dz);
}

}  // namespace lofi::inline LOFI_ABI::model

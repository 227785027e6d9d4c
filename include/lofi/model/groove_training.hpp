#pragma once
// The groove network over batches, forward and backward: what each groove costs, and the gradients.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/model/groove_batch.hpp>
#include <lofi/nn/dropout.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What a groove costs, in nats.
struct groove_cost {
    double hits = 0, forces = 0, offsets = 0;

    [[nodiscard]] double sum() const { return hits + forces + offsets; }
    groove_cost& operator+=(const groove_cost& o) { return hits += o.hits, forces += o.forces, offsets += o.offsets, *this; }
};

/// Dropout of what the LSTMs put out, in training.
struct groove_output_dropout {
    nn::fraction hits{3, 10}, touches{1, 5};
};

/// The network as training takes it. Its arena is that of `groove_network::params`.
template <groove_config C, class Backend, groove_output_dropout D = groove_output_dropout{}>
struct groove_training {
    using network = groove_network<C, Backend>;
    using real = typename Backend::real;
    using params = typename network::params;
    using hit_head = nn::dense<nn::dense_config{.in = C.hits, .out = hit_outputs}, Backend>;
    using touch_head = nn::dense<nn::dense_config{.in = C.touches, .out = touch_outputs}, Backend>;
    using hit_dropout = nn::dropout<nn::dropout_config{.size = C.hits, .rate = D.hits}, Backend>;
    using touch_dropout = nn::dropout<nn::dropout_config{.size = C.touches, .rate = D.touches}, Backend>;
    static constexpr std::size_t parameter_count = network::hit_lstm::parameter_count + hit_head::parameter_count +
                                                   network::touch_lstm::parameter_count + touch_head::parameter_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<typename network::hit_lstm>("hits", p.hits, f);
        nn::visit_as<hit_head>("hits_out", p.hits_out, f);
        nn::visit_as<typename network::touch_lstm>("touches", p.touches, f);
        nn::visit_as<touch_head>("touches_out", p.touches_out, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        network::hit_lstm::initialise(p.hits, random, s);
        hit_head::initialise(p.hits_out, random, s);
        network::touch_lstm::initialise(p.touches, random, s);
        touch_head::initialise(p.touches_out, random, s);
    }

    /// Finds what each groove costs, and with `dp` the gradients of scale * the sum of the costs.
    /// shapes: costs (B)
    /// writes: dp +=
    static void cost(Backend&, nn::context&, params, const groove_batch&, std::span<groove_cost> costs, params* dp = nullptr,
                     real scale = 0);

private:
    // The LSTM with its head over N rows; row_cost(n, y, dy) prices one row, dy null without `dp`.
    template <class Lstm, class Dropout, class Head, std::size_t Out, class RowCost>
    static void run(Backend&, nn::context&, const typename Lstm::params&, const typename Head::params&,
                    typename Lstm::params* dlstm, typename Head::params* dhead, std::span<const std::int32_t> ids,
                    nn::columns<const real, condition_size> z, RowCost&& row_cost);
};

/// The cost of one step's voices, and its gradient in the head's outputs.
template <class Real>
double hit_cost(const Real* y, voice_mask voices, voice_mask bar_ago, Real scale, Real* dy);
/// The cost of one hit's touch, and its gradient in the head's outputs.
template <class Real>
groove_cost touch_cost(const Real* y, touch t, Real scale, Real* dy);

// ---------------------------------------------------------------- bodies

namespace detail {

// The cost of a symbol, for logits that become probabilities where they stand.
template <std::size_t V>
double symbol_cost(std::array<double, V>& x, std::size_t symbol) {
    const double most = *std::max_element(x.begin(), x.end()), own = x[symbol];
    double sum = 0;
    for (double& v : x) sum += v = std::exp(v - most);
    for (double& v : x) v /= sum;
    return std::log(sum) + most - own;
}

}  // namespace detail

template <class Real>
double hit_cost(const Real* y, voice_mask voices, voice_mask bar_ago, Real scale, Real* dy) {
    double cost = 0;
    for (std::size_t v = 0; v < groove_voices; ++v) {
        double logit = 0;
        hit_terms(v, voices, bar_ago, [&](std::size_t output) { logit += static_cast<double>(y[output]); });
        const bool plays = sounds(voices, v);
        const double against = plays ? -logit : logit;  // the cost is log(1 + e^against)
        cost += std::max(against, 0.0) + std::log1p(std::exp(-std::abs(against)));
        if (dy == nullptr) continue;
        const double d = 1.0 / (1.0 + std::exp(-logit)) - (plays ? 1.0 : 0.0);
        hit_terms(v, voices, bar_ago, [&](std::size_t output) { dy[output] += scale * static_cast<Real>(d); });
    }
    return cost;
}

template <class Real>
groove_cost touch_cost(const Real* y, touch t, Real scale, Real* dy) {
    groove_cost cost;
    std::array<double, touch_classes> x;
    for (std::size_t k = 0; k < touch_classes; ++k) x[k] = static_cast<double>(y[k]);
    cost.forces = detail::symbol_cost(x, t.force);
    const auto slope = [&](std::size_t symbol, std::size_t truth) {
        return scale * static_cast<Real>(x[symbol] - (symbol == truth ? 1.0 : 0.0));
    };
    if (dy != nullptr)
        for (std::size_t k = 0; k < touch_classes; ++k) dy[k] += slope(k, t.force);
    x.fill(0);
    offset_terms(t.force, [&](std::size_t symbol, std::size_t output) { x[symbol] += static_cast<double>(y[output]); });
    cost.offsets = detail::symbol_cost(x, t.offset);
    if (dy != nullptr)
        offset_terms(t.force, [&](std::size_t symbol, std::size_t output) { dy[output] += slope(symbol, t.offset); });
    return cost;
}

template <groove_config C, class Backend, groove_output_dropout D>
template <class Lstm, class Dropout, class Head, std::size_t Out, class RowCost>
void groove_training<C, Backend, D>::run(Backend& be, nn::context& ctx, const typename Lstm::params& lstm,
                                         const typename Head::params& head, typename Lstm::params* dlstm,
                                         typename Head::params* dhead, std::span<const std::int32_t> ids,
                                         nn::columns<const real, condition_size> z, RowCost&& row_cost) {
    constexpr std::size_t H = Lstm::H;
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t N = ids.size() / Lstm::K;
    typename Lstm::tape lstm_tape;
    typename Dropout::tape dropout_tape;
    typename Head::tape head_tape;
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(N),
                               kept = ctx.scratch.template take_rows<real, H>(N);
    const auto y = ctx.scratch.template take_rows<real, Out>(N),
               dy = ctx.scratch.template take_rows<real, Out>(dlstm != nullptr ? N : 0);
    Lstm::forward(be, ctx, lstm, ids, z, h, lstm_tape);
    Dropout::forward(be, ctx, {}, nn::constant(h), kept, dropout_tape);
    Head::forward(be, ctx, head, nn::constant(kept), nn::columns<real, Out>(y), head_tape);
    if (dlstm != nullptr) fill(be, real{0}, nn::columns<real, Out>(dy));
    for (std::size_t n = 0; n < N; ++n) row_cost(n, y[n].data(), dlstm != nullptr ? dy[n].data() : nullptr);
    if (dlstm == nullptr) return;
    const nn::columns<real, H> dkept = ctx.scratch.template take_rows<real, H>(N);
    Head::backward(be, ctx, head, *dhead, head_tape, nn::constant(dy), dkept);
    Dropout::backward(be, ctx, {}, {}, dropout_tape, nn::constant(dkept), dkept);
    Lstm::backward(be, ctx, lstm, *dlstm, lstm_tape, nn::constant(dkept), {});
}

template <groove_config C, class Backend, groove_output_dropout D>
void groove_training<C, Backend, D>::cost(Backend& be, nn::context& ctx, params p, const groove_batch& b,
                                          std::span<groove_cost> costs, params* dp, real scale) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size;
    ctx.batch = B;
    std::fill(costs.begin(), costs.end(), groove_cost{});
    const auto told = ctx.scratch.template take_rows<real, condition_size>(B);
    std::copy(b.told.begin(), b.told.end(), told.data());
    const nn::columns<const real, condition_size> z = nn::constant(told);

    ctx.lengths = {};
    run<typename network::hit_lstm, hit_dropout, hit_head, hit_outputs>(
        be, ctx, p.hits, p.hits_out, dp != nullptr ? &dp->hits : nullptr, dp != nullptr ? &dp->hits_out : nullptr, b.hit_ids, z,
        [&](std::size_t n, const real* y, real* dy) {
            costs[n % B].hits += hit_cost(y, b.voices[n], b.voices_before[n], scale, dy);
        });
    if (b.most_hits == 0) return;
    ctx.lengths = b.lengths;
    run<typename network::touch_lstm, touch_dropout, touch_head, touch_outputs>(
        be, ctx, p.touches, p.touches_out, dp != nullptr ? &dp->touches : nullptr, dp != nullptr ? &dp->touches_out : nullptr,
        b.touch_ids, z, [&](std::size_t n, const real* y, real* dy) {
            if (static_cast<std::int32_t>(n / B) < b.lengths[n % B]) costs[n % B] += touch_cost(y, b.touches[n], scale, dy);
        });
}

}  // namespace lofi::inline LOFI_ABI::model

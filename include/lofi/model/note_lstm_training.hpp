#pragma once
// The note network over batches, forward and backward: what tokens cost, and the gradients.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/model/note_lstm.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/dropout.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A piece as training sees it: all that is known about it, its tokens, and what the network sees before each.
struct note_piece {
    note_conditions conditions;  ///< all known
    std::vector<std::int32_t> tokens;
    std::vector<std::int16_t> features;     ///< `note_feature::count` a token; `left` as if the bars were told
    std::vector<std::size_t> bars;          ///< where the bar tokens stand
    std::vector<token::hands_set> allowed;  ///< before each token
    std::vector<note_context> context;      ///< before each token
};

/// Prepares tokens, which keep to the grammar.
[[nodiscard]] note_piece to_note_piece(const note_conditions& c, std::vector<std::int32_t> tokens);

/// A stretch of a piece: from a token on, so many of them.
struct note_excerpt {
    std::size_t piece = 0, first = 0, count = 0;
};
/// Stretches of whole bars, at most `bars` of them and, where a bar lets it, at most `tokens` tokens: all of every piece.
[[nodiscard]] std::vector<note_excerpt> note_excerpts(std::span<const note_piece> pieces, std::size_t bars, std::size_t tokens);

/// How often each part of the conditions is kept from the network in training.
struct note_mask {
    double style = .15, scale = .15, tempo = .3, bars = .4, everything = .1;
};
[[nodiscard]] note_conditions hide(const note_conditions& c, const note_mask& mask, random_stream& random);

/// Excerpts side by side. Rows are time-major, n = t*B + b; beyond the end of an excerpt ids are -1.
struct note_batch {
    std::size_t size = 0, steps = 0;
    std::vector<float> told;                                        ///< (B, note_condition_size)
    std::vector<std::int32_t> ids;                                  ///< (T*B, note_feature::count)
    std::vector<std::uint16_t> scales;                              ///< (B) the mode that is told, 0: none
    std::vector<std::int32_t> lengths;                              ///< (B)
    std::vector<std::pair<const note_piece*, std::size_t>> tokens;  ///< (T*B) piece and place; null beyond the end
};
/// Features that say what came before are left out now and then, each by itself.
struct note_dropout {
    double rate = 0;
    random_key key{};
};
[[nodiscard]] note_batch make_batch(std::span<const note_piece> pieces, std::span<const note_excerpt> excerpts,
                                    std::span<const note_conditions> shown, note_dropout drop = {});

/// What a stretch costs.
struct note_cost {
    double nats = 0;
    std::size_t tokens = 0, right = 0;

    note_cost& operator+=(const note_cost& o) { return nats += o.nats, tokens += o.tokens, right += o.right, *this; }
    [[nodiscard]] double bits() const { return nats / std::log(2.0) / static_cast<double>(std::max<std::size_t>(tokens, 1)); }
};

/// The cost of one token, and its gradient in the head's outputs. dy null: none.
template <class Real>
note_cost token_cost(const Real* y, const note_context& at, const token::hands_set& allowed, std::int32_t token, Real scale,
                     Real* dy);

/// The network as training takes it. Its arena is that of `note_lstm::params`.
template <note_lstm_config C, class Backend>
struct note_lstm_training {
    using network = note_lstm<C, Backend>;
    using real = typename Backend::real;
    using params = typename network::params;
    using head = nn::dense<nn::dense_config{.in = C.hidden, .out = note_output::count}, Backend>;
    using drop = nn::dropout<nn::dropout_config{.size = C.hidden, .rate = {3, 10}}, Backend>;
    static constexpr std::size_t parameter_count = network::lstm::parameter_count + head::parameter_count, buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<typename network::lstm>("notes", p.notes, f);
        nn::visit_as<head>("notes_out", p.notes_out, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        network::lstm::initialise(p.notes, random, s);
        head::initialise(p.notes_out, random, s);
    }
    /// Finds what each excerpt costs, and with `dp` the gradients of scale * the sum of the costs.
    /// writes: dp +=
    static void cost(Backend&, nn::context&, params, const note_batch&, std::span<note_cost> costs, params* dp = nullptr,
                     real scale = 0);
    /// Runs the network over rows of batches, forward and, with `dp`, backward; the context has the batch and the lengths.
    /// `loss(y, dy)` finds what the head's outputs cost and writes their gradients unless dy is empty.
    /// shapes: ids (N*K), told (B,Z), y and dy (N,Out)
    /// writes: dp +=
    template <class Loss>
    static void run(Backend&, nn::context&, params, std::span<const std::int32_t> ids,
                    nn::columns<const real, note_condition_size> told, Loss&& loss, const params* dp);
};

// ---------------------------------------------------------------- bodies

inline note_piece to_note_piece(const note_conditions& c, std::vector<std::int32_t> tokens) {
    note_piece out;
    out.conditions = c;
    out.conditions.bars = static_cast<std::int32_t>(std::count(tokens.begin(), tokens.end(), token::hands_id::bar));
    out.tokens = std::move(tokens);
    note_state state(out.conditions);
    note_state::ids ids;
    for (std::size_t i = 0; i < out.tokens.size(); ++i) {
        if (out.tokens[i] == token::hands_id::bar) out.bars.push_back(i);
        state.features(ids);
        for (const std::int32_t id : ids) out.features.push_back(static_cast<std::int16_t>(id));
        out.allowed.push_back(state.grammar().mask());
        out.context.push_back(state.context());
        state.push(out.tokens[i]);
    }
    return out;
}

inline std::vector<note_excerpt> note_excerpts(std::span<const note_piece> pieces, std::size_t bars, std::size_t tokens) {
    std::vector<note_excerpt> out;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
        const note_piece& piece = pieces[p];
        std::size_t first = 0;
        for (std::size_t b = 0; first < piece.tokens.size();) {
            // At least one bar; as many more as fit.
            std::size_t end = 0;
            for (std::size_t n = 1; n <= bars; ++n) {
                const std::size_t until = b + n < piece.bars.size() ? piece.bars[b + n] : piece.tokens.size();
                if (n > 1 && until - first > tokens) break;
                end = until;
                if (b + n >= piece.bars.size()) break;
            }
            while (b < piece.bars.size() && piece.bars[b] < end) ++b;
            out.push_back({p, first, end - first});
            first = end;
        }
    }
    return out;
}

inline note_conditions hide(const note_conditions& c, const note_mask& mask, random_stream& random) {
    const auto hidden = [&](double p) { return static_cast<double>(uniform_unit(random)) < p; };
    note_conditions out = c;
    const bool all = hidden(mask.everything);
    if (hidden(mask.style) || all) out.style = 0;
    if (hidden(mask.scale) || all) out.scale.reset();
    if (hidden(mask.tempo) || all) out.tempo.reset();
    if (hidden(mask.bars) || all) out.bars.reset();
    return out;
}

inline note_batch make_batch(std::span<const note_piece> pieces, std::span<const note_excerpt> excerpts,
                             std::span<const note_conditions> shown, note_dropout drop) {
    LOFI_ASSERT(!excerpts.empty() && shown.size() == excerpts.size(), "a batch has excerpts, and conditions for each");
    constexpr std::size_t K = note_feature::count;
    note_batch b;
    const std::size_t B = b.size = excerpts.size();
    for (const note_excerpt& e : excerpts) b.steps = std::max(b.steps, e.count);
    b.told.assign(B * note_condition_size, 0.0F);
    b.ids.assign(b.steps * B * K, -1);
    b.tokens.assign(b.steps * B, {nullptr, 0});
    random_stream random(drop.key);
    for (std::size_t i = 0; i < B; ++i) {
        const note_excerpt& e = excerpts[i];
        const note_piece& piece = pieces[e.piece];
        told(shown[i], [&](std::size_t place) { b.told[i * note_condition_size + place] = 1; });
        b.scales.push_back(shown[i].scale ? score::mask(*shown[i].scale) : std::uint16_t{0});
        b.lengths.push_back(static_cast<std::int32_t>(e.count));
        for (std::size_t t = 0; t < e.count; ++t) {
            const std::size_t n = t * B + i;
            std::int32_t* const ids = b.ids.data() + n * K;
            std::copy_n(piece.features.begin() + static_cast<std::ptrdiff_t>((e.first + t) * K), K, ids);
            if (!shown[i].bars) ids[note_feature::left] = note_offsets[note_feature::left] + 17;
            if (drop.rate > 0)
                for (std::size_t k = 0; k < K; ++k)
                    if (k != note_feature::place && k != note_feature::left &&
                        static_cast<double>(uniform_unit(random)) < drop.rate)
                        ids[k] = -1;
            b.tokens[n] = {&piece, e.first + t};
        }
    }
    return b;
}

template <class Real>
note_cost token_cost(const Real* y, const note_context& at, const token::hands_set& allowed, std::int32_t token, Real scale,
                     Real* dy) {
    std::array<double, note_symbols> x;
    double most = -1e30;
    std::int32_t best = token;
    const auto may = [&](std::size_t v) { return (allowed[v / 64] >> v % 64 & 1U) != 0; };
    for (std::size_t v = 0; v < note_symbols; ++v) {
        if (!may(v)) continue;
        double logit = 0;
        note_terms(at, static_cast<std::int32_t>(v), [&](std::size_t output) { logit += static_cast<double>(y[output]); });
        x[v] = logit;
        if (logit > most) most = logit, best = static_cast<std::int32_t>(v);
    }
    double sum = 0;
    const double own = x[static_cast<std::size_t>(token)];
    for (std::size_t v = 0; v < note_symbols; ++v)
        if (may(v)) sum += x[v] = std::exp(x[v] - most);
    if (dy != nullptr)
        for (std::size_t v = 0; v < note_symbols; ++v) {
            if (!may(v)) continue;
            const Real d = scale * static_cast<Real>(x[v] / sum - (static_cast<std::int32_t>(v) == token ? 1.0 : 0.0));
            note_terms(at, static_cast<std::int32_t>(v), [&](std::size_t output) { dy[output] += d; });
        }
    return {std::log(sum) + most - own, 1, best == token ? 1U : 0U};
}

template <note_lstm_config C, class Backend>
void note_lstm_training<C, Backend>::cost(Backend& be, nn::context& ctx, params p, const note_batch& b,
                                          std::span<note_cost> costs, params* dp, real scale) {
    constexpr std::size_t Out = note_output::count;
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size, N = b.steps * B;
    ctx.batch = B;
    ctx.lengths = b.lengths;
    std::fill(costs.begin(), costs.end(), note_cost{});
    const auto told = ctx.scratch.template take_rows<real, note_condition_size>(B);
    std::copy(b.told.begin(), b.told.end(), told.data());
    const auto loss = [&](rows<real, Out> y, rows<real, Out> dy) {
        if (dp != nullptr) fill(be, real{0}, nn::columns<real, Out>(dy));
        for (std::size_t n = 0; n < N; ++n) {
            const auto [piece, at] = b.tokens[n];
            if (piece == nullptr) continue;
            note_context context = piece->context[at];
            context.scale = b.scales[n % B];
            costs[n % B] += token_cost(y[n].data(), context, piece->allowed[at], piece->tokens[at], scale,
                                       dp != nullptr ? dy[n].data() : nullptr);
        }
    };
    run(be, ctx, p, b.ids, nn::constant(told), loss, dp);
}

template <note_lstm_config C, class Backend>
template <class Loss>
void note_lstm_training<C, Backend>::run(Backend& be, nn::context& ctx, params p, std::span<const std::int32_t> ids,
                                         nn::columns<const real, note_condition_size> told, Loss&& loss, const params* dp) {
    using lstm = typename network::lstm;
    constexpr std::size_t H = C.hidden, Out = note_output::count;
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t N = ids.size() / note_feature::count;
    typename lstm::tape lstm_tape;
    typename drop::tape drop_tape;
    typename head::tape head_tape;
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(N),
                               kept = ctx.scratch.template take_rows<real, H>(N);
    const auto y = ctx.scratch.template take_rows<real, Out>(N),
               dy = ctx.scratch.template take_rows<real, Out>(dp != nullptr ? N : 0);
    lstm::forward(be, ctx, p.notes, ids, told, h, lstm_tape);
    drop::forward(be, ctx, {}, nn::constant(h), kept, drop_tape);
    head::forward(be, ctx, p.notes_out, nn::constant(kept), nn::columns<real, Out>(y), head_tape);
    loss(y, dy);
    if (dp == nullptr) return;
    const nn::columns<real, H> dkept = ctx.scratch.template take_rows<real, H>(N);
    head::backward(be, ctx, p.notes_out, dp->notes_out, head_tape, nn::constant(dy), dkept);
    drop::backward(be, ctx, {}, {}, drop_tape, nn::constant(dkept), dkept);
    lstm::backward(be, ctx, p.notes, dp->notes, lstm_tape, nn::constant(dkept), {});
}

}  // namespace lofi::inline LOFI_ABI::model

#pragma once
// LSTM over whole sequences, one way and both ways.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::time_order;

/// PyTorch adds a bias to x W^T and one to h U^T; Keras has only the first. It matters to optimisers that scale each step.
enum class biases { one, two };

struct lstm_config {
    std::size_t in, hidden;
    nn::biases biases = nn::biases::two;
    fraction recurrent_dropout{};  ///< of h on its way into each gate, one mask a sequence (Keras)
    time_order order = time_order::onward;
};

/// The two vectors that cross time, for B sequences. T is const for states that are read.
template <class T, std::size_t H>
struct lstm_states {
    columns<T, H> h, c;  ///< (B,H); empty: zeros where they are read, not wanted where they are written

    constexpr lstm_states() = default;
    constexpr lstm_states(columns<T, H> h_, columns<T, H> c_) : h(h_), c(c_) {}
    template <class U>
        requires(std::is_const_v<T>&& std::is_same_v<U, std::remove_const_t<T>>)
    constexpr lstm_states(lstm_states<U, H> s) : h(s.h), c(s.c) {}  // NOLINT: what may be written may be read
};

/// Runs an LSTM over sequences. Gates in PyTorch's order i, f, g, o. True lengths in the context act as PyTorch's packed
/// sequences: beyond its length a sequence gives zeros and keeps its state, so that the last state is that of its true end.
/// shapes: x (N,in), y (N,hidden), N = T*B; weight_ih (4H,in), weight_hh (4H,H), bias_ih (4H), bias_hh (4H)
/// source: Hochreiter, Schmidhuber: Long Short-Term Memory (1997); Gers et al.: Learning to Forget (2000)
template <lstm_config C, class Backend>
struct lstm {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.in, out_size = C.hidden, H = C.hidden;
    static constexpr bool two_biases = C.biases == biases::two;
    static_assert(C.recurrent_dropout.numerator < C.recurrent_dropout.denominator,
                  "recurrent dropout with a rate of 1 or more would leave nothing");

    struct params {
        typename Backend::template weights<4 * H, C.in> ih;
        typename Backend::template weights<4 * H, H, two_biases> hh;
        static constexpr params bind(auto& at) { return {decltype(ih)::bind(at), decltype(hh)::bind(at)}; }
    };
    static constexpr std::size_t parameter_count = decltype(params::ih)::count + decltype(params::hh)::count;
    static constexpr std::size_t buffer_count = 0;
    struct tape {
        columns<const real, C.in> x;  ///< (N,in), must stay as it was until backward
        backend::lstm_record<real, H> record;
        backend::sequence_walk walk;
    };
    struct state {
        std::array<real, H> h{}, c{};
    };

    /// y may be empty where only the last state is wanted.
    /// params: first: states before the first step; writes last: states after the last
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, H> y, tape&,
                        lstm_states<const real, H> first = {}, lstm_states<real, H> last = {});
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, H> y, no_tape,
                        lstm_states<const real, H> first = {}, lstm_states<real, H> last = {});
    /// dy may be empty where only the last state was used.
    /// params: dlast: gradients of the last states
    /// writes: dp +=, dx = unless empty, dfirst = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, H> dy, columns<real, C.in> dx,
                         lstm_states<const real, H> dlast = {}, lstm_states<real, H> dfirst = {});
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.in> x, frame<real, H> y) noexcept;

    template <class F>
    static void visit(params, F&& f, std::string_view suffix = "_l0");
    static void initialise(params, random_stream&, scheme);
};

/// Last states of the two directions of a bidirectional LSTM.
template <class T, std::size_t H>
struct both_states {
    lstm_states<T, H> onward, reverse;

    constexpr both_states() = default;
    constexpr both_states(lstm_states<T, H> onward_, lstm_states<T, H> reverse_) : onward(onward_), reverse(reverse_) {}
    template <class U>
        requires(std::is_const_v<T>&& std::is_same_v<U, std::remove_const_t<T>>)
    constexpr both_states(both_states<U, H> s) : onward(s.onward), reverse(s.reverse) {}  // NOLINT
};

/// Runs one LSTM onward and one in reverse; y has the onward outputs left of the reverse ones.
/// shapes: x (N,in), y (N,2*hidden)
template <lstm_config C, class Backend>
struct bidirectional {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, in_size = C.in, out_size = 2 * H;
    template <time_order Order>
    using way =
        lstm<lstm_config{
                 .in = C.in, .hidden = C.hidden, .biases = C.biases, .recurrent_dropout = C.recurrent_dropout, .order = Order},
             Backend>;
    using onward_lstm = way<time_order::onward>;
    using reverse_lstm = way<time_order::reverse>;

    struct params {
        typename onward_lstm::params onward;
        typename reverse_lstm::params reverse;
        static constexpr params bind(auto& at) { return {onward_lstm::params::bind(at), reverse_lstm::params::bind(at)}; }
    };
    static constexpr std::size_t parameter_count = onward_lstm::parameter_count + reverse_lstm::parameter_count,
                                 buffer_count = 0;
    struct tape {
        typename onward_lstm::tape onward;
        typename reverse_lstm::tape reverse;
    };

    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, 2 * H> y, tape&,
                        both_states<real, H> last = {});
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, 2 * H> y, no_tape,
                        both_states<real, H> last = {});
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, 2 * H> dy,
                         columns<real, C.in> dx, both_states<const real, H> dlast = {});

    template <class F>
    static void visit(params p, F&& f) {
        onward_lstm::visit(p.onward, f, "_l0");
        reverse_lstm::visit(p.reverse, f, "_l0_reverse");
    }
    static void initialise(params p, random_stream& random, scheme s) {
        onward_lstm::initialise(p.onward, random, s);
        reverse_lstm::initialise(p.reverse, random, s);
    }
};

// ---------------------------------------------------------------- bodies

namespace detail {

/// Copies a state, or writes zeros where there is none to copy.
template <class Backend, class Real, std::size_t H>
void copy_or_zero(Backend& be, columns<const Real, H> from, columns<Real, H> to) {
    if (from.empty()) {
        fill(be, Real{0}, to);
    } else {
        copy(be, from, to);
    }
}

}  // namespace detail

template <lstm_config C, class Backend>
void lstm<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y, tape& tape,
                               lstm_states<const real, H> first, lstm_states<real, H> last) {
    const std::size_t N = x.count(), B = ctx.batch;
    tape.x = x;
    tape.walk = ctx.walk(N, C.order);
    auto& r = tape.record;
    r.gates = ctx.scratch.take_rows<real, 4 * H>(N);
    r.h = ctx.scratch.take_rows<real, H>(N + B);
    r.c = ctx.scratch.take_rows<real, H>(N + B);
    r.tanh_c = ctx.scratch.take_rows<real, H>(N);
    r.mask = {};
    if (!C.recurrent_dropout.is_zero() && ctx.training()) {
        r.mask = ctx.scratch.take_rows<real, H>(4 * B);
        dropout_mask(be, ctx.draw(), C.recurrent_dropout.value(), r.mask.flat());
    }

    // All inputs at once: gates (N,4H) = x W^T + b_ih + b_hh.
    const scratch_scope scope(ctx.scratch);
    const columns<real, 4 * H> gates = r.gates;
    const auto bias = ctx.scratch.take_rows<real, 4 * H>(1);
    spread(be, p.ih.b, columns<real, 4 * H>(bias));
    if constexpr (two_biases) add(be, columns<const real, 4 * H>(p.hh.b, 1), columns<real, 4 * H>(bias));
    spread(be, bias.data(), gates);
    product(be, x, p.ih.w, gates, backend::into::add);

    // N = 0: the last state is the first.
    const std::size_t T = tape.walk.steps;
    const std::size_t start = (C.order == time_order::onward ? 0 : T) * B, end = (C.order == time_order::onward ? T : 0) * B;
    detail::copy_or_zero(be, first.h, columns<real, H>(r.h.sub(start, B)));
    detail::copy_or_zero(be, first.c, columns<real, H>(r.c.sub(start, B)));
    columns<real, H> work;
    if (!r.mask.empty()) work = ctx.scratch.take_rows<real, H>(B);
    lstm_forward(be, tape.walk, p.hh.w, r, y, work);
    if (!last.h.empty()) copy(be, constant(r.h.sub(end, B)), last.h);
    if (!last.c.empty()) copy(be, constant(r.c.sub(end, B)), last.c);
}

template <lstm_config C, class Backend>
void lstm<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y, no_tape,
                               lstm_states<const real, H> first, lstm_states<real, H> last) {
    const scratch_scope scope(ctx.scratch);
    tape unused;
    forward(be, ctx, p, x, y, unused, first, last);
}

template <lstm_config C, class Backend>
void lstm<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape, columns<const real, H> dy,
                                columns<real, C.in> dx, lstm_states<const real, H> dlast, lstm_states<real, H> dfirst) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = tape.x.count(), B = tape.walk.batch;
    const auto dgates = ctx.scratch.take_rows<real, 4 * H>(N);
    const columns<real, H> dh = ctx.scratch.take_rows<real, H>(B), dc = ctx.scratch.take_rows<real, H>(B);
    columns<real, H> work;
    if (!tape.record.mask.empty()) work = ctx.scratch.take_rows<real, H>(B);
    detail::copy_or_zero(be, dlast.h, dh);
    detail::copy_or_zero(be, dlast.c, dc);
    lstm_backward(be, tape.walk, p.hh.w, tape.record, dy, dgates, dh, dc, work);
    if (!dfirst.h.empty()) copy(be, constant(dh), dfirst.h);
    if (!dfirst.c.empty()) copy(be, constant(dc), dfirst.c);

    // One product for all steps: dW (4H,in) += dgates^T x, dU (4H,H) += dgates^T h before each step.
    linear_backward(be, p.ih, dp.ih, tape.x, constant(dgates), dx);
    const rows<real, H> before = tape.record.h.sub(C.order == time_order::onward ? 0 : B, N);
    if constexpr (two_biases) sum_rows(be, constant(dgates), dp.hh.b);
    if (tape.record.mask.empty()) {
        product_dw(be, constant(dgates), constant(before), dp.hh.w);
        return;
    }
    const columns<real, H> masked = ctx.scratch.take_rows<real, H>(N);
    const auto gate = [&]<std::size_t G>() {
        const columns<const real, H> mask = constant(tape.record.mask.sub(G * B, B));
        for (std::size_t t = 0; t < tape.walk.steps; ++t)
            multiply(be, constant(before.sub(t * B, B)), mask, masked.sub(t * B, B));
        product_dw(be, constant(part<G * H, H>(dgates)), constant(masked), dp.hh.w.template part<G * H, H>());
    };
    gate.template operator()<0>();
    gate.template operator()<1>();
    gate.template operator()<2>();
    gate.template operator()<3>();
}

template <lstm_config C, class Backend>
void lstm<C, Backend>::step(Backend& be, params p, state& s, frame<const real, C.in> x, frame<real, H> y) noexcept {
    lstm_step(be, x, p.ih, p.hh, frame<real, H>(s.h), frame<real, H>(s.c));
    std::copy(s.h.begin(), s.h.end(), y.begin());
}

template <lstm_config C, class Backend>
template <class F>
void lstm<C, Backend>::visit(params p, F&& f, std::string_view suffix) {
    const auto name = [&](const char* s) { return std::string(s).append(suffix); };
    f(name("weight_ih"), std::array<std::size_t, 2>{4 * H, C.in}, p.ih.w.flat());
    f(name("weight_hh"), std::array<std::size_t, 2>{4 * H, H}, p.hh.w.flat());
    f(name("bias_ih"), std::array<std::size_t, 1>{4 * H}, std::span<real>(p.ih.b, 4 * H));
    if constexpr (two_biases) f(name("bias_hh"), std::array<std::size_t, 1>{4 * H}, std::span<real>(p.hh.b, 4 * H));
}

template <lstm_config C, class Backend>
void lstm<C, Backend>::initialise(params p, random_stream& random, scheme s) {
    std::span<real> b_ih(p.ih.b, 4 * H), b_hh(p.hh.b, two_biases ? 4 * H : 0);
    if (s == scheme::pytorch) {
        const double bound = 1 / std::sqrt(static_cast<double>(H));
        for (const std::span<real> values : {p.ih.w.flat(), p.hh.w.flat(), b_ih, b_hh}) fill_uniform(values, bound, random);
        return;
    }
    fill_uniform(p.ih.w.flat(), glorot_bound(C.in, 4 * H), random);
    fill_orthogonal(p.hh.w.flat(), 4 * H, random);
    std::fill(b_ih.begin(), b_ih.end(), real{0});
    std::fill(b_hh.begin(), b_hh.end(), real{0});
    std::fill_n(b_ih.begin() + H, H, real{1});  // the forget gate starts open
}

template <lstm_config C, class Backend>
void bidirectional<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x,
                                        columns<real, 2 * H> y, tape& tape, both_states<real, H> last) {
    onward_lstm::forward(be, ctx, p.onward, x, part<0, H>(y), tape.onward, {}, last.onward);
    reverse_lstm::forward(be, ctx, p.reverse, x, part<H, H>(y), tape.reverse, {}, last.reverse);
}

template <lstm_config C, class Backend>
void bidirectional<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x,
                                        columns<real, 2 * H> y, no_tape, both_states<real, H> last) {
    onward_lstm::forward(be, ctx, p.onward, x, part<0, H>(y), no_tape{}, {}, last.onward);
    reverse_lstm::forward(be, ctx, p.reverse, x, part<H, H>(y), no_tape{}, {}, last.reverse);
}

template <lstm_config C, class Backend>
void bidirectional<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape,
                                         columns<const real, 2 * H> dy, columns<real, C.in> dx,
                                         both_states<const real, H> dlast) {
    onward_lstm::backward(be, ctx, p.onward, dp.onward, tape.onward, part<0, H>(dy), dx, dlast.onward);
    if (dx.empty()) {
        reverse_lstm::backward(be, ctx, p.reverse, dp.reverse, tape.reverse, part<H, H>(dy), {}, dlast.reverse);
        return;
    }
    const scratch_scope scope(ctx.scratch);
    const columns<real, C.in> dx_reverse = ctx.scratch.take_rows<real, C.in>(dx.count());
    reverse_lstm::backward(be, ctx, p.reverse, dp.reverse, tape.reverse, part<H, H>(dy), dx_reverse, dlast.reverse);
    add(be, constant(dx_reverse), dx);
}

}  // namespace lofi::inline LOFI_ABI::nn

#pragma once
// GRU over whole sequences, one way and both ways.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct gru_config {
    std::size_t in, hidden;
    time_order order = time_order::onward;
};

/// Runs a GRU over sequences. Gates in PyTorch's order r, z, n; r scales h U_n^T + b_n (Keras's reset_after). True lengths act
/// as they do for the LSTM.
/// shapes: x (N,in), y (N,hidden), N = T*B; weight_ih (3H,in), weight_hh (3H,H), bias_ih (3H), bias_hh (3H)
/// source: Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder (2014)
template <gru_config C, class Backend>
struct gru {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.in, out_size = C.hidden, H = C.hidden;

    struct params {
        typename Backend::template weights<3 * H, C.in> ih;
        typename Backend::template weights<3 * H, H> hh;
        static constexpr params bind(auto& at) { return {decltype(ih)::bind(at), decltype(hh)::bind(at)}; }
    };
    static constexpr std::size_t parameter_count = decltype(params::ih)::count + decltype(params::hh)::count;
    static constexpr std::size_t buffer_count = 0;
    struct tape {
        columns<const real, C.in> x;  ///< (N,in), must stay as it was until backward
        backend::gru_record<real, H> record;
        backend::sequence_walk walk;
    };
    struct state {
        std::array<real, H> h{};
    };

    /// y may be empty where only the last state is wanted.
    /// params: first (B,H): state before the first step, empty: zeros; writes last (B,H): state after the last
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, H> y, tape&,
                        columns<const real, H> first = {}, columns<real, H> last = {});
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, H> y, no_tape,
                        columns<const real, H> first = {}, columns<real, H> last = {});
    /// dy may be empty where only the last state was used.
    /// params: dlast: gradient of the last state
    /// writes: dp +=, dx = unless empty, dfirst = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, H> dy, columns<real, C.in> dx,
                         columns<const real, H> dlast = {}, columns<real, H> dfirst = {});
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.in> x, frame<real, H> y) noexcept;

    template <class F>
    static void visit(params, F&& f, std::string_view suffix = "_l0");
    static void initialise(params, random_stream&, scheme);
};

/// Runs one GRU onward and one in reverse; y has the onward outputs left of the reverse ones.
/// shapes: x (N,in), y (N,2*hidden)
template <gru_config C, class Backend>
struct bidirectional_gru {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, in_size = C.in, out_size = 2 * H;
    using onward_gru = gru<gru_config{.in = C.in, .hidden = C.hidden, .order = time_order::onward}, Backend>;
    using reverse_gru = gru<gru_config{.in = C.in, .hidden = C.hidden, .order = time_order::reverse}, Backend>;

    struct params {
        typename onward_gru::params onward;
        typename reverse_gru::params reverse;
        static constexpr params bind(auto& at) { return {onward_gru::params::bind(at), reverse_gru::params::bind(at)}; }
    };
    static constexpr std::size_t parameter_count = onward_gru::parameter_count + reverse_gru::parameter_count, buffer_count = 0;
    struct tape {
        typename onward_gru::tape onward;
        typename reverse_gru::tape reverse;
    };

    /// writes: last states of the two ways, (B,H) each, unless empty
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, 2 * H> y, tape& tape,
                        columns<real, H> last_onward = {}, columns<real, H> last_reverse = {}) {
        onward_gru::forward(be, ctx, p.onward, x, part<0, H>(y), tape.onward, {}, last_onward);
        reverse_gru::forward(be, ctx, p.reverse, x, part<H, H>(y), tape.reverse, {}, last_reverse);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, 2 * H> y, no_tape,
                        columns<real, H> last_onward = {}, columns<real, H> last_reverse = {}) {
        onward_gru::forward(be, ctx, p.onward, x, part<0, H>(y), no_tape{}, {}, last_onward);
        reverse_gru::forward(be, ctx, p.reverse, x, part<H, H>(y), no_tape{}, {}, last_reverse);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, 2 * H> dy,
                         columns<real, C.in> dx, columns<const real, H> dlast_onward = {},
                         columns<const real, H> dlast_reverse = {});

    template <class F>
    static void visit(params p, F&& f) {
        onward_gru::visit(p.onward, f, "_l0");
        reverse_gru::visit(p.reverse, f, "_l0_reverse");
    }
    static void initialise(params p, random_stream& random, scheme s) {
        onward_gru::initialise(p.onward, random, s);
        reverse_gru::initialise(p.reverse, random, s);
    }
};

// ---------------------------------------------------------------- bodies

template <gru_config C, class Backend>
void gru<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y, tape& tape,
                              columns<const real, H> first, columns<real, H> last) {
    const std::size_t N = x.count(), B = ctx.batch;
    tape.x = x;
    tape.walk = ctx.walk(N, C.order);
    auto& r = tape.record;
    r.gates = ctx.scratch.take_rows<real, 3 * H>(N);
    r.h = ctx.scratch.take_rows<real, H>(N + B);
    r.hn = ctx.scratch.take_rows<real, H>(N);

    const scratch_scope scope(ctx.scratch);
    linear(be, x, p.ih, columns<real, 3 * H>(r.gates));
    const std::size_t T = tape.walk.steps;
    const std::size_t start = (C.order == time_order::onward ? 0 : T) * B, end = (C.order == time_order::onward ? T : 0) * B;
    detail::copy_or_zero(be, first, columns<real, H>(r.h.sub(start, B)));
    gru_forward(be, tape.walk, p.hh, r, y, ctx.scratch.take_rows<real, 3 * H>(B));
    if (!last.empty()) copy(be, constant(r.h.sub(end, B)), last);
}

template <gru_config C, class Backend>
void gru<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y, no_tape,
                              columns<const real, H> first, columns<real, H> last) {
    const scratch_scope scope(ctx.scratch);
    tape unused;
    forward(be, ctx, p, x, y, unused, first, last);
}

template <gru_config C, class Backend>
void gru<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape, columns<const real, H> dy,
                               columns<real, C.in> dx, columns<const real, H> dlast, columns<real, H> dfirst) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = tape.x.count(), B = tape.walk.batch;
    const auto dx_gates = ctx.scratch.take_rows<real, 3 * H>(N), dh_gates = ctx.scratch.take_rows<real, 3 * H>(N);
    const columns<real, H> dh = ctx.scratch.take_rows<real, H>(B);
    detail::copy_or_zero(be, dlast, dh);
    gru_backward(be, tape.walk, p.hh, tape.record, dy, dx_gates, dh_gates, dh);
    if (!dfirst.empty()) copy(be, constant(dh), dfirst);

    // One product for all steps: dW (3H,in) += dgates^T x, dU (3H,H) += dgates^T h before each step.
    linear_backward(be, p.ih, dp.ih, tape.x, constant(dx_gates), dx);
    const rows<real, H> before = tape.record.h.sub(C.order == time_order::onward ? 0 : B, N);
    linear_backward(be, p.hh, dp.hh, constant(before), constant(dh_gates), columns<real, H>{});
}

template <gru_config C, class Backend>
void gru<C, Backend>::step(Backend& be, params p, state& s, frame<const real, C.in> x, frame<real, H> y) noexcept {
    gru_step(be, x, p.ih, p.hh, frame<real, H>(s.h));
    std::copy(s.h.begin(), s.h.end(), y.begin());
}

template <gru_config C, class Backend>
template <class F>
void gru<C, Backend>::visit(params p, F&& f, std::string_view suffix) {
    const auto name = [&](const char* s) { return std::string(s).append(suffix); };
    f(name("weight_ih"), std::array<std::size_t, 2>{3 * H, C.in}, p.ih.w.flat());
    f(name("weight_hh"), std::array<std::size_t, 2>{3 * H, H}, p.hh.w.flat());
    f(name("bias_ih"), std::array<std::size_t, 1>{3 * H}, std::span<real>(p.ih.b, 3 * H));
    f(name("bias_hh"), std::array<std::size_t, 1>{3 * H}, std::span<real>(p.hh.b, 3 * H));
}

template <gru_config C, class Backend>
void gru<C, Backend>::initialise(params p, random_stream& random, scheme s) {
    const std::span<real> b_ih(p.ih.b, 3 * H), b_hh(p.hh.b, 3 * H);
    if (s == scheme::pytorch) {
        const double bound = 1 / std::sqrt(static_cast<double>(H));
        for (const std::span<real> values : {p.ih.w.flat(), p.hh.w.flat(), b_ih, b_hh}) fill_uniform(values, bound, random);
        return;
    }
    fill_uniform(p.ih.w.flat(), glorot_bound(C.in, 3 * H), random);
    fill_orthogonal(p.hh.w.flat(), 3 * H, random);
    std::fill(b_ih.begin(), b_ih.end(), real{0});
    std::fill(b_hh.begin(), b_hh.end(), real{0});
}

template <gru_config C, class Backend>
void bidirectional_gru<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape,
                                             columns<const real, 2 * H> dy, columns<real, C.in> dx,
                                             columns<const real, H> dlast_onward, columns<const real, H> dlast_reverse) {
    onward_gru::backward(be, ctx, p.onward, dp.onward, tape.onward, part<0, H>(dy), dx, dlast_onward);
    if (dx.empty()) {
        reverse_gru::backward(be, ctx, p.reverse, dp.reverse, tape.reverse, part<H, H>(dy), {}, dlast_reverse);
        return;
    }
    const scratch_scope scope(ctx.scratch);
    const columns<real, C.in> dx_reverse = ctx.scratch.take_rows<real, C.in>(dx.count());
    reverse_gru::backward(be, ctx, p.reverse, dp.reverse, tape.reverse, part<H, H>(dy), dx_reverse, dlast_reverse);
    add(be, constant(dx_reverse), dx);
}

}  // namespace lofi::inline LOFI_ABI::nn

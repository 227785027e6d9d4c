#pragma once
// One step of an LSTM with a tape of its own, for decoders whose next input depends on their last output.
#include <cstddef>
#include <string_view>

#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Runs one step for B sequences. The caller owns the states and keeps one tape a step; backward goes through the steps in
/// reverse and carries dh and dc. Recurrent dropout is not for cells.
///
///     for (t = 0; t < T; ++t) cell::forward(be, ctx, p, x[t], s[t], s[t + 1], tapes[t]);
///     for (t = T; t-- > 0;) {
///         // add to d.h what the outputs of step t send back, then
///         cell::backward(be, ctx, p, dp, tapes[t], d, dx[t]);
///     }
/// shapes: x (B,in), states (B,hidden); weight_ih (4H,in), weight_hh (4H,H), bias_ih (4H), bias_hh (4H)
template <lstm_config C, class Backend>
struct lstm_cell {
    using backend_type = Backend;
    using real = typename Backend::real;
    using whole = lstm<C, Backend>;
    static constexpr std::size_t in_size = C.in, out_size = C.hidden, H = C.hidden;
    static_assert(C.recurrent_dropout.is_zero(),
                  "an LSTM cell has no recurrent dropout: its mask would have to outlive the call");

    using params = typename whole::params;
    static constexpr std::size_t parameter_count = whole::parameter_count, buffer_count = 0;
    using tape = typename whole::tape;
    using state = typename whole::state;
    using states = lstm_states<real, H>;

    /// `after` may be the memory of `before`.
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, lstm_states<const real, H> before,
                        states after, tape& tape) {
        whole::forward(be, detail::one_step(ctx, x.count()), p, x, {}, tape, before, after);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, lstm_states<const real, H> before,
                        states after, no_tape) {
        whole::forward(be, detail::one_step(ctx, x.count()), p, x, {}, no_tape{}, before, after);
    }
    /// params: d: on entry the gradient of the states after the step, afterwards that of the states before it
    /// writes: dp +=, dx = unless empty
    static void backward(Backend& be, context& ctx, params p, params dp, const tape& tape, states d, columns<real, C.in> dx) {
        whole::backward(be, ctx, p, dp, tape, {}, dx, d, d);
    }
    /// realtime: yes
    static void step(Backend& be, params p, state& s, frame<const real, C.in> x, frame<real, H> y) noexcept {
        whole::step(be, p, s, x, y);
    }

    template <class F>
    static void visit(params p, F&& f) {
        whole::visit(p, f, "");
    }
    static void initialise(params p, random_stream& random, scheme s) { whole::initialise(p, random, s); }
};

}  // namespace lofi::inline LOFI_ABI::nn

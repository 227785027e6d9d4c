#pragma once
// One step of a GRU with a tape of its own, for decoders whose next input depends on their last output.
#include <cstddef>

#include <lofi/nn/gru.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Runs one step for B sequences, as lstm_cell does.
/// shapes: x (B,in), states (B,hidden); weight_ih (3H,in), weight_hh (3H,H), bias_ih (3H), bias_hh (3H)
template <gru_config C, class Backend>
struct gru_cell {
    using backend_type = Backend;
    using real = typename Backend::real;
    using whole = gru<C, Backend>;
    static constexpr std::size_t in_size = C.in, out_size = C.hidden, H = C.hidden;

    using params = typename whole::params;
    static constexpr std::size_t parameter_count = whole::parameter_count, buffer_count = 0;
    using tape = typename whole::tape;
    using state = typename whole::state;

    /// `after` may be the memory of `before`.
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<const real, H> before,
                        columns<real, H> after, tape& tape) {
        whole::forward(be, detail::one_step(ctx, x.count()), p, x, {}, tape, before, after);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<const real, H> before,
                        columns<real, H> after, no_tape) {
        whole::forward(be, detail::one_step(ctx, x.count()), p, x, {}, no_tape{}, before, after);
    }
    /// params: dh: on entry the gradient of the state after the step, afterwards that of the state before it
    /// writes: dp +=, dx = unless empty
    static void backward(Backend& be, context& ctx, params p, params dp, const tape& tape, columns<real, H> dh,
                         columns<real, C.in> dx) {
        whole::backward(be, ctx, p, dp, tape, {}, dx, dh, dh);
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

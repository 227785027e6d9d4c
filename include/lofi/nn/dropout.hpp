#pragma once
// Dropout: in training each number is zero with some probability, and the others grow so that the mean stays.
#include <algorithm>
#include <cstddef>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct dropout_config {
    std::size_t size;
    fraction rate;
};

/// Drops numbers in training, passes them on in inference. The mask comes from the context's key.
/// shapes: x, y (N,size)
/// source: Srivastava et al.: Dropout (2014), in the inverted form
template <dropout_config C, class Backend>
struct dropout {
    using backend_type = Backend;
    using real = typename Backend::real;
    static_assert(C.rate.numerator < C.rate.denominator, "dropout with a rate of 1 or more would leave nothing");
    static constexpr std::size_t in_size = C.size, out_size = C.size, parameter_count = 0, buffer_count = 0;

    using params = no_params<real>;
    struct tape {
        columns<const real, C.size> mask;  ///< (N,size) factors; empty: all 1
    };
    struct state {};

    static void forward(Backend&, context&, params, columns<const real, C.size> x, columns<real, C.size> y, tape&);
    static void forward(Backend&, context&, params, columns<const real, C.size> x, columns<real, C.size> y, no_tape);
    /// writes: dx =
    static void backward(Backend&, context&, params, params, const tape&, columns<const real, C.size> dy,
                         columns<real, C.size> dx);
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept {
        std::copy(x.begin(), x.end(), y.begin());
    }

    template <class F>
    static void visit(params, F&&) {}
    static void initialise(params, random_stream&, scheme) {}
};

// ---------------------------------------------------------------- bodies

template <dropout_config C, class Backend>
void dropout<C, Backend>::forward(Backend& be, context& ctx, params, columns<const real, C.size> x, columns<real, C.size> y,
                                  tape& tape) {
    tape.mask = {};
    if (!ctx.training() || C.rate.is_zero()) {
        copy(be, x, y);
        return;
    }
    const auto mask = ctx.scratch.take_rows<real, C.size>(x.count());
    dropout_mask(be, ctx.draw(), C.rate.value(), mask.flat());
    tape.mask = mask;
    multiply(be, x, tape.mask, y);
}

template <dropout_config C, class Backend>
void dropout<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.size> x, columns<real, C.size> y,
                                  no_tape) {
    const scratch_scope scope(ctx.scratch);
    tape unused;
    forward(be, ctx, p, x, y, unused);
}

template <dropout_config C, class Backend>
void dropout<C, Backend>::backward(Backend& be, context&, params, params, const tape& tape, columns<const real, C.size> dy,
                                   columns<real, C.size> dx) {
    if (dx.empty()) return;
    if (tape.mask.empty()) {
        copy(be, dy, dx);
    } else {
        multiply(be, dy, tape.mask, dx);
    }
}

}  // namespace lofi::inline LOFI_ABI::nn

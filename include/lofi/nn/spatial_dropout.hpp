#pragma once
// Spatial dropout: a channel of a sequence is dropped for all of its time.
#include <algorithm>
#include <cstddef>

#include <lofi/nn/dropout.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Drops whole channels of each of the B sequences in training; Keras's SpatialDropout1D.
/// shapes: x, y (N,size), N = T*B
/// source: Tompson et al.: Efficient Object Localization Using Convolutional Networks (2015)
template <dropout_config C, class Backend>
struct spatial_dropout {
    using backend_type = Backend;
    using real = typename Backend::real;
    static_assert(C.rate.numerator < C.rate.denominator, "dropout with a rate of 1 or more would leave nothing");
    static constexpr std::size_t in_size = C.size, out_size = C.size, parameter_count = 0, buffer_count = 0;

    using params = no_params<real>;
    struct tape {
        columns<const real, C.size> mask;  ///< (B,size) factors; empty: all 1
    };
    struct state {};

    static void forward(Backend& be, context& ctx, params, columns<const real, C.size> x, columns<real, C.size> y, tape& tape) {
        tape.mask = {};
        if (!ctx.training() || C.rate.is_zero()) {
            copy(be, x, y);
            return;
        }
        const auto mask = ctx.scratch.take_rows<real, C.size>(ctx.batch);
        dropout_mask(be, ctx.draw(), C.rate.value(), mask.flat());
        tape.mask = mask;
        apply(be, tape.mask, x, y);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.size> x, columns<real, C.size> y, no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused);
    }
    /// writes: dx =
    static void backward(Backend& be, context&, params, params, const tape& tape, columns<const real, C.size> dy,
                         columns<real, C.size> dx) {
        if (dx.empty()) return;
        if (tape.mask.empty())
            copy(be, dy, dx);
        else
            apply(be, tape.mask, dy, dx);
    }
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept {
        std::copy(x.begin(), x.end(), y.begin());
    }

    template <class F>
    static void visit(params, F&&) {}
    static void initialise(params, random_stream&, scheme) {}

private:
    static void apply(Backend& be, columns<const real, C.size> mask, columns<const real, C.size> x, columns<real, C.size> y) {
        const std::size_t B = mask.count();
        for (std::size_t n = 0; n < x.count(); n += B) multiply(be, x.sub(n, B), mask, y.sub(n, B));
    }
};

}  // namespace lofi::inline LOFI_ABI::nn

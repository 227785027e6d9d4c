#pragma once
// Layer normalisation: every row by itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct layer_norm_config {
    std::size_t size;
    fraction epsilon{1, 100000};  ///< Keras: {1, 1000}
};

/// Brings each row to mean 0 and variance 1 over its features, then scales and shifts each feature.
/// shapes: x, y (N,size); weight, bias (size)
/// source: Ba, Kiros, Hinton: Layer Normalization (2016)
template <layer_norm_config C, class Backend>
struct layer_norm {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.size, out_size = C.size, parameter_count = 2 * C.size, buffer_count = 0;

    struct params {
        real *weight = nullptr, *bias = nullptr;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            p.weight = at.take(C.size), p.bias = at.take(C.size);
            return p;
        }
    };
    struct tape {
        columns<const real, C.size> normal;  ///< (N,size)
        std::span<const real> scale;         ///< (N) 1/sqrt(variance + epsilon)
    };
    struct state {};

    static void forward(Backend& be, context& ctx, params p, columns<const real, C.size> x, columns<real, C.size> y,
                        tape& tape) {
        const auto normal = ctx.scratch.take_rows<real, C.size>(x.count());
        const auto scale = ctx.scratch.take<real>(x.count());
        normalise_rows(be, x, C.epsilon.value(), columns<real, C.size>(normal), scale);
        tape = {constant(normal), scale};
        scale_shift(be, tape.normal, p.weight, p.bias, y);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.size> x, columns<real, C.size> y, no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(Backend& be, context&, params p, params dp, const tape& tape, columns<const real, C.size> dy,
                         columns<real, C.size> dx) {
        normalise_rows_backward(be, dy, tape.normal, tape.scale, p.weight, dp.weight, dp.bias, dx);
    }
    /// realtime: yes
    static void step(Backend&, params p, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept {
        real sum = 0, squares = 0;
        for (const real v : x) sum += v;
        const real mean = sum / static_cast<real>(C.size);
        for (const real v : x) squares += (v - mean) * (v - mean);
        const real scale = 1 / std::sqrt(squares / static_cast<real>(C.size) + static_cast<real>(C.epsilon.value()));
        for (std::size_t i = 0; i < C.size; ++i) y[i] = (x[i] - mean) * scale * p.weight[i] + p.bias[i];
    }

    template <class F>
    static void visit(params p, F&& f) {
        const std::array<std::size_t, 1> shape{C.size};
        f("weight", shape, std::span<real>(p.weight, C.size));
        f("bias", shape, std::span<real>(p.bias, C.size));
    }
    static void initialise(params p, random_stream&, scheme) {
        std::fill_n(p.weight, C.size, real{1});
        std::fill_n(p.bias, C.size, real{0});
    }
};

}  // namespace lofi::inline LOFI_ABI::nn

#pragma once
// The affine layer: y = x W^T + b.
#include <array>
#include <cmath>
#include <cstddef>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

enum class bias { none, one };

struct dense_config {
    std::size_t in, out;
    nn::bias bias = nn::bias::one;
};

/// Maps every row by one affine map. PyTorch's Linear, Keras's Dense without activation.
/// shapes: x (N,in), y (N,out); weight (out,in), bias (out)
template <dense_config C, class Backend>
struct dense {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.in, out_size = C.out;
    static constexpr bool has_bias = C.bias == bias::one;

    using params = typename Backend::template weights<C.out, C.in, has_bias>;
    static constexpr std::size_t parameter_count = params::count, buffer_count = 0;
    struct tape {
        columns<const real, C.in> x;  ///< (N,in), must stay as it was until backward
    };
    struct state {};

    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, C.out> y, tape&);
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, C.out> y, no_tape);
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, C.out> dy,
                         columns<real, C.in> dx);
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.in> x, frame<real, C.out> y) noexcept;

    template <class F>
    static void visit(params, F&& f);
    static void initialise(params, random_stream&, scheme);
};

// ---------------------------------------------------------------- bodies

template <dense_config C, class Backend>
void dense<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, C.out> y,
                                tape& tape) {
    tape.x = x;
    forward(be, ctx, p, x, y, no_tape{});
}

template <dense_config C, class Backend>
void dense<C, Backend>::forward(Backend& be, context&, params p, columns<const real, C.in> x, columns<real, C.out> y, no_tape) {
    linear(be, x, p, y);
}

template <dense_config C, class Backend>
void dense<C, Backend>::backward(Backend& be, context&, params p, params dp, const tape& tape, columns<const real, C.out> dy,
                                 columns<real, C.in> dx) {
    linear_backward(be, p, dp, tape.x, dy, dx);
}

template <dense_config C, class Backend>
void dense<C, Backend>::step(Backend& be, params p, state&, frame<const real, C.in> x, frame<real, C.out> y) noexcept {
    linear_step(be, x, p, y);
}

template <dense_config C, class Backend>
template <class F>
void dense<C, Backend>::visit(params p, F&& f) {
    f("weight", std::array<std::size_t, 2>{C.out, C.in}, p.w.flat());
    if constexpr (has_bias) f("bias", std::array<std::size_t, 1>{C.out}, std::span<real>(p.b, C.out));
}

template <dense_config C, class Backend>
void dense<C, Backend>::initialise(params p, random_stream& random, scheme s) {
    const double bound = s == scheme::pytorch ? 1 / std::sqrt(static_cast<double>(C.in)) : glorot_bound(C.in, C.out);
    fill_uniform(p.w.flat(), bound, random);
    if constexpr (has_bias) fill_uniform(std::span<real>(p.b, C.out), s == scheme::pytorch ? bound : 0.0, random);
}

}  // namespace lofi::inline LOFI_ABI::nn

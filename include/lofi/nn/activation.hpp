#pragma once
// Layers that bend each number by itself: ReLU, tanh, sigmoid and their kin.
#include <cstddef>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::function;

struct activation_config {
    std::size_t size;
    nn::function function;
};

/// Computes y = f(x), number by number. y may be x's own memory.
/// shapes: x, y (N,size)
template <activation_config C, class Backend>
struct activation {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.size, out_size = C.size, parameter_count = 0, buffer_count = 0;

    using params = no_params<real>;
    struct tape {
        columns<const real, C.size> y;  ///< (N,size), must stay as it was until backward
    };
    struct state {};

    static void forward(Backend& be, context& ctx, params p, columns<const real, C.size> x, columns<real, C.size> y,
                        tape& tape) {
        forward(be, ctx, p, x, y, no_tape{});
        tape.y = y;
    }
    static void forward(Backend& be, context&, params, columns<const real, C.size> x, columns<real, C.size> y, no_tape) {
        map(be, C.function, x, y);
    }
    /// writes: dx =; dx may be dy's own memory
    static void backward(Backend& be, context&, params, params, const tape& tape, columns<const real, C.size> dy,
                         columns<real, C.size> dx) {
        if (!dx.empty()) map_backward(be, C.function, tape.y, dy, dx);
    }
    /// realtime: yes
    static void step(Backend& be, params, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept {
        map(be, C.function, columns<const real, C.size>(x.data(), 1), columns<real, C.size>(y.data(), 1));
    }

    template <class F>
    static void visit(params, F&&) {}
    static void initialise(params, random_stream&, scheme) {}
};

template <std::size_t Size, class Backend>
using relu = activation<activation_config{.size = Size, .function = function::relu}, Backend>;
template <std::size_t Size, class Backend>
using tanh = activation<activation_config{.size = Size, .function = function::tanh}, Backend>;
template <std::size_t Size, class Backend>
using sigmoid = activation<activation_config{.size = Size, .function = function::sigmoid}, Backend>;

}  // namespace lofi::inline LOFI_ABI::nn

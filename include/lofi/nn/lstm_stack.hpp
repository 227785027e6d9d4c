#pragma once
// LSTMs one above the other, which may start from states that somebody gives.
#include <array>
#include <cstddef>
#include <string>

#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct lstm_stack_config {
    std::size_t in, hidden, layers;
    nn::biases biases = nn::biases::two;
};

/// Runs LSTMs of one width, each over the outputs of the one below. Names of tensors are those of PyTorch's LSTM with `num_layers`.
/// shapes: x (N,in), y (N,hidden); states (B,2*layers*hidden): of each layer h, then c
template <lstm_stack_config C, class Backend>
struct lstm_stack {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, L = C.layers, in_size = C.in, out_size = H, states_size = 2 * L * H;
    static_assert(L >= 1, "a stack has at least one LSTM");
    using bottom = lstm<lstm_config{.in = C.in, .hidden = H, .biases = C.biases}, Backend>;
    using upper = lstm<lstm_config{.in = H, .hidden = H, .biases = C.biases}, Backend>;

    struct params {
        typename bottom::params first;
        std::array<typename upper::params, L - 1> rest;
        static constexpr params bind(auto& at) {
            params p{bottom::params::bind(at), {}};
            for (auto& r : p.rest) r = upper::params::bind(at);
            return p;
        }
    };
    static constexpr std::size_t parameter_count = bottom::parameter_count + (L - 1) * upper::parameter_count, buffer_count = 0;
    struct tape {
        typename bottom::tape first;
        std::array<typename upper::tape, L - 1> rest;
    };

    /// params: start: states before the first step, empty for zeros; writes last: states after the last. They may be the same memory
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, H> y, tape&,
                        columns<const real, states_size> start = {}, columns<real, states_size> last = {});
    static void forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y, no_tape,
                        columns<const real, states_size> start = {}, columns<real, states_size> last = {}) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused, start, last);
    }
    /// writes: dp +=, dx = unless empty, dstart = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, H> dy, columns<real, C.in> dx,
                         columns<real, states_size> dstart = {});

    template <class F>
    static void visit(params p, F&& f) {
        bottom::visit(p.first, f, "_l0");
        for (std::size_t i = 0; i + 1 < L; ++i) upper::visit(p.rest[i], f, "_l" + std::to_string(i + 1));
    }
    static void initialise(params p, random_stream& random, scheme s) {
        bottom::initialise(p.first, random, s);
        for (const auto& r : p.rest) upper::initialise(r, random, s);
    }

private:
    // Calls f with the number of each layer above the first, as a constant: the places of its states are part of a type.
    template <class F>
    static void each_upper(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::integral_constant<std::size_t, I + 1>{}), ...); }
        (std::make_index_sequence<L - 1>{});
    }
    template <std::size_t I, class T>
    static lstm_states<T, H> of_layer(columns<T, states_size> s) {
        return {part<2 * I * H, H>(s), part<(2 * I + 1) * H, H>(s)};
    }
};

// ---------------------------------------------------------------- bodies

template <lstm_stack_config C, class Backend>
void lstm_stack<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, H> y,
                                     tape& tape, columns<const real, states_size> start, columns<real, states_size> last) {
    const std::size_t N = x.count();
    // Each layer's output is its neighbour's input, and stays until backward.
    const auto output_of = [&](std::size_t layer) -> columns<real, H> {
        return layer + 1 == L ? y : columns<real, H>(ctx.scratch.take_rows<real, H>(N));
    };
    columns<real, H> below = output_of(0);
    bottom::forward(be, ctx, p.first, x, below, tape.first, of_layer<0>(start), of_layer<0>(last));
    each_upper([&](auto layer) {
        const columns<real, H> out = output_of(layer);
        upper::forward(be, ctx, p.rest[layer - 1], constant(below), out, tape.rest[layer - 1], of_layer<layer>(start),
                       of_layer<layer>(last));
        below = out;
    });
}

template <lstm_stack_config C, class Backend>
void lstm_stack<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape,
                                      columns<const real, H> dy, columns<real, C.in> dx, columns<real, states_size> dstart) {
    const scratch_scope scope(ctx.scratch);
    std::array<columns<const real, H>, L> of_output;
    of_output[L - 1] = dy;
    // From the top down: layer L-1 first.
    each_upper([&](auto nth) {
        constexpr std::size_t layer = L - decltype(nth)::value;
        const columns<real, H> below = ctx.scratch.take_rows<real, H>(tape.first.x.count());
        upper::backward(be, ctx, p.rest[layer - 1], dp.rest[layer - 1], tape.rest[layer - 1], of_output[layer], below, {},
                        of_layer<layer>(dstart));
        of_output[layer - 1] = constant(below);
    });
    bottom::backward(be, ctx, p.first, dp.first, tape.first, of_output[0], dx, {}, of_layer<0>(dstart));
}

}  // namespace lofi::inline LOFI_ABI::nn

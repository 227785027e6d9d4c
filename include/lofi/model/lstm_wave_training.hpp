#pragma once
// The LSTM baseline of paper 004: 500 samples, one after the other, to the one that comes.
#include <array>
#include <cstddef>
#include <span>

#include <lofi/nn/dense.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// The paper does not say how many hidden units.
struct lstm_wave_config {
    std::size_t hidden = 64, steps = 500;
};

/// source: paper 004, which used Keras: one bias a gate, mean squared error
template <lstm_wave_config C, class Backend>
struct lstm_wave {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, T = C.steps, in_size = 1, out_size = 1;
    using recurrent = nn::lstm<nn::lstm_config{.in = 1, .hidden = H, .biases = nn::biases::one}, Backend>;
    using output = nn::dense<nn::dense_config{.in = H, .out = 1}, Backend>;
    using net = nn::parts<nn::named<"lstm", recurrent>, nn::named<"output", output>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    using state = typename recurrent::state;

    template <class Visitor>
    static void visit(params p, Visitor&& f) {
        net::visit(p, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }

    /// Computes the mean squared error of the samples that come, and with `dp` its gradients.
    /// shapes: x (T*B,1), time-major; target, y (B,1)
    /// writes: dp +=, y =
    static double loss(Backend&, nn::context&, params, nn::columns<const real, 1> x, nn::columns<const real, 1> target,
                       nn::columns<real, 1> y, const params* dp = nullptr);
    /// Takes a sample, and gives what should come next.
    /// realtime: yes
    [[nodiscard]] static real step(Backend& be, params p, state& s, real x) noexcept {
        std::array<real, H> h{};
        std::array<real, 1> y{};
        recurrent::step(be, p.template get<"lstm">(), s, frame<const real, 1>(&x, 1), h);
        typename output::state none;
        output::step(be, p.template get<"output">(), none, h, y);
        return y[0];
    }
};

// ---------------------------------------------------------------- bodies

template <lstm_wave_config C, class Backend>
double lstm_wave<C, Backend>::loss(Backend& be, nn::context& ctx, params p, nn::columns<const real, 1> x,
                                   nn::columns<const real, 1> target, nn::columns<real, 1> y, const params* dp) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = target.count();
    LOFI_ASSERT(x.count() == T * B && y.count() == B, "the network hears T samples of each of B sounds");
    ctx.batch = B;
    ctx.lengths = {};
    typename recurrent::tape recur;
    typename output::tape out;
    const nn::columns<real, H> last = ctx.scratch.template take_rows<real, H>(B);
    recurrent::forward(be, ctx, p.template get<"lstm">(), x, {}, recur, {}, {last, {}});
    output::forward(be, ctx, p.template get<"output">(), nn::constant(last), y, out);
    if (dp == nullptr) return nn::distance_loss(be, nn::distance::square, y, target) / static_cast<double>(B);
    const nn::columns<real, 1> dy = ctx.scratch.template take_rows<real, 1>(B);
    const nn::columns<real, H> dlast = ctx.scratch.template take_rows<real, H>(B);
    const double sum = nn::distance_loss(be, nn::distance::square, y, target, dy, {.scale = real(1) / static_cast<real>(B)});
    output::backward(be, ctx, p.template get<"output">(), dp->template get<"output">(), out, nn::constant(dy), dlast);
    recurrent::backward(be, ctx, p.template get<"lstm">(), dp->template get<"lstm">(), recur, {}, {},
                        {nn::constant(dlast), {}});
    return sum / static_cast<double>(B);
}

}  // namespace lofi::inline LOFI_ABI::model

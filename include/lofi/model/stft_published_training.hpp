#pragma once
// The STFT encoder-decoder of paper 004: frames of frequencies in, as many frames out, with its loss.
#include <algorithm>
#include <cstddef>

#include <lofi/nn/dense.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes. The paper hears 20 frames of 500 samples at 4,410 Hz and makes as many.
struct stft_published_config {
    std::size_t hidden = 2048, size = 500, frames = 20;
};

/// An LSTM hears frames, each all real and all imaginary parts of a whole transform; its last output, repeated, is what a second LSTM hears,
/// and one affine map makes frames of that one's outputs.
/// source: paper 004, which used Keras: one bias a gate, mean squared error
template <stft_published_config C, class Backend>
struct stft_published {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, F = 2 * C.size, T = C.frames, in_size = F, out_size = F;
    using encoder = nn::lstm<nn::lstm_config{.in = F, .hidden = H, .biases = nn::biases::one}, Backend>;
    using decoder = nn::lstm<nn::lstm_config{.in = H, .hidden = H, .biases = nn::biases::one}, Backend>;
    using output = nn::dense<nn::dense_config{.in = H, .out = F}, Backend>;
    using net = nn::parts<nn::named<"encoder", encoder>, nn::named<"decoder", decoder>, nn::named<"output", output>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;

    template <class Visitor>
    static void visit(params p, Visitor&& f) {
        net::visit(p, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }

    /// Computes the frames that follow.
    /// shapes: x, y (T*B,F), time-major
    static void predict(Backend& be, nn::context& ctx, params p, nn::columns<const real, F> x, nn::columns<real, F> y,
                        std::size_t batch) {
        const nn::scratch_scope scope(ctx.scratch);
        tapes unused;
        forward(be, ctx, p, x, y, batch, unused);
    }
    /// Computes the mean squared error of the frames that follow, and with `dp` its gradients.
    /// shapes: x, target (T*B,F), time-major
    /// writes: dp +=
    static double loss(Backend&, nn::context&, params, nn::columns<const real, F> x, nn::columns<const real, F> target,
                       std::size_t batch, const params* dp = nullptr);

private:
    struct tapes {
        typename encoder::tape encode;
        typename decoder::tape decode;
        typename output::tape out;
    };
    static void forward(Backend&, nn::context&, params, nn::columns<const real, F> x, nn::columns<real, F> y, std::size_t batch,
                        tapes&);
};

// ---------------------------------------------------------------- bodies

template <stft_published_config C, class Backend>
void stft_published<C, Backend>::forward(Backend& be, nn::context& ctx, params p, nn::columns<const real, F> x,
                                         nn::columns<real, F> y, std::size_t batch, tapes& t) {
    LOFI_ASSERT(x.count() == T * batch && y.count() == T * batch, "the network hears and makes T frames of each of B sounds");
    ctx.batch = batch;
    ctx.lengths = {};
    const nn::columns<real, H> heard = ctx.scratch.template take_rows<real, H>(batch);
    const nn::columns<real, H> repeated = ctx.scratch.template take_rows<real, H>(T * batch);
    const nn::columns<real, H> decoded = ctx.scratch.template take_rows<real, H>(T * batch);
    encoder::forward(be, ctx, p.template get<"encoder">(), x, {}, t.encode, {}, {heard, {}});
    for (std::size_t n = 0; n < T * batch; ++n) std::copy_n(heard.row(n % batch), H, repeated.row(n));
    decoder::forward(be, ctx, p.template get<"decoder">(), nn::constant(repeated), decoded, t.decode);
    output::forward(be, ctx, p.template get<"output">(), nn::constant(decoded), y, t.out);
}

template <stft_published_config C, class Backend>
double stft_published<C, Backend>::loss(Backend& be, nn::context& ctx, params p, nn::columns<const real, F> x,
                                        nn::columns<const real, F> target, std::size_t batch, const params* dp) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t rows = T * batch;
    const double count = static_cast<double>(rows * F);
    tapes t;
    const nn::columns<real, F> y = ctx.scratch.template take_rows<real, F>(rows);
    forward(be, ctx, p, x, y, batch, t);
    if (dp == nullptr) return nn::distance_loss(be, nn::distance::square, y, target) / count;
    const nn::columns<real, F> dy = ctx.scratch.template take_rows<real, F>(rows);
    const double sum = nn::distance_loss(be, nn::distance::square, y, target, dy, {.scale = static_cast<real>(1.0 / count)});
    const nn::columns<real, H> ddecoded = ctx.scratch.template take_rows<real, H>(rows);
    const nn::columns<real, H> drepeated = ctx.scratch.template take_rows<real, H>(rows);
    const nn::columns<real, H> dheard = ctx.scratch.template take_rows<real, H>(batch);
    output::backward(be, ctx, p.template get<"output">(), dp->template get<"output">(), t.out, nn::constant(dy), ddecoded);
    decoder::backward(be, ctx, p.template get<"decoder">(), dp->template get<"decoder">(), t.decode, nn::constant(ddecoded),
                      drepeated);
    for (std::size_t b = 0; b < batch; ++b)
        for (std::size_t h = 0; h < H; ++h) {
            real sum_of_copies = 0;
            for (std::size_t n = b; n < rows; n += batch) sum_of_copies += drepeated.row(n)[h];
            dheard.row(b)[h] = sum_of_copies;
        }
    encoder::backward(be, ctx, p.template get<"encoder">(), dp->template get<"encoder">(), t.encode, {}, {},
                      {nn::constant(dheard), {}});
    return sum / count;
}

}  // namespace lofi::inline LOFI_ABI::model

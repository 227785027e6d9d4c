#pragma once
// The improved STFT network: frame by frame, how loud each frequency becomes and how far its phase strays, as distributions; with its loss.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <lofi/nn/dense.hpp>
#include <lofi/nn/dropout.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

struct stft_network_config {
    std::size_t hidden = 320, window = 512, hop = 128;
    nn::fraction dropout{1, 5};  ///< of the LSTM's outputs
};

/// What the network says of one bin of the next frame.
/// Its logarithm of magnitude is normal, around the last frame's moved by `pull` toward `target`: however long the network runs by itself, it is
/// pulled back to what it heard. Its phase is the last frame's and once more what it advanced by,
/// which is right for a steady tone, plus an angle of a wrapped Cauchy distribution: `hold` 1 is no doubt, 0 is any phase at all.
/// source: Mardia, Jupp: Directional Statistics (2000), 3.5.7
struct stft_bin {
    double target = 0, pull = 1, spread = 1, hold = 0;

    /// The mean change of a level.
    [[nodiscard]] double rise(double level) const { return pull * (target - level); }
};

/// An LSTM hears logarithms of magnitudes; one affine map of its outputs gives four numbers a bin.
template <stft_network_config C, class Backend>
struct stft_network {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t K = C.window / 2 + 1, H = C.hidden, in_size = K, out_size = 4 * K;
    using recurrent = nn::lstm<nn::lstm_config{.in = K, .hidden = H}, Backend>;
    using drop = nn::dropout<nn::dropout_config{.size = H, .rate = C.dropout}, Backend>;
    using output = nn::dense<nn::dense_config{.in = H, .out = 4 * K}, Backend>;
    using net = nn::parts<nn::named<"lstm", recurrent>, nn::named<"output", output>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    using state = typename recurrent::state;

    template <class Visitor>
    static void visit(params p, Visitor&& f) {
        net::visit(p, f);
    }
    /// The output begins with what is known before anything is heard: a soft sound that hardly changes.
    static void initialise(params p, random_stream& random, nn::scheme s) {
        net::initialise(p, random, s);
        const auto out = p.template get<"output">();
        for (real& v : out.w.flat()) v = 0;
        for (std::size_t k = 0; k < K; ++k) out.b[k] = -1, out.b[K + k] = -2, out.b[2 * K + k] = 0, out.b[3 * K + k] = 0;
    }

    /// A logarithm of magnitude as the network hears it, and what it hears of silence.
    [[nodiscard]] static double level(double magnitude) { return std::log(magnitude + 0.01); }
    [[nodiscard]] static constexpr double heard(double level) { return level / 3; }

    /// Reads bin k of an output row.
    template <class Row>
    [[nodiscard]] static stft_bin bin(const Row& y, std::size_t k) {
        const auto share = [](real v) { return 1 / (1 + std::exp(-static_cast<double>(v))); };
        return {static_cast<double>(y[k]), share(y[K + k]), std::exp(std::clamp(static_cast<double>(y[2 * K + k]), -4.0, 2.0)),
                share(y[3 * K + k])};
    }

    /// Computes the mean cost of a bin in nats, and with `dp` its gradients.
    /// shapes: x (T*B,K) heard; level, rise, angle (T*B,K): levels, how much they rise to the next frame, and how far its phase strays; time-major
    /// params: from: rows before this one are heard but not counted
    /// writes: dp +=
    static double loss(Backend&, nn::context&, params, nn::columns<const real, K> x, nn::columns<const real, K> level,
                       nn::columns<const real, K> rise, nn::columns<const real, K> angle, std::size_t batch, std::size_t from,
                       const params* dp = nullptr);

    /// Hears a frame, and says what it expects of the next.
    static void step(Backend& be, params p, state& s, frame<const real, K> x, frame<real, 4 * K> y) noexcept {
        std::array<real, H> h{};
        typename output::state none;
        recurrent::step(be, p.template get<"lstm">(), s, x, h);
        output::step(be, p.template get<"output">(), none, h, y);
    }
};

/// The cost in nats of a rise from a level, and of an angle, and its slopes by what the network gave: the target, the logit of the pull, the
/// logarithm of the spread, the logit of the hold.
struct stft_bin_cost {
    double nats = 0, by_target = 0, by_pull = 0, by_spread = 0, by_hold = 0;
};
[[nodiscard]] inline stft_bin_cost cost_of(const stft_bin& b, double level, double rise, double angle) {
    constexpr double log_2pi = 1.8378770664093453;
    const double z = (rise - b.rise(level)) / b.spread;
    // Written by 1 - hold where hold is near 1 and the angle small: 1 + h^2 - 2 h cos = (1 - h)^2 + 2 h (1 - cos).
    const double c = std::cos(angle), h = b.hold, stray = std::max((1 - h) * (1 - h) + 2 * h * (1 - c), 1e-12),
                 room = std::max(1 - h * h, 1e-9);
    return {z * z / 2 + std::log(b.spread) + log_2pi / 2 + std::log(stray) - std::log(room) + log_2pi, -z / b.spread * b.pull,
            -z / b.spread * b.rise(level) * (1 - b.pull), 1 - z * z, ((2 * h - 2 * c) / stray + 2 * h / room) * h * (1 - h)};
}

// ---------------------------------------------------------------- bodies

template <stft_network_config C, class Backend>
double stft_network<C, Backend>::loss(Backend& be, nn::context& ctx, params p, nn::columns<const real, K> x,
                                      nn::columns<const real, K> level, nn::columns<const real, K> rise,
                                      nn::columns<const real, K> angle, std::size_t batch, std::size_t from, const params* dp) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t rows = x.count();
    LOFI_ASSERT(level.count() == rows && rise.count() == rows && angle.count() == rows && from < rows,
                "every frame that is heard has one that comes");
    ctx.batch = batch;
    ctx.lengths = {};
    typename recurrent::tape recur;
    typename drop::tape dropped;
    typename output::tape out;
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(rows);
    const nn::columns<real, H> kept = ctx.scratch.template take_rows<real, H>(rows);
    const nn::columns<real, 4 * K> y = ctx.scratch.template take_rows<real, 4 * K>(rows);
    recurrent::forward(be, ctx, p.template get<"lstm">(), x, h, recur);
    drop::forward(be, ctx, {}, nn::constant(h), kept, dropped);
    output::forward(be, ctx, p.template get<"output">(), nn::constant(kept), y, out);
    const double scale = 1 / static_cast<double>((rows - from) * K);
    double sum = 0;
    const nn::columns<real, 4 * K> dy = dp == nullptr
                                            ? nn::columns<real, 4 * K>{}
                                            : nn::columns<real, 4 * K>(ctx.scratch.template take_rows<real, 4 * K>(rows));
    for (std::size_t n = 0; n < rows; ++n) {
        if (n < from) {
            if (dp != nullptr) std::fill_n(dy.row(n), 4 * K, real{0});
            continue;
        }
        for (std::size_t k = 0; k < K; ++k) {
            const stft_bin_cost c = cost_of(bin(y[n], k), static_cast<double>(level[n][k]), static_cast<double>(rise[n][k]),
                                            static_cast<double>(angle[n][k]));
            sum += c.nats;
            if (dp == nullptr) continue;
            const double s = static_cast<double>(y[n][2 * K + k]);
            dy.row(n)[k] = static_cast<real>(scale * c.by_target);
            dy.row(n)[K + k] = static_cast<real>(scale * c.by_pull);
            dy.row(n)[2 * K + k] = static_cast<real>(s > -4 && s < 2 ? scale * c.by_spread : 0.0);
            dy.row(n)[3 * K + k] = static_cast<real>(scale * c.by_hold);
        }
    }
    if (dp == nullptr) return sum * scale;
    const nn::columns<real, H> dkept = ctx.scratch.template take_rows<real, H>(rows);
    const nn::columns<real, H> dh = ctx.scratch.template take_rows<real, H>(rows);
    output::backward(be, ctx, p.template get<"output">(), dp->template get<"output">(), out, nn::constant(dy), dkept);
    drop::backward(be, ctx, {}, {}, dropped, nn::constant(dkept), dh);
    recurrent::backward(be, ctx, p.template get<"lstm">(), dp->template get<"lstm">(), recur, nn::constant(dh), {});
    return sum * scale;
}

}  // namespace lofi::inline LOFI_ABI::model

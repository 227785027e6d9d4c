#pragma once
// Weight normalisation: the length of every row of a weight matrix is a weight of its own.
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Runs a layer whose params hold one matrix `w`, and maybe a bias `b`: dense, conv1d. Output o of it has the weights g_o v_o / |v_o|.
/// Its tensors are PyTorch's weight_g and weight_v. `fold` makes the plain layer of it, whose steps cost half.
/// source: Salimans, Kingma: Weight Normalization (2016)
template <class Layer>
struct weight_norm {
    using backend_type = typename Layer::backend_type;
    using Backend = backend_type;
    using real = typename Layer::real;
    static constexpr std::size_t in_size = Layer::in_size, out_size = Layer::out_size;
    static constexpr std::size_t parameter_count = Layer::parameter_count + out_size, buffer_count = Layer::buffer_count;

    struct params {
        real* g = nullptr;  ///< (out)
        typename Layer::params v;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            p.g = at.take(out_size);
            p.v = Layer::params::bind(at);
            return p;
        }
    };
    struct tape {
        typename Layer::tape layer;
        std::span<real> weight;   ///< (out,...) as the layer sees them
        std::span<real> lengths;  ///< (out) of the rows of v
    };
    using state = typename Layer::state;

    static void forward(Backend& be, context& ctx, params p, columns<const real, in_size> x, columns<real, out_size> y,
                        tape& tape) {
        tape.lengths = ctx.scratch.take<real>(out_size);
        tape.weight = ctx.scratch.take<real>(p.v.w.flat().size());
        row_lengths(be, p.v.w, frame<real, out_size>(tape.lengths));
        scale_rows(be, p.v.w, p.g, frame<const real, out_size>(tape.lengths), with(p.v, tape.weight).w);
        Layer::forward(be, ctx, with(p.v, tape.weight), x, y, tape.layer);
    }
    static void forward(Backend& be, context& ctx, params p, columns<const real, in_size> x, columns<real, out_size> y,
                        no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(Backend& be, context& ctx, params p, params dp, const tape& tape, columns<const real, out_size> dy,
                         columns<real, in_size> dx) {
        const scratch_scope scope(ctx.scratch);
        const auto dweight = ctx.scratch.take<real>(tape.weight.size());
        fill(be, real{0}, columns<real, 1>(dweight.data(), dweight.size()));
        Layer::backward(be, ctx, with(p.v, tape.weight), with(dp.v, dweight), tape.layer, dy, dx);
        scale_rows_backward(be, p.v.w, p.g, frame<const real, out_size>(tape.lengths), with(p.v, dweight).w, dp.g, dp.v.w);
    }
    /// realtime: yes
    static void step(Backend& be, params p, state& s, frame<const real, in_size> x, frame<real, out_size> y) noexcept {
        process(be, p, s, columns<const real, in_size>(x.data(), 1), columns<real, out_size>(y.data(), 1));
    }
    /// realtime: yes
    static void process(Backend& be, params p, state& s, columns<const real, in_size> x, columns<real, out_size> y) noexcept {
        std::array<real, out_size> lengths;
        row_lengths(be, p.v.w, frame<real, out_size>(lengths));
        nn::process<Layer>(be, p.v, s, x, y);
        // The layer added its bias to what is to be scaled.
        const real* b = nullptr;
        if constexpr (requires { p.v.b; }) b = p.v.b;
        for (std::size_t n = 0; n < y.count(); ++n)
            for (std::size_t o = 0; o < out_size; ++o) {
                const real bias = b != nullptr ? b[o] : real{0};
                y.row(n)[o] = (y.row(n)[o] - bias) * (p.g[o] / lengths[o]) + bias;
            }
    }
    /// Writes the weights of the plain layer.
    static void fold(Backend& be, params p, typename Layer::params to) {
        std::array<real, out_size> lengths;
        row_lengths(be, p.v.w, frame<real, out_size>(lengths));
        scale_rows(be, p.v.w, p.g, frame<const real, out_size>(lengths), to.w);
        if constexpr (requires { p.v.b; })
            if (p.v.b != nullptr) copy(be, columns<const real, out_size>(p.v.b, 1), columns<real, out_size>(to.b, 1));
    }

    template <class F>
    static void visit(params p, F&& f) {
        f("weight_g", std::array<std::size_t, 1>{out_size}, std::span<real>(p.g, out_size));
        Layer::visit(p.v, [&](std::string_view name, std::span<const std::size_t> shape, std::span<real> values) {
            f(name == "weight" ? std::string_view("weight_v") : name, shape, values);
        });
    }
    /// The layer begins as it would without.
    static void initialise(params p, random_stream& random, scheme s) {
        Layer::initialise(p.v, random, s);
        const std::span<real> v = p.v.w.flat();
        for (std::size_t o = 0; o < out_size; ++o) {
            const std::size_t width = v.size() / out_size;
            double sum = 0;
            for (std::size_t i = 0; i < width; ++i)
                sum += static_cast<double>(v[o * width + i]) * static_cast<double>(v[o * width + i]);
            p.g[o] = static_cast<real>(std::sqrt(sum));
        }
    }

private:
    static typename Layer::params with(typename Layer::params p, std::span<real> w) {
        p.w.data = w.data();
        return p;
    }
};

}  // namespace lofi::inline LOFI_ABI::nn

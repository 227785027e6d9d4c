#pragma once
// Batch normalisation of features over rows.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::running_variance;

/// PyTorch's defaults. Keras's are momentum {1, 100} (its .99 is the share of the old), epsilon {1, 1000}, biased.
struct batch_norm_config {
    std::size_t size;
    fraction momentum{1, 10};  ///< share of the new batch in the running statistics
    fraction epsilon{1, 100000};
    nn::running_variance running = nn::running_variance::unbiased;
};

/// Normalises each feature over all rows to mean 0 and variance 1, then scales and shifts it. Training uses the rows'
/// statistics and moves the running ones toward them; inference uses the running ones. All rows count alike: it is for rows
/// that all carry something, not for padded sequences.
/// shapes: x, y (N,size); weight, bias (size); buffers running_mean, running_var (size)
/// source: Ioffe, Szegedy: Batch Normalization (2015)
template <batch_norm_config C, class Backend>
struct batch_norm {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.size, out_size = C.size, parameter_count = 2 * C.size, buffer_count = 2 * C.size;

    struct params {
        real *weight = nullptr, *bias = nullptr;
        real *running_mean = nullptr, *running_var = nullptr;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            p.weight = at.take(C.size), p.bias = at.take(C.size);
            p.running_mean = at.take_buffer(C.size), p.running_var = at.take_buffer(C.size);
            return p;
        }
    };
    struct tape {
        columns<const real, C.size> normal;  ///< (N,size) normalised input
        rows<const real, C.size> scale;      ///< (1) 1/sqrt(variance + epsilon)
        nn::mode mode = nn::mode::training;
    };
    struct state {};

    static void forward(Backend&, context&, params, columns<const real, C.size> x, columns<real, C.size> y, tape&);
    static void forward(Backend&, context&, params, columns<const real, C.size> x, columns<real, C.size> y, no_tape);
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, C.size> dy,
                         columns<real, C.size> dx);
    /// realtime: yes
    static void step(Backend&, params, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept;

    template <class F>
    static void visit(params, F&& f);
    static void initialise(params, random_stream&, scheme);
};

// ---------------------------------------------------------------- bodies

template <batch_norm_config C, class Backend>
void batch_norm<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.size> x,
                                     columns<real, C.size> y, tape& tape) {
    const rows<real, C.size> statistics = ctx.scratch.take_rows<real, C.size>(2);  // mean, scale
    const rows<real, C.size> normal = ctx.scratch.take_rows<real, C.size>(x.count());
    tape = {constant(normal), rows<const real, C.size>(statistics.sub(1, 1)), ctx.mode};
    if (ctx.training()) {
        LOFI_ASSERT(x.count() > 1, "batch norm in training needs at least two rows");
        batch_statistics(be, x, C.epsilon.value(), statistics, std::span<real, C.size>(p.running_mean, C.size),
                         std::span<real, C.size>(p.running_var, C.size), C.momentum.value(), C.running);
    } else {
        running_statistics(be, C.epsilon.value(), frame<const real, C.size>(p.running_mean, C.size),
                           frame<const real, C.size>(p.running_var, C.size), statistics);
    }
    normalise(be, x, statistics, columns<real, C.size>(normal));
    scale_shift(be, tape.normal, p.weight, p.bias, y);
}

template <batch_norm_config C, class Backend>
void batch_norm<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.size> x,
                                     columns<real, C.size> y, no_tape) {
    const scratch_scope scope(ctx.scratch);
    tape unused;
    forward(be, ctx, p, x, y, unused);
}

template <batch_norm_config C, class Backend>
void batch_norm<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape,
                                      columns<const real, C.size> dy, columns<real, C.size> dx) {
    const scratch_scope scope(ctx.scratch);
    const rows<real, C.size> sums = ctx.scratch.take_rows<real, C.size>(2);  // of dy, of dy * normal
    normalise_sums(be, dy, tape.normal, sums);
    add(be, constant(sums.sub(0, 1)), columns<real, C.size>(dp.bias, 1));
    add(be, constant(sums.sub(1, 1)), columns<real, C.size>(dp.weight, 1));
    if (dx.empty()) return;
    // In inference the statistics do not depend on the rows, so nothing comes back through them.
    if (tape.mode == nn::mode::inference) fill(be, real{0}, columns<real, C.size>(sums));
    normalise_backward(be, dy, tape.normal, p.weight, tape.scale, sums, dx);
}

template <batch_norm_config C, class Backend>
void batch_norm<C, Backend>::step(Backend&, params p, state&, frame<const real, C.size> x, frame<real, C.size> y) noexcept {
    for (std::size_t i = 0; i < C.size; ++i) {
        const real scale = 1 / std::sqrt(p.running_var[i] + static_cast<real>(C.epsilon.value()));
        y[i] = (x[i] - p.running_mean[i]) * scale * p.weight[i] + p.bias[i];
    }
}

template <batch_norm_config C, class Backend>
template <class F>
void batch_norm<C, Backend>::visit(params p, F&& f) {
    const std::array<std::size_t, 1> shape{C.size};
    f("weight", shape, std::span<real>(p.weight, C.size));
    f("bias", shape, std::span<real>(p.bias, C.size));
    if (p.running_mean == nullptr) return;  // an arena without buffers
    f("running_mean", shape, std::span<real>(p.running_mean, C.size));
    f("running_var", shape, std::span<real>(p.running_var, C.size));
}

template <batch_norm_config C, class Backend>
void batch_norm<C, Backend>::initialise(params p, random_stream&, scheme) {
    std::fill_n(p.weight, C.size, real{1});
    std::fill_n(p.bias, C.size, real{0});
    if (p.running_mean == nullptr) return;
    std::fill_n(p.running_mean, C.size, real{0});
    std::fill_n(p.running_var, C.size, real{1});
}

}  // namespace lofi::inline LOFI_ABI::nn

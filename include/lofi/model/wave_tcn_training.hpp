#pragma once
// The loss of the waveform TCN.
#include <cstddef>
#include <span>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/model/wave_tcn.hpp>
#include <lofi/nn/loss.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Computes the mean Huber loss of the samples after windows, and with `dp` its gradients.
/// shapes: x (window*B,1), time-major; target, next (B,ahead)
/// params: share: of a larger batch that these windows are; its gradients are the sum over its parts
/// writes: dp +=, next unless empty
template <class Model>
double wave_tcn_loss(typename Model::backend_type& be, nn::context& ctx, const typename Model::params& p,
                     nn::columns<const typename Model::real, 1> x,
                     nn::columns<const typename Model::real, Model::out_size> target,
                     const typename Model::params* dp = nullptr, nn::columns<typename Model::real, Model::out_size> next = {},
                     double share = 1) {
    using real = typename Model::real;
    constexpr std::size_t F = Model::F, A = Model::out_size;
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = target.count(), N = x.count();
    ctx.batch = B, ctx.lengths = {};
    typename Model::body::tape body;
    typename Model::head::tape head;
    const nn::columns<real, F> y = ctx.scratch.template take_rows<real, F>(N);
    const nn::columns<real, A> out = ctx.scratch.template take_rows<real, A>(B),
                               dout = ctx.scratch.template take_rows<real, A>(B);
    Model::body::forward(be, ctx, p.template get<"tcn">(), x, y, body);
    Model::head::forward(be, ctx, p.template get<"head">(), nn::constant(y.sub(N - B, B)), out, head);
    if (!next.empty()) copy(be, nn::constant(out), next);
    const double count = static_cast<double>(B * A);
    const double loss =
        nn::distance_loss(be, nn::distance::huber, out, target, dout, {.scale = static_cast<real>(share / count)}) / count;
    if (dp == nullptr) return loss;
    // Only the last step was heard by the affine map.
    const nn::columns<real, F> dy = ctx.scratch.template take_rows<real, F>(N);
    fill(be, real{0}, dy.sub(0, N - B));
    Model::head::backward(be, ctx, p.template get<"head">(), dp->template get<"head">(), head, nn::constant(dout),
                          dy.sub(N - B, B));
    Model::body::backward(be, ctx, p.template get<"tcn">(), dp->template get<"tcn">(), body, nn::constant(dy), {});
    return loss;
}

}  // namespace lofi::inline LOFI_ABI::model

#pragma once
// The loss of the mu-law WaveNet.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/model/mu_law_wavenet.hpp>
#include <lofi/nn/loss.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Computes the cross-entropy of classes given those before them, and with `dp` the gradients of its mean over what counts.
/// shapes: ids, targets (N), time-major; targets that are negative do not count
/// params: share: of a larger batch that these windows are; its gradients are the sum over its parts
/// writes: dp +=, logits unless empty
template <class Model>
nn::cross_entropy_result mu_law_wavenet_loss(typename Model::backend_type& be, nn::context& ctx,
                                             const typename Model::params& p, std::span<const std::int32_t> ids,
                                             std::span<const std::int32_t> targets, std::size_t batch,
                                             const typename Model::params* dp = nullptr,
                                             nn::columns<typename Model::real, Model::V> logits_out = {}, double share = 1) {
    using real = typename Model::real;
    constexpr std::size_t R = Model::R, S = Model::S, V = Model::V;
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t N = ids.size();
    ctx.batch = batch, ctx.lengths = {};
    typename Model::embed::tape embedded;
    typename Model::stack::tape stacked;
    typename Model::head::tape headed;
    const nn::columns<real, R> x = ctx.scratch.template take_rows<real, R>(N);
    const nn::columns<real, S> y = ctx.scratch.template take_rows<real, S>(N);
    const nn::columns<real, V> logits = ctx.scratch.template take_rows<real, V>(N);
    Model::embed::forward(be, ctx, p.template get<"classes">(), ids, x, embedded);
    Model::stack::forward(be, ctx, p.template get<"stack">(), nn::constant(x), y, stacked);
    Model::head::forward(be, ctx, p.template get<"head">(), nn::constant(y), logits, headed);
    if (!logits_out.empty()) copy(be, nn::constant(logits), logits_out);
    if (dp == nullptr) return nn::cross_entropy(be, logits, targets);
    std::size_t counted = 0;
    for (const std::int32_t t : targets) counted += t >= 0;
    const auto scale = static_cast<real>(share / static_cast<double>(counted));
    const auto loss = nn::cross_entropy(be, logits, targets, logits, {.scale = scale});
    const nn::columns<real, S> dy = ctx.scratch.template take_rows<real, S>(N);
    const nn::columns<real, R> dx = ctx.scratch.template take_rows<real, R>(N);
    Model::head::backward(be, ctx, p.template get<"head">(), dp->template get<"head">(), headed, nn::constant(logits), dy);
    Model::stack::backward(be, ctx, p.template get<"stack">(), dp->template get<"stack">(), stacked, nn::constant(dy), dx);
    Model::embed::backward(be, ctx, p.template get<"classes">(), dp->template get<"classes">(), embedded, nn::constant(dx));
    return loss;
}

}  // namespace lofi::inline LOFI_ABI::model

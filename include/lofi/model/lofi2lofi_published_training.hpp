#pragma once
// The published Lofi2Lofi, whole: posterior, decoder and the published loss, forward and backward.
#include <cstddef>

#include <lofi/model/lofi2lofi_published_encoder.hpp>
#include <lofi/model/lofi2lofi_published_losses_training.hpp>
#include <lofi/nn/latent.hpp>

namespace lofi::inline LOFI_ABI::model {

/// The whole network, its weights under the published names.
template <published_config C, class Backend>
struct published_lofi2lofi {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, Z = C.latent;
    using encoder = published_encoder<C, Backend>;
    using decoder = published_decoder<C, Backend>;
    using linear = nn::dense<nn::dense_config{.in = H, .out = Z}, Backend>;
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = Z}, Backend>;
    using net = nn::parts<nn::named<"encoder", encoder>, nn::named<"mean_linear", linear>, nn::named<"variance_linear", linear>,
                          nn::named<"decoder", decoder>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = 0;

    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    static void initialise(const params& p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }

    struct posterior_tape {
        typename encoder::tape encode;
        typename linear::tape mean, variance;
    };
    /// Finds the posterior of each phrase.
    /// shapes: mean, log_variance (B,Z)
    static void encode(Backend&, nn::context&, params, const published_batch&, nn::columns<real, Z> mean,
                       nn::columns<real, Z> log_variance, posterior_tape&);
    /// writes: dp +=
    static void encode_backward(Backend&, nn::context&, params, params dp, const posterior_tape&,
                                nn::columns<const real, Z> dmean, nn::columns<const real, Z> dlog_variance);

    /// Finds the published loss of a batch, and with `dp` its gradients.
    /// params: noise (B,Z) of the latent; empty: the latent is the mean, as in evaluation
    /// writes: dp +=
    static published_losses loss(Backend&, nn::context&, params, const published_batch&, const published_feed&,
                                 nn::columns<const real, Z> noise, const params* dp = nullptr);
};

// ---------------------------------------------------------------- bodies

template <published_config C, class Backend>
void published_lofi2lofi<C, Backend>::encode(Backend& be, nn::context& ctx, params p, const published_batch& b,
                                             nn::columns<real, Z> mean, nn::columns<real, Z> log_variance,
                                             posterior_tape& tape) {
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(b.size);
    encoder::forward(be, ctx, p.template get<"encoder">(), b, h, tape.encode);
    linear::forward(be, ctx, p.template get<"mean_linear">(), nn::constant(h), mean, tape.mean);
    linear::forward(be, ctx, p.template get<"variance_linear">(), nn::constant(h), log_variance, tape.variance);
}

template <published_config C, class Backend>
void published_lofi2lofi<C, Backend>::encode_backward(Backend& be, nn::context& ctx, params p, params dp,
                                                      const posterior_tape& tape, nn::columns<const real, Z> dmean,
                                                      nn::columns<const real, Z> dlog_variance) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, H> dh = ctx.scratch.template take_rows<real, H>(dmean.count()),
                               other = ctx.scratch.template take_rows<real, H>(dmean.count());
    linear::backward(be, ctx, p.template get<"mean_linear">(), dp.template get<"mean_linear">(), tape.mean, dmean, dh);
    linear::backward(be, ctx, p.template get<"variance_linear">(), dp.template get<"variance_linear">(), tape.variance,
                     dlog_variance, other);
    add(be, nn::constant(other), dh);
    encoder::backward(be, ctx, p.template get<"encoder">(), dp.template get<"encoder">(), tape.encode, nn::constant(dh));
}

template <published_config C, class Backend>
published_losses published_lofi2lofi<C, Backend>::loss(Backend& be, nn::context& ctx, params p, const published_batch& b,
                                                       const published_feed& feed, nn::columns<const real, Z> noise,
                                                       const params* dp) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size;
    const auto take = [&] { return nn::columns<real, Z>(ctx.scratch.template take_rows<real, Z>(B)); };
    const nn::columns<real, Z> mean = take(), log_variance = take(), z = take(), dz = take(), dmean = take(),
                               dlog_variance = take();
    published_losses out;
    posterior_tape posterior;
    encode(be, ctx, p, b, mean, log_variance, posterior);
    if (noise.empty()) {
        copy(be, nn::constant(mean), z);
    } else {
        gaussian_sample(be, backend::spread_form::log_variance, nn::constant(mean), nn::constant(log_variance), noise, z);
    }

    const auto& p_decoder = p.template get<"decoder">();
    const auto* const d_decoder = dp != nullptr ? &dp->template get<"decoder">() : nullptr;
    published_voice_losses<C>(be, ctx, p_decoder, b, feed, nn::constant(z), out, d_decoder, dz);
    published_heads_run<C, Backend> heads(be, ctx, p_decoder, nn::constant(z));
    heads.losses(b, out);
    if (dp != nullptr) heads.backward(*d_decoder, dz);

    // The latent. The published divergence is a mean over its dimensions too.
    if (dp != nullptr)
        latent::backward(be, ctx, typename latent::tape{nn::constant(log_variance), noise}, nn::constant(dz), dmean,
                         dlog_variance);
    const auto given = [&](nn::columns<real, Z> d) { return dp != nullptr ? d : nn::columns<real, Z>{}; };
    out.divergence = latent::divergence(be, ctx, nn::constant(mean), nn::constant(log_variance), {.scale = 1.0 / Z},
                                        given(dmean), given(dlog_variance)) /
                     static_cast<double>(Z);
    if (dp != nullptr) encode_backward(be, ctx, p, *dp, posterior, nn::constant(dmean), nn::constant(dlog_variance));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model

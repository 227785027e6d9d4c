#pragma once
// The published Lofi2Lofi, whole: posterior, decoder and the published loss, forward and backward.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/lofi2lofi_published_decoder_training.hpp>
#include <lofi/model/lofi2lofi_published_encoder.hpp>
#include <lofi/nn/latent.hpp>
#include <lofi/nn/loss.hpp>

namespace lofi::inline LOFI_ABI::model {

/// The parts of the published loss, each a mean.
struct published_losses {
    double chords = 0, melody = 0;              ///< nats a step that counts
    double divergence = 0;                      ///< nats, over phrases and dimensions
    double tempo = 0, valence = 0, energy = 0;  ///< absolute errors
    double key = 0, mode = 0;                   ///< nats
    double chord_accuracy = 0, melody_accuracy = 0;

    [[nodiscard]] double total() const {
        return chords + melody + divergence + tempo / 5 + key / 30 + mode / 10 + valence / 5 + energy / 5;
    }
};

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

private:
    template <class Head, class Cost>
    static double head_loss(Backend&, nn::context&, typename Head::params, const typename Head::params* dp,
                            nn::columns<const real, Z> z, nn::columns<real, Z> dz, Cost&& cost);
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

// One head: its outputs, what they cost (`cost` gives the mean cost and writes the outputs' gradients), and back to z.
template <published_config C, class Backend>
template <class Head, class Cost>
double published_lofi2lofi<C, Backend>::head_loss(Backend& be, nn::context& ctx, typename Head::params p,
                                                  const typename Head::params* dp, nn::columns<const real, Z> z,
                                                  nn::columns<real, Z> dz, Cost&& cost) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = z.count();
    typename Head::tape tape;
    const nn::columns<real, Head::out_size> y = ctx.scratch.template take_rows<real, Head::out_size>(B),
                                            dy = ctx.scratch.template take_rows<real, Head::out_size>(B);
    Head::forward(be, ctx, p, z, y, tape);
    const double mean = cost(y, dy);
    if (dp != nullptr) {
        const nn::columns<real, Z> dz_head = ctx.scratch.template take_rows<real, Z>(B);
        Head::backward(be, ctx, p, *dp, tape, nn::constant(dy), dz_head);
        add(be, nn::constant(dz_head), dz);
    }
    return mean;
}

template <published_config C, class Backend>
published_losses published_lofi2lofi<C, Backend>::loss(Backend& be, nn::context& ctx, params p, const published_batch& b,
                                                       const published_feed& feed, nn::columns<const real, Z> noise,
                                                       const params* dp) {
    constexpr std::size_t chord_ids = token::chord_ids, melody_ids = token::published_melody_ids;
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

    // Both voices. A mean over the steps that count, whichever phrase they belong to.
    const auto& p_decoder = p.template get<"decoder">();
    published_decoder_run<C, Backend> run(be, ctx, p_decoder, b);
    run.forward(nn::constant(z), feed);
    const auto predict = [&](auto& voice, auto dlogits, const std::vector<std::int32_t>& targets, double& accuracy) {
        const auto count = std::count_if(targets.begin(), targets.end(), [](std::int32_t id) { return id >= 0; });
        const auto found =
            nn::cross_entropy(be, voice.predict(), targets, dlogits, {.scale = real{1} / static_cast<real>(count)});
        accuracy = static_cast<double>(found.correct) / static_cast<double>(count);
        return found.sum / static_cast<double>(count);
    };
    const std::size_t N = dp != nullptr ? b.bars * B : 0;
    const nn::columns<real, chord_ids> dchords = ctx.scratch.template take_rows<real, chord_ids>(N);
    const nn::columns<real, melody_ids> dmelody = ctx.scratch.template take_rows<real, melody_ids>(8 * N);
    out.chords = predict(run.chords, dchords, b.chord_targets, out.chord_accuracy);
    out.melody = predict(run.melody, dmelody, b.melody_targets, out.melody_accuracy);
    if (dp != nullptr) run.backward(dp->template get<"decoder">(), nn::constant(dchords), nn::constant(dmelody), dz);

    // The heads, weighted as in `total`.
    const auto* const dheads = dp != nullptr ? &dp->template get<"decoder">() : nullptr;
    const auto number = [&](const auto& weights, const auto* dweights, const std::vector<double>& values) {
        return head_loss<typename decoder::number_head>(be, ctx, weights, dweights, nn::constant(z), dz, [&](auto y, auto dy) {
            const auto target = ctx.scratch.template take_rows<real, 1>(B);
            std::transform(values.begin(), values.end(), target.data(), [](double v) { return static_cast<real>(v); });
            const double sum = nn::distance_loss(be, nn::distance::absolute, y, nn::constant(target), dy,
                                                 {.scale = real{1} / (5 * static_cast<real>(B))});
            return sum / static_cast<double>(B);
        });
    };
    const auto category = [&]<class Head>(Head*, const auto& weights, const auto* dweights,
                                          const std::vector<std::int32_t>& ids, real weight) {
        return head_loss<Head>(be, ctx, weights, dweights, nn::constant(z), dz, [&](auto y, auto dy) {
            return nn::cross_entropy(be, y, ids, dy, {.scale = weight / static_cast<real>(B)}).sum / static_cast<double>(B);
        });
    };
    out.tempo = number(p_decoder.tempo, dheads ? &dheads->tempo : nullptr, b.tempo);
    out.valence = number(p_decoder.valence, dheads ? &dheads->valence : nullptr, b.valence);
    out.energy = number(p_decoder.energy, dheads ? &dheads->energy : nullptr, b.energy);
    out.key = category(static_cast<typename decoder::key_head*>(nullptr), p_decoder.key, dheads ? &dheads->key : nullptr, b.key,
                       real{1} / 30);
    out.mode = category(static_cast<typename decoder::mode_head*>(nullptr), p_decoder.mode, dheads ? &dheads->mode : nullptr,
                        b.mode, real{1} / 10);

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

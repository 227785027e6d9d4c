#pragma once
// The losses of the published decoders over a batch: both voices, and the five heads, whose outputs others may use too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/model/lofi2lofi_published_decoder_training.hpp>
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

/// Runs both voices from z and finds what they cost, a mean over the steps that count, whichever phrase they belong to; with `dp` the
/// gradients.
/// writes: chords, melody and accuracies of `out` =, dp +=, dz =
template <published_config C, class Backend>
void published_voice_losses(Backend&, nn::context&, const typename published_decoder<C, Backend>::params& p,
                            const published_batch&, const published_feed&,
                            nn::columns<const typename Backend::real, C.latent> z, published_losses& out,
                            const typename published_decoder<C, Backend>::params* dp = nullptr,
                            nn::columns<typename Backend::real, C.latent> dz = {});

/// The heads over a batch: what they say of z, what it costs, and the way back. Whoever uses what they say adds to their gradients
/// between the two. Memory comes from the context, where it stays.
template <published_config C, class Backend>
class published_heads_run {
public:
    using decoder = published_decoder<C, Backend>;
    using real = typename Backend::real;
    using params = typename decoder::params;
    static constexpr std::size_t Z = C.latent;

    template <class Head>
    struct head {
        nn::columns<real, Head::out_size> y, dy;  ///< (B,out)
        typename Head::tape tape;
    };
    head<typename decoder::number_head> tempo, valence, energy;
    head<typename decoder::key_head> key;
    head<typename decoder::mode_head> mode;

    published_heads_run(Backend& be, nn::context& ctx, const params& p, nn::columns<const real, Z> z);
    /// Finds what the heads cost. writes: dy of each =, weighted as in `published_losses::total`
    void losses(const published_batch& b, published_losses& out);
    /// writes: dp +=, dz +=
    void backward(const params& dp, nn::columns<real, Z> dz);

private:
    Backend& be_;
    nn::context& ctx_;
    params p_;
};

// ---------------------------------------------------------------- bodies

template <published_config C, class Backend>
void published_voice_losses(Backend& be, nn::context& ctx, const typename published_decoder<C, Backend>::params& p,
                            const published_batch& b, const published_feed& feed,
                            nn::columns<const typename Backend::real, C.latent> z, published_losses& out,
                            const typename published_decoder<C, Backend>::params* dp,
                            nn::columns<typename Backend::real, C.latent> dz) {
    using real = typename Backend::real;
    published_decoder_run<C, Backend> run(be, ctx, p, b);
    run.forward(z, feed);
    const auto predict = [&](auto& voice, auto dlogits, const std::vector<std::int32_t>& targets, double& accuracy) {
        const auto count = std::count_if(targets.begin(), targets.end(), [](std::int32_t id) { return id >= 0; });
        const auto found =
            nn::cross_entropy(be, voice.predict(), targets, dlogits, {.scale = real{1} / static_cast<real>(count)});
        accuracy = static_cast<double>(found.correct) / static_cast<double>(count);
        return found.sum / static_cast<double>(count);
    };
    const std::size_t N = dp != nullptr ? b.bars * b.size : 0;
    const nn::columns<real, token::chord_ids> dchords = ctx.scratch.template take_rows<real, token::chord_ids>(N);
    const nn::columns<real, token::published_melody_ids> dmelody =
        ctx.scratch.template take_rows<real, token::published_melody_ids>(8 * N);
    out.chords = predict(run.chords, dchords, b.chord_targets, out.chord_accuracy);
    out.melody = predict(run.melody, dmelody, b.melody_targets, out.melody_accuracy);
    if (dp != nullptr) run.backward(*dp, nn::constant(dchords), nn::constant(dmelody), dz);
}

template <published_config C, class Backend>
published_heads_run<C, Backend>::published_heads_run(Backend& be, nn::context& ctx, const params& p,
                                                     nn::columns<const real, Z> z)
    : be_(be), ctx_(ctx), p_(p) {
    const auto forward = [&]<class Head>(const typename Head::params& weights, head<Head>& h) {
        h.y = ctx.scratch.template take_rows<real, Head::out_size>(z.count());
        h.dy = ctx.scratch.template take_rows<real, Head::out_size>(z.count());
        Head::forward(be, ctx, weights, z, h.y, h.tape);
    };
    forward(p.tempo, tempo);
    forward(p.valence, valence);
    forward(p.energy, energy);
    forward(p.key, key);
    forward(p.mode, mode);
}

template <published_config C, class Backend>
void published_heads_run<C, Backend>::losses(const published_batch& b, published_losses& out) {
    const std::size_t B = b.size;
    const auto number = [&](const auto& h, const std::vector<double>& values) {
        const nn::scratch_scope scope(ctx_.scratch);
        const auto target = ctx_.scratch.template take_rows<real, 1>(B);
        std::transform(values.begin(), values.end(), target.data(), [](double v) { return static_cast<real>(v); });
        return nn::distance_loss(be_, nn::distance::absolute, h.y, nn::constant(target), h.dy,
                                 {.scale = real{1} / (5 * static_cast<real>(B))}) /
               static_cast<double>(B);
    };
    const auto category = [&](const auto& h, const std::vector<std::int32_t>& ids, real weight) {
        return nn::cross_entropy(be_, h.y, ids, h.dy, {.scale = weight / static_cast<real>(B)}).sum / static_cast<double>(B);
    };
    out.tempo = number(tempo, b.tempo);
    out.valence = number(valence, b.valence);
    out.energy = number(energy, b.energy);
    out.key = category(key, b.key, real{1} / 30);
    out.mode = category(mode, b.mode, real{1} / 10);
}

template <published_config C, class Backend>
void published_heads_run<C, Backend>::backward(const params& dp, nn::columns<real, Z> dz) {
    const auto back = [&]<class Head>(const typename Head::params& weights, const typename Head::params& dweights,
                                      const head<Head>& h) {
        const nn::scratch_scope scope(ctx_.scratch);
        const nn::columns<real, Z> dz_head = ctx_.scratch.template take_rows<real, Z>(dz.count());
        Head::backward(be_, ctx_, weights, dweights, h.tape, nn::constant(h.dy), dz_head);
        add(be_, nn::constant(dz_head), dz);
    };
    back(p_.tempo, dp.tempo, tempo);
    back(p_.valence, dp.valence, valence);
    back(p_.energy, dp.energy, energy);
    back(p_.key, dp.key, key);
    back(p_.mode, dp.mode, mode);
}

}  // namespace lofi::inline LOFI_ABI::model

#pragma once
// The published Lyrics2Lofi, whole: a text's vectors to a posterior, the decoder, and the published loss, forward and backward.
#include <array>
#include <cstddef>
#include <span>

#include <lofi/model/lofi2lofi_published_losses_training.hpp>
#include <lofi/model/lyrics2lofi_published.hpp>
#include <lofi/model/text_encoder.hpp>
#include <lofi/nn/latent.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Reads a text's vectors both ways and joins the last states, the reverse direction first.
/// shapes: y (B,hidden)
template <published_config C, text_encoder Text, class Backend>
struct published_lyrics_encoder {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, W = Text::width;
    using recur = nn::bidirectional<nn::lstm_config{.in = W, .hidden = H}, Backend>;
    using downsample = nn::dense<nn::dense_config{.in = 2 * H, .out = H}, Backend>;
    using net = nn::parts<nn::named<"text", Text>, nn::named<"encoder_lstm", recur>, nn::named<"downsample", downsample>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = 0;
    struct tape {
        typename Text::tape text;
        typename recur::tape lstm;
        typename downsample::tape down;
    };

    static void forward(Backend&, nn::context&, params, const typename Text::batch&, nn::columns<real, H> y, tape&);
    /// writes: dp +=
    static void backward(Backend&, nn::context&, params, params dp, const tape&, nn::columns<const real, H> dy);
    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    static void initialise(const params& p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }
};

/// The whole network, its weights under the published names; those of a text encoder that has any are `encoder.text`.
template <published_config C, text_encoder Text, class Backend>
struct published_lyrics2lofi {
    using backend_type = Backend;
    using real = typename Backend::real;
    using text_type = Text;
    static constexpr std::size_t H = C.hidden, Z = C.latent;
    using encoder = published_lyrics_encoder<C, Text, Backend>;
    using decoder = published_lyrics_decoder<C, Backend>;
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
    /// Finds what a latent may be, given each text.
    /// shapes: mean, log_variance (B,Z)
    static void encode(Backend&, nn::context&, params, const typename Text::batch&, nn::columns<real, Z> mean,
                       nn::columns<real, Z> log_variance, posterior_tape&);
    /// writes: dp +=
    static void encode_backward(Backend&, nn::context&, params, params dp, const posterior_tape&,
                                nn::columns<const real, Z> dmean, nn::columns<const real, Z> dlog_variance);

    /// The way from z and what the heads say of it to the z' that both voices sing from.
    struct feedback_tape {
        typename decoder::number_way::tape tempo, valence, energy;
        typename decoder::mode_way::tape mode;
        typename decoder::join::tape down;
    };
    static void feed_back(Backend&, nn::context&, const typename decoder::params&, const published_heads_run<C, Backend>&,
                          nn::columns<const real, Z> z, nn::columns<real, Z> fed, feedback_tape&);

    /// Finds the published loss of a batch, and with `dp` its gradients.
    /// params: noise (B,Z) of the latent; empty: the latent is the mean, as in evaluation
    /// writes: dp +=
    static published_losses loss(Backend&, nn::context&, params, const typename Text::batch&, const published_batch&,
                                 const published_feed&, nn::columns<const real, Z> noise, const params* dp = nullptr);
};

// ---------------------------------------------------------------- bodies

namespace detail {

template <class T, std::size_t N>
nn::both_states<T, N / 2> reverse_first(nn::columns<T, N> two) {
    return {{nn::part<N / 2, N / 2>(two), {}}, {nn::part<0, N / 2>(two), {}}};
}

}  // namespace detail

template <published_config C, text_encoder Text, class Backend>
void published_lyrics_encoder<C, Text, Backend>::forward(Backend& be, nn::context& ctx, params p,
                                                         const typename Text::batch& texts, nn::columns<real, H> y,
                                                         tape& tape) {
    ctx.batch = texts.size;
    ctx.lengths = texts.lengths;
    const nn::columns<real, W> x = ctx.scratch.template take_rows<real, W>(texts.rows());
    const nn::columns<real, 2 * H> last = ctx.scratch.template take_rows<real, 2 * H>(texts.size);
    Text::forward(be, ctx, p.template get<"text">(), texts, x, tape.text);
    recur::forward(be, ctx, p.template get<"encoder_lstm">(), nn::constant(x), {}, tape.lstm, detail::reverse_first(last));
    downsample::forward(be, ctx, p.template get<"downsample">(), nn::constant(last), y, tape.down);
}

template <published_config C, text_encoder Text, class Backend>
void published_lyrics_encoder<C, Text, Backend>::backward(Backend& be, nn::context& ctx, params p, params dp, const tape& tape,
                                                          nn::columns<const real, H> dy) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, 2 * H> dlast = ctx.scratch.template take_rows<real, 2 * H>(dy.count());
    downsample::backward(be, ctx, p.template get<"downsample">(), dp.template get<"downsample">(), tape.down, dy, dlast);
    // Vectors that are not trained need no gradient.
    const nn::columns<real, W> dx =
        ctx.scratch.template take_rows<real, W>(Text::parameter_count == 0 ? 0 : tape.lstm.onward.x.count());
    recur::backward(be, ctx, p.template get<"encoder_lstm">(), dp.template get<"encoder_lstm">(), tape.lstm, {}, dx,
                    detail::reverse_first(nn::constant(dlast)));
    if (!dx.empty()) Text::backward(be, ctx, p.template get<"text">(), dp.template get<"text">(), tape.text, nn::constant(dx));
}

template <published_config C, text_encoder Text, class Backend>
void published_lyrics2lofi<C, Text, Backend>::encode(Backend& be, nn::context& ctx, params p, const typename Text::batch& texts,
                                                     nn::columns<real, Z> mean, nn::columns<real, Z> log_variance,
                                                     posterior_tape& tape) {
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(texts.size);
    encoder::forward(be, ctx, p.template get<"encoder">(), texts, h, tape.encode);
    linear::forward(be, ctx, p.template get<"mean_linear">(), nn::constant(h), mean, tape.mean);
    linear::forward(be, ctx, p.template get<"variance_linear">(), nn::constant(h), log_variance, tape.variance);
}

template <published_config C, text_encoder Text, class Backend>
void published_lyrics2lofi<C, Text, Backend>::encode_backward(Backend& be, nn::context& ctx, params p, params dp,
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

template <published_config C, text_encoder Text, class Backend>
void published_lyrics2lofi<C, Text, Backend>::feed_back(Backend& be, nn::context& ctx, const typename decoder::params& p,
                                                        const published_heads_run<C, Backend>& heads,
                                                        nn::columns<const real, Z> z, nn::columns<real, Z> fed,
                                                        feedback_tape& tape) {
    using way = typename decoder::number_way;
    constexpr std::size_t J = decoder::joined_size;
    const nn::columns<real, J> joined = ctx.scratch.template take_rows<real, J>(z.count());
    copy(be, z, nn::part<0, Z>(joined));
    way::forward(be, ctx, p.tempo, nn::constant(heads.tempo.y), nn::part<Z, H>(joined), tape.tempo);
    decoder::mode_way::forward(be, ctx, p.mode, nn::constant(heads.mode.y), nn::part<Z + H, H>(joined), tape.mode);
    way::forward(be, ctx, p.valence, nn::constant(heads.valence.y), nn::part<Z + 2 * H, H>(joined), tape.valence);
    way::forward(be, ctx, p.energy, nn::constant(heads.energy.y), nn::part<Z + 3 * H, H>(joined), tape.energy);
    decoder::join::forward(be, ctx, p.down, nn::constant(joined), fed, tape.down);
}

template <published_config C, text_encoder Text, class Backend>
published_losses published_lyrics2lofi<C, Text, Backend>::loss(Backend& be, nn::context& ctx, params p,
                                                               const typename Text::batch& texts, const published_batch& b,
                                                               const published_feed& feed, nn::columns<const real, Z> noise,
                                                               const params* dp) {
    LOFI_ASSERT(texts.size == b.size, "each phrase of a batch has a text");
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = b.size;
    const auto take = [&] { return nn::columns<real, Z>(ctx.scratch.template take_rows<real, Z>(B)); };
    const nn::columns<real, Z> mean = take(), log_variance = take(), z = take(), fed = take(), dz = take(), dfed = take(),
                               dmean = take(), dlog_variance = take();
    published_losses out;
    posterior_tape posterior;
    encode(be, ctx, p, texts, mean, log_variance, posterior);
    if (noise.empty()) {
        copy(be, nn::constant(mean), z);
    } else {
        gaussian_sample(be, backend::spread_form::log_variance, nn::constant(mean), nn::constant(log_variance), noise, z);
    }

    const auto& p_decoder = p.template get<"decoder">();
    published_heads_run<C, Backend> heads(be, ctx, p_decoder.sheet, nn::constant(z));
    heads.losses(b, out);
    feedback_tape feedback;
    feed_back(be, ctx, p_decoder, heads, nn::constant(z), fed, feedback);
    const auto* const d_decoder = dp != nullptr ? &dp->template get<"decoder">() : nullptr;
    published_voice_losses<C>(be, ctx, p_decoder.sheet, b, feed, nn::constant(fed), out,
                              d_decoder != nullptr ? &d_decoder->sheet : nullptr, dfed);
    if (dp != nullptr) {
        // From z' back to z on three ways: straight, and through what the heads said, which they are also judged by.
        constexpr std::size_t J = decoder::joined_size;
        const nn::columns<real, J> djoined = ctx.scratch.template take_rows<real, J>(B);
        decoder::join::backward(be, ctx, p_decoder.down, d_decoder->down, feedback.down, nn::constant(dfed), djoined);
        copy(be, nn::constant(nn::part<0, Z>(djoined)), dz);
        const auto back = [&]<class Way>(Way*, const auto& weights, const auto& dweights, const typename Way::tape& tape,
                                         nn::columns<const real, H> d, nn::columns<real, Way::in_size> dy) {
            const nn::columns<real, Way::in_size> more = ctx.scratch.template take_rows<real, Way::in_size>(B);
            Way::backward(be, ctx, weights, dweights, tape, d, more);
            add(be, nn::constant(more), dy);
        };
        constexpr auto* number = static_cast<typename decoder::number_way*>(nullptr);
        const auto d = nn::constant(djoined);
        back(number, p_decoder.tempo, d_decoder->tempo, feedback.tempo, nn::part<Z, H>(d), heads.tempo.dy);
        back(static_cast<typename decoder::mode_way*>(nullptr), p_decoder.mode, d_decoder->mode, feedback.mode,
             nn::part<Z + H, H>(d), heads.mode.dy);
        back(number, p_decoder.valence, d_decoder->valence, feedback.valence, nn::part<Z + 2 * H, H>(d), heads.valence.dy);
        back(number, p_decoder.energy, d_decoder->energy, feedback.energy, nn::part<Z + 3 * H, H>(d), heads.energy.dy);
        heads.backward(d_decoder->sheet, dz);
        latent::backward(be, ctx, typename latent::tape{nn::constant(log_variance), noise}, nn::constant(dz), dmean,
                         dlog_variance);
    }
    const auto given = [&](nn::columns<real, Z> d) { return dp != nullptr ? d : nn::columns<real, Z>{}; };
    out.divergence = latent::divergence(be, ctx, nn::constant(mean), nn::constant(log_variance), {.scale = 1.0 / Z},
                                        given(dmean), given(dlog_variance)) /
                     static_cast<double>(Z);
    if (dp != nullptr) encode_backward(be, ctx, p, *dp, posterior, nn::constant(dmean), nn::constant(dlog_variance));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model

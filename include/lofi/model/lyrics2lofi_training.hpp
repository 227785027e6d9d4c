#pragma once
// The improved Lyrics2Lofi: a text to one vector and to what mood it asks for, and the improved Lofi2Lofi's decoder over that vector.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/model/lofi2lofi_decoder_training.hpp>
#include <lofi/model/text_encoder.hpp>
#include <lofi/nn/activation.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
struct lyrics2lofi_config {
    std::size_t vector = 64;   ///< Z, what a text becomes
    std::size_t reader = 48;   ///< hidden units of each direction of the text's LSTM
    std::size_t chord = 96;    ///< hidden units of the chord LSTM
    std::size_t melody = 192;  ///< hidden units of the melody LSTM
};

/// What is read out of a text beside its vector: valence, energy, and the rows' tempo as (bpm - 60) / 120.
inline constexpr std::size_t text_moods = 3;

/// The whole network. The vector comes from the last states of an LSTM over the text both ways and from the mean of its tokens'
/// vectors; there is no latent, so that the likelihood of music given a text is exact, and chance is in the draws alone.
template <lyrics2lofi_config C, text_encoder Text, class Backend, lofi2lofi_dropout D = lofi2lofi_dropout{}>
struct lyrics2lofi_network {
    using backend_type = Backend;
    using real = typename Backend::real;
    using text_type = Text;
    static constexpr std::size_t Z = C.vector, R = C.reader, W = Text::width, joined_size = 2 * R + W;
    static constexpr lofi2lofi_config sheet_sizes{.latent = C.vector, .encoder = 0, .chord = C.chord, .melody = C.melody};
    using recur = nn::bidirectional<nn::lstm_config{.in = W, .hidden = R}, Backend>;
    using squeeze = nn::sequence<nn::dense<nn::dense_config{.in = joined_size, .out = Z}, Backend>, nn::tanh<Z, Backend>>;
    using mood_head = nn::dense<nn::dense_config{.in = Z, .out = text_moods}, Backend>;
    using decoder = lofi2lofi_trained_decoder<sheet_sizes, Backend, D>;
    using net = nn::parts<nn::named<"text", Text>, nn::named<"reader", recur>, nn::named<"vector", squeeze>,
                          nn::named<"mood", mood_head>, nn::named<"decoder", decoder>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = 0;

    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    static void initialise(const params& p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }

    struct tape {
        typename Text::tape text;
        typename recur::tape reader;
        typename squeeze::tape vector;
        typename mood_head::tape mood;
        nn::columns<const real, W> shares;  ///< (B,W) one over the number of tokens
    };
    /// Reads texts.
    /// shapes: z (B,Z), mood (B,text_moods)
    static void read(Backend&, nn::context&, params, const typename Text::batch&, nn::columns<real, Z> z,
                     nn::columns<real, text_moods> mood, tape&);
    /// params: dz may be empty where only the mood was used
    /// writes: dp +=
    static void read_backward(Backend&, nn::context&, params, params dp, const tape&, nn::columns<const real, Z> dz,
                              nn::columns<const real, text_moods> dmood);

    /// Finds what each phrase costs given its text's vector: `lofi2lofi_trained_decoder::decode`.
    static void decode(Backend& be, nn::context& ctx, params p, const lead_batch& b, nn::columns<const real, Z> z,
                       std::span<phrase_cost> costs, params* dp = nullptr, real scale = 0, nn::columns<real, Z> dz = {}) {
        typename decoder::params d{};
        if (dp != nullptr) d = dp->template get<"decoder">();
        decoder::decode(be, ctx, p.template get<"decoder">(), b, z, costs, dp != nullptr ? &d : nullptr, scale, dz);
    }
};

// ---------------------------------------------------------------- bodies

template <lyrics2lofi_config C, text_encoder Text, class Backend, lofi2lofi_dropout D>
void lyrics2lofi_network<C, Text, Backend, D>::read(Backend& be, nn::context& ctx, params p, const typename Text::batch& texts,
                                                    nn::columns<real, Z> z, nn::columns<real, text_moods> mood, tape& tape) {
    const std::size_t B = texts.size;
    ctx.batch = B;
    ctx.lengths = texts.lengths;
    const nn::columns<real, W> x = ctx.scratch.template take_rows<real, W>(texts.rows()),
                               sum = ctx.scratch.template take_rows<real, W>(B);
    const nn::columns<real, joined_size> joined = ctx.scratch.template take_rows<real, joined_size>(B);
    Text::forward(be, ctx, p.template get<"text">(), texts, x, tape.text);
    recur::forward(be, ctx, p.template get<"reader">(), nn::constant(x), {}, tape.reader,
                   {{nn::part<0, R>(joined), {}}, {nn::part<R, R>(joined), {}}});
    // Beyond a text's end there are zeros, which a sum may count.
    const nn::columns<real, W> shares = ctx.scratch.template take_rows<real, W>(B);
    for (std::size_t b = 0; b < B; ++b) fill(be, real{1} / static_cast<real>(std::max(texts.lengths[b], 1)), shares.sub(b, 1));
    fill(be, real{0}, sum);
    for (std::size_t t = 0; t < texts.steps; ++t) add(be, nn::constant(x.sub(t * B, B)), sum);
    multiply(be, nn::constant(sum), nn::constant(shares), nn::part<2 * R, W>(joined));
    tape.shares = nn::constant(shares);
    squeeze::forward(be, ctx, p.template get<"vector">(), nn::constant(joined), z, tape.vector);
    mood_head::forward(be, ctx, p.template get<"mood">(), nn::constant(z), mood, tape.mood);
}

template <lyrics2lofi_config C, text_encoder Text, class Backend, lofi2lofi_dropout D>
void lyrics2lofi_network<C, Text, Backend, D>::read_backward(Backend& be, nn::context& ctx, params p, params dp,
                                                             const tape& tape, nn::columns<const real, Z> dz,
                                                             nn::columns<const real, text_moods> dmood) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = dmood.count(), N = tape.reader.onward.x.count();
    const nn::columns<real, Z> dvector = ctx.scratch.template take_rows<real, Z>(B);
    const nn::columns<real, joined_size> djoined = ctx.scratch.template take_rows<real, joined_size>(B);
    const nn::columns<real, W> dx = ctx.scratch.template take_rows<real, W>(N),
                               dmean = ctx.scratch.template take_rows<real, W>(B);
    mood_head::backward(be, ctx, p.template get<"mood">(), dp.template get<"mood">(), tape.mood, dmood, dvector);
    if (!dz.empty()) add(be, dz, dvector);
    squeeze::backward(be, ctx, p.template get<"vector">(), dp.template get<"vector">(), tape.vector, nn::constant(dvector),
                      djoined);
    recur::backward(be, ctx, p.template get<"reader">(), dp.template get<"reader">(), tape.reader, {}, dx,
                    {{nn::constant(nn::part<0, R>(djoined)), {}}, {nn::constant(nn::part<R, R>(djoined)), {}}});
    multiply(be, nn::constant(nn::part<2 * R, W>(djoined)), tape.shares, dmean);
    for (std::size_t t = 0; t < N / B; ++t) add(be, nn::constant(dmean), dx.sub(t * B, B));
    Text::backward(be, ctx, p.template get<"text">(), dp.template get<"text">(), tape.text, nn::constant(dx));
}

}  // namespace lofi::inline LOFI_ABI::model

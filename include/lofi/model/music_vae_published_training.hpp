#pragma once
// MusicVAE as published: bidirectional encoder, Gaussian latent, autoregressive decoder, flat or in two levels; with its loss.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/latent.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm_stack.hpp>
#include <lofi/token/drums.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What the steps are.
enum class music_vae_steps : std::uint8_t {
    melody,  ///< one of 90 classes, read as a one in 90 places
    drums    ///< one of 512 sets of nine drums, read as nine bits and one for silence
};

/// Sizes and weights of the loss of a published network.
struct music_vae_published_config {
    std::size_t encoder;  ///< hidden units a direction
    std::size_t latent;
    std::size_t decoder;  ///< hidden units of each LSTM
    std::size_t layers;   ///< LSTMs of the decoder
    double greatest_beta;
    double free_bits = 0;  ///< of a whole example that cost nothing
    music_vae_steps form = music_vae_steps::melody;
    std::size_t steps = 32;          ///< of a segment
    std::size_t segments = 1;        ///< more than one: a conductor makes a vector for each
    std::size_t conductor = 0;       ///< hidden units of each of its two LSTMs
    std::size_t encoder_layers = 1;  ///< 1 or 2
};
/// Two bars of melody, small and large. A bass line is a melody of the bass's programs and has the same network.
inline constexpr music_vae_published_config cat_mel_2bar_small{
    .encoder = 512, .latent = 256, .decoder = 256, .layers = 2, .greatest_beta = .2};
inline constexpr music_vae_published_config cat_mel_2bar_big{
    .encoder = 2048, .latent = 512, .decoder = 2048, .layers = 3, .greatest_beta = .5};
/// Two bars of drums.
inline constexpr music_vae_published_config cat_drums_2bar_small{.encoder = 512,
                                                                 .latent = 256,
                                                                 .decoder = 256,
                                                                 .layers = 2,
                                                                 .greatest_beta = .2,
                                                                 .free_bits = 48,
                                                                 .form = music_vae_steps::drums};
/// Sixteen bars of melody.
inline constexpr music_vae_published_config hierdec_mel_16bar{.encoder = 2048,
                                                              .latent = 512,
                                                              .decoder = 1024,
                                                              .layers = 2,
                                                              .greatest_beta = .2,
                                                              .free_bits = 256,
                                                              .steps = 16,
                                                              .segments = 16,
                                                              .conductor = 1024,
                                                              .encoder_layers = 2};

/// What a batch costs.
struct music_vae_cost {
    double nats = 0;        ///< of all steps
    double divergence = 0;  ///< of all examples, nats
    std::size_t steps = 0, right = 0, examples = 0;

    music_vae_cost& operator+=(const music_vae_cost& o) {
        nats += o.nats, divergence += o.divergence, steps += o.steps, right += o.right, examples += o.examples;
        return *this;
    }
    /// The evidence bound with the whole divergence, whatever beta was.
    [[nodiscard]] double bits_per_step() const {
        return (nats + divergence) / std::log(2.0) / static_cast<double>(std::max<std::size_t>(steps, 1));
    }
};

/// The network. Steps lie time-major: step t of example b at t*B + b.
/// source: Roberts, Engel, Raffel, Hawthorne, Eck: A Hierarchical Latent Vector Model for Learning Long-Term Structure in Music (2018),
/// and the sizes of its public code
template <music_vae_published_config C, class Backend>
struct music_vae_published {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr bool two_levels = C.segments > 1;
    static constexpr std::size_t V = C.form == music_vae_steps::melody ? token::melody_class::count : token::drum_ids;
    static constexpr std::size_t In = C.form == music_vae_steps::melody ? V : token::drum_classes + 1;
    static constexpr std::size_t E = C.encoder, Z = C.latent, H = C.decoder, S = C.segments, T = C.steps, steps = S * T;
    static constexpr std::size_t K = two_levels ? C.conductor : Z;  ///< width of what a segment is told
    static_assert(C.encoder_layers == 1 || C.encoder_layers == 2, "the encoder has one layer or two");

    static constexpr auto one = nn::biases::one;
    using encoder = nn::bidirectional<nn::lstm_config{.in = In, .hidden = E, .biases = one}, Backend>;
    using encoder_upper = nn::bidirectional<nn::lstm_config{.in = 2 * E, .hidden = E, .biases = one}, Backend>;
    using to_latent = nn::dense<nn::dense_config{.in = 2 * E, .out = Z}, Backend>;
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = Z, .form = nn::spread_form::softplus}, Backend>;
    using conductor =
        nn::lstm_stack<nn::lstm_stack_config{.in = 1, .hidden = two_levels ? C.conductor : 1, .layers = 2, .biases = one},
                       Backend>;
    using to_conductor = nn::dense<nn::dense_config{.in = Z, .out = conductor::states_size}, Backend>;
    using decoder =
        nn::lstm_stack<nn::lstm_stack_config{.in = In + K, .hidden = H, .layers = C.layers, .biases = one}, Backend>;
    using to_decoder = nn::dense<nn::dense_config{.in = K, .out = decoder::states_size}, Backend>;
    using logits = nn::dense<nn::dense_config{.in = H, .out = V}, Backend>;

    template <class... More>
    using with =
        nn::parts<nn::named<"encoder", encoder>, nn::named<"mean", to_latent>, nn::named<"deviation", to_latent>,
                  nn::named<"decoder_start", to_decoder>, nn::named<"decoder", decoder>, nn::named<"logits", logits>, More...>;
    using conducted = with<nn::named<"conductor_start", to_conductor>, nn::named<"conductor", conductor>>;
    using conducted_twice = with<nn::named<"conductor_start", to_conductor>, nn::named<"conductor", conductor>,
                                 nn::named<"encoder_upper", encoder_upper>>;
    using net =
        std::conditional_t<two_levels, std::conditional_t<C.encoder_layers == 2, conducted_twice, conducted>,
                           std::conditional_t<C.encoder_layers == 2, with<nn::named<"encoder_upper", encoder_upper>>, with<>>>;

    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;

    template <class F>
    static void visit(params p, F&& f) {
        net::visit(p, f);
    }
    /// Draws first values as TensorFlow 1 does: LSTMs Glorot over input and state together, forget bias 1; maps from and to the latent
    /// normal with .001; the rest Glorot.
    static void initialise(params, random_stream&, nn::scheme = nn::scheme::keras);

    /// Finds the posterior of each example. shapes: ids (steps*B); mean, deviation (B,Z), the latter before softplus
    static void encode(Backend&, nn::context&, params, std::span<const std::int32_t> ids, nn::columns<real, Z> mean,
                       nn::columns<real, Z> deviation);

    /// How a batch is learned from.
    struct learning {
        double beta = 1;
        double sampled = 0;  ///< share of the steps whose input is the network's own draw
        random_key key{};
        std::span<const real> noise{};  ///< (B*Z) of the latent; empty: drawn from the context
    };
    /// Computes what a batch costs, and with `dp` the gradients of (nats + beta * counted divergence) / B.
    /// The latent is drawn from the posterior whatever the context's mode.
    /// shapes: ids (steps*B)
    /// writes: dp +=
    static music_vae_cost loss(Backend&, nn::context&, params, std::span<const std::int32_t> ids, learning,
                               const params* dp = nullptr);

    /// Writes examples from latents. `choose(t, b, logits)` gets V logits and returns an id.
    /// shapes: z (B,Z); ids (steps*B)
    template <class Choose>
    static void write(Backend&, nn::context&, params, nn::columns<const real, Z> z, std::span<std::int32_t> ids,
                      Choose&& choose);

private:
    static constexpr double free_nats = C.free_bits * 0.69314718055994531;

    struct encoder_tape {
        typename encoder::tape lower;
        typename encoder_upper::tape upper;
        typename to_latent::tape mean, deviation;
    };
    struct told_tape {
        typename to_conductor::tape start;
        nn::columns<const real, conductor::states_size> states;
        typename conductor::tape lstm;
    };
    static nn::columns<real, In> read(nn::context&, std::span<const std::int32_t> ids);
    static void read(std::span<const std::int32_t> ids, nn::columns<real, In> x);
    static void encode(Backend&, nn::context&, params, std::span<const std::int32_t> ids, nn::columns<real, Z> mean,
                       nn::columns<real, Z> deviation, encoder_tape&);
    static void encode_backward(Backend&, nn::context&, params, const params& dp, const encoder_tape&,
                                nn::columns<const real, Z> dmean, nn::columns<const real, Z> ddeviation);
    /// What each segment is told, (S*B,K), segment s of example b at s*B + b.
    static nn::columns<const real, K> tell(Backend&, nn::context&, params, nn::columns<const real, Z> z, told_tape&);
    static void tell_backward(Backend&, nn::context&, params, const params& dp, const told_tape&,
                              nn::columns<const real, K> dtold, nn::columns<real, Z> dz);
    /// Writes Q segments side by side. ids ((T+1)*Q): the first row is given, the rest written
    template <class Choose>
    static void write_segments(Backend&, nn::context&, params, nn::columns<const real, K> told, std::span<std::int32_t> ids,
                               Choose&& choose);
};

// ---------------------------------------------------------------- bodies

namespace detail {

// First values of an LSTM whose input and state are one matrix in the original.
template <class Params>
void fill_joined(const Params& p, std::size_t in, std::size_t hidden, random_stream& random) {
    const double bound = nn::glorot_bound(in + hidden, 4 * hidden);
    nn::fill_uniform(p.ih.w.flat(), bound, random);
    nn::fill_uniform(p.hh.w.flat(), bound, random);
    std::fill_n(p.ih.b, 4 * hidden, 0);
    std::fill_n(p.ih.b + hidden, hidden, 1);
}

// Draws from a softmax.
template <class Real>
std::int32_t draw(const Real* logits, std::size_t count, random_stream& random) {
    const double most = static_cast<double>(*std::max_element(logits, logits + count));
    double sum = 0;
    for (std::size_t v = 0; v < count; ++v) sum += std::exp(static_cast<double>(logits[v]) - most);
    double left = static_cast<double>(uniform_unit(random)) * sum;
    for (std::size_t v = 0; v < count; ++v)
        if ((left -= std::exp(static_cast<double>(logits[v]) - most)) < 0) return static_cast<std::int32_t>(v);
    return static_cast<std::int32_t>(std::max_element(logits, logits + count) - logits);
}

}  // namespace detail

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::initialise(params p, random_stream& random, nn::scheme) {
    net::initialise(p, random, nn::scheme::keras);
    const auto both = [&](const auto& ways, std::size_t in) {
        detail::fill_joined(ways.onward, in, E, random);
        detail::fill_joined(ways.reverse, in, E, random);
    };
    const auto stack = [&](const auto& s, std::size_t in, std::size_t hidden) {
        detail::fill_joined(s.first, in, hidden, random);
        for (const auto& r : s.rest) detail::fill_joined(r, hidden, hidden, random);
    };
    const auto small = [&](const auto& map) { nn::fill_normal(map.w.flat(), .001, random); };
    both(p.template get<"encoder">(), In);
    if constexpr (C.encoder_layers == 2) both(p.template get<"encoder_upper">(), 2 * E);
    small(p.template get<"mean">());
    small(p.template get<"deviation">());
    if constexpr (two_levels) {
        small(p.template get<"conductor_start">());
        stack(p.template get<"conductor">(), 1, C.conductor);
    }
    small(p.template get<"decoder_start">());
    stack(p.template get<"decoder">(), In + K, H);
}

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::read(std::span<const std::int32_t> ids, nn::columns<real, In> x) {
    for (std::size_t n = 0; n < ids.size(); ++n) {
        std::fill_n(x.row(n), In, real{0});
        if (ids[n] < 0) continue;
        LOFI_ASSERT(ids[n] < static_cast<std::int32_t>(V), "a step is one of the network's classes");
        if constexpr (C.form == music_vae_steps::melody) {
            x.row(n)[ids[n]] = 1;
        } else {
            for (std::size_t k = 0; k < token::drum_classes; ++k) x.row(n)[k] = (ids[n] >> k & 1) != 0 ? 1 : 0;
            x.row(n)[token::drum_classes] = ids[n] == 0 ? 1 : 0;
        }
    }
}

template <music_vae_published_config C, class Backend>
auto music_vae_published<C, Backend>::read(nn::context& ctx, std::span<const std::int32_t> ids) -> nn::columns<real, In> {
    const nn::columns<real, In> x = ctx.scratch.template take_rows<real, In>(ids.size());
    read(ids, x);
    return x;
}

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::encode(Backend& be, nn::context& ctx, params p, std::span<const std::int32_t> ids,
                                             nn::columns<real, Z> mean, nn::columns<real, Z> deviation) {
    const nn::scratch_scope scope(ctx.scratch);
    encoder_tape unused;
    encode(be, ctx, p, ids, mean, deviation, unused);
}

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::encode(Backend& be, nn::context& ctx, params p, std::span<const std::int32_t> ids,
                                             nn::columns<real, Z> mean, nn::columns<real, Z> deviation, encoder_tape& tape) {
    const std::size_t B = mean.count();
    LOFI_ASSERT(ids.size() == steps * B, "a batch has as many steps as the network is long");
    ctx.batch = B;
    ctx.lengths = {};
    const nn::columns<real, In> x = read(ctx, ids);
    const nn::columns<real, 2 * E> last = ctx.scratch.template take_rows<real, 2 * E>(B);
    const nn::both_states<real, E> ends{{nn::part<0, E>(last), {}}, {nn::part<E, E>(last), {}}};
    const nn::columns<real, 2 * E> y = ctx.scratch.template take_rows<real, 2 * E>(ids.size());
    if constexpr (C.encoder_layers == 2) {
        encoder::forward(be, ctx, p.template get<"encoder">(), nn::constant(x), y, tape.lower);
        const nn::columns<real, 2 * E> above = ctx.scratch.template take_rows<real, 2 * E>(ids.size());
        encoder_upper::forward(be, ctx, p.template get<"encoder_upper">(), nn::constant(y), above, tape.upper, ends);
    } else {
        encoder::forward(be, ctx, p.template get<"encoder">(), nn::constant(x), y, tape.lower, ends);
    }
    to_latent::forward(be, ctx, p.template get<"mean">(), nn::constant(last), mean, tape.mean);
    to_latent::forward(be, ctx, p.template get<"deviation">(), nn::constant(last), deviation, tape.deviation);
}

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::encode_backward(Backend& be, nn::context& ctx, params p, const params& dp,
                                                      const encoder_tape& tape, nn::columns<const real, Z> dmean,
                                                      nn::columns<const real, Z> ddeviation) {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = dmean.count(), N = steps * B;
    ctx.batch = B;
    const nn::columns<real, 2 *E> dlast = ctx.scratch.template take_rows<real, 2 * E>(B),
                                  more = ctx.scratch.template take_rows<real, 2 * E>(B),
                                  dy = ctx.scratch.template take_rows<real, 2 * E>(N);
    to_latent::backward(be, ctx, p.template get<"mean">(), dp.template get<"mean">(), tape.mean, dmean, dlast);
    to_latent::backward(be, ctx, p.template get<"deviation">(), dp.template get<"deviation">(), tape.deviation, ddeviation,
                        more);
    add(be, nn::constant(more), dlast);
    const nn::both_states<const real, E> ends{{nn::constant(nn::part<0, E>(dlast)), {}},
                                              {nn::constant(nn::part<E, E>(dlast)), {}}};
    fill(be, real{0}, dy);
    if constexpr (C.encoder_layers == 2) {
        const nn::columns<real, 2 * E> dbelow = ctx.scratch.template take_rows<real, 2 * E>(N);
        encoder_upper::backward(be, ctx, p.template get<"encoder_upper">(), dp.template get<"encoder_upper">(), tape.upper,
                                nn::constant(dy), dbelow, ends);
        encoder::backward(be, ctx, p.template get<"encoder">(), dp.template get<"encoder">(), tape.lower, nn::constant(dbelow),
                          {});
    } else {
        encoder::backward(be, ctx, p.template get<"encoder">(), dp.template get<"encoder">(), tape.lower, nn::constant(dy), {},
                          ends);
    }
}

template <music_vae_published_config C, class Backend>
auto music_vae_published<C, Backend>::tell(Backend& be, nn::context& ctx, params p, nn::columns<const real, Z> z,
                                           told_tape& tape) -> nn::columns<const real, K> {
    if constexpr (!two_levels) {
        return z;
    } else {
        const std::size_t B = z.count();
        ctx.batch = B;
        const nn::columns<real, conductor::states_size> states =
            ctx.scratch.template take_rows<real, conductor::states_size>(B);
        to_conductor::forward(be, ctx, p.template get<"conductor_start">(), z, states, tape.start);
        map(be, nn::function::tanh, nn::constant(states), states);
        tape.states = states;
        // The conductor hears nothing: where it is, its states tell.
        const nn::columns<real, 1> silence = ctx.scratch.template take_rows<real, 1>(S * B);
        fill(be, real{0}, silence);
        const nn::columns<real, K> told = ctx.scratch.template take_rows<real, K>(S * B);
        conductor::forward(be, ctx, p.template get<"conductor">(), nn::constant(silence), told, tape.lstm,
                           nn::constant(states));
        return told;
    }
}

template <music_vae_published_config C, class Backend>
void music_vae_published<C, Backend>::tell_backward(Backend& be, nn::context& ctx, params p, const params& dp,
                                                    const told_tape& tape, nn::columns<const real, K> dtold,
                                                    nn::columns<real, Z> dz) {
    if constexpr (!two_levels) {
        copy(be, dtold, dz);
    } else {
        const nn::scratch_scope scope(ctx.scratch);
        const std::size_t B = dz.count();
        ctx.batch = B;
        const nn::columns<real, conductor::states_size> dstates =
            ctx.scratch.template take_rows<real, conductor::states_size>(B);
        conductor::backward(be, ctx, p.template get<"conductor">(), dp.template get<"conductor">(), tape.lstm, dtold, {},
                            dstates);
        map_backward(be, nn::function::tanh, tape.states, nn::constant(dstates), dstates);
        to_conductor::backward(be, ctx, p.template get<"conductor_start">(), dp.template get<"conductor_start">(), tape.start,
                               nn::constant(dstates), dz);
    }
}

template <music_vae_published_config C, class Backend>
template <class Choose>
void music_vae_published<C, Backend>::write_segments(Backend& be, nn::context& ctx, params p, nn::columns<const real, K> told,
                                                     std::span<std::int32_t> ids, Choose&& choose) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t Q = told.count();
    ctx.batch = Q;
    ctx.lengths = {};
    const nn::columns<real, decoder::states_size> states = ctx.scratch.template take_rows<real, decoder::states_size>(Q);
    to_decoder::forward(be, ctx, p.template get<"decoder_start">(), told, states, nn::no_tape{});
    map(be, nn::function::tanh, nn::constant(states), states);
    const nn::columns<real, In + K> x = ctx.scratch.template take_rows<real, In + K>(Q);
    const nn::columns<real, H> h = ctx.scratch.template take_rows<real, H>(Q);
    const nn::columns<real, V> y = ctx.scratch.template take_rows<real, V>(Q);
    copy(be, told, nn::part<In, K>(x));
    for (std::size_t t = 0; t < T; ++t) {
        read(ids.subspan(t * Q, Q), nn::part<0, In>(x));
        decoder::forward(be, ctx, p.template get<"decoder">(), nn::constant(x), h, nn::no_tape{}, nn::constant(states), states);
        logits::forward(be, ctx, p.template get<"logits">(), nn::constant(h), y, nn::no_tape{});
        for (std::size_t q = 0; q < Q; ++q) ids[(t + 1) * Q + q] = choose(t, q, std::span<const real>(y.row(q), V));
    }
}

template <music_vae_published_config C, class Backend>
template <class Choose>
void music_vae_published<C, Backend>::write(Backend& be, nn::context& ctx, params p, nn::columns<const real, Z> z,
                                            std::span<std::int32_t> ids, Choose&& choose) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = z.count();
    LOFI_ASSERT(ids.size() == steps * B, "a batch has as many steps as the network is long");
    told_tape unused;
    const nn::columns<const real, K> told = tell(be, ctx, p, z, unused);
    std::vector<std::int32_t> written((T + 1) * B, -1);
    for (std::size_t s = 0; s < S; ++s) {
        write_segments(be, ctx, p, told.sub(s * B, B), written,
                       [&](std::size_t t, std::size_t b, std::span<const real> y) { return choose(s * T + t, b, y); });
        std::copy(written.begin() + static_cast<std::ptrdiff_t>(B), written.end(),
                  ids.begin() + static_cast<std::ptrdiff_t>(s * T * B));
        std::copy(written.end() - static_cast<std::ptrdiff_t>(B), written.end(), written.begin());
    }
}

template <music_vae_published_config C, class Backend>
music_vae_cost music_vae_published<C, Backend>::loss(Backend& be, nn::context& ctx, params p, std::span<const std::int32_t> ids,
                                                     learning how, const params* dp) {
    const nn::scratch_scope whole(ctx.scratch);
    const std::size_t B = ids.size() / steps, Q = S * B, N = T * Q;
    LOFI_ASSERT(B > 0 && ids.size() == steps * B, "a batch has as many steps as the network is long");
    auto& scratch = ctx.scratch;
    const real scale = real(1) / static_cast<real>(B);

    encoder_tape encoded;
    const nn::columns<real, Z> mean = scratch.template take_rows<real, Z>(B),
                               deviation = scratch.template take_rows<real, Z>(B), z = scratch.template take_rows<real, Z>(B),
                               noise = scratch.template take_rows<real, Z>(B);
    encode(be, ctx, p, ids, mean, deviation, encoded);
    if (how.noise.empty())
        normal_noise(be, ctx.draw(), std::span<real>(noise.data(), B * Z));
    else
        std::copy(how.noise.begin(), how.noise.end(), noise.data());
    gaussian_sample(be, nn::spread_form::softplus, nn::constant(mean), nn::constant(deviation), nn::constant(noise), z);
    told_tape told_record;
    const nn::columns<const real, K> told = tell(be, ctx, p, nn::constant(z), told_record);

    // Segment s of example b is sequence q = s*B + b; its step t is step s*T + t of the example, and sees the step before it.
    std::vector<std::int32_t> feed(N), targets(N);
    for (std::size_t t = 0; t < T; ++t)
        for (std::size_t s = 0; s < S; ++s)
            for (std::size_t b = 0; b < B; ++b) {
                const std::size_t at = t * Q + s * B + b, g = s * T + t;
                targets[at] = ids[g * B + b];
                feed[at] = g == 0 ? -1 : ids[(g - 1) * B + b];
            }
    if (how.sampled > 0) {
        // What is fed is chosen, not computed: so it is chosen first, and learned from as if it were given.
        std::vector<std::int32_t> own(feed.begin(), feed.end());
        own.resize(N + Q);
        random_stream random(how.key);
        write_segments(be, ctx, p, told, own, [&](std::size_t t, std::size_t q, std::span<const real> y) {
            const bool use_own = static_cast<double>(uniform_unit(random)) < how.sampled;
            return use_own ? detail::draw(y.data(), V, random) : targets[t * Q + q];
        });
        std::copy_n(own.begin(), N, feed.begin());
    }

    ctx.batch = Q;
    ctx.lengths = {};
    typename to_decoder::tape start_tape;
    typename decoder::tape decoder_tape;
    typename logits::tape logits_tape;
    const nn::columns<real, decoder::states_size> states = scratch.template take_rows<real, decoder::states_size>(Q);
    to_decoder::forward(be, ctx, p.template get<"decoder_start">(), told, states, start_tape);
    map(be, nn::function::tanh, nn::constant(states), states);
    const nn::columns<real, In + K> x = scratch.template take_rows<real, In + K>(N);
    read(feed, nn::part<0, In>(x));
    for (std::size_t t = 0; t < T; ++t) copy(be, told, nn::part<In, K>(x).sub(t * Q, Q));
    const nn::columns<real, H> h = scratch.template take_rows<real, H>(N);
    const nn::columns<real, V> y = scratch.template take_rows<real, V>(N);
    const nn::columns<real, V> dy = scratch.template take_rows<real, V>(dp != nullptr ? N : 0);
    decoder::forward(be, ctx, p.template get<"decoder">(), nn::constant(x), h, decoder_tape, nn::constant(states));
    logits::forward(be, ctx, p.template get<"logits">(), nn::constant(h), y, logits_tape);
    const auto r = nn::cross_entropy(be, y, std::span<const std::int32_t>(targets), dy, {.scale = scale});

    music_vae_cost out{r.sum, 0, r.count, r.correct, B};
    const nn::columns<real, Z> dmean = scratch.template take_rows<real, Z>(dp != nullptr ? B : 0),
                               ddeviation = scratch.template take_rows<real, Z>(dp != nullptr ? B : 0);
    if (dp != nullptr) {
        const nn::scratch_scope scope(scratch);
        const nn::columns<real, H> dh = scratch.template take_rows<real, H>(N);
        const nn::columns<real, In + K> dx = scratch.template take_rows<real, In + K>(N);
        const nn::columns<real, decoder::states_size> dstates = scratch.template take_rows<real, decoder::states_size>(Q);
        const nn::columns<real, K> dtold = scratch.template take_rows<real, K>(Q);
        const nn::columns<real, Z> dz = scratch.template take_rows<real, Z>(B);
        logits::backward(be, ctx, p.template get<"logits">(), dp->template get<"logits">(), logits_tape, nn::constant(dy), dh);
        decoder::backward(be, ctx, p.template get<"decoder">(), dp->template get<"decoder">(), decoder_tape, nn::constant(dh),
                          dx, dstates);
        map_backward(be, nn::function::tanh, nn::constant(states), nn::constant(dstates), dstates);
        to_decoder::backward(be, ctx, p.template get<"decoder_start">(), dp->template get<"decoder_start">(), start_tape,
                             nn::constant(dstates), dtold);
        for (std::size_t t = 0; t < T; ++t) add(be, nn::constant(nn::part<In, K>(dx).sub(t * Q, Q)), dtold);
        tell_backward(be, ctx, p, *dp, told_record, nn::constant(dtold), dz);
        copy(be, nn::constant(dz), dmean);
        gaussian_sample_backward(be, nn::spread_form::softplus, nn::constant(deviation), nn::constant(noise), nn::constant(dz),
                                 ddeviation);
    }
    // The free bits are an example's, so each example's divergence is looked at by itself.
    const std::span<double> parts = scratch.template take<double>(Z);
    const std::span<real> factors = scratch.template take<real>(Z);
    std::fill(factors.begin(), factors.end(), static_cast<real>(how.beta) * scale);
    for (std::size_t b = 0; b < B; ++b) {
        gaussian_divergence(be, nn::spread_form::softplus, nn::constant(mean.sub(b, 1)), nn::constant(deviation.sub(b, 1)),
                            parts);
        double sum = 0;
        for (const double d : parts) sum += d;
        out.divergence += sum;
        if (dp != nullptr && sum > free_nats)
            gaussian_divergence_backward(be, nn::spread_form::softplus, nn::constant(mean.sub(b, 1)),
                                         nn::constant(deviation.sub(b, 1)), std::span<const real>(factors), dmean.sub(b, 1),
                                         ddeviation.sub(b, 1));
    }
    if (dp != nullptr) encode_backward(be, ctx, p, *dp, encoded, nn::constant(dmean), nn::constant(ddeviation));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model

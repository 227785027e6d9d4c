#pragma once
// The improved Lofi2Lofi, whole: encoder, latent and decoder over batches, forward and backward.
#include <cstddef>
#include <span>

#include <lofi/model/lofi2lofi_decoder_training.hpp>
#include <lofi/nn/latent.hpp>

namespace lofi::inline LOFI_ABI::model {

/// The whole network. The decoder's weights stand last in the arena, in the order of `lofi2lofi_decoder::params`.
template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D = lofi2lofi_dropout{}>
struct lofi2lofi_network {
    using real = typename Backend::real;
    static constexpr std::size_t Z = C.latent, E = C.encoder;
    template <backend::time_order Order>
    using way = nn::bag_lstm<nn::bag_lstm_config{
                                 .vocabulary = encoder_table, .ids = encoder_ids, .constant = 1, .hidden = E, .order = Order},
                             Backend>;
    using onward = way<backend::time_order::onward>;
    using reverse = way<backend::time_order::reverse>;
    using posterior = nn::dense<nn::dense_config{.in = 2 * E, .out = 2 * Z}, Backend>;
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = Z}, Backend>;
    using decoder = lofi2lofi_trained_decoder<C, Backend, D>;

    struct params {
        typename onward::params onward_lstm;
        typename reverse::params reverse_lstm;
        typename posterior::params mean_and_variance;
        typename decoder::params decode;
        static constexpr params bind(auto& at) {
            return {onward::params::bind(at), reverse::params::bind(at), posterior::params::bind(at),
                    decoder::params::bind(at)};
        }
    };
    static constexpr std::size_t parameter_count =
        onward::parameter_count + reverse::parameter_count + posterior::parameter_count + decoder::parameter_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        nn::visit_as<onward>("encoder.onward", p.onward_lstm, f);
        nn::visit_as<reverse>("encoder.reverse", p.reverse_lstm, f);
        nn::visit_as<posterior>("encoder.posterior", p.mean_and_variance, f);
        nn::visit_as<decoder>("decoder", p.decode, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        onward::initialise(p.onward_lstm, random, s);
        reverse::initialise(p.reverse_lstm, random, s);
        posterior::initialise(p.mean_and_variance, random, s);
        decoder::initialise(p.decode, random, s);
    }

    struct encoder_tape {
        typename onward::tape onward_lstm;
        typename reverse::tape reverse_lstm;
        typename posterior::tape dense;
    };
    /// Finds the posterior of each phrase.
    /// shapes: y (B,2Z): mean, then log-variance
    static void encode(Backend&, nn::context&, params, const lead_batch&, nn::columns<real, 2 * Z> y, encoder_tape&);
    static void encode_backward(Backend&, nn::context&, params, params dp, const encoder_tape&,
                                nn::columns<const real, 2 * Z> dy);

    /// Finds what each phrase costs given its latent: `lofi2lofi_trained_decoder::decode`.
    static void decode(Backend& be, nn::context& ctx, params p, const lead_batch& b, nn::columns<const real, Z> z,
                       std::span<phrase_cost> costs, params* dp = nullptr, real scale = 0, nn::columns<real, Z> dz = {}) {
        decoder::decode(be, ctx, p.decode, b, z, costs, dp != nullptr ? &dp->decode : nullptr, scale, dz);
    }
};

// ---------------------------------------------------------------- bodies

template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D>
void lofi2lofi_network<C, Backend, D>::encode(Backend& be, nn::context& ctx, params p, const lead_batch& b,
                                              nn::columns<real, 2 * Z> y, encoder_tape& tape) {
    ctx.batch = b.size;
    ctx.lengths = b.encoder_lengths;
    const auto last = ctx.scratch.template take_rows<real, 2 * E>(b.size);
    // The vector that stays the same says whether there is a melody to see.
    const auto seen = ctx.scratch.template take_rows<real, 1>(b.size);
    fill(be, b.has_melody ? real{1} : real{0}, nn::columns<real, 1>(seen));
    const nn::columns<const real, 1> z = nn::constant(seen);
    onward::forward(be, ctx, p.onward_lstm, b.encoder_ids, z, {}, tape.onward_lstm, nn::part<0, E>(last));
    reverse::forward(be, ctx, p.reverse_lstm, b.encoder_ids, z, {}, tape.reverse_lstm, nn::part<E, E>(last));
    posterior::forward(be, ctx, p.mean_and_variance, nn::constant(last), y, tape.dense);
}

template <lofi2lofi_config C, class Backend, lofi2lofi_dropout D>
void lofi2lofi_network<C, Backend, D>::encode_backward(Backend& be, nn::context& ctx, params p, params dp,
                                                       const encoder_tape& tape, nn::columns<const real, 2 * Z> dy) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, 2 * E> dlast = ctx.scratch.template take_rows<real, 2 * E>(dy.count());
    posterior::backward(be, ctx, p.mean_and_variance, dp.mean_and_variance, tape.dense, dy, dlast);
    onward::backward(be, ctx, p.onward_lstm, dp.onward_lstm, tape.onward_lstm, {}, {}, nn::constant(nn::part<0, E>(dlast)));
    reverse::backward(be, ctx, p.reverse_lstm, dp.reverse_lstm, tape.reverse_lstm, {}, {}, nn::constant(nn::part<E, E>(dlast)));
}

}  // namespace lofi::inline LOFI_ABI::model

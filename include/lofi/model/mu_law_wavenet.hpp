#pragma once
// The WaveNet of paper 002: from the mu-law classes so far to the 256 logits of the next one.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/audio/mu_law.hpp>
#include <lofi/nn/activation.hpp>
#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/density.hpp>
#include <lofi/nn/embedding.hpp>
#include <lofi/nn/sequence.hpp>
#include <lofi/nn/wavenet.hpp>

namespace lofi::inline LOFI_ABI::model {

struct mu_law_wavenet_config {
    std::size_t layers = 20;  ///< 10 to 30: dilations 1 to 512, and again
    std::size_t residual = 32, skip = 64;
};

/// One-hot classes through a 1x1 convolution (a table of rows), gated layers, and two 1x1 convolutions after ReLUs.
/// source: van den Oord et al.: WaveNet (2016); paper 002
template <mu_law_wavenet_config C, class Backend>
struct mu_law_wavenet {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t V = 256, R = C.residual, S = C.skip, out_size = V;
    using embed = nn::embedding<nn::embedding_config{.vocabulary = V, .width = R}, Backend>;
    using stack =
        nn::wavenet_stack<nn::wavenet_config{.residual = R, .gates = R, .skip = S, .layers = C.layers, .cycle = 10}, Backend>;
    template <std::size_t In, std::size_t Out>
    using point = nn::conv1d<nn::conv1d_config{.in = In, .out = Out, .kernel = 1}, Backend>;
    using head = nn::sequence<nn::relu<S, Backend>, point<S, S>, nn::relu<S, Backend>, point<S, V>>;
    using net = nn::parts<nn::named<"classes", embed>, nn::named<"stack", stack>, nn::named<"head", head>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    static constexpr std::size_t receptive_field = stack::receptive_field;
    struct state {
        typename stack::state stack_state;
        typename head::state head_state;
    };

    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    /// The table begins with the classes in order, so that loud and soft are told apart from the first step.
    static void initialise(const params& p, random_stream& random, nn::scheme s) {
        net::initialise(p, random, s);
        const std::span<real> table = p.template get<"classes">().w.flat();
        for (std::size_t v = 0; v < V; ++v) {
            for (std::size_t i = 0; i < R; ++i) table[v * R + i] *= real(0.3);
            table[v * R] = static_cast<real>(static_cast<double>(v) / 127.5 - 1);
            table[v * R + 1] =
                static_cast<real>(8 * static_cast<double>(audio::decode_mu_law_256(static_cast<std::uint8_t>(v))));
        }
    }

    /// Hears a class, gives the logits of the next.
    /// realtime: yes
    static void step(Backend& be, const params& p, state& s, std::uint8_t heard, frame<real, V> logits) noexcept {
        std::array<real, R> x;
        std::array<real, S> y;
        const std::array<std::int32_t, 1> id{heard};
        gather(be, p.template get<"classes">().w, id, nn::columns<real, R>(x.data(), 1));
        stack::step(be, p.template get<"stack">(), s.stack_state, frame<const real, R>(x), frame<real, S>(y));
        head::step(be, p.template get<"head">(), s.head_state, frame<const real, S>(y), logits);
    }
};

}  // namespace lofi::inline LOFI_ABI::model

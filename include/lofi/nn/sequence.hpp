#pragma once
// Layers one after the other, as one layer.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Runs layers one after the other. Its tensors are named "0.weight", "1.bias", ... by the place of the layer, as PyTorch's
/// Sequential. Neighbours that do not fit are refused: `layer<2>, gives<256>, layer<3>, takes<128>`.
template <class First, class... Rest>
struct sequence;

namespace detail {

template <std::size_t>
struct layer;
template <std::size_t>
struct gives;
template <std::size_t>
struct takes;

/// Neighbours in a sequence. The compiler names this type, and with it the places and sizes, where they do not fit.
template <class Layer, class Gives, class Next, class Takes>
struct neighbours;
template <std::size_t Layer, std::size_t Gives, std::size_t Next, std::size_t Takes>
struct neighbours<layer<Layer>, gives<Gives>, layer<Next>, takes<Takes>> {
    static_assert(
        Gives == Takes,
        "neighbouring layers do not fit: neighbours<layer<A>, gives<G>, layer<B>, takes<T>> above reads 'layer A gives G "
        "features, layer B takes T'");
    static constexpr bool fit = Gives == Takes;
};

}  // namespace detail

template <class First, class... Rest>
struct sequence {
    using backend_type = typename First::backend_type;
    using real = typename First::real;
    static constexpr std::size_t layer_count = 1 + sizeof...(Rest);
    template <std::size_t I>
    using layer = std::tuple_element_t<I, std::tuple<First, Rest...>>;
    static constexpr std::size_t in_size = First::in_size, out_size = layer<layer_count - 1>::out_size;

    template <std::size_t... I>
    static constexpr bool all_fit(std::index_sequence<I...>) {
        return (true && ... &&
                detail::neighbours<detail::layer<I>, detail::gives<layer<I>::out_size>, detail::layer<I + 1>,
                                   detail::takes<layer<I + 1>::in_size>>::fit);
    }
    static_assert(all_fit(std::make_index_sequence<layer_count - 1>{}));

    struct params {
        std::tuple<typename First::params, typename Rest::params...> all;
        static constexpr params bind(auto& at) {
            return {std::tuple<typename First::params, typename Rest::params...>{First::params::bind(at),
                                                                                 Rest::params::bind(at)...}};
        }
    };
    static constexpr std::size_t parameter_count = (First::parameter_count + ... + Rest::parameter_count);
    static constexpr std::size_t buffer_count = (First::buffer_count + ... + Rest::buffer_count);
    using tape = std::tuple<typename First::tape, typename Rest::tape...>;
    struct state {
        std::tuple<typename First::state, typename Rest::state...> all;
    };

    static void forward(backend_type& be, context& ctx, const params& p, columns<const real, in_size> x,
                        columns<real, out_size> y, tape& tape) {
        forward_from<0>(be, ctx, p, x, y, tape);
    }
    static void forward(backend_type& be, context& ctx, const params& p, columns<const real, in_size> x,
                        columns<real, out_size> y, no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward_from<0>(be, ctx, p, x, y, unused);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(backend_type& be, context& ctx, const params& p, const params& dp, const tape& tape,
                         columns<const real, out_size> dy, columns<real, in_size> dx) {
        const scratch_scope scope(ctx.scratch);
        backward_from<layer_count - 1>(be, ctx, p, dp, tape, dy, dx);
    }
    /// realtime: yes
    static void step(backend_type& be, const params& p, state& s, frame<const real, in_size> x,
                     frame<real, out_size> y) noexcept {
        step_from<0>(be, p, s, x, y);
    }

    /// Steps over a block of frames.
    /// realtime: yes
    static void process(backend_type& be, const params& p, state& s, columns<const real, in_size> x,
                        columns<real, out_size> y) noexcept {
        for (std::size_t first = 0; first < x.count(); first += block_frames) {
            const std::size_t n = std::min(block_frames, x.count() - first);
            process_from<0>(be, p, s, x.sub(first, n), y.sub(first, n));
        }
    }

    template <class F>
    static void visit(const params& p, F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit_as<layer<I>>(std::to_string(I), std::get<I>(p.all), f), ...);
        }
        (std::make_index_sequence<layer_count>{});
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (layer<I>::initialise(std::get<I>(p.all), random, s), ...); }
        (std::make_index_sequence<layer_count>{});
    }

private:
    template <std::size_t I>
    static void forward_from(backend_type& be, context& ctx, const params& p, columns<const real, layer<I>::in_size> x,
                             columns<real, out_size> y, tape& tape) {
        if constexpr (I + 1 == layer_count) {
            layer<I>::forward(be, ctx, std::get<I>(p.all), x, y, std::get<I>(tape));
        } else {
            const columns<real, layer<I>::out_size> between = ctx.scratch.take_rows<real, layer<I>::out_size>(x.count());
            layer<I>::forward(be, ctx, std::get<I>(p.all), x, between, std::get<I>(tape));
            forward_from<I + 1>(be, ctx, p, between, y, tape);
        }
    }

    template <std::size_t I>
    static void backward_from(backend_type& be, context& ctx, const params& p, const params& dp, const tape& tape,
                              columns<const real, layer<I>::out_size> dy, columns<real, in_size> dx) {
        if constexpr (I == 0) {
            layer<I>::backward(be, ctx, std::get<I>(p.all), std::get<I>(dp.all), std::get<I>(tape), dy, dx);
        } else {
            const columns<real, layer<I>::in_size> between = ctx.scratch.take_rows<real, layer<I>::in_size>(dy.count());
            layer<I>::backward(be, ctx, std::get<I>(p.all), std::get<I>(dp.all), std::get<I>(tape), dy, between);
            backward_from<I - 1>(be, ctx, p, dp, tape, between, dx);
        }
    }

    template <std::size_t I>
    static void step_from(backend_type& be, const params& p, state& s, frame<const real, layer<I>::in_size> x,
                          frame<real, out_size> y) noexcept {
        if constexpr (I + 1 == layer_count) {
            layer<I>::step(be, std::get<I>(p.all), std::get<I>(s.all), x, y);
        } else {
            std::array<real, layer<I>::out_size> between;
            layer<I>::step(be, std::get<I>(p.all), std::get<I>(s.all), x, frame<real, layer<I>::out_size>(between));
            step_from<I + 1>(be, p, s, frame<const real, layer<I>::out_size>(between), y);
        }
    }

    template <std::size_t I>
    static void process_from(backend_type& be, const params& p, state& s, columns<const real, layer<I>::in_size> x,
                             columns<real, out_size> y) noexcept {
        if constexpr (I + 1 == layer_count) {
            nn::process<layer<I>>(be, std::get<I>(p.all), std::get<I>(s.all), x, y);
        } else {
            std::array<real, block_frames * layer<I>::out_size> between;
            const columns<real, layer<I>::out_size> out(between.data(), x.count());
            nn::process<layer<I>>(be, std::get<I>(p.all), std::get<I>(s.all), x, out);
            process_from<I + 1>(be, p, s, out, y);
        }
    }
};

}  // namespace lofi::inline LOFI_ABI::nn

#pragma once
// Gated dilated convolutions with residuals, skips and conditions: the body of a WaveNet.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lofi/nn/conv1d.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct wavenet_config {
    std::size_t residual, gates, skip;  ///< channels
    std::size_t kernel = 2;
    std::size_t layers = 10;
    std::size_t cycle = 10;     ///< dilations 1, 2, ..., 2^(cycle-1), and again
    std::size_t condition = 0;  ///< features beside each input row that steer every gate: key, tempo, chord, energy
};

/// Widths of one layer: layers of stacks of any depth are the same types.
struct wavenet_layer_config {
    std::size_t residual, gates, skip, kernel, condition;
};

/// One layer: z = dilated convolution of x + 1x1 of the condition; g = tanh(z_a) sigmoid(z_b); skips += 1x1 g; y = x + 1x1 g.
/// source: van den Oord et al.: WaveNet (2016), 2.3 to 2.5
template <wavenet_layer_config C, std::size_t Dilation, class Backend>
struct wavenet_layer {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t R = C.residual, G = C.gates, S = C.skip;
    static constexpr bool conditioned = C.condition > 0;
    using conv = conv1d<conv1d_config{.in = R, .out = 2 * G, .kernel = C.kernel, .dilation = Dilation}, Backend>;
    using steer =
        conv1d<conv1d_config{.in = conditioned ? C.condition : 1, .out = 2 * G, .kernel = 1, .bias = bias::none}, Backend>;
    using skip = conv1d<conv1d_config{.in = G, .out = S, .kernel = 1}, Backend>;
    using residual = conv1d<conv1d_config{.in = G, .out = R, .kernel = 1}, Backend>;

    static constexpr std::size_t past = conv::past;
    static constexpr std::size_t parameter_count =
        conv::parameter_count + skip::parameter_count + residual::parameter_count + (conditioned ? steer::parameter_count : 0);

    struct params {
        typename conv::params conv_params;
        typename steer::params steer_params;
        typename skip::params skip_params;
        typename residual::params residual_params;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            p.conv_params = conv::params::bind(at);
            if constexpr (conditioned) p.steer_params = steer::params::bind(at);
            p.skip_params = skip::params::bind(at), p.residual_params = residual::params::bind(at);
            return p;
        }
    };
    struct tape {
        typename conv::tape conv_tape;
        typename steer::tape steer_tape;
        typename skip::tape skip_tape;
        typename residual::tape residual_tape;
        columns<const real, 2 * G> z;  ///< values of both halves of the gate
    };
    struct state {
        typename conv::state conv_state;
    };

    /// writes: y = unless empty, skips +=
    static void forward(Backend&, context&, const params&, columns<const real, R> x, columns<const real, C.condition> condition,
                        columns<real, R> y, columns<real, S> skips, tape&);
    /// writes: dp +=, dx =, dcondition += unless empty
    static void backward(Backend&, context&, const params&, const params& dp, const tape&, columns<const real, R> dy,
                         columns<const real, S> dskips, columns<real, R> dx, columns<real, C.condition> dcondition);
    /// writes: y =, skips +=, of at most block_frames frames
    /// realtime: yes
    static void process(Backend&, const params&, state&, columns<const real, R> x, columns<const real, C.condition> condition,
                        columns<real, R> y, columns<real, S> skips) noexcept;

    template <class F>
    static void visit(const params& p, F&& f) {
        visit_as<conv>("conv", p.conv_params, f);
        if constexpr (conditioned) visit_as<steer>("condition", p.steer_params, f);
        visit_as<skip>("skip", p.skip_params, f), visit_as<residual>("residual", p.residual_params, f);
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        conv::initialise(p.conv_params, random, s);
        if constexpr (conditioned) steer::initialise(p.steer_params, random, s);
        skip::initialise(p.skip_params, random, s), residual::initialise(p.residual_params, random, s);
    }
};

/// Layers over one another; the output is the sum of their skips. A condition lies beside the inputs, in the same row.
/// shapes: x (N,residual+condition), y (N,skip)
template <wavenet_config C, class Backend>
struct wavenet_stack {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t R = C.residual, S = C.skip, in_size = R + C.condition, out_size = S;
    static_assert(C.layers > 0 && C.cycle > 0, "a WaveNet has at least one layer");
    static constexpr wavenet_layer_config widths{C.residual, C.gates, C.skip, C.kernel, C.condition};
    template <std::size_t I>
    using layer = wavenet_layer<widths, std::size_t{1} << (I % C.cycle), Backend>;
    template <template <class> class Of>
    struct over {
        template <std::size_t... I>
        static auto make(std::index_sequence<I...>) -> std::tuple<typename Of<layer<I>>::type...>;
        using type = decltype(make(std::make_index_sequence<C.layers>{}));
    };
    template <class L>
    struct params_of : std::type_identity<typename L::params> {};
    template <class L>
    struct tape_of : std::type_identity<typename L::tape> {};
    template <class L>
    struct state_of : std::type_identity<typename L::state> {};

    template <class F>
    static constexpr void each(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::integral_constant<std::size_t, I>{}), ...); }
        (std::make_index_sequence<C.layers>{});
    }
    static constexpr std::size_t past = [] {
        std::size_t n = 0;
        each([&](auto i) { n += layer<decltype(i)::value>::past; });
        return n;
    }();
    static constexpr std::size_t receptive_field = past + 1;
    static constexpr std::size_t parameter_count = C.layers * layer<0>::parameter_count, buffer_count = 0;

    struct params {
        typename over<params_of>::type all;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            each([&](auto i) { std::get<decltype(i)::value>(p.all) = layer<decltype(i)::value>::params::bind(at); });
            return p;
        }
    };
    using tape = typename over<tape_of>::type;
    struct state {
        typename over<state_of>::type all;
    };

    static void forward(Backend&, context&, const params&, columns<const real, in_size> x, columns<real, S> y, tape&);
    static void forward(Backend& be, context& ctx, const params& p, columns<const real, in_size> x, columns<real, S> y,
                        no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, const params&, const params& dp, const tape&, columns<const real, S> dy,
                         columns<real, in_size> dx);
    /// realtime: yes
    static void step(Backend& be, const params& p, state& s, frame<const real, in_size> x, frame<real, S> y) noexcept {
        process(be, p, s, columns<const real, in_size>(x.data(), 1), columns<real, S>(y.data(), 1));
    }
    /// realtime: yes
    static void process(Backend&, const params&, state&, columns<const real, in_size> x, columns<real, S> y) noexcept;

    template <class F>
    static void visit(const params& p, F&& f) {
        each([&](auto i) {
            visit_as<layer<decltype(i)::value>>("layer" + std::to_string(decltype(i)::value),
                                                std::get<decltype(i)::value>(p.all), f);
        });
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        each([&](auto i) { layer<decltype(i)::value>::initialise(std::get<decltype(i)::value>(p.all), random, s); });
    }

private:
    template <class V>
    static auto condition_of(V x) {
        if constexpr (C.condition > 0)
            return part<R, C.condition>(x);
        else
            return columns<typename std::remove_pointer<decltype(x.data())>::type, 0>{};
    }
};

// ---------------------------------------------------------------- bodies

template <wavenet_layer_config C, std::size_t Dilation, class Backend>
void wavenet_layer<C, Dilation, Backend>::forward(Backend& be, context& ctx, const params& p, columns<const real, R> x,
                                                  columns<const real, C.condition> condition, columns<real, R> y,
                                                  columns<real, S> skips, tape& tape) {
    const std::size_t N = x.count();
    const columns<real, 2 * G> z = ctx.scratch.take_rows<real, 2 * G>(N);
    const columns<real, G> g = ctx.scratch.take_rows<real, G>(N);
    conv::forward(be, ctx, p.conv_params, x, z, tape.conv_tape);
    const scratch_scope scope(ctx.scratch);
    if constexpr (conditioned) {
        const columns<real, 2 * G> steered = ctx.scratch.take_rows<real, 2 * G>(N);
        steer::forward(be, ctx, p.steer_params, condition, steered, tape.steer_tape);
        add(be, constant(steered), z);
    }
    gate(be, z, g);
    tape.z = z;
    const columns<real, S> skipped = ctx.scratch.take_rows<real, S>(N);
    skip::forward(be, ctx, p.skip_params, constant(g), skipped, tape.skip_tape);
    add(be, constant(skipped), skips);
    if (y.empty()) return;
    residual::forward(be, ctx, p.residual_params, constant(g), y, tape.residual_tape);
    add(be, x, y);
}

template <wavenet_layer_config C, std::size_t Dilation, class Backend>
void wavenet_layer<C, Dilation, Backend>::backward(Backend& be, context& ctx, const params& p, const params& dp,
                                                   const tape& tape, columns<const real, R> dy, columns<const real, S> dskips,
                                                   columns<real, R> dx, columns<real, C.condition> dcondition) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = dskips.count();
    const columns<real, G> dg = ctx.scratch.take_rows<real, G>(N);
    const columns<real, 2 * G> dz = ctx.scratch.take_rows<real, 2 * G>(N);
    skip::backward(be, ctx, p.skip_params, dp.skip_params, tape.skip_tape, dskips, dg);
    if (!dy.empty()) {
        const columns<real, G> more = ctx.scratch.take_rows<real, G>(N);
        residual::backward(be, ctx, p.residual_params, dp.residual_params, tape.residual_tape, dy, more);
        add(be, constant(more), dg);
    }
    gate_backward(be, tape.z, constant(dg), dz);
    if constexpr (conditioned) {
        columns<real, C.condition> more;
        if (!dcondition.empty()) more = ctx.scratch.take_rows<real, C.condition>(N);
        steer::backward(be, ctx, p.steer_params, dp.steer_params, tape.steer_tape, constant(dz), more);
        if (!dcondition.empty()) add(be, constant(more), dcondition);
    }
    conv::backward(be, ctx, p.conv_params, dp.conv_params, tape.conv_tape, constant(dz), dx);
    if (!dy.empty() && !dx.empty()) add(be, dy, dx);
}

template <wavenet_layer_config C, std::size_t Dilation, class Backend>
void wavenet_layer<C, Dilation, Backend>::process(Backend& be, const params& p, state& s, columns<const real, R> x,
                                                  columns<const real, C.condition> condition, columns<real, R> y,
                                                  columns<real, S> skips) noexcept {
    const std::size_t n = x.count();
    std::array<real, block_frames * 2 * G> z_memory;
    std::array<real, block_frames * std::max({2 * G, R, S})> more_memory;
    std::array<real, block_frames * G> g_memory;
    const columns<real, 2 * G> z(z_memory.data(), n), steered(more_memory.data(), n);
    const columns<real, G> g(g_memory.data(), n);
    conv::process(be, p.conv_params, s.conv_state, x, z);
    if constexpr (conditioned) {
        typename steer::state none;
        steer::process(be, p.steer_params, none, condition, steered);
        for (std::size_t i = 0; i < n * 2 * G; ++i) z_memory[i] += more_memory[i];
    }
    gate(be, z, g);
    typename skip::state none;
    const columns<real, S> skipped(more_memory.data(), n);
    skip::process(be, p.skip_params, none, g, skipped);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < S; ++c) skips.row(i)[c] += skipped.row(i)[c];
    if (y.empty()) return;
    typename residual::state nothing;
    residual::process(be, p.residual_params, nothing, g, y);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < R; ++c) y.row(i)[c] += x.row(i)[c];
}

template <wavenet_config C, class Backend>
void wavenet_stack<C, Backend>::forward(Backend& be, context& ctx, const params& p, columns<const real, in_size> x,
                                        columns<real, S> y, tape& tape) {
    fill(be, real{0}, y);
    std::array<columns<real, R>, C.layers> outs;
    for (std::size_t i = 0; i + 1 < C.layers; ++i) outs[i] = ctx.scratch.take_rows<real, R>(x.count());
    each([&](auto i) {
        constexpr std::size_t I = decltype(i)::value;
        columns<const real, R> from = part<0, R>(x);
        if constexpr (I > 0) from = outs[I - 1];
        layer<I>::forward(be, ctx, std::get<I>(p.all), from, condition_of(x), outs[I], y, std::get<I>(tape));
    });
}

template <wavenet_config C, class Backend>
void wavenet_stack<C, Backend>::backward(Backend& be, context& ctx, const params& p, const params& dp, const tape& tape,
                                         columns<const real, S> dy, columns<real, in_size> dx) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = dy.count();
    const std::array<columns<real, R>, 2> between{ctx.scratch.take_rows<real, R>(N), ctx.scratch.take_rows<real, R>(N)};
    const auto dcondition = condition_of(dx);
    if constexpr (C.condition > 0)
        if (!dx.empty()) fill(be, real{0}, dcondition);
    columns<const real, R> dout;  // nothing follows the last layer's output
    each([&](auto i) {
        constexpr std::size_t I = C.layers - 1 - decltype(i)::value;
        columns<real, R> to = between[I % 2];
        if constexpr (I == 0) to = dx.empty() ? columns<real, R>{} : part<0, R>(dx);
        layer<I>::backward(be, ctx, std::get<I>(p.all), std::get<I>(dp.all), std::get<I>(tape), dout, dy, to, dcondition);
        dout = to;
    });
}

template <wavenet_config C, class Backend>
void wavenet_stack<C, Backend>::process(Backend& be, const params& p, state& s, columns<const real, in_size> x,
                                        columns<real, S> y) noexcept {
    std::array<real, block_frames * R> even, odd;
    for (std::size_t first = 0; first < x.count(); first += block_frames) {
        const std::size_t n = std::min(block_frames, x.count() - first);
        const columns<const real, in_size> in = x.sub(first, n);
        const columns<real, S> skips = y.sub(first, n);
        for (std::size_t i = 0; i < n; ++i) std::fill_n(skips.row(i), S, real{0});
        each([&](auto i) {
            constexpr std::size_t I = decltype(i)::value;
            columns<const real, R> from = part<0, R>(in);
            if constexpr (I > 0) from = columns<const real, R>(I % 2 == 1 ? even.data() : odd.data(), n);
            columns<real, R> to(I % 2 == 0 ? even.data() : odd.data(), n);
            if constexpr (I + 1 == C.layers) to = {};
            layer<I>::process(be, std::get<I>(p.all), std::get<I>(s.all), from, condition_of(in), to, skips);
        });
    }
}

}  // namespace lofi::inline LOFI_ABI::nn

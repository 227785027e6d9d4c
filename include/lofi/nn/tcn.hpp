#pragma once
// Temporal convolutional networks: residual blocks of two dilated convolutions, as keras-tcn builds them and without its second bend.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/layer_norm.hpp>
#include <lofi/nn/sequence.hpp>
#include <lofi/nn/spatial_dropout.hpp>
#include <lofi/nn/weight_norm.hpp>

namespace lofi::inline LOFI_ABI::nn {

enum class tcn_form {
    keras,  ///< output = f(skip + input): what the second convolution gave is bent twice
    clean   ///< output = skip + input
};

enum class tcn_norm { none, weight, layer };

struct tcn_config {
    std::size_t in, channels, kernel;
    std::size_t levels;  ///< dilations 1, 2, 4, ..., 2^(levels-1)
    std::size_t stacks = 1;
    nn::function function = nn::function::tanh;
    fraction dropout{};
    tcn_form form = tcn_form::keras;
    tcn_norm norm = tcn_norm::none;
};

/// One block: twice (causal convolution, norm, function, spatial dropout); the skip is what comes out; the output is that plus the input,
/// which a 1x1 convolution fits where its width differs.
/// source: Bai, Kolter, Koltun: An Empirical Evaluation of Generic Convolutional and Recurrent Networks (2018); keras-tcn 3
template <tcn_config C, std::size_t In, std::size_t Dilation, class Backend>
struct tcn_block {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = In, out_size = C.channels, W = C.channels;
    static constexpr bool fits = In == W;

    template <std::size_t I>
    using plain_conv = conv1d<conv1d_config{.in = I, .out = W, .kernel = C.kernel, .dilation = Dilation}, Backend>;
    template <std::size_t I>
    using conv = std::conditional_t<C.norm == tcn_norm::weight, weight_norm<plain_conv<I>>, plain_conv<I>>;
    using bend = activation<activation_config{.size = W, .function = C.function}, Backend>;
    using drop = spatial_dropout<dropout_config{.size = W, .rate = C.dropout}, Backend>;
    template <std::size_t I>
    using half =
        std::conditional_t<C.norm == tcn_norm::layer,
                           sequence<conv<I>, layer_norm<layer_norm_config{.size = W}, Backend>, bend, drop>,
                           std::conditional_t<C.dropout.is_zero(), sequence<conv<I>, bend>, sequence<conv<I>, bend, drop>>>;
    using first = half<In>;
    using second = half<W>;
    using match = conv1d<conv1d_config{.in = In, .out = W, .kernel = 1}, Backend>;

    static constexpr std::size_t receptive_field = 1 + 2 * (C.kernel - 1) * Dilation;
    static constexpr std::size_t parameter_count =
        first::parameter_count + second::parameter_count + (fits ? 0 : match::parameter_count);
    static constexpr std::size_t buffer_count = 0;

    struct params {
        typename first::params one;
        typename second::params two;
        typename match::params match_params;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            p.one = first::params::bind(at), p.two = second::params::bind(at);
            if constexpr (!fits) p.match_params = match::params::bind(at);
            return p;
        }
    };
    struct tape {
        typename first::tape one;
        typename second::tape two;
        typename match::tape match_tape;
        typename bend::tape out;
    };
    struct state {
        typename first::state one;
        typename second::state two;
        typename match::state match_state;
    };

    /// writes: y =, skips +=
    static void forward(Backend&, context&, const params&, columns<const real, In> x, columns<real, W> y,
                        columns<real, W> skips, tape&);
    /// params: dy: empty where nothing follows the output; dskips: of the sum of skips
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, const params&, const params& dp, const tape&, columns<const real, W> dy,
                         columns<const real, W> dskips, columns<real, In> dx);
    /// writes: y =, skips +=, of at most block_frames frames
    /// realtime: yes
    static void process(Backend&, const params&, state&, columns<const real, In> x, columns<real, W> y,
                        columns<real, W> skips) noexcept;

    template <class F>
    static void visit(const params& p, F&& f) {
        visit_as<first>("first", p.one, f), visit_as<second>("second", p.two, f);
        if constexpr (!fits) visit_as<match>("match", p.match_params, f);
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        first::initialise(p.one, random, s), second::initialise(p.two, random, s);
        if constexpr (!fits) match::initialise(p.match_params, random, s);
    }
};

/// Blocks of doubling dilation, over and over; the output is the sum of their skips.
/// shapes: x (N,in), y (N,channels)
template <tcn_config C, class Backend>
struct tcn {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t in_size = C.in, out_size = C.channels, W = C.channels, block_count = C.levels * C.stacks;
    static_assert(block_count > 0, "a TCN has at least one block");
    template <std::size_t I>
    using block = tcn_block<C, I == 0 ? C.in : C.channels, std::size_t{1} << (I % C.levels), Backend>;
    template <template <class> class Of>
    struct over {
        template <std::size_t... I>
        static auto make(std::index_sequence<I...>) -> std::tuple<typename Of<block<I>>::type...>;
        using type = decltype(make(std::make_index_sequence<block_count>{}));
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
        (std::make_index_sequence<block_count>{});
    }
    static constexpr std::size_t sum_over_blocks(auto of) {
        std::size_t n = 0;
        each([&](auto i) { n += of(block<decltype(i)::value>{}); });
        return n;
    }
    static constexpr std::size_t parameter_count = sum_over_blocks([](auto b) { return decltype(b)::parameter_count; });
    static constexpr std::size_t buffer_count = 0;
    static constexpr std::size_t receptive_field = 1 + sum_over_blocks([](auto b) { return decltype(b)::receptive_field - 1; });

    struct params {
        typename over<params_of>::type all;
        static constexpr params bind(backend::cursor<real>& at) {
            params p;
            each([&](auto i) { std::get<decltype(i)::value>(p.all) = block<decltype(i)::value>::params::bind(at); });
            return p;
        }
    };
    using tape = typename over<tape_of>::type;
    struct state {
        typename over<state_of>::type all;
    };

    static void forward(Backend&, context&, const params&, columns<const real, C.in> x, columns<real, W> y, tape&);
    static void forward(Backend& be, context& ctx, const params& p, columns<const real, C.in> x, columns<real, W> y, no_tape) {
        const scratch_scope scope(ctx.scratch);
        tape unused;
        forward(be, ctx, p, x, y, unused);
    }
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, const params&, const params& dp, const tape&, columns<const real, W> dy,
                         columns<real, C.in> dx);
    /// realtime: yes
    static void step(Backend& be, const params& p, state& s, frame<const real, C.in> x, frame<real, W> y) noexcept {
        process(be, p, s, columns<const real, C.in>(x.data(), 1), columns<real, W>(y.data(), 1));
    }
    /// realtime: yes
    static void process(Backend&, const params&, state&, columns<const real, C.in> x, columns<real, W> y) noexcept;

    template <class F>
    static void visit(const params& p, F&& f) {
        each([&](auto i) {
            visit_as<block<decltype(i)::value>>("block" + std::to_string(decltype(i)::value),
                                                std::get<decltype(i)::value>(p.all), f);
        });
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        each([&](auto i) { block<decltype(i)::value>::initialise(std::get<decltype(i)::value>(p.all), random, s); });
    }

private:
    template <std::size_t I>
    static void process_from(Backend& be, const params& p, state& s, columns<const real, block<I>::in_size> x,
                             columns<real, W> skips) noexcept {
        std::array<real, block_frames * W> out;
        const columns<real, W> y(out.data(), x.count());
        block<I>::process(be, std::get<I>(p.all), std::get<I>(s.all), x, y, skips);
        if constexpr (I + 1 < block_count) process_from<I + 1>(be, p, s, y, skips);
    }
};

// ---------------------------------------------------------------- bodies

template <tcn_config C, std::size_t In, std::size_t Dilation, class Backend>
void tcn_block<C, In, Dilation, Backend>::forward(Backend& be, context& ctx, const params& p, columns<const real, In> x,
                                                  columns<real, W> y, columns<real, W> skips, tape& tape) {
    const auto middle = ctx.scratch.take_rows<real, W>(x.count()), skip = ctx.scratch.take_rows<real, W>(x.count());
    first::forward(be, ctx, p.one, x, middle, tape.one);
    second::forward(be, ctx, p.two, constant(middle), skip, tape.two);
    add(be, constant(skip), skips);
    if (y.empty()) return;
    if constexpr (fits)
        copy(be, x, y);
    else
        match::forward(be, ctx, p.match_params, x, y, tape.match_tape);
    add(be, constant(skip), y);
    if constexpr (C.form == tcn_form::keras) bend::forward(be, ctx, {}, y, y, tape.out);
}

template <tcn_config C, std::size_t In, std::size_t Dilation, class Backend>
void tcn_block<C, In, Dilation, Backend>::backward(Backend& be, context& ctx, const params& p, const params& dp,
                                                   const tape& tape, columns<const real, W> dy, columns<const real, W> dskips,
                                                   columns<real, In> dx) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = dskips.count();
    const columns<real, W> dskip = ctx.scratch.take_rows<real, W>(N), dmiddle = ctx.scratch.take_rows<real, W>(N);
    columns<const real, W> dsum = dy;
    copy(be, dskips, dskip);
    if (!dy.empty()) {
        if constexpr (C.form == tcn_form::keras) {
            const columns<real, W> bent = ctx.scratch.take_rows<real, W>(N);
            bend::backward(be, ctx, {}, {}, tape.out, dy, bent);
            dsum = bent;
        }
        add(be, dsum, dskip);
    }
    second::backward(be, ctx, p.two, dp.two, tape.two, constant(dskip), dmiddle);
    first::backward(be, ctx, p.one, dp.one, tape.one, constant(dmiddle), dx);
    if (dy.empty()) return;
    if constexpr (fits) {
        if (!dx.empty()) add(be, dsum, dx);
    } else {
        columns<real, In> more;
        if (!dx.empty()) more = ctx.scratch.take_rows<real, In>(N);
        match::backward(be, ctx, p.match_params, dp.match_params, tape.match_tape, dsum, more);
        if (!dx.empty()) add(be, constant(more), dx);
    }
}

template <tcn_config C, std::size_t In, std::size_t Dilation, class Backend>
void tcn_block<C, In, Dilation, Backend>::process(Backend& be, const params& p, state& s, columns<const real, In> x,
                                                  columns<real, W> y, columns<real, W> skips) noexcept {
    std::array<real, block_frames * W> middle, last;
    const columns<real, W> m(middle.data(), x.count()), skip(last.data(), x.count());
    first::process(be, p.one, s.one, x, m);
    second::process(be, p.two, s.two, m, skip);
    if constexpr (!fits) match::process(be, p.match_params, s.match_state, x, y);
    for (std::size_t n = 0; n < x.count(); ++n)
        for (std::size_t c = 0; c < W; ++c) {
            skips.row(n)[c] += skip.row(n)[c];
            if constexpr (fits)
                y.row(n)[c] = x.row(n)[c] + skip.row(n)[c];
            else
                y.row(n)[c] += skip.row(n)[c];
        }
    if constexpr (C.form == tcn_form::keras) map(be, C.function, constant(y), y);
}

template <tcn_config C, class Backend>
void tcn<C, Backend>::forward(Backend& be, context& ctx, const params& p, columns<const real, C.in> x, columns<real, W> y,
                              tape& tape) {
    fill(be, real{0}, y);
    std::array<columns<real, W>, block_count> outs;
    for (std::size_t i = 0; i + 1 < block_count; ++i) outs[i] = ctx.scratch.take_rows<real, W>(x.count());
    each([&](auto i) {
        constexpr std::size_t I = decltype(i)::value;
        auto& t = std::get<I>(tape);
        if constexpr (I == 0)
            block<I>::forward(be, ctx, std::get<I>(p.all), x, outs[I], y, t);
        else
            block<I>::forward(be, ctx, std::get<I>(p.all), constant(outs[I - 1]), outs[I], y, t);
    });
}

template <tcn_config C, class Backend>
void tcn<C, Backend>::backward(Backend& be, context& ctx, const params& p, const params& dp, const tape& tape,
                               columns<const real, W> dy, columns<real, C.in> dx) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t N = dy.count();
    std::array<columns<real, W>, 2> between{ctx.scratch.take_rows<real, W>(N), ctx.scratch.take_rows<real, W>(N)};
    columns<const real, W> dout;  // nothing follows the last block's output
    each([&](auto i) {
        constexpr std::size_t I = block_count - 1 - decltype(i)::value;
        if constexpr (I == 0) {
            block<I>::backward(be, ctx, std::get<I>(p.all), std::get<I>(dp.all), std::get<I>(tape), dout, dy, dx);
        } else {
            block<I>::backward(be, ctx, std::get<I>(p.all), std::get<I>(dp.all), std::get<I>(tape), dout, dy, between[I % 2]);
            dout = between[I % 2];
        }
    });
}

template <tcn_config C, class Backend>
void tcn<C, Backend>::process(Backend& be, const params& p, state& s, columns<const real, C.in> x,
                              columns<real, W> y) noexcept {
    for (std::size_t first = 0; first < x.count(); first += block_frames) {
        const std::size_t n = std::min(block_frames, x.count() - first);
        const columns<real, W> skips = y.sub(first, n);
        for (std::size_t i = 0; i < n; ++i) std::fill_n(skips.row(i), W, real{0});
        process_from<0>(be, p, s, x.sub(first, n), skips);
    }
}

}  // namespace lofi::inline LOFI_ABI::nn

#pragma once
// Convolution along time: causal or centred, dilated or not, with kernels of two taps or of hundreds.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <lofi/backend/convolution.hpp>
#include <lofi/nn/dense.hpp>

namespace lofi::inline LOFI_ABI::nn {

enum class padding {
    causal,  ///< sees the present and the past
    same     ///< sees as far into the future as into the past; an odd tap goes to the future, as in PyTorch
};

struct conv1d_config {
    std::size_t in, out, kernel;
    std::size_t dilation = 1;
    nn::padding padding = nn::padding::causal;
    nn::bias bias = nn::bias::one;
};

/// What a convolution keeps of the past: a ring whose first frames stand behind its last ones once more, so that a block of frames
/// lies in one piece wherever it begins.
template <class Real, std::size_t Width, std::size_t Past>
struct conv_history {
    static constexpr std::size_t size = [] {
        std::size_t n = 1;
        while (n < Past + block_frames) n *= 2;
        return n;
    }();
    std::array<Real, (size + block_frames) * Width> frames{};
    std::size_t at = 0;  ///< where the next frame goes

    void push(const Real* x) {
        std::copy_n(x, Width, frames.data() + at * Width);
        if (at < block_frames) std::copy_n(x, Width, frames.data() + (at + size) * Width);
        at = (at + 1) & (size - 1);
    }
    /// The frame so many before the next one to come, and those after it.
    [[nodiscard]] const Real* back(std::size_t n) const { return frames.data() + ((at - n) & (size - 1)) * Width; }
};

template <class Real, std::size_t Width>
struct conv_history<Real, Width, 0> {};

/// Convolves T steps of B sequences: y_t = b + sum_j w_j x_{t + j dilation - left}, silence beyond both ends. Sequences of a batch are of
/// one length.
/// shapes: x (N,in), y (N,out), N = T*B; weight (out,kernel,in), oldest tap first: PyTorch's Conv1d with its last two axes exchanged
template <conv1d_config C, class Backend>
struct conv1d {
    using backend_type = Backend;
    using real = typename Backend::real;
    static_assert(C.kernel > 0 && C.dilation > 0, "a convolution has at least one tap, and taps lie at least one step apart");
    static constexpr std::size_t in_size = C.in, out_size = C.out, kernel = C.kernel, dilation = C.dilation;
    static constexpr bool has_bias = C.bias == bias::one;
    /// Steps between the oldest and the newest tap.
    static constexpr std::size_t past = (C.kernel - 1) * C.dilation;
    static constexpr std::size_t receptive_field = past + 1;
    static constexpr std::size_t left = C.padding == padding::causal ? past : past / 2;

    using params = typename Backend::template weights<C.out, C.kernel * C.in, has_bias>;
    static constexpr std::size_t parameter_count = params::count, buffer_count = 0;
    struct tape {
        columns<const real, C.in> x;  ///< (N,in), must stay as it was until backward
        backend::conv_plan plan{};
        std::span<real> spectrum{};  ///< of the kernel, where the plan wants one
    };
    struct state {
        conv_history<real, C.in, past> history{};
    };

    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, C.out> y, tape&);
    static void forward(Backend&, context&, params, columns<const real, C.in> x, columns<real, C.out> y, no_tape);
    /// writes: dp +=, dx = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, C.out> dy,
                         columns<real, C.in> dx);
    /// realtime: yes
    static void step(Backend& be, params p, state& s, frame<const real, C.in> x, frame<real, C.out> y) noexcept {
        process(be, p, s, columns<const real, C.in>(x.data(), 1), columns<real, C.out>(y.data(), 1));
    }
    /// Steps over a block of frames.
    /// realtime: yes
    static void process(Backend&, params, state&, columns<const real, C.in> x, columns<real, C.out> y) noexcept
        requires(C.padding == padding::causal);

    template <class F>
    static void visit(params, F&& f);
    static void initialise(params, random_stream&, scheme);

    /// How this layer walks over N rows.
    [[nodiscard]] static backend::conv_walk walk(const context& ctx, std::size_t row_count) {
        LOFI_ASSERT(ctx.batch > 0 && row_count % ctx.batch == 0,
                    "a sequence needs T*B rows: set context.batch before the layer");
        LOFI_ASSERT(ctx.lengths.empty(), "convolutions take sequences of one length");
        return {.steps = row_count / ctx.batch, .batch = ctx.batch, .kernel = C.kernel, .dilation = C.dilation, .left = left};
    }
};

// ---------------------------------------------------------------- bodies

template <conv1d_config C, class Backend>
void conv1d<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, C.out> y,
                                 tape& tape) {
    tape.x = x;
    tape.plan = plan_convolution(be, walk(ctx, x.count()), C.in, C.out);
    tape.spectrum = ctx.scratch.take<real>(tape.plan.spectrum_count);
    if constexpr (has_bias)
        spread(be, p.b, y);
    else
        fill(be, real{0}, y);
    const scratch_scope scope(ctx.scratch);
    const auto work = ctx.scratch.take<real>(tape.plan.work_count);
    conv_spectrum(be, tape.plan, p.w, tape.spectrum, work);
    convolve(be, tape.plan, x, p.w, std::span<const real>(tape.spectrum), y, work);
}

template <conv1d_config C, class Backend>
void conv1d<C, Backend>::forward(Backend& be, context& ctx, params p, columns<const real, C.in> x, columns<real, C.out> y,
                                 no_tape) {
    const scratch_scope scope(ctx.scratch);
    tape unused;
    forward(be, ctx, p, x, y, unused);
}

template <conv1d_config C, class Backend>
void conv1d<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape,
                                  columns<const real, C.out> dy, columns<real, C.in> dx) {
    if constexpr (has_bias) sum_rows(be, dy, dp.b);
    const scratch_scope scope(ctx.scratch);
    const auto work = ctx.scratch.take<real>(tape.plan.work_count);
    convolve_backward(be, tape.plan, tape.x, p.w, std::span<const real>(tape.spectrum), dy, dx, dp.w, work);
}

template <conv1d_config C, class Backend>
void conv1d<C, Backend>::process(Backend& be, params p, state& s, columns<const real, C.in> x, columns<real, C.out> y) noexcept
    requires(C.padding == padding::causal) {
    for (std::size_t first = 0; first < x.count(); first += block_frames) {
        const std::size_t n = std::min(block_frames, x.count() - first);
        if constexpr (past == 0) {
            std::array<real, block_frames * C.in> gathered;
            const real* now = x.row(first);
            if (x.stride() != C.in) {
                for (std::size_t i = 0; i < n; ++i) std::copy_n(x.row(first + i), C.in, gathered.data() + i * C.in);
                now = gathered.data();
            }
            std::array<const real*, 1> taps{now};
            convolve_block(be, std::span<const real* const, 1>(taps), p, y.sub(first, n));
            continue;
        } else {
            auto& h = s.history;
            for (std::size_t i = 0; i < n; ++i) h.push(x.row(first + i));
            std::array<const real*, C.kernel> taps;
            for (std::size_t j = 0; j < C.kernel; ++j) taps[j] = h.back(n + (C.kernel - 1 - j) * C.dilation);
            convolve_block(be, std::span<const real* const, C.kernel>(taps), p, y.sub(first, n));
        }
    }
}

template <conv1d_config C, class Backend>
template <class F>
void conv1d<C, Backend>::visit(params p, F&& f) {
    f("weight", std::array<std::size_t, 3>{C.out, C.kernel, C.in}, p.w.flat());
    if constexpr (has_bias) f("bias", std::array<std::size_t, 1>{C.out}, std::span<real>(p.b, C.out));
}

template <conv1d_config C, class Backend>
void conv1d<C, Backend>::initialise(params p, random_stream& random, scheme s) {
    constexpr std::size_t fan = C.kernel * C.in;
    const double bound = s == scheme::pytorch ? 1 / std::sqrt(static_cast<double>(fan)) : glorot_bound(fan, C.kernel * C.out);
    fill_uniform(p.w.flat(), bound, random);
    if constexpr (has_bias) fill_uniform(std::span<real>(p.b, C.out), s == scheme::pytorch ? bound : 0.0, random);
}

}  // namespace lofi::inline LOFI_ABI::nn

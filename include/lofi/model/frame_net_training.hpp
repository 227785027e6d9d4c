#pragma once
// FrameNet over windows of sound: what it hears of them, and its loss.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/model/frame_net.hpp>
#include <lofi/nn/loss_density.hpp>

namespace lofi::inline LOFI_ABI::model {

/// One window as the network hears it. Everything follows from `heard`, the past as it is told, and `sound`, what is asked for.
/// shapes: all of T samples, T a multiple of the frame; condition (T/frame, condition)
struct frame_net_window {
    std::span<const float> heard, sound;
    std::span<const float> near,
        far;  ///< what adaptive filters of 32 and 256 taps said of each residual; empty for fixed hearing
    std::span<const float> condition;  ///< of each frame
    bool frames_heard = true;          ///< false: the frame part hears silence, and has the condition alone
};

/// The mean cost of samples from `first_frame` on, and with `dp` its gradients.
/// params: half: half of a code, in full scales; before: samples of `heard` before each window, for the fixed prediction and the
///         windows of the sample part, at least 32
/// writes: dp +=
template <class Net>
nn::density_loss_result frame_net_loss(typename Net::backend_type& be, nn::context& ctx, const typename Net::params& p,
                                       std::span<const frame_net_window> windows, std::size_t first_frame,
                                       const typename Net::params* dp = nullptr, std::vector<float>* outputs = nullptr);

// ---------------------------------------------------------------- bodies

namespace detail {

/// Features of one window: of every frame and of every sample.
template <class Net>
struct frame_net_heard {
    std::vector<float> prediction, residual, seen, frames;

    frame_net_heard(const frame_net_window& w, const float* lpc, float scale)
        : prediction(w.heard.size()),
          residual(w.heard.size()),
          seen(w.heard.size() * Net::heard),
          frames(w.heard.size() * Net::per_sample) {
        constexpr std::size_t order = Net::statistics::order;
        const std::size_t T = w.heard.size();
        for (std::size_t t = 0; t < T; ++t) {
            float sum = 0;
            for (std::size_t i = 0; i < std::min(order, t); ++i) sum += lpc[i] * w.heard[t - 1 - i];
            prediction[t] = sum / scale;
            residual[t] = w.heard[t] / scale - prediction[t];
            float e2 = residual[t];
            if constexpr (Net::adaptive) e2 -= w.far[t];
            frame_net_features<Net>(w.heard[t], residual[t], e2, frames.data() + t * Net::per_sample,
                                    seen.data() + t * Net::heard);
        }
    }
};

}  // namespace detail

template <class Net>
nn::density_loss_result frame_net_loss(typename Net::backend_type& be, nn::context& ctx, const typename Net::params& p,
                                       std::span<const frame_net_window> windows, std::size_t first_frame,
                                       const typename Net::params* dp, std::vector<float>* outputs) {
    constexpr std::size_t H = Net::H, W = Net::W, S = Net::S, K = Net::K, A = Net::A, F = Net::frame_size, O = Net::out_size;
    constexpr std::size_t P = Net::sample_size, in = Net::stack::in_size, condition = in - A;
    const nn::scratch_scope scope(ctx.scratch);
    auto& memory = ctx.scratch;
    const auto statistics = p.template get<"statistics">();
    const float scale = *statistics.scale;
    const std::size_t B = windows.size(), T = windows[0].heard.size() / H, rows = T * B;
    LOFI_ASSERT(first_frame > 0 && first_frame * H >= W && first_frame < T, "the first frame that is scored has a past");
    const std::size_t from = (first_frame - 1) * B, scored = rows - B - from, N = scored * H;  // frame t speaks of frame t+1
    ctx.batch = B, ctx.lengths = {};

    // Inputs. Sample rows: frame by frame, sequence by sequence, then the samples of a frame.
    const auto frames = memory.template take_rows<float, F>(rows);
    const nn::columns<float, in> x = memory.template take_rows<float, in>(rows);
    const auto look_in = memory.template take_rows<float, P>(N);
    const auto past = memory.template take_rows<float, W>(N);  // residuals, newest first
    const auto centre = memory.template take<float>(N), target = memory.template take<float>(N);
    const auto near = memory.template take<float>(N), far = memory.template take<float>(N);
    for (std::size_t b = 0; b < B; ++b) {
        const frame_net_window& w = windows[b];
        const detail::frame_net_heard<Net> h(w, statistics.lpc, scale);
        for (std::size_t t = 0; t < T; ++t) {
            float* const row = frames[t * B + b].data();
            if (w.frames_heard)
                std::copy_n(h.frames.data() + t * F, F, row);
            else
                std::fill_n(row, F, 0.0F);
            if (condition > 0)
                std::copy_n(w.condition.data() + std::min(t + 1, T - 1) * condition, condition, x.row(t * B + b) + A);
        }
        for (std::size_t t = first_frame; t < T; ++t)
            for (std::size_t i = 0; i < H; ++i) {
                const std::size_t n = ((t - 1) * B + b - from) * H + i, s = t * H + i;
                float* const row = look_in[n].data();
                std::copy_n(h.seen.data() + (s - W) * Net::heard, W * Net::heard, row);
                float* const now = row + W * Net::heard;
                now[0] = std::asinh(h.prediction[s]);
                centre[n] = h.prediction[s], target[n] = w.sound[s] / scale;
                if constexpr (Net::adaptive)
                    now[1] = std::asinh(w.near[s]), now[2] = std::asinh(w.far[s]), near[n] = w.near[s], far[n] = w.far[s];
                for (std::size_t k = 0; k < W; ++k) past[n][k] = h.residual[s - 1 - k];
            }
    }

    // Forward.
    typename Net::input::tape input_tape;
    typename Net::stack::tape stack_tape;
    typename Net::up::tape up_tape;
    typename Net::fir::tape fir_tape;
    typename Net::look::tape look_tape;
    typename Net::deep::tape deep_tape;
    typename Net::out::tape out_tape;
    const nn::columns<float, A> c = memory.template take_rows<float, A>(rows);
    const nn::columns<float, H* 2 * S> steer = memory.template take_rows<float, H * 2 * S>(scored);
    const nn::columns<float, W> weights = memory.template take_rows<float, W>(scored);
    const nn::columns<float, 2 * S> z = memory.template take_rows<float, 2 * S>(N);
    const nn::columns<float, S> g = memory.template take_rows<float, S>(N), d = memory.template take_rows<float, S>(N);
    const nn::columns<float, O> y = memory.template take_rows<float, O>(N);
    Net::input::forward(be, ctx, p.template get<"input">(), nn::constant(frames), nn::part<0, A>(x), input_tape);
    Net::stack::forward(be, ctx, p.template get<"stack">(), nn::constant(x), c, stack_tape);
    map(be, backend::function::relu, nn::constant(c), c);
    const nn::columns<const float, A> speaking = nn::constant(c.sub(from, scored));
    Net::up::forward(be, ctx, p.template get<"up">(), speaking, steer, up_tape);
    Net::fir::forward(be, ctx, p.template get<"fir">(), speaking, weights, fir_tape);
    ctx.batch = 1;
    Net::look::forward(be, ctx, p.template get<"look">(), nn::constant(look_in), z, look_tape);
    add(be, nn::columns<const float, 2 * S>(steer.data(), N), z);
    gate(be, z, g);
    Net::deep::forward(be, ctx, p.template get<"deep">(), nn::constant(g), d, deep_tape);
    map(be, backend::function::relu, nn::constant(d), d);
    const nn::columns<float, S> h = memory.template take_rows<float, S>(N);
    copy(be, nn::constant(g), h), add(be, nn::constant(d), h);
    Net::out::forward(be, ctx, p.template get<"out">(), nn::constant(h), y, out_tape);

    // The density lies around the prediction and its correction, so the target is what these leave.
    nn::density_loss_result found{.count = N};
    const nn::columns<float, O> dy = memory.template take_rows<float, O>(dp != nullptr ? N : 0);
    const nn::columns<float, W> dweights = memory.template take_rows<float, W>(dp != nullptr ? scored : 0);
    if (dp != nullptr) fill(be, 0.0F, dweights);
    const float half = 0.5F / 32768 / scale, mean = 1.0F / static_cast<float>(N);
    if (outputs != nullptr) outputs->assign(N * (3 * K + 1), 0.0F);
    for (std::size_t n = 0; n < N; ++n) {
        const float* const o = y.row(n);
        const float* const w = weights.row(n / H);
        float at = centre[n];
        for (std::size_t k = 0; k < W; ++k) at += w[k] * past[n][k];
        if constexpr (Net::adaptive) at += o[3 * K] * far[n] + o[3 * K + 1] * near[n];
        const float left = target[n] - at, e = left - Net::density::mean(o);
        std::array<float, 3 * K> slope;
        found.nats -=
            static_cast<double>(Net::density::log_mass(o, left - half, left + half, dp != nullptr ? slope.data() : nullptr));
        found.squares += static_cast<double>(e * scale) * static_cast<double>(e * scale);
        if (outputs != nullptr) {
            std::copy_n(o, 3 * K, outputs->data() + n * (3 * K + 1));
            (*outputs)[n * (3 * K + 1) + 3 * K] = at;
        }
        if (dp == nullptr) continue;
        float dat = 0;
        for (std::size_t i = 0; i < 3 * K; ++i) dy.row(n)[i] = -mean * slope[i];
        for (std::size_t k = 0; k < K; ++k) dat += dy.row(n)[K + k];
        if constexpr (Net::adaptive) dy.row(n)[3 * K] = dat * far[n], dy.row(n)[3 * K + 1] = dat * near[n];
        for (std::size_t k = 0; k < W; ++k) dweights.row(n / H)[k] += dat * past[n][k];
    }
    if (dp == nullptr) return found;

    // Backward.
    const nn::columns<float, S> dh = memory.template take_rows<float, S>(N), dd = memory.template take_rows<float, S>(N);
    const nn::columns<float, S> dg = memory.template take_rows<float, S>(N);
    const nn::columns<float, A> dc = memory.template take_rows<float, A>(rows),
                                more = memory.template take_rows<float, A>(scored);
    Net::out::backward(be, ctx, p.template get<"out">(), dp->template get<"out">(), out_tape, nn::constant(dy), dh);
    map_backward(be, backend::function::relu, nn::constant(d), nn::constant(dh), dd);
    Net::deep::backward(be, ctx, p.template get<"deep">(), dp->template get<"deep">(), deep_tape, nn::constant(dd), dg);
    add(be, nn::constant(dh), dg);
    gate_backward(be, nn::constant(z), nn::constant(dg), z);
    Net::look::backward(be, ctx, p.template get<"look">(), dp->template get<"look">(), look_tape, nn::constant(z), {});
    ctx.batch = B;
    fill(be, 0.0F, dc);
    const nn::columns<float, A> spoken = dc.sub(from, scored);
    Net::up::backward(be, ctx, p.template get<"up">(), dp->template get<"up">(), up_tape,
                      nn::columns<const float, H * 2 * S>(z.data(), scored), spoken);
    Net::fir::backward(be, ctx, p.template get<"fir">(), dp->template get<"fir">(), fir_tape, nn::constant(dweights), more);
    add(be, nn::constant(more), spoken);
    map_backward(be, backend::function::relu, nn::constant(c), nn::constant(dc), dc);
    const nn::columns<float, in> dx = memory.template take_rows<float, in>(rows);
    Net::stack::backward(be, ctx, p.template get<"stack">(), dp->template get<"stack">(), stack_tape, nn::constant(dc), dx);
    Net::input::backward(be, ctx, p.template get<"input">(), dp->template get<"input">(), input_tape,
                         nn::part<0, A>(nn::constant(dx)), {});
    return found;
}

}  // namespace lofi::inline LOFI_ABI::model

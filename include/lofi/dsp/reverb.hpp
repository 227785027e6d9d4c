#pragma once
// A warm room: eight delays that feed each other, darker with every pass.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/delay.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct reverb_config {
    seconds decay{1.6};     ///< time to fall by 60 dB in the low middle
    hertz damping{3800.0};  ///< above this every pass loses more
    seconds predelay{0.018};
    double size = 1.0;  ///< 0.3 a closet, 1 a room, 2 a hall
};

/// Turns both channels into the room's answer alone (no dry sound). Left and right answer differently but share their
/// energy, so that the sum to mono keeps it.
/// source: Jot and Chaigne, Digital delay networks for designing artificial reverberators (1991)
class reverb {
public:
    explicit reverb(hertz rate, reverb_config config = {});

    /// Starts anew in no time: what the delays remember is not cleared but forgotten.
    void reset() noexcept;
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::size_t lines = 8, diffusers = 3, most = block_delay::most;

    using block = block_delay::block;
    struct line {
        block_delay memory;
        std::size_t length = 0;
        void read(block& out) const noexcept { memory.read(length, out); }
        void write(const block& in, std::size_t n) noexcept { memory.write(in.data(), n); }
    };
    // The high-pass of `one_pole`, written so that a frame waits for one multiplication and one addition of the last.
    struct low_cut {
        float gain = 1.0F, state = 0.0F;
        float tick(float x) noexcept {
            const float y = (1.0F - gain) * (x - state);
            state = (1.0F - 2.0F * gain) * state + 2.0F * gain * x;
            return y;
        }
    };
    // An all-pass whose delay is longer than a block.
    static void diffuse(line& l, block& x, std::size_t n) noexcept;
    void damp(std::array<block, lines>& out, std::size_t n) noexcept;
    static void mix(std::array<block, lines>& out) noexcept;

    std::array<line, lines> lines_;
    std::array<line, 2> predelay_;
    std::array<std::array<line, diffusers>, 2> diffuser_;
    std::array<float, lines> gain_{}, damp_{}, state_{};
    std::array<low_cut, 2> low_cut_;
};

// ---------------------------------------------------------------- bodies

inline reverb::reverb(hertz rate, reverb_config c) {
    // Lengths without a common measure, in milliseconds; the longest three times the shortest.
    constexpr std::array<double, lines> ms = {29.7, 34.1, 40.3, 46.9, 53.3, 61.7, 70.9, 83.9};
    constexpr std::array<std::array<double, diffusers>, 2> spread = {{{5.1, 7.9, 12.7}, {5.7, 8.9, 11.3}}};
    const auto line_of = [&](double milliseconds) {
        const auto length = std::max<std::size_t>(most, static_cast<std::size_t>(milliseconds * 0.001 * rate.value + 0.5));
        return line{block_delay(frames(static_cast<std::int64_t>(length))), length};
    };
    for (std::size_t i = 0; i < lines; ++i) {
        lines_[i] = line_of(ms[i] * std::clamp(c.size, 0.3, 4.0));
        const double pass = static_cast<double>(lines_[i].length) / rate.value;
        gain_[i] = static_cast<float>(math::exp2(-9.965784284662087 * pass / std::max(c.decay.value, 0.05)));
        // A low-pass of one pole, its corner the lower the longer the line, so that all lines darken at one speed.
        const double corner = std::min(c.damping.value * 46.9 / ms[i], 0.45 * rate.value);
        damp_[i] = static_cast<float>(1.0 - math::exp(-2.0 * math::pi * corner / rate.value));
    }
    for (std::size_t side = 0; side < 2; ++side) {
        predelay_[side] = line_of(1000.0 * c.predelay.value);
        for (std::size_t i = 0; i < diffusers; ++i) diffuser_[side][i] = line_of(spread[side][i]);
        const double g = math::tan_turns(0.5 * below_nyquist(hertz(160.0), rate).value / rate.value);
        low_cut_[side].gain = static_cast<float>(g / (1.0 + g));
    }
}

inline void reverb::reset() noexcept {
    const auto clear = [](line& l) { l.memory.reset(); };
    std::for_each(lines_.begin(), lines_.end(), clear);
    std::for_each(predelay_.begin(), predelay_.end(), clear);
    for (auto& side : diffuser_) std::for_each(side.begin(), side.end(), clear);
    for (low_cut& c : low_cut_) c.state = 0.0F;
    state_.fill(0.0F);
}

inline void reverb::diffuse(line& l, block& x, std::size_t n) noexcept {
    constexpr float g = 0.62F;
    block past, in;
    l.read(past);
    for (std::size_t i = 0; i < most; i += 4) {
        const float4 late = load(&past[i]), now = flush(load(&x[i]) - splat(g) * late);
        store(&in[i], now), store(&x[i], late + splat(g) * now);
    }
    l.write(in, n);
}

// Frame by frame with the eight lines side by side: a low-pass of one pole each.
inline void reverb::damp(std::array<block, lines>& out, std::size_t n) noexcept {
    for (std::size_t half = 0; half < lines; half += 4) {
        const float4 share = load(&damp_[half]), rest = splat(1.0F) - share, gain = load(&gain_[half]);
        float4 s = load(&state_[half]);
        for (std::size_t i = 0; i < n; i += 4) {
            std::array<float4, 4> v;
            unrolled<4>([&](auto k) { v[k] = load(&out[half + k][i]); });
            transpose(v[0], v[1], v[2], v[3]);
            unrolled<4>([&](auto j) {
                if (i + j < n) s = rest * s + share * v[j];
                v[j] = gain * s;
            });
            transpose(v[0], v[1], v[2], v[3]);
            unrolled<4>([&](auto k) { store(&out[half + k][i], v[k]); });
        }
        store(&state_[half], flush(s));
    }
}

// Hadamard's matrix mixes without gain or loss.
inline void reverb::mix(std::array<block, lines>& out) noexcept {
    constexpr float scale = 0.35355339F;  // 1 / sqrt(8)
    for (std::size_t i = 0; i < most; i += 4) {
        std::array<float4, lines> v, w;
        unrolled<lines>([&](auto k) { v[k] = load(&out[k][i]); });
        unrolled<lines>([&](auto k) { w[k] = (k & 1U) == 0 ? v[k] + v[k | 1U] : v[k & 6U] - v[k]; });
        unrolled<lines>([&](auto k) { v[k] = (k & 2U) == 0 ? w[k] + w[k | 2U] : w[k & 5U] - w[k]; });
        unrolled<lines>([&](auto k) { w[k] = (k & 4U) == 0 ? v[k] + v[k | 4U] : v[k & 3U] - v[k]; });
        unrolled<lines>([&](auto k) { store(&out[k][i], splat(scale) * w[k]); });
    }
}

inline void reverb::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        n = std::min(predelay_[0].memory.room(), x.size() - first);
        std::array<block, 2> in{};
        for (std::size_t i = 0; i < n; ++i)  // rooms without bass: low notes stay clear
            in[0][i] = low_cut_[0].tick(x.left[first + i]), in[1][i] = low_cut_[1].tick(x.right[first + i]);
        for (std::size_t side = 0; side < 2; ++side) {
            low_cut_[side].state = flush(low_cut_[side].state);
            block late;
            predelay_[side].read(late);
            predelay_[side].write(in[side], n);
            for (line& l : diffuser_[side]) diffuse(l, late, n);
            in[side] = late;
        }
        std::array<block, lines> out;
        for (std::size_t k = 0; k < lines; ++k) lines_[k].read(out[k]);
        damp(out, n);
        block left, right;
        for (std::size_t i = 0; i < most; i += 4) {
            const auto v = [&](std::size_t k) { return load(&out[k][i]); };
            store(&left[i], splat(0.5F) * ((v(0) + v(2)) - (v(4) - v(6))));
            store(&right[i], splat(0.5F) * ((v(1) + v(3)) - (v(5) - v(7))));
        }
        std::copy_n(left.begin(), n, x.left.data() + first), std::copy_n(right.begin(), n, x.right.data() + first);
        mix(out);
        for (std::size_t k = 0; k < lines; ++k) {
            const float4 sign = splat((k & 2U) != 0 ? -0.5F : 0.5F);
            for (std::size_t i = 0; i < most; i += 4) store(&out[k][i], load(&out[k][i]) + sign * load(&in[k & 1U][i]));
            lines_[k].write(out[k], n);
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp

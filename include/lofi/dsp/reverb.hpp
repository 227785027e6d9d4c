#pragma once
// A warm room: eight delays that feed each other, darker with every pass.
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/filter.hpp>

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

    void reset();
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::size_t lines = 8, diffusers = 3, most = 32;

    // A ring that is read and written a block at a time.
    struct line {
        std::vector<float> memory;
        std::size_t length = 0, at = 0;
        void allot(std::size_t n) { length = n, at = 0, memory.assign(n, 0.0F); }
        void read(float* out, std::size_t n) const noexcept;  // what was written `length` frames ago
        void write(const float* in, std::size_t n) noexcept;
    };
    // An all-pass whose delay is longer than a block.
    void diffuse(line& l, float* x, std::size_t n) noexcept;

    std::array<line, lines> lines_;
    std::array<line, 2> predelay_;
    std::array<std::array<line, diffusers>, 2> diffuser_;
    std::array<float, lines> gain_{}, damp_{}, state_{};
    std::array<one_pole, 2> low_cut_;
};

// ---------------------------------------------------------------- bodies

inline reverb::reverb(hertz rate, reverb_config c) {
    // Lengths without a common measure, in milliseconds; the longest three times the shortest.
    constexpr std::array<double, lines> ms = {29.7, 34.1, 40.3, 46.9, 53.3, 61.7, 70.9, 83.9};
    constexpr std::array<std::array<double, diffusers>, 2> spread = {{{5.1, 7.9, 12.7}, {5.7, 8.9, 11.3}}};
    const auto frames_of = [&](double milliseconds) {
        return std::max<std::size_t>(most, static_cast<std::size_t>(milliseconds * 0.001 * rate.value + 0.5));
    };
    for (std::size_t i = 0; i < lines; ++i) {
        lines_[i].allot(frames_of(ms[i] * std::clamp(c.size, 0.3, 4.0)));
        const double pass = static_cast<double>(lines_[i].length) / rate.value;
        gain_[i] = static_cast<float>(math::exp2(-9.965784284662087 * pass / std::max(c.decay.value, 0.05)));
        // A low-pass of one pole, its corner the lower the longer the line, so that all lines darken at one speed.
        const double corner = std::min(c.damping.value * 46.9 / ms[i], 0.45 * rate.value);
        damp_[i] = static_cast<float>(1.0 - math::exp(-2.0 * math::pi * corner / rate.value));
    }
    for (std::size_t side = 0; side < 2; ++side) {
        predelay_[side].allot(frames_of(1000.0 * c.predelay.value));
        for (std::size_t i = 0; i < diffusers; ++i) diffuser_[side][i].allot(frames_of(spread[side][i]));
        low_cut_[side] = one_pole(hertz(160.0), rate);
    }
}

inline void reverb::reset() {
    const auto clear = [](line& l) { l.allot(l.length); };
    std::for_each(lines_.begin(), lines_.end(), clear);
    std::for_each(predelay_.begin(), predelay_.end(), clear);
    for (auto& side : diffuser_) std::for_each(side.begin(), side.end(), clear);
    for (one_pole& p : low_cut_) p.reset();
    state_.fill(0.0F);
}

inline void reverb::line::read(float* out, std::size_t n) const noexcept {
    const std::size_t first = std::min(n, length - at);
    std::copy_n(memory.data() + at, first, out);
    std::copy_n(memory.data(), n - first, out + first);
}

inline void reverb::line::write(const float* in, std::size_t n) noexcept {
    const std::size_t first = std::min(n, length - at);
    std::copy_n(in, first, memory.data() + at);
    std::copy_n(in + first, n - first, memory.data());
    at = (at + n) % length;
}

inline void reverb::diffuse(line& l, float* x, std::size_t n) noexcept {
    constexpr float g = 0.62F;
    std::array<float, most> past{}, in;
    l.read(past.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
        in[i] = flush(x[i] - g * past[i]);
        x[i] = past[i] + g * in[i];
    }
    l.write(in.data(), n);
}

inline void reverb::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0; first < x.size(); first += most) {
        const std::size_t n = std::min(most, x.size() - first);
        std::array<std::array<float, most>, 2> in{};
        for (std::size_t side = 0; side < 2; ++side) {
            float* const s = (side == 0 ? x.left : x.right).data() + first;
            // Rooms without bass: low notes stay clear.
            for (std::size_t i = 0; i < n; ++i) s[i] = low_cut_[side].high(s[i]);
            low_cut_[side].settle();
            predelay_[side].read(in[side].data(), n);
            predelay_[side].write(s, n);
            for (line& l : diffuser_[side]) diffuse(l, in[side].data(), n);
        }
        // Frame by frame with the eight lines side by side, which is vector code; the rings are read and written in blocks.
        std::array<std::array<float, most>, lines> out{};
        std::array<std::array<float, lines>, most> across;
        for (std::size_t k = 0; k < lines; ++k) {
            lines_[k].read(out[k].data(), n);
            for (std::size_t i = 0; i < n; ++i) across[i][k] = out[k][i];
        }
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < lines; ++k) {
                state_[k] += damp_[k] * (across[i][k] - state_[k]);
                across[i][k] = gain_[k] * state_[k];
            }
        for (float& s : state_) s = flush(s);
        for (std::size_t k = 0; k < lines; ++k)
            for (std::size_t i = 0; i < n; ++i) out[k][i] = across[i][k];
        for (std::size_t i = 0; i < n; ++i) {
            x.left[first + i] = 0.5F * ((out[0][i] + out[2][i]) - (out[4][i] - out[6][i]));
            x.right[first + i] = 0.5F * ((out[1][i] + out[3][i]) - (out[5][i] - out[7][i]));
        }
        // Hadamard's matrix mixes without gain or loss.
        for (std::size_t half = 1; half < lines; half *= 2)
            for (std::size_t k = 0; k < lines; ++k) {
                if ((k & half) != 0) continue;
                float* LOFI_RESTRICT const a = out[k].data();
                float* LOFI_RESTRICT const b = out[k + half].data();
                for (std::size_t i = 0; i < most; ++i) {
                    const float sum = a[i] + b[i], difference = a[i] - b[i];
                    a[i] = 0.70710678F * sum, b[i] = 0.70710678F * difference;
                }
            }
        for (std::size_t k = 0; k < lines; ++k) {
            const float sign = (k & 2U) != 0 ? -0.5F : 0.5F;
            for (std::size_t i = 0; i < most; ++i) out[k][i] += sign * in[k & 1U][i];
            lines_[k].write(out[k].data(), n);
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp

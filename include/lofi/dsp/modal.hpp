#pragma once
// Sound as a sum of decaying sines: struck tines, bars, skins, and plucked and struck strings, all exactly limited in band.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Frames that voices are made in at a time.
inline constexpr std::size_t chunk_frames = 32;

/// One way in which a body vibrates.
struct mode {
    hertz frequency{};
    float gain = 0.0F;
    seconds decay{};     ///< time to fall by 60 dB
    float phase = 0.0F;  ///< where in its turn it starts; 0 starts from silence
};

/// Adds up modes, a chunk at a time. Modes at 0.46 of the rate and above are left out, so nothing aliases.
///
/// Inside a chunk a mode is a*C + b*S, where C and S are its decaying cosine and sine, tabled once at the start of the
/// note; from chunk to chunk a and b come from a whole-number phase and a power of two of the age. So the cost is two
/// multiplications a mode and frame, in vector code, and no error gathers however long the note.
template <std::size_t Capacity>
class modal_bank {
public:
    /// Strikes the body at frame `offset` of the next chunk.
    void start(std::span<const mode> modes, hertz rate, std::size_t offset) noexcept;
    void reset() noexcept { count_ = 0; }
    /// Whether every mode has fallen below -110 dB.
    [[nodiscard]] bool silent() const noexcept { return count_ == 0; }
    /// writes: += out. Before `offset` of the first chunk it goes on backwards in time: the caller's attack hides that.
    void process(std::span<float, chunk_frames> out) noexcept;

private:
    using table = std::array<float, chunk_frames>;
    struct body {
        std::uint32_t phase, step;
        float level, fall;  // log2 of the gain at age 0, and what it loses a frame
    };
    std::size_t count_ = 0;
    std::int32_t age_ = 0;
    std::array<body, Capacity> bodies_;
    std::array<std::uint16_t, Capacity> table_of_;
    std::array<table, Capacity> cosine_, sine_;
};

// ---------------------------------------------------------------- bodies

template <std::size_t Capacity>
void modal_bank<Capacity>::start(std::span<const mode> modes, hertz rate, std::size_t offset) noexcept {
    LOFI_ASSERT(modes.size() <= Capacity, "a modal bank is given more modes than it has room for");
    count_ = 0;
    age_ = -static_cast<std::int32_t>(offset);
    for (const mode& m : modes.first(std::min(modes.size(), Capacity))) {
        if (!(m.frequency.value < 0.46 * rate.value) || !(m.frequency.value > 0.0) || !(m.gain != 0.0F)) continue;
        const double fall = 9.965784284662087 / std::max(m.decay.value * rate.value, 1.0);  // log2(1000)
        const std::uint32_t step = phase32::step(m.frequency, rate);
        const float turned = m.gain < 0.0F ? 0.5F : 0.0F;
        bodies_[count_] = {phase32::turns(double{m.phase} + double{turned}).value(), step,
                           static_cast<float>(math::log2(double{math::abs(m.gain)})), static_cast<float>(fall)};
        table_of_[count_] = static_cast<std::uint16_t>(count_);
        const double turns = static_cast<double>(step) * 0x1p-32, shrink = math::exp2(-fall);
        const double rc = shrink * math::cos_turns(turns), rs = shrink * math::sin_turns(turns);
        double c = 1.0, s = 0.0;
        for (std::size_t n = 0; n < chunk_frames; ++n) {
            cosine_[count_][n] = static_cast<float>(c), sine_[count_][n] = static_cast<float>(s);
            const double next = c * rc - s * rs;
            s = c * rs + s * rc, c = next;
        }
        ++count_;
    }
}

template <std::size_t Capacity>
void modal_bank<Capacity>::process(std::span<float, chunk_frames> out) noexcept {
    const auto age = static_cast<float>(age_);
    std::array<float, Capacity> a, b;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const body m = bodies_[i];
        const float level = m.level - age * m.fall;
        if (level < -18.3F) continue;  // -110 dB
        const std::uint32_t phase = m.phase + m.step * static_cast<std::uint32_t>(age_);
        const float gain = math::exp2(level);
        bodies_[kept] = m, table_of_[kept] = table_of_[i];
        // sin(p + wn) = sin p cos wn + cos p sin wn
        a[kept] = gain * math::sin_turns(phase), b[kept] = gain * math::sin_turns(phase + 0x40000000U);
        ++kept;
    }
    count_ = kept;
    age_ += static_cast<std::int32_t>(chunk_frames);

    float* LOFI_RESTRICT const y = out.data();
    std::size_t i = 0;
    for (; i + 2 <= count_; i += 2) {
        const float a0 = a[i], b0 = b[i], a1 = a[i + 1], b1 = b[i + 1];
        const float* const c0 = cosine_[table_of_[i]].data();
        const float* const s0 = sine_[table_of_[i]].data();
        const float* const c1 = cosine_[table_of_[i + 1]].data();
        const float* const s1 = sine_[table_of_[i + 1]].data();
        for (std::size_t n = 0; n < chunk_frames; ++n) y[n] += (a0 * c0[n] + b0 * s0[n]) + (a1 * c1[n] + b1 * s1[n]);
    }
    if (i < count_) {
        const float a0 = a[i], b0 = b[i];
        const float* const c0 = cosine_[table_of_[i]].data();
        const float* const s0 = sine_[table_of_[i]].data();
        for (std::size_t n = 0; n < chunk_frames; ++n) y[n] += a0 * c0[n] + b0 * s0[n];
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp

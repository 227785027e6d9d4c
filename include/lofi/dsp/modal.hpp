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
#include <lofi/dsp/lanes.hpp>

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
/// Inside half a chunk a mode is a*C + b*S, where C and S are its decaying cosine and sine, tabled once at the start of the
/// note; from chunk to chunk a and b come from a whole-number phase and a power of two of the age. So the cost is two
/// multiplications a mode and frame, in vector code, and no error gathers however long the note.
template <std::size_t Capacity>
class modal_bank {
public:
    /// Strikes the body at frame `offset` of the next chunk.
    void start(std::span<const mode> modes, hertz rate, std::size_t offset) noexcept;
    void reset() noexcept { count_ = 0; }
    /// Whether every mode has fallen below -100 dB.
    [[nodiscard]] bool silent() const noexcept { return count_ == 0; }
    /// writes: += out. Before `offset` of the first chunk it goes on backwards in time: the caller's attack hides that.
    void process(std::span<float, chunk_frames> out) noexcept;

private:
    static_assert(Capacity % 4 == 0, "modes are reckoned four at a time");
    static constexpr std::size_t half = chunk_frames / 2;
    static constexpr float quiet = -16.6F;  // log2 of -100 dB
    using table = std::array<float, half>;
    struct body {
        std::uint32_t phase, step;
        float level, fall;   // log2 of the gain at age 0, and what it loses a frame
        std::int32_t until;  // age at which it is silent
    };
    void tabulate(std::size_t i, const body& m) noexcept;

    std::size_t count_ = 0;  // the ones that sound longest come first, so that those that still sound are the first
    std::int32_t age_ = 0;
    std::array<std::int32_t, Capacity> until_{};
    std::array<std::uint32_t, Capacity> phase_{}, step_{};
    std::array<float, Capacity> level_{}, fall_{};
    std::array<float, Capacity> half_cosine_{}, half_sine_{};  // what the tables would go on with
    std::array<table, Capacity> cosine_, sine_;
};

// ---------------------------------------------------------------- bodies

template <std::size_t Capacity>
void modal_bank<Capacity>::start(std::span<const mode> modes, hertz rate, std::size_t offset) noexcept {
    LOFI_ASSERT(modes.size() <= Capacity, "a modal bank is given more modes than it has room for");
    count_ = 0;
    age_ = -static_cast<std::int32_t>(offset);
    std::array<body, Capacity> bodies;
    for (const mode& m : modes.first(std::min(modes.size(), Capacity))) {
        if (!(m.frequency.value < 0.46 * rate.value) || !(m.frequency.value > 0.0) || !(m.gain != 0.0F)) continue;
        const auto fall = static_cast<float>(9.965784284662087 / std::max(m.decay.value * rate.value, 2.0));  // log2(1000)
        const float level = math::log2(math::abs(m.gain)), turned = m.gain < 0.0F ? 0.5F : 0.0F;
        const auto until = static_cast<std::int32_t>(std::clamp((level - quiet) / fall, 0.0F, 1e9F));
        std::size_t place = count_++;
        for (; place > 0 && bodies[place - 1].until < until; --place) bodies[place] = bodies[place - 1];
        bodies[place] = {phase32::turns(double{m.phase} + double{turned}).value(), phase32::step(m.frequency, rate), level,
                         fall, until};
    }
    for (std::size_t i = 0; i < count_; ++i) tabulate(i, bodies[i]);
}

template <std::size_t Capacity>
void modal_bank<Capacity>::tabulate(std::size_t i, const body& m) noexcept {
    phase_[i] = m.phase, step_[i] = m.step, level_[i] = m.level, fall_[i] = m.fall, until_[i] = m.until;
    const uint4 turned{0, m.step, 2 * m.step, 3 * m.step};
    const float4 shrink = exp2_within(ramp(-m.fall));
    float4 c = shrink * sin_turns(turned + splat(0x40000000U)), s = shrink * sin_turns(turned);
    const float on = math::exp2(-4.0F * m.fall);
    const float4 rc = splat(on * math::sin_turns(4 * m.step + 0x40000000U)), rs = splat(on * math::sin_turns(4 * m.step));
    for (std::size_t n = 0; n < half; n += 4) {
        store(&cosine_[i][n], c), store(&sine_[i][n], s);
        const float4 next = c * rc - s * rs;
        s = c * rs + s * rc, c = next;
    }
    half_cosine_[i] = c[0], half_sine_[i] = s[0];
}

template <std::size_t Capacity>
void modal_bank<Capacity>::process(std::span<float, chunk_frames> out) noexcept {
    while (count_ > 0 && until_[count_ - 1] <= age_) --count_;
    // sin(p + wn) = sin p cos wn + cos p sin wn
    std::array<float, Capacity> sine, cosine, later_sine, later_cosine;
    const float4 age = splat(static_cast<float>(age_));
    const uint4 whole_age = splat(static_cast<std::uint32_t>(age_));
    for (std::size_t i = 0; i < count_; i += 4) {
        const float4 level = max(load(&level_[i]) - age * load(&fall_[i]), splat(-100.0F));
        const uint4 phase = load(&phase_[i]) + load(&step_[i]) * whole_age;
        const float4 gain = exp2_within(level);
        const float4 a = gain * sin_turns(phase), b = gain * sin_turns(phase + splat(0x40000000U));
        const float4 c = load(&half_cosine_[i]), s = load(&half_sine_[i]);
        store(&sine[i], a), store(&cosine[i], b);
        store(&later_sine[i], a * c + b * s), store(&later_cosine[i], b * c - a * s);
    }
    age_ += static_cast<std::int32_t>(chunk_frames);

    std::array<float4, 8> y;
    unrolled<8>([&](auto n) { y[n] = load(&out[4 * n]); });
    for (std::size_t i = 0; i < count_; ++i) {
        const float4 a = splat(sine[i]), b = splat(cosine[i]), later_a = splat(later_sine[i]), later_b = splat(later_cosine[i]);
        unrolled<4>([&](auto n) {
            const float4 c = load(&cosine_[i][4 * n]), s = load(&sine_[i][4 * n]);
            y[n] += a * c + b * s;
            y[n + 4] += later_a * c + later_b * s;
        });
    }
    unrolled<8>([&](auto n) { store(&out[4 * n], y[n]); });
}

}  // namespace lofi::inline LOFI_ABI::dsp

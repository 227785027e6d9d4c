#pragma once
// A guest that plays recorded sounds at any pitch.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <lofi/audio/detail/dot.hpp>
#include <lofi/audio/detail/kaiser.hpp>
#include <lofi/synth/guest.hpp>
#include <lofi/synth/sample_bank.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// Plays a bank's samples for the parts, keys and forces of its zones, and leaves all other notes to the house.
///
///     synth::sample_bank bank;
///     bank.add("flute_c5.wav", {.part = score::part::melody, .root = score::pitch(72)}).value();
///     synth::basic_player<synth::sampler> player({.seed = 7}, synth::sampler(std::move(bank)));
///
/// Between samples it reads by a filter of 32 taps whose corner comes down the higher it plays; from an octave up on it reads
/// what the bank has taken down. Copies share the bank.
/// realtime: all but the constructor take no lock and no memory
/// measured: pitch within 0.01 cents; what folds back when a sine is played up to two octaves high below -80 dB
class sampler : public no_guest {
public:
    static constexpr std::size_t polyphony = 32;

    sampler() = default;
    explicit sampler(sample_bank bank);

    void reset(hertz rate, random_key) noexcept;
    bool start(const note_event&, std::size_t offset, random_key) noexcept;
    void stop(score::part, score::pitch) noexcept;
    /// writes: += parts
    void process(const part_views& parts) noexcept;
    [[nodiscard]] std::size_t sounding() const noexcept;

private:
    static constexpr std::size_t taps = sample_bank::taps, places = 64, corners = 4;
    // What all copies share: the samples, and filters for four speeds within an octave, at 64 places between two frames.
    struct memory {
        sample_bank bank;
        std::vector<float> filters;
        explicit memory(sample_bank);
        [[nodiscard]] const float* row(std::size_t corner, std::size_t place) const {
            return filters.data() + (corner * (places + 1) + place) * taps;
        }
    };
    struct note {
        const sample_bank::sound* sound = nullptr;  // null: silent
        score::pitch which{};
        std::size_t octave = 0, corner = 0;
        std::int64_t at = 0, step = 0;   // place in the octave, and what a frame adds, in 2^-32 frames
        std::int64_t age = 0, left = 0;  // frames since the start and to the end, at the beginning of the next chunk
        float rise = 1.0F, keep = 1.0F, level = 1.0F, power = 0.0F;
        std::array<float, 2> gain{};
        bool stolen = false;
    };
    void fade(note&, std::size_t offset) const noexcept;
    note* free_note(std::size_t offset) noexcept;
    void make(note&, audio::stereo_view out) const noexcept;

    std::shared_ptr<const memory> memory_;
    hertz rate_{48000.0};
    std::array<note, polyphony + 8> notes_{};
};

// ---------------------------------------------------------------- bodies

inline sampler::memory::memory(sample_bank b) : bank(std::move(b)), filters(corners * (places + 1) * taps) {
    const double beta = audio::detail::kaiser_beta(80.0), half = taps / 2.0;
    float* row_of = filters.data();
    for (std::size_t c = 0; c < corners; ++c) {
        // The stop-band begins a little above the highest frequency that may sound, where recordings hold next to nothing.
        const double width = math::exp2(-0.25 * static_cast<double>(c)) - 0.11;
        for (std::size_t p = 0; p <= places; ++p, row_of += taps) {
            std::array<double, taps> w{};
            double sum = 0.0;
            for (std::size_t k = 0; k < taps; ++k) {
                const double t = static_cast<double>(k) + 1.0 - half - static_cast<double>(p) / places;
                sum += w[k] = audio::detail::sinc(t * width) * audio::detail::kaiser(t / half, beta);
            }
            for (std::size_t k = 0; k < taps; ++k) row_of[k] = static_cast<float>(w[k] / sum);
        }
    }
}

inline sampler::sampler(sample_bank bank) : memory_(std::make_shared<const memory>(std::move(bank))) {}

inline void sampler::reset(hertz rate, random_key) noexcept {
    rate_ = rate;
    notes_.fill({});
}

inline std::size_t sampler::sounding() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(notes_.begin(), notes_.end(), [](const note& n) { return n.sound != nullptr; }));
}

inline void sampler::fade(note& n, std::size_t offset) const noexcept {
    n.keep = std::min(n.keep, static_cast<float>(math::exp2(-9.965784284662087 / std::max(0.012 * rate_.value, 2.0))));
    n.left = std::min(n.left, static_cast<std::int64_t>(offset));
    n.stolen = true;
}

inline sampler::note* sampler::free_note(std::size_t offset) noexcept {
    note *free = nullptr, *quietest = nullptr, *faintest = nullptr;
    std::size_t held = 0;
    for (note& n : notes_) {
        note*& rival = n.sound == nullptr ? free : n.stolen ? faintest : quietest;
        if (n.sound != nullptr && !n.stolen) ++held;
        if (rival == nullptr || n.power < rival->power) rival = &n;
    }
    if (held >= polyphony && quietest != nullptr) fade(*quietest, offset);
    return free != nullptr ? free : faintest;
}

inline bool sampler::start(const note_event& e, std::size_t offset, random_key key) noexcept {
    if (memory_ == nullptr) return false;
    const sample_bank& bank = memory_->bank;
    const auto fits = [&](const zone& z) {
        return z.part == e.part && e.which >= z.low && e.which <= z.high && e.force >= z.soft && e.force <= z.hard;
    };
    std::uint32_t takes = 0;
    for (std::size_t i = 0; i < bank.size(); ++i) takes += fits(bank[i].zone) ? 1U : 0U;
    if (takes == 0) return false;
    random_stream chance(key);
    std::uint32_t drawn = uniform_below(chance, takes);
    const sample_bank::sound* chosen = nullptr;
    for (std::size_t i = 0; chosen == nullptr; ++i)
        if (fits(bank[i].zone) && drawn-- == 0) chosen = &bank[i];
    const zone& z = chosen->zone;

    for (note& n : notes_) {
        if (n.sound == nullptr || n.stolen) continue;
        const zone& other = n.sound->zone;
        const bool again = other.part == z.part && n.which == e.which && z.mode != playing::whole;
        if (again || (z.choke != 0 && other.choke == z.choke)) fade(n, offset);
    }
    note* const n = free_note(offset);
    if (n == nullptr) return true;
    const double keys = z.follow * (e.which.midi - z.root.midi) + z.tune.value;
    const double speed = math::exp2(keys / 12.0) * chosen->rate / rate_.value;
    // A quarter of an octave is the step from filter to filter, and four quarters the step to the next octave.
    const auto quarters = static_cast<std::size_t>(
        std::clamp(-math::floor_int(-4.0 * math::log2(speed) + 1e-9), 0, static_cast<int>(4 * sample_bank::most_octaves) - 1));
    *n = {.sound = chosen, .which = e.which, .octave = quarters / 4, .corner = quarters % 4};
    const double slower = math::exp2(-static_cast<double>(n->octave));
    n->step = static_cast<std::int64_t>(std::clamp(speed * slower, 1e-6, 64.0) * 0x1p32 + 0.5);
    n->age = -static_cast<std::int64_t>(offset);
    n->left = z.mode == playing::whole ? INT64_MAX / 2 : e.length.value + static_cast<std::int64_t>(offset);
    n->rise = static_cast<float>(1.0 / std::max(1.0, z.attack.value * rate_.value));
    n->keep = static_cast<float>(math::exp2(-9.965784284662087 / std::max(z.release.value * rate_.value, 2.0)));
    n->power = 1.0F;
    const double loud = double{math::db_to_gain(z.gain)} * math::pow(e.force.value / 127.0, z.touch);
    if (chosen->channels == 2) {  // turned to one side, the other is turned down
        n->gain = {static_cast<float>(loud * std::min(1.0, 1.0 - double{z.pan})),
                   static_cast<float>(loud * std::min(1.0, 1.0 + double{z.pan}))};
    } else {
        const double turn = 0.125 * (1.0 + double{z.pan});
        n->gain = {static_cast<float>(loud * math::cos_turns(turn)), static_cast<float>(loud * math::sin_turns(turn))};
    }
    return true;
}

inline void sampler::stop(score::part part, score::pitch which) noexcept {
    for (note& n : notes_)
        if (n.sound != nullptr && n.sound->zone.mode != playing::whole && n.sound->zone.part == part && n.which == which)
            n.left = std::min<std::int64_t>(n.left, 0);
}

inline void sampler::process(const part_views& parts) noexcept {
    for (note& n : notes_)
        if (n.sound != nullptr) make(n, parts[static_cast<std::size_t>(n.sound->zone.part)]);
}

inline void sampler::make(note& n, audio::stereo_view out) const noexcept {
    const sample_bank::sound& s = *n.sound;
    const sample_bank::octave& from = s.octaves[n.octave];
    const std::int64_t length = (s.length << 32) >> n.octave, loop = (s.loop << 32) >> n.octave;
    // A loop is left where the filter reaches over nothing but the loop, which goes on a little beyond its end.
    const std::int64_t end = s.loop > 0 ? length + (std::int64_t{taps} << 32) : length;
    float power = 0.0F;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int64_t age = n.age + static_cast<std::int64_t>(i);
        if (age < 0) continue;
        if (n.at >= end) {
            if (s.loop == 0) {
                n.sound = nullptr;
                return;
            }
            n.at -= ((n.at - end) / loop + 1) * loop;
        }
        const auto whole = static_cast<std::size_t>(n.at >> 32);
        const auto part = static_cast<std::uint32_t>(n.at);
        const std::size_t place = part >> 26;
        const float between = static_cast<float>(static_cast<std::int32_t>(part & 0x3ffffffU)) * 0x1p-26F;
        const float *const a = memory_->row(n.corner, place), *const b = memory_->row(n.corner, place + 1);
        std::array<float, taps> w;
        for (std::size_t k = 0; k < taps; ++k) w[k] = a[k] + between * (b[k] - a[k]);

        if (static_cast<std::int64_t>(i) >= n.left) n.level *= n.keep;
        const float t = std::min(static_cast<float>(age) * n.rise, 1.0F), envelope = n.level * t * t * (3.0F - 2.0F * t);
        const float left = envelope * audio::detail::dot<16>(w.data(), from.channel[0].data() + whole + 1, taps);
        const float right =
            s.channels == 1 ? left : envelope * audio::detail::dot<16>(w.data(), from.channel[1].data() + whole + 1, taps);
        out.left[i] += n.gain[0] * left, out.right[i] += n.gain[1] * right;
        power += left * left + right * right;
        n.at += n.step;
    }
    n.age += static_cast<std::int64_t>(out.size());
    n.left = std::max<std::int64_t>(n.left - static_cast<std::int64_t>(out.size()), 0);
    n.power = power;
    if (n.left == 0 && n.level < 1e-5F) n.sound = nullptr;
}

}  // namespace lofi::inline LOFI_ABI::synth

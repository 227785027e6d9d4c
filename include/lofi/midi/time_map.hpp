#pragma once
// Tempo, metre and key of a MIDI file over its ticks: one map for the whole file, or one a pattern.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/midi/file.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// Gathers tempo, time signature and key signature events from wherever they stand, in the order of their ticks. Of several
/// of one kind on one tick the last wins. What means nothing (tempo 0, numerator 0, 25 flats) is left out.
/// A division in SMPTE frames counts absolute time: the tempo is constant, and a quarter note is a second (1.001 s at rate 29).
/// source: RP-001
class time_map {
public:
    /// The map of all tracks together: formats 0 and 1.
    explicit time_map(const file& f) : division_(f.division) {
        for (const track& t : f.tracks) gather(t);
        settle();
    }
    /// The map of one track alone: a pattern of format 2.
    time_map(const file& f, std::size_t pattern) : division_(f.division) {
        if (pattern < f.tracks.size()) gather(f.tracks[pattern]);
        settle();
    }

    [[nodiscard]] const std::vector<score::tempo_change>& tempo_changes() const { return tempi_; }
    [[nodiscard]] const std::vector<score::meter_change>& meters() const { return meters_; }
    [[nodiscard]] const std::vector<score::key_change>& keys() const { return keys_; }
    [[nodiscard]] score::resolution resolution() const {
        return score::resolution(division_.is_smpte() ? division_.ticks_per_second() : division_.ticks_per_quarter());
    }
    /// The time of a tick, whatever its size. Exact arithmetic on pieces of sensible length is `score::tempo_map`'s.
    [[nodiscard]] seconds seconds_at(ticks t) const;

private:
    void gather(const track& t);
    void settle();

    midi::division division_;
    std::vector<score::tempo_change> tempi_;
    std::vector<score::meter_change> meters_;
    std::vector<score::key_change> keys_;
};

// ---------------------------------------------------------------- bodies

inline seconds time_map::seconds_at(ticks t) const {
    double microquarters = 0.0, tempo = 500000.0;
    ticks from{};
    for (const score::tempo_change& c : tempi_) {
        if (c.at > t) break;
        microquarters += tempo * static_cast<double>((c.at - from).value);
        from = c.at;
        tempo = c.microseconds_per_quarter;
    }
    microquarters += tempo * static_cast<double>((t - from).value);
    return seconds(microquarters / (1e6 * resolution().ticks_per_quarter));
}

inline void time_map::gather(const track& t) {
    for (const event& e : t.events) {
        if (!e.is_meta()) continue;
        const auto bytes = t.payload(e);
        const auto byte = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
        if (e.is(meta::tempo) && bytes.size() >= 3 && !division_.is_smpte()) {
            const std::uint32_t tempo =
                static_cast<std::uint32_t>(byte(0)) << 16 | static_cast<std::uint32_t>(byte(1)) << 8 | byte(2);
            if (tempo != 0) tempi_.push_back({e.at, tempo});
        } else if (e.is(meta::time_signature) && bytes.size() >= 2) {
            // The score's denominator ends at 128, and no printed music goes further.
            if (byte(0) != 0 && byte(1) <= 7) meters_.push_back({e.at, byte(0), static_cast<std::uint8_t>(1U << byte(1))});
        } else if (e.is(meta::key_signature) && bytes.size() >= 2) {
            const int sharps = static_cast<std::int8_t>(byte(0));
            if (sharps < -7 || sharps > 7) continue;
            const bool minor = byte(1) == 1;  // anything but 0 and 1 is read as major
            const score::pitch_class tonic(sharps * 7 + (minor ? 9 : 0));
            keys_.push_back({e.at, {tonic, minor ? score::mode::aeolian : score::mode::ionian}});
        }
    }
}

inline void time_map::settle() {
    const auto last_of_each_tick = [](auto& changes) {
        std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        std::size_t n = 0;
        for (std::size_t i = 0; i < changes.size(); ++i)
            if (i + 1 == changes.size() || changes[i + 1].at != changes[i].at) changes[n++] = changes[i];
        changes.resize(n);
    };
    if (division_.is_smpte()) tempi_ = {{ticks(0), division_.smpte_rate() == 29 ? 1001000U : 1000000U}};
    last_of_each_tick(tempi_);
    last_of_each_tick(meters_);
    last_of_each_tick(keys_);
}

}  // namespace lofi::inline LOFI_ABI::midi

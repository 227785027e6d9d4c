#pragma once
// Arranging a section in slices, one player a slice, in memory that was taken beforehand.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/arrange/harmony.hpp>
#include <lofi/radio/sheet.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Turns a sheet and a treatment into notes.
class arranger {
public:
    /// How many calls of `step` a section takes.
    static constexpr std::int64_t slices = score::part_count + 1;

    arranger();

    /// Begins. Notes before the tick `from` will be left out.
    void start(const sheet&, const treatment&, const arrange::band_state& before, std::int32_t from, random_key chance);
    /// Does one slice; true while there is more to do.
    /// realtime: yes
    bool step() noexcept;
    [[nodiscard]] bool busy() const { return busy_; }
    void stop() { busy_ = false; }
    /// What came of it, once `step` has returned false.
    [[nodiscard]] const section_score& score() const { return score_; }

private:
    void gather() noexcept;

    arrange::section section_{};
    arrange::arrange_config config_{};
    random_key section_key_{};
    std::vector<score::track> tracks_;
    section_score score_{};
    std::size_t next_ = 0;
    bool busy_ = false;
};

// ---------------------------------------------------------------- bodies

inline arranger::arranger() : tracks_(arrange::make_tracks()) {
    // More than the players can play in eight bars: a step of sixteenths has at most four notes of the keys, and three hits.
    for (score::track& t : tracks_) t.notes.reserve(1024);
}

inline void arranger::start(const sheet& s, const treatment& t, const arrange::band_state& before, std::int32_t from,
                            random_key chance) {
    section_.kind = s.plan.kind, section_.material = s.plan.material;
    section_.strength = t.strength, section_.plays = t.plays;
    section_.groove = s.groove, section_.fill = s.fill;
    section_.rows.clear();
    for (std::size_t i = 0; i < std::min<std::size_t>(s.plan.bars, most_section_bars) * rows_a_bar; ++i) {
        score::lead_row row;
        row.chord = i + 1 == t.cadence ? std::uint8_t{5} : s.chords[i];
        for (std::size_t k = 0; k < score::slots_per_row; ++k) row.melody[k] = s.melody[i * score::slots_per_row + k];
        section_.rows.push_back(row);
    }
    config_.key = t.key;
    config_.rows = arrange::row_length::half_bar;
    config_.energy = t.energy, config_.swing = t.swing;
    config_.key_of_chance = chance;
    section_key_ = chance.child("section").child(s.number);
    for (score::track& track : tracks_) track.notes.clear();
    score_.how = t, score_.from = from, score_.after = before;
    score_.notes.clear(), score_.chords.clear();
    next_ = 0, busy_ = true;
}

inline bool arranger::step() noexcept {
    using score::part;
    if (!busy_) return false;
    if (score_.how.ending) {
        // The band's last chord: those play who played.
        arrange::arrange_ending(section_.plays, config_, ticks(0), score_.after, tracks_);
        gather();
        return busy_ = false;
    }
    const auto p = static_cast<part>(next_);
    arrange::band_state& band = score_.after;
    if (next_ < score::part_count && section_.plays[p]) {
        std::int32_t& late = band.lateness[next_];
        score::track& out = tracks_[next_];
        switch (p) {
            case part::keys: arrange::arrange_keys(section_, config_, section_key_, ticks(0), band.hand, late, out); break;
            case part::melody: arrange::arrange_melody(section_, config_, section_key_, ticks(0), late, out); break;
            case part::bass:
                arrange::arrange_bass(section_, config_, section_key_, ticks(0), score_.how.next_degree, band.bass, late, out);
                break;
            case part::drums: arrange::arrange_drums(section_, config_, section_key_, ticks(0), late, out); break;
            case part::texture: arrange::arrange_texture(section_, config_, section_key_, ticks(0), late, out); break;
        }
    }
    if (++next_ <= score::part_count) return true;
    gather();
    return busy_ = false;
}

inline void arranger::gather() noexcept {
    for (std::size_t p = 0; p < score::part_count; ++p)
        for (const score::note& n : tracks_[p].notes)
            if (n.start.value >= score_.from)
                score_.notes.push_back({static_cast<std::int32_t>(n.start.value), static_cast<std::int32_t>(n.length.value),
                                        static_cast<score::part>(p), n.which, n.force});
    std::sort(score_.notes.begin(), score_.notes.end(), [](const section_note& a, const section_note& b) {
        if (a.tick != b.tick) return a.tick < b.tick;
        if (a.part != b.part) return a.part < b.part;
        if (a.which != b.which) return a.which < b.which;
        if (a.length != b.length) return a.length < b.length;
        return a.force < b.force;
    });
    if (score_.how.ending) {
        score_.chords.push_back({0, arrange::coloured(config_.key, 1, arrange::chord_colour::ninth), config_.key});
        return;
    }
    for (const arrange::chord_span& c : arrange::harmonise(section_, config_)) {
        const auto tick = static_cast<std::int32_t>(static_cast<std::int64_t>(c.row) * arrange::row_ticks(config_.rows));
        if (tick >= score_.from) score_.chords.push_back({tick, c.chord, config_.key});
    }
}

}  // namespace lofi::inline LOFI_ABI::engine

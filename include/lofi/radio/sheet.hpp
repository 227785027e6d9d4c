#pragma once
// A section of the radio: what was composed, how it is treated, and the notes that come of it.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/arrange.hpp>
#include <lofi/arrange/endless_form.hpp>
#include <lofi/core/fixed_vector.hpp>

namespace lofi::inline LOFI_ABI::engine {

inline constexpr std::size_t phrase_rows = 16, rows_a_bar = 2, most_section_bars = 8;

/// What was composed for a section: a phrase of eight bars, of which it plays as many as it has, and the drums' patterns.
struct sheet {
    std::uint64_t number = 0;  ///< of the section, from 0
    arrange::section_plan plan{};
    std::array<std::uint8_t, phrase_rows> chords{};
    std::array<std::uint8_t, phrase_rows * score::slots_per_row> melody{};
    arrange::drum_pattern groove{}, fill{};
};

/// How a section is played: everything that steering has a say in. Notes follow from a sheet, a treatment and what the players remember.
struct treatment {
    score::key key{};
    std::uint8_t energy = 128, swing = 110, strength = 128;
    arrange::layers plays{};
    std::uint8_t next_degree = 0;  ///< the chord that follows the section, 0 where it is not known
    std::uint8_t cadence = 0;      ///< one more than the row whose chord becomes the dominant, 0: none
    bool ending = false;           ///< no section, but the last chord

    friend constexpr bool operator==(const treatment& a, const treatment& b) {
        return a.key == b.key && a.energy == b.energy && a.swing == b.swing && a.strength == b.strength &&
               a.plays.plays == b.plays.plays && a.next_degree == b.next_degree && a.cadence == b.cadence &&
               a.ending == b.ending;
    }
};

/// A note of a section, in ticks from its start.
struct section_note {
    std::int32_t tick = 0, length = 0;
    score::part part{};
    score::pitch which{};
    score::velocity force{};
};
/// A chord of a section.
struct section_chord {
    std::int32_t tick = 0;
    score::chord chord{};
    score::key key{};
};

/// The notes of a section, or of the rest of one.
struct section_score {
    treatment how{};
    std::int32_t from = 0;                     ///< notes before this tick are left out
    fixed_vector<section_note, 1536> notes{};  ///< by tick
    fixed_vector<section_chord, 2 * phrase_rows> chords{};
    arrange::band_state after{};  ///< what the players remember at its end
};

[[nodiscard]] constexpr std::int32_t length_ticks(const sheet& s) {
    return static_cast<std::int32_t>(s.plan.bars * arrange::bar);
}

/// Reads or writes by an archive's `archive(number)`.
template <class Archive>
void visit(Archive& archive, arrange::section_plan& p);
template <class Archive>
void visit(Archive& archive, sheet& s);
template <class Archive>
void visit(Archive& archive, treatment& t);
template <class Archive>
void visit(Archive& archive, arrange::band_state& b);
template <class Archive>
void visit(Archive& archive, arrange::endless_form& f);

// ---------------------------------------------------------------- bodies

namespace detail {
template <class Archive, class Enum>
void visit_enum(Archive& archive, Enum& e) {
    auto v = static_cast<std::uint8_t>(e);
    archive(v);
    e = static_cast<Enum>(v);
}
template <class Archive>
void visit(Archive& archive, score::key& k) {
    archive(k.tonic.value);
    visit_enum(archive, k.scale);
}
template <class Archive>
void visit(Archive& archive, arrange::layers& l) {
    std::uint8_t bits = 0;
    for (std::size_t p = 0; p < score::part_count; ++p) bits = static_cast<std::uint8_t>(bits | (l.plays[p] ? 1U << p : 0U));
    archive(bits);
    for (std::size_t p = 0; p < score::part_count; ++p) l.plays[p] = (bits >> p & 1U) != 0;
}
template <class Archive>
void visit(Archive& archive, arrange::drum_pattern& d) {
    auto count = static_cast<std::uint8_t>(d.size());
    archive(count);
    d.resize(std::min<std::size_t>(count, arrange::drum_pattern::capacity()));
    for (score::drum_hit& h : d) {
        auto offset = static_cast<std::uint8_t>(h.offset);
        archive(h.step), visit_enum(archive, h.voice), archive(h.force.value), archive(offset);
        h.offset = static_cast<std::int8_t>(offset);
    }
}
}  // namespace detail

template <class Archive>
void visit(Archive& archive, arrange::section_plan& p) {
    detail::visit_enum(archive, p.kind);
    archive(p.material), archive(p.variation), archive(p.strength), archive(p.bars);
    detail::visit(archive, p.plays);
}

template <class Archive>
void visit(Archive& archive, sheet& s) {
    archive(s.number);
    visit(archive, s.plan);
    for (std::uint8_t& c : s.chords) archive(c);
    for (std::uint8_t& m : s.melody) archive(m);
    detail::visit(archive, s.groove), detail::visit(archive, s.fill);
}

template <class Archive>
void visit(Archive& archive, treatment& t) {
    detail::visit(archive, t.key);
    archive(t.energy), archive(t.swing), archive(t.strength);
    detail::visit(archive, t.plays);
    archive(t.next_degree), archive(t.cadence);
    std::uint8_t ending = t.ending ? 1 : 0;
    archive(ending);
    t.ending = ending != 0;
}

template <class Archive>
void visit(Archive& archive, arrange::band_state& b) {
    for (std::uint8_t& m : b.hand.midi) archive(m);
    archive(b.hand.count), archive(b.bass);
    for (std::int32_t& l : b.lateness) archive(l);
}

template <class Archive>
void visit(Archive& archive, arrange::endless_form& f) {
    archive(f.sections), archive(f.round), archive(f.materials), archive(f.home), archive(f.bridge);
    archive(f.station), archive(f.returns), archive(f.crossings);
}

}  // namespace lofi::inline LOFI_ABI::engine

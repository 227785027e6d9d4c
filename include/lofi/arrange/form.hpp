#pragma once
// The form of a piece: an introduction, themes that come back changed and fuller, bridges, breakdowns, an ending.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/arrange/section.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// One section of a form, before there is any music for it.
struct section_plan {
    section_kind kind = section_kind::theme;
    std::uint32_t material = 0;  ///< 0 the first theme; bridges and, in long pieces, later themes have others
    std::uint8_t variation = 0;  ///< 0 as first heard; each return is another
    std::uint8_t strength = 128;
    std::uint8_t bars = 8;
    layers plays{};
};

/// Plans so many bars exactly, or 8 where fewer are asked for. Themes, bridges and breakdowns have 4 or 8 bars; introduction and ending
/// take what remains. For up to 8000 bars no material and no variation comes twice by overflow.
[[nodiscard]] inline std::vector<section_plan> plan_form(std::size_t bars, random_key chance_key);

// ---------------------------------------------------------------- bodies

namespace detail {

// The round that a form goes, again and again: theme, theme, bridge, breakdown, theme.
enum class station : std::uint8_t { statement, fuller, bridge, breakdown, arrival };
inline constexpr std::size_t stations = 5;

class form_planner {
public:
    form_planner(std::size_t bars, random_key key) : total_(std::max<std::size_t>(bars, 8)), chance_(key) {}

    std::vector<section_plan> plan() {
        const std::size_t edge = total_ >= 32 ? 4 : 2, odd = (total_ - 2 * edge) % 4;
        const std::size_t intro = edge + odd / 2 * 2, outro = edge + odd % 2;
        add({section_kind::intro, 0, 0, 50, as_byte(intro), none().set(score::part::keys, true)});
        std::size_t left = total_ - intro - outro;
        for (std::size_t i = 0; left > 0; ++i) {
            const section_plan p = at(static_cast<station>(i % stations), i / stations, left);
            add(p), left -= p.bars;
        }
        add({section_kind::outro, home_, 0, 120, as_byte(outro), layers{}});
        return form_;
    }

private:
    static layers none() { return {{false, false, false, false, false}}; }
    static std::uint8_t as_byte(std::size_t n) { return static_cast<std::uint8_t>(n); }
    std::uint8_t between(std::int32_t low, std::int32_t high) {
        return static_cast<std::uint8_t>(uniform_between(chance_, low, high));
    }
    void add(const section_plan& p) { form_.push_back(p); }

    section_plan at(station where, std::size_t round, std::size_t left) {
        using score::part;
        // A breakdown between two sections of four bars, or just before the end, would have nothing to come back to.
        if (where == station::breakdown && left < 8) where = station::arrival;
        section_plan p{section_kind::theme, home_, 0, 150, as_byte(left >= 8 ? 8 : 4), layers{}};
        switch (where) {
            case station::statement:
                // In long pieces the theme gives way to another every third round, so that the piece goes somewhere.
                if (round != 0 && round % 3 == 0) p.material = home_ = ++materials_, returns_ = 0;
                p.plays.set(part::texture, false);
                p.strength = round == 0 ? 112 : between(120, 160);
                if (round == 0 && total_ >= 48 && chance(chance_, 1, 4)) p.plays.set(part::drums, false);
                // Later the groove may stand alone for once.
                if (round != 0 && chance(chance_, 1, 4)) p.plays.set(part::melody, false).set(part::texture, true);
                break;
            case station::fuller: p.strength = between(150, 200); break;
            case station::arrival: p.strength = between(190, 240); break;
            case station::bridge:
                if (round % 2 == 0) bridge_ = ++materials_, crossings_ = 0;
                p.kind = section_kind::bridge, p.material = bridge_, p.variation = crossings_++;
                p.strength = between(135, 190);
                p.plays.set(part::texture, chance(chance_, 1, 2));
                return p;
            case station::breakdown:
                p.kind = section_kind::breakdown, p.bars = 4, p.strength = 76;
                p.material = chance(chance_, 1, 2) ? bridge_ : home_;
                p.plays.set(part::drums, chance(chance_, 1, 2));  // and where they stay, without a kick
                p.plays.set(part::bass, chance(chance_, 1, 2));
                p.plays.set(part::melody, chance(chance_, 2, 3));
                p.plays.set(part::texture, false);
                if (p.material == bridge_) return p.variation = crossings_++, p;
                break;
        }
        p.variation = returns_++;
        return p;
    }

    std::size_t total_;
    random_stream chance_;
    std::vector<section_plan> form_;
    std::uint8_t home_ = 0, bridge_ = 0, materials_ = 0, returns_ = 0, crossings_ = 0;
};

}  // namespace detail

inline std::vector<section_plan> plan_form(std::size_t bars, random_key chance_key) {
    return detail::form_planner(bars, chance_key).plan();
}

}  // namespace lofi::inline LOFI_ABI::arrange

#pragma once
// A form without an end: rounds of themes, bridges and breakdowns whose material comes back changed and then gives way to other.
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/form.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Plans sections one by one, for ever. Its whole memory is these few numbers; what is left to chance follows from a key and the
/// number of the section, so that a form goes on from a copy of them as from itself.
struct endless_form {
    std::uint64_t sections = 0;  ///< planned so far
    std::uint32_t round = 0, materials = 0, home = 0, bridge = 0;
    std::uint8_t station = 0, returns = 0, crossings = 0;

    /// Plans the next section: 4 or 8 bars. The first is an introduction.
    [[nodiscard]] section_plan next(random_key chance_key);

    friend constexpr bool operator==(const endless_form&, const endless_form&) = default;
};

// ---------------------------------------------------------------- bodies

inline section_plan endless_form::next(random_key chance_key) {
    using detail::station, score::part;
    random_stream dice(chance_key.child(sections));
    const auto between = [&](std::int32_t low, std::int32_t high) {
        return static_cast<std::uint8_t>(uniform_between(dice, low, high));
    };
    if (sections++ == 0) {
        layers keys{{false, false, false, false, false}};
        return {section_kind::intro, 0, 0, 60, 4, keys.set(part::keys, true)};
    }
    const auto where = static_cast<station>(this->station);
    section_plan p{section_kind::theme, home, 0, 150, 8, layers{}};
    switch (where) {
        case station::statement:
            // The theme gives way to another every third round or so, before it is known too well.
            if (round != 0 && (round % 3 == 0 || chance(dice, 1, 5))) home = ++materials, returns = 0;
            p.material = home;
            p.plays.set(part::texture, false);
            p.strength = round == 0 ? 112 : between(115, 160);
            // Later the groove may stand alone for once.
            if (round != 0 && chance(dice, 1, 4)) p.plays.set(part::melody, false).set(part::texture, true);
            break;
        case station::fuller: p.strength = between(150, 200); break;
        case station::bridge:
            if (round % 2 == 0) bridge = ++materials, crossings = 0;
            p.kind = section_kind::bridge, p.material = bridge, p.variation = crossings++;
            p.bars = chance(dice, 1, 3) ? 4 : 8;
            p.strength = between(135, 190);
            p.plays.set(part::texture, chance(dice, 1, 2));
            break;
        case station::breakdown:
            p.kind = section_kind::breakdown, p.bars = 4, p.strength = 76;
            p.material = chance(dice, 1, 2) ? bridge : home;
            p.plays.set(part::drums, chance(dice, 1, 2));  // and where they stay, without a kick
            p.plays.set(part::bass, chance(dice, 1, 2));
            p.plays.set(part::melody, chance(dice, 2, 3));
            p.plays.set(part::texture, false);
            if (p.material == bridge) p.variation = crossings++;
            break;
        case station::arrival: p.strength = between(190, 240); break;
    }
    if (p.material == home && p.kind != section_kind::bridge) p.variation = returns++;
    // A round in four goes without its breakdown, one in five without its bridge.
    std::size_t step = 1;
    if (where == station::fuller && chance(dice, 1, 5)) step = 3;
    if (where == station::bridge && chance(dice, 1, 4)) step = 2;
    const std::size_t after = this->station + step;
    if (after >= detail::stations) ++round;
    this->station = static_cast<std::uint8_t>(after % detail::stations);
    return p;
}

}  // namespace lofi::inline LOFI_ABI::arrange

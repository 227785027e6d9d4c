#pragma once
// Sections of random lead sheets, as wild as the format allows, for the tests of this room.
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/arrange/form.hpp>
#include <lofi/arrange/section.hpp>

namespace lofi::test {

/// Rows of random chords that stay for a while and a melody of steps, leaps and rests.
inline arrange::section_rows random_rows(std::size_t count, random_key key) {
    random_stream random(key);
    arrange::section_rows rows;
    int value = 8;
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back({});
        const bool stays = i != 0 && chance(random, 2, 5);
        rows[i].chord =
            stays ? rows[i - 1].chord : static_cast<std::uint8_t>(chance(random, 1, 15) ? 0 : uniform_between(random, 1, 7));
        for (std::uint8_t& slot : rows[i].melody) {
            if (chance(random, 1, 3)) value = std::clamp(value + uniform_between(random, -3, 3), 1, 15);
            slot = static_cast<std::uint8_t>(chance(random, 1, 6) ? 0 : value);
        }
    }
    return rows;
}

/// The frame of a piece with everything but the rows length drawn from a key.
inline arrange::arrange_config random_config(random_key key) {
    random_stream random(key.child("config"));
    arrange::arrange_config c;
    c.key.tonic = score::pitch_class(uniform_between(random, 0, 11));
    c.key.scale = static_cast<score::mode>(uniform_between(random, 1, 7));
    c.energy = static_cast<std::uint8_t>(uniform_below(random, 256));
    c.swing = static_cast<std::uint8_t>(uniform_below(random, 256));
    c.looseness = static_cast<std::uint8_t>(uniform_below(random, 256));
    c.colour = static_cast<std::uint8_t>(uniform_below(random, 256));
    c.key_of_chance = key.child("chance");
    return c;
}

/// A form of so many bars over random rows, two rows a bar; sections of one material have one progression.
inline std::vector<arrange::section> random_sections(std::size_t bars, random_key key) {
    std::vector<arrange::section> sections;
    for (const arrange::section_plan& p : arrange::plan_form(bars, key.child("form")))
        sections.push_back({p.kind, p.material, p.strength, p.plays,
                            random_rows(std::size_t{2} * p.bars, key.child("rows").child(p.material))});
    return sections;
}

}  // namespace lofi::test

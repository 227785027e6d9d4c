#pragma once
// What becomes different in the music when a section is played otherwise from a bar on.
#include <array>
#include <cstddef>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/radio/event.hpp>
#include <lofi/radio/sheet.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// A difference, and the parameter that made it.
struct explanation {
    reason why{};
    parameter what{};
};

/// Whether two treatments differ so much that it is worth playing otherwise.
[[nodiscard]] inline bool worth_playing(const treatment& a, const treatment& b) {
    const auto apart = [](int x, int y, int by) { return x - y >= by || y - x >= by; };
    return !(a.key == b.key) || a.plays.plays != b.plays.plays || apart(a.energy, b.energy, 6) ||
           apart(a.strength, b.strength, 8) || apart(a.swing, b.swing, 6) || a.next_degree != b.next_degree;
}

/// Says how two treatments differ; `cause` is the parameter that was changed last.
[[nodiscard]] inline fixed_vector<explanation, 8> explain(const treatment& before, const treatment& after, parameter cause) {
    fixed_vector<explanation, 8> out;
    if (before.key.tonic != after.key.tonic) out.push_back({reason::modulated, parameter::key});
    if (before.key.scale != after.key.scale) out.push_back({reason::new_mode, parameter::mode});
    using enum reason;
    constexpr std::array<reason, score::part_count> in = {none, melody_in, bass_in, drums_in, texture_in},
                                                    gone = {none, melody_out, bass_out, drums_out, texture_out};
    for (std::size_t p = 1; p < score::part_count; ++p)
        if (before.plays.plays[p] != after.plays.plays[p]) out.push_back({after.plays.plays[p] ? in[p] : gone[p], cause});
    const int fuller = (after.strength - before.strength) + (after.energy - before.energy);
    if (fuller != 0) out.push_back({fuller > 0 ? denser : sparser, cause});
    return out;
}

}  // namespace lofi::inline LOFI_ABI::engine

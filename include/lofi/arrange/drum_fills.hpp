#pragma once
// Fills of one bar, for sections that bring none of their own.
#include <array>
#include <cstdint>

#include <lofi/score/groove.hpp>

namespace lofi::inline LOFI_ABI::arrange::detail {

/// A hit of a fill: sixteenth of the bar, voice, force.
struct fill_hit {
    std::uint8_t step;
    score::drum voice;
    std::uint8_t force;
};
struct fill_figure {
    std::uint8_t first;  // from here on the groove is silent
    std::array<fill_hit, 6> hits;
    std::uint8_t count;
};

inline constexpr std::array<fill_figure, 5> fills = {{
    {12,
     {{{12, score::drum::snare, 84}, {13, score::drum::snare, 44}, {14, score::drum::snare, 62}, {15, score::drum::snare, 74}}},
     4},
    {10,
     {{{10, score::drum::kick, 82},
       {11, score::drum::snare, 54},
       {12, score::drum::snare, 88},
       {14, score::drum::kick, 74},
       {15, score::drum::snare, 60}}},
     5},
    {12,
     {{{12, score::drum::snare, 82},
       {13, score::drum::mid_tom, 62},
       {14, score::drum::mid_tom, 66},
       {15, score::drum::low_tom, 74}}},
     4},
    {13, {{{13, score::drum::snare, 50}, {14, score::drum::open_hat, 58}}}, 2},
    {8,
     {{{8, score::drum::kick, 80},
       {10, score::drum::snare, 64},
       {11, score::drum::snare, 46},
       {12, score::drum::high_tom, 68},
       {14, score::drum::low_tom, 72}}},
     5},
}};

}  // namespace lofi::inline LOFI_ABI::arrange::detail

#!/usr/bin/env python3
"""Writes the characters of JIS X 0208 by row and cell. Run from anywhere; prints what it wrote. Needs only Python."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATH = ROOT / "include/lofi/midi/detail/shift_jis.hpp"


def character(row, cell):
    """Unicode of a place in the 94 x 94 square, 0 where it is empty. Code page 932, which is what files hold."""
    lead = (row // 2) + (0x81 if row < 62 else 0xC1)
    trail = cell + 0x40 + (cell >= 63) if row % 2 == 0 else cell + 0x9F
    try:
        text = bytes([lead, trail]).decode("cp932")
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 else 0


rows = [r for r in range(94) if any(character(r, c) for c in range(94))]
last = max(rows)
cells = [character(r, c) for r in range(last + 1) for c in range(94)]
cells += [0] * (-len(cells) % 4)
# Four characters a word: a compiler reads these several times faster than single ones.
words = [sum(cells[i + k] << (16 * k) for k in range(4)) for i in range(0, len(cells), 4)]
lines = ",\n".join("    " + ", ".join(f"0x{w:x}" for w in words[i:i + 6]) for i in range(0, len(words), 6))
PATH.parent.mkdir(parents=True, exist_ok=True)
PATH.write_text(f"""#pragma once
// The characters of Shift-JIS (code page 932); made by tools/make_shift_jis.py.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::midi::detail {{

// Rows of 94 cells, 4 characters of the basic plane a word, the first lowest.
inline constexpr std::size_t jis_rows = {last + 1};
// clang-format off
inline constexpr std::array<std::uint64_t, {len(words)}> jis_words = {{
{lines}}};
// clang-format on

/// The Unicode character of two bytes; 0 where there is none.
constexpr std::uint32_t jis_character(std::uint8_t lead, std::uint8_t trail) {{
    if (trail < 0x40 || trail == 0x7F || trail > 0xFC || lead < 0x81 || lead > 0xFC || (lead >= 0xA0 && lead < 0xE0)) return 0;
    const std::size_t pair = lead - (lead < 0xA0 ? 0x81U : 0xC1U);
    const std::size_t row = 2 * pair + (trail >= 0x9F ? 1U : 0U);
    const std::size_t cell = trail >= 0x9F ? trail - 0x9FU : trail - (trail > 0x7F ? 0x41U : 0x40U);
    if (row >= jis_rows) return 0;
    const std::size_t at = row * 94 + cell;
    return static_cast<std::uint32_t>(jis_words[at / 4] >> (16 * (at % 4)) & 0xFFFFU);
}}

}}  // namespace lofi::inline LOFI_ABI::midi::detail
""")
print(PATH.relative_to(ROOT), len(words), "words")

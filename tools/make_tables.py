#!/usr/bin/env python3
"""Writes the number tables that headers carry. Run from anywhere; prints what it wrote. Needs only Python."""
import math
import pathlib
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent


def rows(values, per_line):
    return ",\n".join("    " + ", ".join(str(v) for v in values[i:i + per_line]) for i in range(0, len(values), per_line))


def normal_table():
    """Quantiles of the standard normal by upper tail probability: octaves [2^-(k+2), 2^-(k+1)), sixteen parts each."""
    octaves = 24
    inverse = statistics.NormalDist().inv_cdf
    q = [0]
    for k in range(octaves):
        for part in range(1, 17):
            tail = 2.0 ** -(k + 1) * (1 - part / 32)
            q.append(round(-inverse(tail) * 65536))
    text = f"""#pragma once
// Quantiles of the standard normal distribution in 1/65536; made by tools/make_tables.py.
#include <array>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::detail {{

inline constexpr int normal_octaves = {octaves};
// clang-format off
inline constexpr std::array<std::int32_t, {len(q)}> normal_quantile_q16 = {{
{rows(q, 12)}}};
// clang-format on

}}  // namespace lofi::inline LOFI_ABI::detail
"""
    path = ROOT / "include/lofi/core/detail/normal_table.hpp"
    path.write_text(text)
    print(path.relative_to(ROOT))


def sigmoid_table():
    """The logistic function in 1/32768 at multiples of 1/32 from -16 to 16."""
    values = [round(32768 / (1 + math.exp(-i / 32))) for i in range(-512, 513)]
    text = f"""#pragma once
// The logistic function in 1/32768 at multiples of 1/32 from -16 to 16; made by tools/make_tables.py.
#include <array>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::detail {{

// clang-format off
inline constexpr std::array<std::int32_t, {len(values)}> sigmoid_q15 = {{
{rows(values, 16)}}};
// clang-format on

}}  // namespace lofi::inline LOFI_ABI::detail
"""
    path = ROOT / "include/lofi/backend/detail/sigmoid_table.hpp"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    print(path.relative_to(ROOT))


normal_table()
sigmoid_table()

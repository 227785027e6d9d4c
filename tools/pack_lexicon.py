#!/usr/bin/env python3
"""Packs a lexicon for the header text/detail/lexicon_words.hpp.

usage: pack_lexicon.py LEXICON.tsv HEADER.hpp
The table has a heading and the columns word, valence, arousal (Glasgow Norms, 0 to 1) and vader_valence (VADER, 0 to 1).
"""
import re
import sys


def percent(text):
    return f"{min(99, max(0, round(100 * float(text)))):02d}"


def main(table, header):
    words = {}
    with open(table, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            word, valence, arousal, vader = (line.rstrip("\n").split("\t") + [""] * 3)[:4]
            word = word.lower()
            if not re.fullmatch(r"[a-z][a-z']*", word) or not (valence or vader):
                continue
            words[word] = percent(valence or vader) + (percent(arousal) if arousal else "")
    out = ["#pragma once", "// Written by tools/pack_lexicon.py: see NOTICE for whose work the values are.", "#include <array>",
           "#include <string_view>", "", "#include <lofi/core/config.hpp>", "", "// clang-format off", "namespace lofi::inline LOFI_ABI::text::detail {", "",
           "inline constexpr std::array<std::string_view, 26> lexicon_words = {{"]
    for letter in "abcdefghijklmnopqrstuvwxyz":
        packed, before = "", ""
        for word in sorted(w for w in words if w[0] == letter):
            shared = 0
            while shared < min(len(word), len(before), 25) and word[shared] == before[shared]:
                shared += 1
            packed += chr(ord("A") + shared) + word[shared:] + words[word]
            before = word
        lines = [packed[i:i + 120] for i in range(0, len(packed), 120)] or [""]
        out += [f'    "{line}"' for line in lines]
        out[-1] += ","
    out += ["}};", "", "}  // namespace lofi::inline LOFI_ABI::text::detail", "// clang-format on", ""]
    with open(header, "w", encoding="utf-8") as f:
        f.write("\n".join(out))
    print(f"{len(words)} words")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Makes tests/data/token/notechord.txt: random notes and their note/chord tokens, by an implementation of its own.

    tests/token/make_notechord.py

Written from the definition in exact fractions: notes within a 64th of the first, at both ends, are a chord; places go to the nearer of the
grids of a fourth and a third of a quarter, ties to the fourth, halves of one grid down; chords are spelled in normal order.
"""
import pathlib
import random
from fractions import Fraction

NAMES = ["C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B"]


def normal_order(classes):
    best = None
    for first in sorted(classes):
        row = sorted((c - first) % 12 for c in classes)
        key = (row[-1], row, first)
        if best is None or key < best:
            best = key
    return [(best[2] + c) % 12 for c in best[1]]


def grid(quarters):
    best = None
    for divisor in 4, 3:
        unit = Fraction(1, divisor)
        low = quarters // unit * unit
        place = low if quarters <= low + unit / 2 else low + unit
        error = abs(quarters - place)
        if best is None or error < best[0]:
            best = (error, place)
    return best[1]


def tokens(notes, tpq):
    gathered, out = set(), []
    for i, (on, length, midi) in enumerate(notes):
        if i in gathered:
            continue
        group = [midi]
        for j in range(i + 1, len(notes)):
            if abs(notes[j][0] - on) > Fraction(tpq, 16):
                break
            if j not in gathered and abs(notes[j][0] + notes[j][1] - on - length) <= Fraction(tpq, 16):
                gathered.add(j)
                group.append(notes[j][2])
        if len(group) == 1:
            text = NAMES[midi % 12] + str(midi // 12 - 1)
        else:
            text = ".".join(str(c) for c in normal_order({m % 12 for m in group}))
        out.append((grid(Fraction(on, tpq)), text))
    return [t for _, t in sorted(out, key=lambda pair: pair[0])]


def main():
    rng = random.Random(7)
    lines = []
    for _ in range(200):
        tpq = rng.choice([96, 120, 480, 960])
        notes = []
        for _ in range(rng.randrange(1, 14)):
            at = rng.randrange(0, 8 * tpq)
            for _ in range(rng.choice([1, 1, 2, 3, 4])):
                notes.append((at + rng.randrange(0, tpq // 12), rng.choice([tpq // 4, tpq // 2, tpq]) + rng.randrange(0, tpq // 12),
                              rng.randrange(20, 100)))
        notes.sort(key=lambda n: n[0])
        lines.append(" ".join(map(str, [tpq] + [x for n in notes for x in n])) + " | " + " ".join(tokens(notes, tpq)))
    folder = pathlib.Path(__file__).resolve().parents[1] / "data" / "token"
    folder.mkdir(exist_ok=True)
    (folder / "notechord.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

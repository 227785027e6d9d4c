#!/usr/bin/env python3
"""Makes tests/data/token/events.txt: random notes as REMI, TSD and MusicVAE melody, by an implementation of its own.

    tests/token/make_events.py

Each line: kind | resolution, then start length pitch velocity of every note | ids. Written from the definitions: lists of names for the
vocabularies, event lists with truncation for melodies.
"""
import pathlib
import random
from fractions import Fraction

DURATIONS = [Fraction(i, 8) for i in range(1, 32)] + [4 + Fraction(i, 4) for i in range(32)] + [Fraction(12)]
VELOCITIES = [int(i * 127 / 32) for i in range(1, 33)]


def vocabulary(kind):
    def span(beats):
        res = 8 if beats < 4 else 4
        whole = int(beats)
        return f"{whole}.{int((beats - whole) * res)}.{res}"
    names = ["PAD_None", "BOS_None", "EOS_None", "MASK_None"] + (["Bar_None"] if kind == "remi" else [])
    names += [f"Pitch_{p}" for p in range(21, 110)] + [f"Velocity_{v}" for v in VELOCITIES]
    names += ["Duration_" + span(d) for d in DURATIONS]
    names += [f"Position_{i}" for i in range(32)] if kind == "remi" else ["TimeShift_" + span(d) for d in DURATIONS]
    names += [f"PitchDrum_{p}" for p in range(27, 89)]
    return {name: i for i, name in enumerate(names)}, span


def nearest(values, x):
    return min(reversed(values), key=lambda v: abs(v - x))


def half_up(x):
    return int(x + Fraction(1, 2) - (x + Fraction(1, 2)) % 1)


def events(kind, tpq, notes):
    ids, span = vocabulary(kind)
    rows = []
    for start, length, pitch, velocity in notes:
        at = half_up(Fraction(start * 8, tpq))
        eighths = max(1, half_up(Fraction(length * 8, tpq)))
        rows.append((at, pitch, nearest(DURATIONS, Fraction(eighths, 8)), nearest(VELOCITIES, velocity)))
    out, bars, now, last = [], 0, 0, None
    for at, pitch, duration, velocity in sorted(rows):
        if kind == "remi":
            while bars <= at // 32:
                out.append("Bar_None")
                bars += 1
            if at != last:
                out.append(f"Position_{at % 32}")
        else:
            while now < at:
                step = max(d for d in DURATIONS if d * 8 <= at - now)
                out.append("TimeShift_" + span(step))
                now += int(step * 8)
        last = at
        out += [f"Pitch_{pitch}", f"Velocity_{velocity}", "Duration_" + span(duration)]
    return [ids[name] for name in out]


def melody(tpq, notes):
    """The first melody: -1 hold, -2 off, else pitches, with the list cut and filled as each note comes."""
    rows = []
    for start, length, pitch, _ in notes:
        a, b = half_up(Fraction(start * 4, tpq)), half_up(Fraction((start + length) * 4, tpq))
        rows.append((a, -pitch, max(b, a + 1)))
    rows.sort(key=lambda r: (r[0], r[1]))
    line, first = [], None
    for a, pitch, b in rows:
        if first is None:
            first = a - a % 16
        else:
            on = max(i for i, e in enumerate(line) if e >= 0)
            off = next((i for i in range(on + 1, len(line)) if line[i] == -2), len(line))
            if a - first == on:
                continue
            if a - first - off >= 16:
                break
        a, b = a - first, b - first
        line = (line + [-1] * (b + 1))[:b + 1]
        for i in range(a, b + 1):
            line[i] = -1
        line[a], line[b] = -pitch, -2
    if line[-1] == -2:
        line.pop()
    end = len(line)
    line += [-1] * (-len(line) % 16)
    if len(line) > end:
        line[end] = -2
    return [{-1: 0, -2: 1}.get(e, e - 19) for e in line]


def main():
    rng = random.Random(11)
    lines = []
    for i in range(180):
        tpq = rng.choice([96, 120, 480])
        notes, at = [], rng.randrange(0, 3 * tpq)
        for _ in range(rng.randrange(1, 16)):
            for pitch in rng.sample(range(30, 100), rng.choice([1, 1, 1, 2, 3])):
                notes.append((at, rng.randrange(1, 3 * tpq), pitch, rng.randrange(1, 128)))
            at += rng.choice([tpq // 4, tpq // 2, tpq // 3, tpq, 5 * tpq, rng.randrange(1, tpq)])
        kind = ("remi", "tsd", "melody")[i % 3]
        ids = melody(tpq, notes) if kind == "melody" else events(kind, tpq, notes)
        lines.append(" | ".join([kind, " ".join(map(str, [tpq] + [x for n in notes for x in n])), " ".join(map(str, ids))]))
    folder = pathlib.Path(__file__).resolve().parents[1] / "data" / "token"
    (folder / "events.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

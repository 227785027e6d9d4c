#!/usr/bin/env python3
"""Makes tests/data/token/grids.txt: random notes as MIDI-Like and random drums as groove tokens, by an implementation of its own.

    tests/token/make_grids.py

Lines as make_events.py writes them; a pitch of 128 and more is a drum's, less 128. Written from the definitions: names of tokens, a
line of time for every key that is painted over, exact fractions for places.
"""
import pathlib
import random
from fractions import Fraction

from make_events import DURATIONS, VELOCITIES, half_up, nearest

SPAN = {}
for d in DURATIONS:
    res = 8 if d < 4 else 4
    SPAN[d] = f"{int(d)}.{int((d - int(d)) * res)}.{res}"
MIDI_LIKE = ["PAD_None", "BOS_None", "EOS_None", "MASK_None"] + [f"NoteOn_{p}" for p in range(21, 110)]
MIDI_LIKE += [f"NoteOff_{p}" for p in range(21, 110)] + [f"Velocity_{v}" for v in VELOCITIES]
MIDI_LIKE += ["TimeShift_" + SPAN[d] for d in DURATIONS]
MIDI_LIKE += [f"DrumOn_{p}" for p in range(27, 89)] + [f"DrumOff_{p}" for p in range(27, 89)]

VOICES = ["kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride"]
# General MIDI keys of each voice that the drums below use.
KEYS = {36: 0, 35: 0, 38: 1, 40: 1, 42: 2, 44: 2, 46: 3, 45: 4, 47: 5, 50: 6, 49: 7, 57: 7, 51: 8, 59: 8}
GROOVE = ["end", "grid"] + [f"step{i}" for i in range(32)] + VOICES + [f"force{i}" for i in range(16)]
GROOVE += [f"offset{i}" for i in range(16)]


def midi_like(tpq, notes):
    lines = {}
    for start, length, pitch, velocity in notes:
        drum = pitch >= 128
        key = pitch - 128 if drum else pitch
        if not (27 <= key <= 88 if drum else 21 <= key <= 109):
            continue
        a = half_up(Fraction(start * 8, tpq))
        b = a + max(1, half_up(Fraction(length * 8, tpq)))
        at = lines.setdefault((drum, key), {})
        at[a] = max(at.get(a, (0, 0)), (b, VELOCITIES.index(nearest(VELOCITIES, velocity))))
    moments = {}
    for (drum, key), at in lines.items():
        ends = sorted(at) + [10 ** 9]
        for a, after in zip(ends, ends[1:]):
            b, v = at[a]
            name = "Drum" if drum else "Note"
            moments.setdefault(a, []).append((1, drum, key, [f"{name}On_{key}", f"Velocity_{VELOCITIES[v]}"]))
            moments.setdefault(min(b, after), []).append((0, drum, key, [f"{name}Off_{key}"]))
    out, now = [], 0
    for at in sorted(moments):
        while now < at:
            step = max(d for d in DURATIONS if d * 8 <= at - now)
            out.append("TimeShift_" + SPAN[step])
            now += int(step * 8)
        for event in sorted(moments[at]):
            out += event[3]
    return [MIDI_LIKE.index(name) for name in out]


def groove(tpq, notes):
    hits = {}
    for start, _, pitch, velocity in notes:
        exact = Fraction(start * 4, tpq)
        step = half_up(exact)
        offset = half_up((exact - step) * 128)
        place = (step // 32, step % 32, KEYS[pitch - 128])
        if place not in hits or hits[place][0] < velocity:
            hits[place] = (velocity, offset)
    out = []
    for grid in range(max(p[0] for p in hits) + 1):
        out.append("grid")
        for step in sorted({p[1] for p in hits if p[0] == grid}):
            out.append(f"step{step}")
            for voice in sorted(p[2] for p in hits if p[:2] == (grid, step)):
                velocity, offset = hits[grid, step, voice]
                out += [VOICES[voice], f"force{velocity // 8}", f"offset{min(127, offset + 64) // 8}"]
    return [GROOVE.index(name) for name in out + ["end"]]


def main():
    rng = random.Random(12)
    lines = []
    for i in range(100):
        tpq = rng.choice([96, 120, 220, 480])
        notes, at = [], rng.randrange(0, 3 * tpq)
        for _ in range(rng.randrange(1, 24)):
            if i % 2:
                at += rng.choice([0, tpq // 4, tpq // 2, tpq, rng.randrange(tpq)]) if rng.random() < .97 else 11 * tpq
                start = max(0, at // (tpq // 4) * (tpq // 4) + rng.randrange(-tpq // 7, tpq // 7))
                notes.append((start, tpq // 8, 128 + rng.choice(sorted(KEYS)), rng.randrange(1, 128)))
            else:
                for _ in range(rng.choice([1, 1, 2, 3])):
                    pitch = rng.choice([rng.randrange(18, 112), rng.randrange(60, 64), 128 + rng.randrange(25, 92)])
                    notes.append((at, rng.randrange(1, 4 * tpq), pitch, rng.randrange(1, 128)))
                at += rng.choice([tpq // 4, tpq // 2, tpq // 3, tpq, 29 * tpq, rng.randrange(1, tpq)])
        kind = ("midi-like", "groove")[i % 2]
        ids = (midi_like, groove)[i % 2](tpq, notes)
        if ids:
            lines.append(" | ".join([kind, " ".join(map(str, [tpq] + [x for n in notes for x in n])),
                                     " ".join(map(str, ids))]))
    folder = pathlib.Path(__file__).resolve().parents[1] / "data" / "token"
    (folder / "grids.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

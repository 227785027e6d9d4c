#!/usr/bin/env python3
"""Makes mgeval.txt and set_distances.txt: what MGEval's own code measures on random pieces, and what SciPy makes of random sets.

    make_mgeval.py PATH_OF_MGEVAL/mgeval/core.py

Needs numpy, scipy, mido, pretty_midi. MGEval is Python 2 and reads files with a package that is no more: its text is mended where Python 3
differs (whole division, print), and the events are handed to it. A piece is a line `piece RESOLUTION TEMPO`, lines
`note TRACK DRUM START LENGTH PITCH VELOCITY`, and lines `NAME VALUES`.
"""
import math
import pathlib
import random
import re
import sys
import tempfile
import types

import mido
import numpy as np
import pretty_midi
from scipy import integrate, stats

rng = random.Random(7)
HERE = pathlib.Path(__file__).parent


class TimeSignatureEvent: pass


class NoteOnEvent: pass


class NoteOffEvent: pass


class Track(list): pass


class Pattern(list):
    def make_ticks_abs(self):
        pass


def load_mgeval(path):
    text = pathlib.Path(path).read_text()
    text = re.sub(r"(?<!float\()pattern\[track_num\]\[i\]\.tick / bar_length", "pattern[track_num][i].tick // bar_length", text)
    text = re.sub(r"print (\".*\")", r"print(\1)", text)
    midi = types.ModuleType("midi")
    midi.events = types.SimpleNamespace(TimeSignatureEvent=TimeSignatureEvent, NoteOnEvent=NoteOnEvent, NoteOffEvent=NoteOffEvent)
    sys.modules["midi"] = midi
    # Python 2 rounds halves away from zero.
    space = {"round": lambda x: math.floor(x + 0.5)}
    exec(compile(text, path, "exec"), space)
    return space["metrics"]()


def make_piece(number):
    resolution, tempo = rng.choice([8, 16, 32, 64]), rng.choice([250000, 500000, 1000000])
    tracks = []
    for t in range(rng.choice([1, 2, 3])):
        drum = t > 0 and rng.random() < 0.4
        taken, notes = {}, []
        at = rng.choice([0, resolution])
        for _ in range(rng.choice([2, 5, 12, 30])):
            length = rng.choice([1, resolution // 4, resolution // 2, resolution, 3 * resolution // 2, 2 * resolution, 4 * resolution])
            pitch = rng.choice([36, 38, 42] if drum else range(50, 80))
            if taken.get(pitch, 0) <= at:  # a key is up before it goes down again
                notes.append((at, length, pitch, rng.randrange(1, 128)))
                taken[pitch] = at + length
            at += rng.choice([0, 0, resolution // 4, resolution // 2, resolution, 2 * resolution])
        notes.sort(key=lambda n: (n[0], n[2]))
        tracks.append((drum, notes))
    return resolution, tempo, tracks


def events_of(notes):
    events = [(s, 1, p, v) for s, _, p, v in notes] + [(s + l, 0, p, 0) for s, l, p, _ in notes]
    return sorted(events, key=lambda e: (e[0], e[1], e[2]))


def to_files(resolution, tempo, tracks):
    file = mido.MidiFile(type=1, ticks_per_beat=resolution)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo), mido.MetaMessage("time_signature")]))
    pattern = Pattern([Track()])
    pattern.resolution = resolution
    for i, (drum, notes) in enumerate(tracks):
        channel = 9 if drum else i
        track, now = mido.MidiTrack([mido.Message("program_change", channel=channel, program=i)]), 0
        head = types.SimpleNamespace(tick=0)
        own = Track([head])
        for tick, on, pitch, velocity in events_of(notes):
            track.append(mido.Message("note_on" if on else "note_off", channel=channel, note=pitch, velocity=velocity, time=tick - now))
            now = tick
            event = NoteOnEvent() if on else NoteOffEvent()
            event.tick, event.data = tick, [pitch, velocity]
            own.append(event)
        file.tracks.append(track)
        own.append(types.SimpleNamespace(tick=now))
        pattern.append(own)
    with tempfile.NamedTemporaryFile(suffix=".mid") as f:
        file.save(f.name)
        return {"pretty_midi": pretty_midi.PrettyMIDI(f.name), "midi_pattern": pattern}


def numbers(values):
    return " ".join(repr(float(v)) for v in np.ravel(values))


def main():
    m = load_mgeval(sys.argv[1])
    out = []
    for number in range(16):
        resolution, tempo, tracks = make_piece(number)
        feature = to_files(resolution, tempo, tracks)
        out.append(f"piece {resolution} {tempo}")
        for t, (drum, notes) in enumerate(tracks):
            out += [f"note {t} {int(drum)} {s} {l} {p} {v}" for s, l, p, v in notes]
        for name, value in {
                "pitch_count": m.total_used_pitch(feature), "note_count": m.total_used_note(feature), "pitch_range": m.pitch_range(feature),
                "mean_interval": m.avg_pitch_shift(feature), "mean_onset_distance": m.avg_IOI(feature),
                "bar_pitches": m.bar_used_pitch(feature), "bar_notes": m.bar_used_note(feature),
                "pitch_classes": m.total_pitch_class_histogram(feature),
                # Of the instrument and at the tempo that the others are of; by itself it takes the second, and 120.
                "bar_pitch_classes": m.bar_pitch_class_histogram(feature, track_num=0, bpm=60e6 / tempo), "note_lengths": m.note_length_hist(feature),
                "note_and_rest_lengths": m.note_length_hist(feature, pause_event=True),
                "pitch_class_transitions": m.pitch_class_transition_matrix(feature),
                "note_length_transitions": m.note_length_transition_matrix(feature),
                "note_and_rest_transitions": m.note_length_transition_matrix(feature, pause_event=True)}.items():
            out.append(f"{name} {numbers(value)}")
    (HERE / "mgeval.txt").write_text("\n".join(out) + "\n")

    out, draw = [], np.random.RandomState(3)
    sets = [(np.arange(1.0, 9), np.arange(1.0, 9)), (np.arange(1.0, 9), np.arange(101.0, 109))]
    sets += [(draw.normal(0, 1, 20).round(3), draw.normal(m, s, n).round(3)) for m, s, n in [(0, 1, 30), (1, .5, 12), (3, 2, 25), (0, .1, 40)]]
    sets += [(draw.randint(0, 5, 30).astype(float), draw.randint(2, 9, 14).astype(float))]
    for a, b in sets:
        p, q = stats.gaussian_kde(a), stats.gaussian_kde(b)

        def overlap(low, high):
            return integrate.quad(lambda x: min(p(x)[0], q(x)[0]), low, high, limit=2000, epsabs=1e-9)[0]

        low, high = min(a.min(), b.min()), max(a.max(), b.max())
        wide = [np.sqrt(k.covariance[0, 0]) for k in (p, q)]
        least, most = min(a.min() - 4 * wide[0], b.min() - 4 * wide[1]), max(a.max() + 4 * wide[0], b.max() + 4 * wide[1])
        same = np.linspace(least, most, 1000)
        out += [f"a {numbers(a)}", f"b {numbers(b)}", f"overlap_published {overlap(low, high)!r}", f"overlap_common {overlap(least, most)!r}",
                "divergence_published " + repr(float(stats.entropy(p(np.linspace(a.min(), a.max(), 1000)), q(np.linspace(b.min(), b.max(), 1000))))),
                "divergence_common " + repr(float(stats.entropy(p(same), np.maximum(q(same), 1e-300)))),
                f"density_at_1.5 {float(p(1.5)[0])!r}"]
    (HERE / "set_distances.txt").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()

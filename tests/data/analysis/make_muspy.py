#!/usr/bin/env python3
"""Makes muspy.txt: random small pieces with what MusPy (0.5) measures on them. Needs the Python package muspy.

A piece is a line `piece RESOLUTION NUMERATOR DENOMINATOR`, lines `note TRACK DRUM START LENGTH PITCH`, and lines `NAME VALUE`.
"""
import math
import pathlib
import random
from types import SimpleNamespace

from muspy import metrics

rng = random.Random(20)


def make_piece(number):
    resolution = rng.choice([2, 3, 4, 6, 12, 24])
    numerator, denominator = rng.choice([(4, 4), (3, 4), (2, 4)])
    tracks = []
    for _ in range(rng.choice([1, 2, 3])):
        drum = rng.random() < 0.3
        notes = []
        # Some pieces end on a bar line, some have long gaps, some only drums.
        for _ in range(rng.choice([1, 3, 8, 16])):
            start = rng.randrange(resolution * 12)
            length = rng.choice([1, resolution, resolution // 2 or 1, 2 * resolution])
            notes.append(SimpleNamespace(time=start, start=start, end=start + length, duration=length,
                                         pitch=rng.choice([36, 38, 42] if drum else range(55, 80))))
        track = SimpleNamespace(is_drum=drum, notes=notes)
        track.get_end_time = lambda notes=notes: max(n.end for n in notes)
        tracks.append(track)
    return SimpleNamespace(resolution=resolution, tracks=tracks), numerator, denominator


def main():
    out = []
    for number in range(24):
        music, numerator, denominator = make_piece(number)
        bar = music.resolution * 4 * numerator // denominator
        out.append(f"piece {music.resolution} {numerator} {denominator}")
        for t, track in enumerate(music.tracks):
            out += [f"note {t} {int(track.is_drum)} {n.time} {n.duration} {n.pitch}" for n in track.notes]
        pitched = any(not t.is_drum for t in music.tracks)
        values = {
            "pitches_used": metrics.n_pitches_used(music),
            "pitch_classes_used": metrics.n_pitch_classes_used(music),
            "pitch_range": metrics.pitch_range(music),
            "empty_beat_rate": metrics.empty_beat_rate(music),
            "empty_bar_rate": metrics.empty_measure_rate(music, bar),
            "polyphony": metrics.polyphony(music),
            "polyphony_rate_1": metrics.polyphony_rate(music, 1),
            "polyphony_rate_2": metrics.polyphony_rate(music, 2),
            "in_d_major": metrics.pitch_in_scale_rate(music, 2, "major"),
            "in_f_minor": metrics.pitch_in_scale_rate(music, 5, "minor"),
            "scale_consistency": metrics.scale_consistency(music),
            "pitch_entropy": metrics.pitch_entropy(music) if pitched else math.nan,
            "pitch_class_entropy": metrics.pitch_class_entropy(music) if pitched else math.nan,
            "groove_consistency": metrics.groove_consistency(music, bar),
            "drum_duple": metrics.drum_in_pattern_rate(music, "duple"),
            "drum_triple": metrics.drum_in_pattern_rate(music, "triple"),
            "drum_pattern_consistency": metrics.drum_pattern_consistency(music),
        }
        out += [f"{name} {float(value)!r}" for name, value in values.items()]
    pathlib.Path(__file__).with_name("muspy.txt").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()

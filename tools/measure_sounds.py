#!/usr/bin/env python3
"""Measures one-shots of the synth beside samples of the real thing, and prints the table of docs/synth.md.

    one_shots OURS; measure_sounds.py OURS SAMPLES [NOTES]

SAMPLES is a folder of drum one-shots (the names below are those of Sonic Pi's), NOTES a folder of electric piano notes
with a keymap.tsv (file, keycenter, lovel and hivel among its columns). Needs numpy.

Attack: from 10 % to 90 % of the loudest 5 ms. Fall: from the loudest 5 ms to the last that is less than 10 or 20 dB
below it; ">" where the recording ends before. Centroid: of the power in the first half second. Harmonics apart: what the
levels of the first six over the first 1.6 s differ by, root mean square, each weighted by how loud it is.
"""
import csv
import glob
import os
import sys
import wave

import numpy as np

KINDS = {
    "kick": "bd_*", "snare": "sn_* drum_snare_*", "rim": "perc_snap*", "closed_hat": "hat_* drum_cymbal_closed",
    "open_hat": "drum_cymbal_open hat_noiz hat_cats", "low_tom": "drum_tom_lo_*", "mid_tom": "drum_tom_mid_*",
    "high_tom": "drum_tom_hi_*", "crash": "drum_cymbal_hard drum_cymbal_soft drum_splash_*", "ride": "ride_*",
}


def read(path):
    with wave.open(path) as w:
        x = np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(float) / 32768
        return x.reshape(-1, w.getnchannels()).mean(1), w.getframerate()


def measure(path):
    x, rate = read(path)
    hop, width = max(1, int(rate * 0.001)), int(rate * 0.005)
    energy = np.concatenate([[0], np.cumsum(x * x)])
    start = np.arange(0, len(x) - width, hop)
    level = np.sqrt((energy[start + width] - energy[start]) / width) + 1e-9
    top = level.argmax()
    onset = np.argmax(level > 0.1 * level[top])
    decibels = 20 * np.log10(level / level[top])
    last = lambda d: np.where(decibels > -d)[0][-1]
    fall = lambda d: (last(d) - top) * hop / rate
    cut = {d for d in (10, 20) if last(d) >= len(level) - 1 - 0.02 * rate / hop}
    first = onset * hop
    power = np.abs(np.fft.rfft(x[first:first + rate // 2], 1 << 16)) ** 2
    frequency = np.fft.rfftfreq(1 << 16, 1 / rate)
    attack = (np.argmax(level >= 0.9 * level[top]) - onset) * hop / rate
    return {"attack": attack, "t10": fall(10), "t20": fall(20), "cut": cut, "centroid": (power * frequency).sum() / power.sum()}


def harmonics(path, pitch, count=6, times=(0.03, 0.1, 0.2, 0.4, 0.8, 1.6)):
    """Levels of the first harmonics at some moments, in decibels."""
    x, rate = read(path)
    onset = int(np.argmax(np.abs(x) > 0.1 * np.abs(x).max()))
    part = x[onset + int(0.05 * rate):onset + int(0.55 * rate)]
    size, frequency = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 18)), np.fft.rfftfreq(1 << 18, 1 / rate)
    near = np.abs(frequency / (440 * 2 ** ((pitch - 69) / 12)) - 1) < 0.03
    f0 = frequency[near][size[near].argmax()]
    width = max(int(3 / f0 * rate), int(0.03 * rate))
    turns, window = 2j * np.pi * f0 * np.arange(width) / rate, np.hanning(width)
    levels = np.full((count, len(times)), np.nan)
    for i, t in enumerate(times):
        first = max(onset + int(t * rate) - width // 2, 0)
        piece = x[first:first + width]
        for k in range(1, count + 1):
            if len(piece) == width and k * f0 < rate / 2:
                levels[k - 1, i] = 20 * np.log10(2 * abs((piece * window * np.exp(-k * turns)).sum()) / window.sum() + 1e-9)
    return levels


def apart(theirs, ours, pitch):
    a, b = harmonics(theirs, pitch), harmonics(ours, pitch)
    loud = np.clip(1 + (a - np.nanmax(a)) / 40, 0.1, 1)
    loud[(a < np.nanmax(a) - 45) | np.isnan(a) | np.isnan(b)] = 0
    difference = np.where(loud > 0, b - a, 0)
    difference -= (loud * difference).sum() / loud.sum()
    return np.sqrt((loud * np.clip(difference, -15, 15) ** 2).sum() / loud.sum())


def span(values, form):
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low} to {high}"


def drums(ours, samples):
    print("| drum | centroid, Hz: one-shots | ours | fall by 20 dB, s: one-shots | ours |\n| --- | --- | --- | --- | --- |")
    for kind, names in KINDS.items():
        theirs = sorted({p for n in names.split() for p in glob.glob(os.path.join(samples, n + ".wav"))})
        if kind == "closed_hat":
            theirs = [p for p in theirs if not p.endswith(("noiz.wav", "cats.wav"))]
        a, b = [measure(p) for p in theirs], [measure(p) for p in sorted(glob.glob(os.path.join(ours, kind + "-*.wav")))]
        if a and b:
            cell = lambda m, key, form: span([v[key] for v in m], form)
            print(f"| {kind.replace('_', ' ')} | {cell(a, 'centroid', '{:.0f}')} | {cell(b, 'centroid', '{:.0f}')} "
                  f"| {cell(a, 't20', '{:.2f}')} | {cell(b, 't20', '{:.2f}')} |")


def notes(ours, folder):
    with open(os.path.join(folder, "keymap.tsv")) as f:
        rows = {(r["file"], int(r["keycenter"]), int(r["lovel"])): r for r in csv.DictReader(f, delimiter="\t")}
    forces = {1: 20, 38: 52, 66: 78, 90: 108}
    print("\n| key, force | centroid / f0 | ours | attack, ms | ours | fall by 10 dB, s | ours | harmonics apart, dB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    every = []
    for (name, key, low) in sorted(rows, key=lambda r: (r[1], r[2])):
        mine = os.path.join(ours, f"reed-{key}-{forces[low]}.wav")
        if os.path.exists(mine):
            f0 = 440 * 2 ** ((key - 69) / 12)
            path = os.path.join(folder, name)
            a, b = measure(path), measure(mine)
            fall = lambda m: (">" if 10 in m["cut"] else "") + f"{m['t10']:.2f}"
            every.append(apart(path, mine, key))
            print(f"| {key}, {forces[low]} | {a['centroid'] / f0:.2f} | {b['centroid'] / f0:.2f} | {1e3 * a['attack']:.0f} "
                  f"| {1e3 * b['attack']:.0f} | {fall(a)} | {fall(b)} | {every[-1]:.1f} |")
    print(f"\nHarmonics apart, mean of {len(every)} notes: {np.mean(every):.1f} dB")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    drums(sys.argv[1], sys.argv[2])
    if len(sys.argv) > 3:
        notes(sys.argv[1], sys.argv[3])

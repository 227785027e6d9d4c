"""A session's stems are as long as each other and make the mix, its cues are heard, and its MIDI lies on its sound.

Exit code 77: no mido, which reads the MIDI file.
"""
import array
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import mido
except ImportError:
    print("SKIPPED: python3-mido is not here")
    sys.exit(77)

RATE = 48000
program = pathlib.Path(os.environ["LOFI_BIN"]) / "live_session"


def samples(path):
    """Left and right of a WAV file of floats."""
    data = path.read_bytes()
    at = data.index(b"data")
    return array.array("f", data[at + 8:at + 8 + int.from_bytes(data[at + 4:at + 8], "little")])


def loudest(sound, begin, end):
    """The highest sample between two times in seconds."""
    return max(map(abs, sound[2 * int(begin * RATE):2 * int(end * RATE)]), default=0.0)


with tempfile.TemporaryDirectory() as there:
    folder = pathlib.Path(there)
    done = subprocess.run([program, folder / "set", "9"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {"wav", "mid", "keys.wav", "melody.wav", "bass.wav", "drums.wav", "texture.wav", "room.wav"}
    assert {p.name.removeprefix("set.") for p in folder.iterdir()} == names, list(folder.iterdir())
    stems = {n[:-4]: samples(folder / f"set.{n}") for n in names if n.count(".") == 1 and n != "wav"}
    assert len({len(s) for s in stems.values()}) == 1

    file = mido.MidiFile(folder / "set.mid")
    assert file.ticks_per_beat == 960
    notes = {}
    tempo, tick = [(0, 500000)], 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            tempo.append((tick, message.tempo))

    def seconds(tick):
        total, last, held = 0.0, 0, 500000
        for at, each in tempo:
            if at >= tick:
                break
            total, last, held = total + (at - last) * held / 960e6, at, each
        return total + (tick - last) * held / 960e6

    for track in file.tracks[1:]:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                notes.setdefault(track.name, []).append(seconds(tick))
    assert len(notes["keys"]) > 20 and len(notes["drums"]) > 40, {n: len(t) for n, t in notes.items()}
    assert any(m.type == "marker" for m in file.tracks[0])

    # Where a drum is struck after a rest, its stem begins to sound within two milliseconds, from the first to the last.
    breath, after = seconds(7 * 3840), seconds(8 * 3840)
    begun = []
    for before, t in zip([0.0] + notes["drums"], notes["drums"]):
        if t - before > 0.12 and not breath - 0.1 < t < after + 0.1:
            begun.append(loudest(stems["drums"], t - 0.002, t + 0.03) > 1.5 * loudest(stems["drums"], t - 0.02, t - 0.003))
    assert len(begun) > 10 and sum(begun) >= 0.9 * len(begun), begun

    # The breath in bar 8, and the last chord rings out.
    assert loudest(stems["drums"], breath + 0.5, after - 0.05) < 1e-3
    assert loudest(stems["drums"], seconds(6 * 3840), seconds(7 * 3840)) > 0.02
    length = len(stems["keys"]) / 2 / RATE
    assert seconds(9 * 3840) + 6 < length < seconds(9 * 3840) + 60, length
for words in ((), ("x", "1"), ("x", "9", "1", "1")):
    assert subprocess.run([program, *words], capture_output=True, check=False).returncode == 2
absent = subprocess.run([program, "/absent/set", "2"], capture_output=True, text=True, check=False)
assert absent.returncode == 1 and "/absent/set" in absent.stderr, absent

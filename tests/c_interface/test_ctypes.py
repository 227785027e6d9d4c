"""The call from Python of examples/: its sound is the radio's, its beats are regular, its chords have names; and what fails says why."""
import array
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import wave

root = pathlib.Path(__file__).resolve().parents[2]
library = os.environ["LOFI_RADIO"]


def run(*words):
    return subprocess.run([sys.executable, "-B", root / "examples" / "radio_ctypes.py", "--library", library, *words],
                          capture_output=True, text=True, check=False)


with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "radio.wav")
    done = run("--seconds", "10", "--out", out)
    assert done.returncode == 0, done.stderr
    with wave.open(out) as file:
        assert file.getparams()[:4] == (2, 2, 48000, 480000), file.getparams()
        samples = array.array("h", file.readframes(480000))
    loud = (sum(x * x for x in samples) / len(samples)) ** 0.5
    assert 300 < loud < 16000 and max(map(abs, samples)) < 32767, loud

    beats = [(float(t), int(bar), int(beat)) for t, bar, beat in re.findall(r"([\d.]+) s  bar (\d+) beat (\d)", done.stdout)]
    assert len(beats) >= 8, done.stdout
    for (t, bar, beat), (t2, bar2, beat2) in zip(beats, beats[1:]):
        assert (bar2, beat2) == ((bar, beat + 1) if beat < 4 else (bar + 1, 1)), done.stdout
        assert 60 / 110 - 0.01 < t2 - t < 60 / 50 + 0.01, (t, t2)
    chords = re.findall(r"s  ([A-G][b#]?\S*)\n", done.stdout)
    assert chords, done.stdout

    again = os.path.join(folder, "again.wav")
    assert run("--seconds", "10", "--out", again).returncode == 0
    assert pathlib.Path(again).read_bytes() == pathlib.Path(out).read_bytes()

    for words, says in [(("--mood", "blue"), "'blue': is not known"), (("--library", "absent.so"), "absent.so")]:
        refused = run(*words, "--out", os.path.join(folder, "none.wav"))
        assert refused.returncode == 1 and says in refused.stderr, refused.stderr
    assert not os.path.exists(os.path.join(folder, "none.wav"))

"""Frames are there, whole, never empty or still, and the same for the same seed; another seed draws others."""
import os
import pathlib
import subprocess
import tempfile

program = pathlib.Path(os.environ["LOFI_BIN"]) / "art_frames"


def draw(folder, *words):
    return subprocess.run([program, folder, *words], capture_output=True, text=True, check=False)


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(pathlib.Path(folder).iterdir())}


with tempfile.TemporaryDirectory() as there:
    a, b, c = (os.path.join(there, name) for name in "abc")
    for folder, seed in ((a, "2"), (b, "2"), (c, "3")):
        done = draw(folder, "4", seed, "12")
        assert done.returncode == 0, done.stderr
    made = files(a)
    assert len(made) == 49 and made == files(b) and made != files(c)
    frames = [data for name, data in made.items() if name.endswith(".ppm")]
    head = b"P6\n540 540\n255\n"
    assert all(f.startswith(head) and len(f) == len(head) + 3 * 540 * 540 for f in frames)
    assert len(set(frames)) == len(frames)  # it never stands still
    assert max(frames[-1][len(head):]) > 120 and len(set(frames[-1][len(head):])) > 60
    assert len(made["sound.wav"]) > 4 * 47000 * 4

    taken = os.path.join(there, "taken")
    pathlib.Path(taken).write_text("stays")
    refused = draw(taken, "1")
    assert refused.returncode == 1 and "taken" in refused.stderr, refused
    assert pathlib.Path(taken).read_text() == "stays"
    assert draw(a, "0").returncode == 2 and draw(a, "1", "1", "0").returncode == 2

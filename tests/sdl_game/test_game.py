"""The game plays itself for half a minute: it catches fireflies, draws a picture with a moon in it, and does so the same way twice."""
import os
import pathlib
import subprocess
import tempfile

program = pathlib.Path(os.environ["LOFI_BIN"]) / "sdl_game"
silent = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


def play(*words):
    done = subprocess.run([program, *words], env=silent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


with tempfile.TemporaryDirectory() as folder:
    shots = [os.path.join(folder, name) for name in ("a.bmp", "b.bmp")]
    told = [play("--seed", "3", "--frames", "1800", "--shot", shot) for shot in shots]
    assert told[0][0] == 0, told[0]
    assert told[0] == told[1]
    assert int(told[0][1].split()[0]) > 0, told[0]
    a, b = (pathlib.Path(shot).read_bytes() for shot in shots)
    assert a == b and a[:2] == b"BM"
    start = int.from_bytes(a[10:14], "little")
    width, height = (int.from_bytes(a[at:at + 4], "little", signed=True) for at in (18, 22))
    assert (width, abs(height)) == (960, 540)

    def pixel(x, y):
        at = start + 3 * (x + width * (height - 1 - y if height > 0 else y))
        return a[at:at + 3]

    assert min(pixel(720, 130)) > 200, pixel(720, 130)  # the moon
    assert max(pixel(10, 530)) < 60, pixel(10, 530)     # the foremost hill
    assert len({pixel(x, y) for x in range(0, 960, 7) for y in range(0, 540, 7)}) > 300
assert play("--frames")[0] == 2 and play("--speed", "9")[0] == 2

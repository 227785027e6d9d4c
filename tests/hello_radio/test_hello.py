"""The first program of the README sends sound without an end, and ends when nobody listens."""
import array
import os
import pathlib
import subprocess

program = pathlib.Path(os.environ["LOFI_BIN"]) / "hello_radio"
with subprocess.Popen([program], stdout=subprocess.PIPE) as child:
    sound = array.array("f", child.stdout.read(4 * 2 * 48000 * 8))
    child.stdout.close()
    child.wait(timeout=60)
assert len(sound) == 2 * 48000 * 8
assert all(-1.0 < x < 1.0 for x in sound)
second = [max(map(abs, sound[96000 * s:96000 * (s + 1)])) for s in range(8)]
assert min(second) > 0.01, second

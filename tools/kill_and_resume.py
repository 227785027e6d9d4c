#!/usr/bin/env python3
"""Kills `lofi train` with SIGKILL at random moments, resumes it each time, and compares the end with a run that was never killed.

    tools/kill_and_resume.py build/release/bin/lofi corpora/ --kills 20
"""
import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("lofi", help="the program")
parser.add_argument("data", help="lead sheets")
parser.add_argument("--kills", type=int, default=20)
parser.add_argument("--epochs", default="3")
parser.add_argument("--setting", default="improved")
parser.add_argument("--seed", type=int, default=1, help="of the moments")
given = parser.parse_args()
rng = random.Random(given.seed)

with tempfile.TemporaryDirectory() as folder:
    base = pathlib.Path(folder)

    def start(name, *more):
        return subprocess.Popen([given.lofi, "train", "lofi2lofi", "--data", given.data, "--out", base / f"{name}.safetensors", "--setting", given.setting,
                                 "--epochs", given.epochs, "--no-pictures", *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    began = time.time()
    if start("whole").wait() != 0:
        raise SystemExit("the run that nobody kills failed")
    whole = time.time() - began
    kills, run = 0, base / "killed.safetensors.run"
    while True:
        resume = ["--resume"] if (run / "last.safetensors").exists() else []
        if run.exists() and not resume:
            shutil.rmtree(run)  # it died before it had saved anything
        process = start("killed", *resume)
        if kills < given.kills:
            try:
                process.wait(rng.uniform(0.05, 1.0) * max(1.0, whole / 4))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                continue
        else:
            process.wait()
        if process.returncode != 0:
            raise SystemExit(f"a resumed run failed after {kills} kills")
        same = all((base / f"whole.safetensors{name}").read_bytes() == (base / f"killed.safetensors{name}").read_bytes()
                   for name in ["", ".run/best.safetensors", ".run/last.safetensors"])
        print(f"{kills} kills: the weights and the whole state of the training are {'the same, byte for byte' if same else 'DIFFERENT'}")
        if not same:
            raise SystemExit(1)
        if kills >= given.kills:
            break
        shutil.rmtree(run)  # all over before the last kill: once more from the start
        (base / "killed.safetensors").unlink()

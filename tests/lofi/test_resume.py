#!/usr/bin/env python3
"""Kills `lofi train` at random moments; each resume must end in the weights of a run that was never killed, bit for bit.

    LOFI_BIN=build/bin tests/lofi/test_resume.py [--kills 100] [--seed 2] [--setting published]
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

LOFI = str(pathlib.Path(os.environ["LOFI_BIN"]) / "lofi")


def write_corpus(folder):
    lines = subprocess.run([LOFI, "generate", "lofi2lofi", "--count", "24", "--rows", "6"], check=True, capture_output=True, text=True)
    samples = [json.loads(line) for line in lines.stdout.splitlines()]
    for name, part in ("train", samples[:16]), ("valid", samples[16:]):
        with open(folder / f"mine.{name}.jsonl", "w") as file:
            for i, sample in enumerate(part):
                file.write(json.dumps({**sample, "title": f"{name}{i}"}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--setting", default="improved")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    if "needs the train build" in subprocess.run([LOFI, "--help"], capture_output=True, text=True).stdout:
        return print("the play build trains nothing")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_corpus(folder)

        def words(out, *more):
            return [LOFI, "train", "lofi2lofi", "--data", str(folder / "mine.train.jsonl"), str(folder / "mine.valid.jsonl"), "--out",
                    str(folder / out), "--setting", args.setting, "--epochs", "6", "--batch", "8", "--no-pictures", *more]

        started = time.monotonic()
        subprocess.run(words("whole"), check=True, capture_output=True)
        length = time.monotonic() - started
        wanted = (folder / "whole").read_bytes()
        for i in range(args.kills):
            out = f"killed{i}"
            moment = chance.uniform(0, length)
            child = subprocess.Popen(words(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                child.wait(moment)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            at_end = (folder / out).exists()
            subprocess.run(words(out, "--resume"), check=True, capture_output=True)
            same = (folder / out).read_bytes() == wanted
            print(f"killed after {moment:.2f} of {length:.2f} s{', already done' if at_end else ''}: {'the same' if same else 'OTHER'}")
            if not same:
                sys.exit("a resumed run ended in other weights")


main()

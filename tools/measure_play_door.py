#!/usr/bin/env python3
"""Measures what <lofi/radio.hpp> costs to compile, and how large its programs are.

    measure_play_door.py [COMPILER]

Times are the least of several of user and system time; xtensor is measured in turn with ours, since only ratios carry over to other
machines. What is not here (xtensor, em++) is left out.
"""
import gzip
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rooms import INCLUDE, ROOT

HELLO = ROOT / "examples" / "hello_radio.cpp"
TRIES = 7


def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), check=True, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    compiler = sys.argv[1] if len(sys.argv) > 1 else "c++"
    play = ["-std=c++20", f"-I{INCLUDE}"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ours, theirs, program = folder / "ours.cpp", folder / "theirs.cpp", folder / "hello"
        ours.write_text("#include <lofi/radio.hpp>\n")
        theirs.write_text("#include <xtensor/xtensor.hpp>\n")
        syntax = [compiler, *play, "-fsyntax-only"]
        has_xtensor = subprocess.run([*syntax, theirs], capture_output=True).returncode == 0
        pairs = [(seconds([*syntax, ours]), seconds([*syntax, theirs]) if has_xtensor else 0) for _ in range(TRIES)]
        a, b = (min(column) for column in zip(*pairs))
        print(f"#include <lofi/radio.hpp>: {a:.2f} s" + (f", {a / b:.2f} of <xtensor/xtensor.hpp>'s {b:.2f} s" if has_xtensor else ""))
        print(f"the ten-line hello at -O2: {min(seconds([compiler, *play, '-O2', HELLO, '-o', program]) for _ in range(2)):.1f} s")
        subprocess.run(["strip", program], check=True)
        print(f"stripped: {program.stat().st_size / 1e6:.2f} MB")
        if shutil.which("em++"):
            environment = {**os.environ, "NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs")}
            subprocess.run(["em++", *play, "-O2", HELLO, "-o", folder / "hello.js"], check=True, env=environment)
            size = sum(len(gzip.compress((folder / name).read_bytes(), 9)) for name in ("hello.wasm", "hello.js"))
            print(f"as WebAssembly, gzipped with its loader: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks that tests/house/everywhere/hashes.cpp prints the same hashes, however and for whatever machine it is compiled.

    check_everywhere.py REFERENCE COMPILER [BUILD...]
    check_everywhere.py --list

REFERENCE is the program as lofi::exact for this machine (build/release/bin/house_everywhere), COMPILER this machine's compiler,
BUILD a name that --list prints; all of them where none is named. Exit code 77: what a build needs is not here.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from rooms import INCLUDE, ROOT

SOURCE = ROOT / "tests" / "house" / "everywhere" / "hashes.cpp"
EXACT = ["-DLOFI_EXACT", "-ffp-contract=off"]  # lofi::exact
SKIPPED = 77
LOUDEST_DIFFERENCE = -90.0  # dB RMS, of sound that is not exact


@dataclass
class Build:
    compiler: str  # "this": the one that was named; "other": clang++ where that is g++, and the other way round
    flags: list = field(default_factory=list)
    program: str = "hashes"
    run: list = field(default_factory=list)  # what runs the program
    bars: int = 200  # of the radio; songs have 200 bars everywhere
    seconds: int = 60


BUILDS = {
    "-O0": Build("this", ["-O0", *EXACT], bars=20, seconds=10),
    "-O3 -march=native": Build("this", ["-O3", "-march=native", *EXACT]),
    "the other compiler": Build("other", ["-O3", "-march=native", *EXACT]),
    "fused": Build("this", ["-O2", "-march=native", "-ffp-contract=fast"]),
    "-ffast-math": Build("this", ["-O3", "-march=native", "-ffast-math"]),
    "aarch64": Build("aarch64-linux-gnu-g++", ["-O1", "-static", *EXACT], run=["qemu-aarch64|qemu-aarch64-static"], bars=10, seconds=5),
    "s390x": Build("s390x-linux-gnu-g++", ["-O1", "-static", *EXACT], run=["qemu-s390x|qemu-s390x-static"], bars=10, seconds=5),  # big-endian
    "wasm": Build("em++", ["-O1", "-sSINGLE_FILE=1", "-sALLOW_MEMORY_GROWTH=1", *EXACT], "hashes.js", ["node|nodejs"]),
    "windows": Build("x86_64-w64-mingw32-g++|x86_64-w64-mingw32-g++-posix", ["-O1", "-static", *EXACT], "hashes.exe", ["wine|wine64"]),
}


class Missing(Exception):
    pass


def tool(names):
    """The first of "a|b" that is here."""
    for name in names.split("|"):
        if path := shutil.which(name):
            return path
    raise Missing(names.replace("|", " or "))


def compiler_of(build, this):
    if build.compiler == "this":
        return this
    if build.compiler == "other":
        is_clang = "clang" in subprocess.run([this, "--version"], capture_output=True, text=True, check=True).stdout
        return tool("g++" if is_clang else "clang++|clang++-14")
    return tool(build.compiler)


def run(command, folder):
    """What a command prints. Through a file, since wine leaves processes behind that would hold a pipe open."""
    environment = {"WINEPREFIX": str(folder / "wine"), "WINEDEBUG": "-all", **os.environ}
    if os.path.isdir("/usr/share/nodejs"):
        environment.setdefault("NODE_PATH", "/usr/share/nodejs")  # where Debian keeps what emscripten needs
    with open(folder / "out", "w+") as out, open(folder / "err", "w+") as err:
        done = subprocess.run(list(map(str, command)), stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment)
        out.seek(0), err.seek(0)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\n{err.read()}\nexit code {done.returncode}")
        return out.read().splitlines()


def check(name, build, reference, this):
    compiler = compiler_of(build, this)
    exact = "-DLOFI_EXACT" in build.flags
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        program = folder / build.program
        start = time.monotonic()
        run([compiler, "-std=c++20", *build.flags, f"-I{INCLUDE}", SOURCE, "-o", program], folder)
        built = time.monotonic()
        runner = [tool(names) for names in build.run]
        amount = [build.bars, build.seconds]
        wanted = run([reference, *amount, "write", folder / "sound"], folder)
        started = time.monotonic()
        got = run([*runner, program, *amount, *([] if exact else ["compare", folder / "sound"])], folder)
        times = f"built in {built - start:.0f} s, run in {time.monotonic() - started:.0f} s"
    if not exact:
        differences = [line for line in got if line.startswith("difference ")]
        loudest = max(float(line.split()[-2]) for line in differences)
        times += "; " + ", ".join(differences)
        if not loudest <= LOUDEST_DIFFERENCE:
            sys.exit(f"{name}: {LOUDEST_DIFFERENCE} dB RMS is allowed; {times}")
        wanted, got = ([line for line in lines if line.startswith("notes ")] for lines in (wanted, got))
    if not wanted or got != wanted:
        sys.exit("\n".join([f"{name} differs; here:", *wanted, "there:", *got]))
    print(f"{name}: the same {len(wanted)} hashes ({times})")


def main():
    if sys.argv[1:] == ["--list"]:
        return print("\n".join(BUILDS))
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    reference, this, *names = sys.argv[1:]
    skipped = False
    for name in names or BUILDS:
        try:
            check(name, BUILDS[name], reference, this)
        except Missing as missing:
            print(f"SKIPPED: {name}: there is no {missing}")
            skipped = True
    sys.exit(SKIPPED if skipped else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks that the ten-line hello, built without exceptions and type information, plays, and needs nothing but the C and C++ libraries.

    check_needs.py COMPILER [FLAG...]      exit code 77: nm is not here, or this is no ELF machine
"""
import array
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rooms import INCLUDE, ROOT

LIBRARIES = r"lib(c|m|stdc\+\+|gcc_s|c\+\+|c\+\+abi|pthread)\.so|ld-linux|ld64|linux-vdso"
SYMBOL = r".*@(GLIBC|GLIBCXX|CXXABI|GCC)_[\w.]+"
STARTING_UP = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__"}  # weak: may be missing


def output(command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def main():
    if not sys.platform.startswith("linux") or not shutil.which("nm") or not shutil.which("readelf"):
        print("SKIPPED: nm and readelf are not here")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "hello"
        output([*sys.argv[1:], "-std=c++20", "-O1", "-fno-exceptions", "-fno-rtti", f"-I{INCLUDE}",
                ROOT / "examples" / "hello_radio.cpp", "-o", program])
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output(["readelf", "-d", program]))
        symbols = [line.split()[-1] for line in output(["nm", "-D", "--undefined-only", program]).splitlines()]
        foreign = [n for n in needed if not re.match(LIBRARIES, n)]
        foreign += [s for s in symbols if s not in STARTING_UP and not re.fullmatch(SYMBOL, s)]
        if foreign or not needed or not symbols:
            sys.exit("beside the C and C++ libraries the hello needs " + ", ".join(foreign))
        # Ten seconds of it.
        playing = subprocess.Popen([program], stdout=subprocess.PIPE)
        sound = array.array("f", playing.stdout.read(10 * 48000 * 2 * 4))
        playing.stdout.close()
        playing.kill()
        playing.wait()
        loudest = max(map(abs, sound))
        if len(sound) != 10 * 48000 * 2 or not 0.05 < loudest <= 1:
            sys.exit(f"the hello plays {len(sound)} samples, the loudest {loudest}")
    print(f"needs {', '.join(needed)}: {len(symbols)} symbols")


if __name__ == "__main__":
    main()

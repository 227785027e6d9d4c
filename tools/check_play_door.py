#!/usr/bin/env python3
"""Checks that the play door needs nothing but the C++ library, no exceptions and no run-time type information.

    check_play_door.py COMPILER [FLAG...]      exit code 77: this compiler is not here
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rooms import INCLUDE, Plan, headers, includes


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def dependencies(compiler, source):
    """Every file that the compiler reads for a source."""
    rule = run([*compiler, "-M", source]).replace("\\\n", " ").partition(":")[2]
    return {str(Path(name).resolve()) for name in rule.split()} - {str(source.resolve())}


def main():
    if shutil.which(sys.argv[1]) is None:
        print(f"SKIPPED: there is no {sys.argv[1]}")
        sys.exit(77)
    plan = Plan()
    compiler = [*sys.argv[1:], "-std=c++20", f"-I{INCLUDE}"]
    play = [h for h in headers() if not plan.is_train(h) and h.endswith(".hpp")]
    standard = sorted({n for h in play for _, _, n in includes(h) if re.fullmatch(r"[a-z_0-9]+", n)})
    with tempfile.TemporaryDirectory() as folder:
        door, library = Path(folder, "door.cpp"), Path(folder, "library.cpp")
        door.write_text("".join(f"#include <{h}>\n" for h in play))
        library.write_text("".join(f"#include <{n}>\n" for n in standard))
        ours = {str((INCLUDE / h).resolve()) for h in play} | {str(h.resolve()) for h in INCLUDE.rglob("*.h")}
        foreign = dependencies(compiler, door) - ours - dependencies(compiler, library)
        if foreign:
            sys.exit("the play door reads files that are neither lofi's nor the C++ library's:\n" + "\n".join(sorted(foreign)))
        run([*compiler, "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", door])
    print(f"{len(play)} headers need the C++ library only ({len(standard)} of its headers), no exceptions, no type information")


if __name__ == "__main__":
    main()

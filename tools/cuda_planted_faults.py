#!/usr/bin/env python3
"""Plants faults in the CUDA kernels, one at a time in a copy, and fails unless the emulated cases catch each of them.

    tools/cuda_planted_faults.py [COMPILER] [FIRST_LETTERS_OF_A_FAULT]

Builds with AddressSanitizer; half a minute a fault.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parent.parent
kernels = "include/lofi/backend/cuda/detail/"
FAULTS = [  # name, file, text, what stands in its place, which of its occurrences
    ("product: no barrier before the tile is read", "product.hpp", "            ctx.sync();\n", "", 0),
    ("product: no barrier before the tile is overwritten", "product.hpp", "            ctx.sync();\n", "", 1),
    ("product: writes beyond the last row", "product.hpp", "if (i >= m || j >= n) continue;", "if (j >= n) continue;", 0),
    ("product: shared memory too small", "product.hpp", "2 * side * (deep + 1)", "2 * side * deep", 0),
    ("block sum: no barrier in the tree", "language.hpp", "        if (i < half) shared[i] += shared[i + half];\n        c.sync();\n",
     "        if (i < half) shared[i] += shared[i + half];\n", 0),
    ("warp sum: one step of the butterfly left out", "language.hpp", "int m = 16", "int m = 8", 0),
    ("lane sum: the total is read without a barrier after", "reduce.hpp",
     "    const T total = shared[i % 32];\n    c.sync();\n", "    const T total = shared[i % 32];\n", 0),
    ("lane sum: half of the shared memory", "reduce.hpp", "32 * lanes * number", "16 * lanes * number", 0),
    ("scatter: no barrier before the ids are overwritten", "elementwise.hpp", "            c.sync();\n        }\n", "        }\n", 0),
    ("cross-entropy: in place without the warp's barrier", "reduce.hpp", "        c.warp_sync();\n", "", 0),
    ("cross-entropy: no barrier before the warps' sums are read", "reduce.hpp",
     "        c.sync();\n        if (c.tid() >= 4) return;", "        if (c.tid() >= 4) return;", 0),
    ("LSTM: true lengths are off by one", "recurrent.hpp", "(t) < lengths[b]", "(t) <= lengths[b]", 0),
    ("LSTM: the gradient of h is added twice", "recurrent.hpp", "        dh[at] = Real(0);\n", "", 0),
    ("GRU: the reset gate is not in the recurrent gradient", "recurrent.hpp", "du[2 * size] = dn * r;", "du[2 * size] = dn;", 0),
    ("random numbers: a round too few", "elementwise.hpp", "round < 10", "round < 9", 0),
    ("Adam: the gradients are not clipped", "optimise.hpp", "shared[3] = static_cast<Real>(clock->clip)", "shared[3] = Real(1)", 0),
]


def nth(text, what, by, n):
    at = -1
    for _ in range(n + 1):
        at = text.index(what, at + 1)
    return text[:at] + by + text[at + len(what):]


def build_and_run(compiler, folder):
    program = folder / "program"
    main = folder / "main.o"
    flags = ["-std=c++20", "-O1", "-g0", "-w", "-fsanitize=address", f"-I{folder}/include", f"-I{root}/tests",
             '-DLOFI_TEST_DATA=""', '-DLOFI_TEST_BIN=""']
    if not main.exists():
        subprocess.run([compiler, *flags, "-c", root / "tests/support/main.cpp", "-o", main], check=True)
    subprocess.run([compiler, *flags, root / "tests/backend/cuda_emulated.cpp", main, "-o", program], check=True)
    try:
        done = subprocess.run([program, "every CUDA kernel*"], capture_output=True, text=True, timeout=300,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    except subprocess.TimeoutExpired:
        return "stopped after 300 s"
    if done.returncode == 0:
        return None
    if "AddressSanitizer" in done.stderr:
        return "AddressSanitizer"
    return "deadlock" if "deadlock" in done.stdout else "wrong results"


compiler = sys.argv[1] if len(sys.argv) > 1 else "g++"
chosen = [f for f in FAULTS if len(sys.argv) < 3 or f[0].startswith(sys.argv[2])]
missed = []
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    shutil.copytree(root / "include", folder / "include")
    caught = build_and_run(compiler, folder)
    if caught:
        sys.exit(f"the kernels fail as they are: {caught}")
    for fault, file, what, by, n in chosen:
        path = folder / kernels / file
        good = path.read_text()
        path.write_text(nth(good, what, by, n))
        caught = build_and_run(compiler, folder)
        path.write_text(good)
        print(f"{'MISSED' if caught is None else 'caught'}  {fault}{'' if caught is None else ': ' + caught}", flush=True)
        if caught is None:
            missed.append(fault)
print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
sys.exit(bool(missed))

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
    ("persistent LSTM: does not wait for the blocks of a step", "persistent_lstm.hpp", "if (s0 == 0 && nth > 0 && !",
     "if (s0 == 0 && nth > this->steps && !", 0),
    ("persistent LSTM: waits for a block too few", "persistent_lstm.hpp", "(this->steps - nth) * shape::unit_groups, flag",
     "(this->steps - nth) * shape::unit_groups - 1, flag", 0),
    ("persistent LSTM: waits for a block too many", "persistent_lstm.hpp", "nth * shape::unit_groups, flag",
     "nth * shape::unit_groups + 1, flag", 0),
    ("persistent LSTM: a step is told before it is written", "meeting.hpp", "        c.sync();\n        if (c.tid() == 0) c.count_up",
     "        if (c.tid() == 0) c.count_up", 0),
    ("persistent LSTM: no barrier before the inputs are read", "persistent_lstm.hpp", "tile);\n                ctx.sync();\n", "tile);\n", 0),
    ("persistent LSTM: no barrier before the sums are read", "persistent_lstm.hpp",
     "                ctx.sync();\n                if (!mine) continue;", "                if (!mine) continue;", 0),
    ("persistent LSTM: backward, no barrier before the sums are read", "persistent_lstm.hpp",
     "                ctx.sync();\n                if (s >= have || unit >= H) continue;\n                Real down",
     "                if (s >= have || unit >= H) continue;\n                Real down", 0),
    ("persistent LSTM: memory for the bits of one sequence less", "persistent_lstm.hpp", "masked ? rows * 4 * 32", "masked ? (rows - 1) * 4 * 32", 0),
    ("persistent LSTM: the bits of the gate before", "persistent_lstm.hpp", "bits + (s0 * 4 + gate) * 32", "bits + (s0 * 4 + gate / 2) * 32", 0),
    ("persistent LSTM: the last of a warp's halves is not exchanged", "persistent_lstm.hpp", "const Real other = c.shfl_xor(upper ? v[i] : v[i + N / 2], Mask)",
     "const Real other = c.shfl_xor(upper ? v[i] : v[i + N / 2], Mask == 1 ? 2 : Mask)", 0),
    ("meeting: nobody says that it waited in vain", "meeting.hpp", "            if (!there) c.store(status, 1U);\n", "", 0),
    ("step: every step draws the same", "step.hpp", "child(*step)", "child(0)", 0),
    ("step: the rate of the step before", "step.hpp", "rates[*step %", "rates[(*step - 1) %", 0),
    ("convolution: no barrier between the stages of a transform", "transform.hpp", "            a[0] += x, a[1] += y;\n        }\n        c.sync();\n",
     "            a[0] += x, a[1] += y;\n        }\n", 0),
    ("convolution: no barrier before samples are transformed", "transform.hpp", "        c.sync();\n        transform(c, data, length, table, Real(-1));",
     "        transform(c, data, length, table, Real(-1));", 0),
    ("convolution: blocks that overlap are added in no order", "transform.hpp", "return f / channels * apart + odd;", "return f / channels;", 0),
    ("convolution: a row beyond the end is read", "transform.hpp", "t < 0 || t >= static_cast<std::ptrdiff_t>(steps)", "t < 0", 0),
    ("convolution: shared memory for one sequence less", "transform.hpp", ".shared_bytes = width * length", ".shared_bytes = (width - 1) * length", 0),
    ("gate: the slope of tanh alone", "rows.hpp", "dz.at(n, width + c) = d * t * s * (1 - s);", "dz.at(n, width + c) = d * t;", 0),
    ("layer norm: two warps of a block take one row", "rows.hpp", "(c.bid()) * 4 + warp", "(c.bid()) * 4 + warp / 2", 0),
    ("note network: the draws of a batch's first stretch for all", "model/note_lstm_training_kernels.hpp", "5 * b + nth", "nth", 0),
    ("note network: no barrier before shared outputs are summed", "model/note_lstm_training_kernels.hpp",
     "        c.warp_sync();\n        if (lane < 7)", "        if (lane < 7)", 0),
    ("note network: a stretch is a token too long", "model/note_lstm_training_kernels.hpp", "inside = t < r.count", "inside = t <= r.count", 0),
    ("note network: shared memory too small", "model/note_lstm_training_kernels.hpp", "warps * ((symbols + 4) * sizeof(double)",
     "warps * (symbols * sizeof(double)", 0),
    ("GRU: the reset gate is not in the recurrent gradient", "recurrent.hpp", "du[2 * size] = dn * r;", "du[2 * size] = dn;", 0),
    ("random numbers: a round too few", "elementwise.hpp", "round < 10", "round < 9", 0),
    ("Adam: the gradients are not clipped", "optimise.hpp", "shared[3] = static_cast<Real>(clock->clip)", "shared[3] = Real(1)", 0),
]


def nth(text, what, by, n):
    at = -1
    for _ in range(n + 1):
        at = text.index(what, at + 1)
    return text[:at] + by + text[at + len(what):]


def build_and_run(compiler, folder, test="cuda_emulated"):
    program = folder / "program"
    main = folder / "main.o"
    flags = ["-std=c++20", "-O1", "-g0", "-w", "-fsanitize=address", f"-I{folder}/include", f"-I{root}/tests",
             '-DLOFI_TEST_DATA=""', '-DLOFI_TEST_BIN=""']
    if not main.exists():
        subprocess.run([compiler, *flags, "-c", root / "tests/support/main.cpp", "-o", main], check=True)
    subprocess.run([compiler, *flags, root / f"tests/backend/{test}.cpp", main, "-o", program], check=True)
    try:
        done = subprocess.run([program, "every CUDA kernel*,the note network*"], capture_output=True, text=True, timeout=300,
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
        model = file.startswith("model/")
        path = folder / ("include/lofi" if model else kernels) / file
        good = path.read_text()
        path.write_text(nth(good, what, by, n))
        caught = build_and_run(compiler, folder, "cuda_note_lstm" if model else "cuda_emulated")
        path.write_text(good)
        print(f"{'MISSED' if caught is None else 'caught'}  {fault}{'' if caught is None else ': ' + caught}", flush=True)
        if caught is None:
            missed.append(fault)
print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
sys.exit(bool(missed))

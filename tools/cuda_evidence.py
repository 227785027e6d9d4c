#!/usr/bin/env python3
"""Says of each CUDA kernel whether it ran on a device at its present source; with --fix, writes the tables in docs/cuda.md.

Evidence is what benchmarks/cuda_report wrote to docs/evidence/cuda-*.json: the newest file that names the present hash of a
kernel's file, with all cases passed and no sanitizer that found a fault, counts. The figures are those of the newest file.
"""
import hashlib
import json
import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
page = root / "docs/cuda.md"
evidence = [json.loads(p.read_text()) for p in sorted((root / "docs/evidence").glob("cuda-*.json"), reverse=True)]

lines = ["| kernel | file | state |", "| --- | --- | --- |"]
for path in sorted((root / "include/lofi/backend/cuda/detail").glob("*.hpp")) + sorted(
        (root / "include/lofi/model").glob("*_training_kernels.hpp")):
    text = path.read_text()
    name = path.relative_to(root).as_posix()
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = next((e for e in evidence if e.get("tested") == 0 and not any(e.get("sanitizers", {}).values())
                  and e.get("sources", {}).get(name) == digest), None)
    state = (f"ran on {found['device'].split(',')[0]}, {found['date']}" if found else "compiled and emulated, not run on a device")
    for block in re.split(r"\n(?=struct )", text):
        m = re.match(r"struct (\w+)", block)
        if m and "LOFI_KERNEL void operator()" in block:
            lines.append(f"| `{m[1]}` | {path.name} | {state} |")

figures = ["| work | precision | lofi | PyTorch | ratio |", "| --- | --- | --- | --- | --- |"]
newest = [f for f in evidence[0]["figures"] if "us" in f] if evidence else []
for f in newest:
    if f["by"] != "lofi":
        continue
    peer = next((t["us"] for t in newest if t["by"] != "lofi" and (t["name"], t["precision"]) == (f["name"], f["precision"])), None)
    beside = f"{peer:.0f} | {peer / f['us']:.2f}" if peer else " | "
    figures.append(f"| {f['name'].replace('_', ' ')} | {f['precision']} | {f['us']:.0f} | {beside} |")

training = ["| training | backend | steps | held out | seconds |", "| --- | --- | --- | --- | --- |"]
for f in evidence[0].get("training", []) if evidence else []:
    training.append(f"| {f['run'].replace('_', ' ')} | {f['backend']} | {f['steps']} | {f['held_out']} | {f['seconds']} |")

old = new = page.read_text()
for what, table in ("evidence", lines), ("figures", figures), ("training", training):
    text = "\n".join(table)
    begin, end = f"<!-- {what}: begin -->", f"<!-- {what}: end -->"
    new = re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n{text}\n{end}", new, flags=re.S)
if new == old:
    print("docs/cuda.md says what the evidence says")
elif "--fix" in sys.argv[1:]:
    page.write_text(new)
    print("docs/cuda.md: written anew")
else:
    sys.exit("docs/cuda.md: a table is old: tools/cuda_evidence.py --fix writes it anew")

#!/usr/bin/env python3
"""Turns a PyTorch file of weights (.pt, .pth, .bin) into safetensors. Needs torch and nothing else.

    tools/pt_to_safetensors.py model.pt model.safetensors [--key state_dict] [--strip module.]

The file may hold a state_dict, or a dictionary that has one under a key ("state_dict", "model", "model_state_dict", or the
one that is named). Entries that are not tensors are left out and named. A .pt file is a pickle and can run any program when
it is opened: open only files of people you trust. PyTorch 1.13 and later are asked to read weights alone.
"""
import argparse
import inspect
import json
import os
import struct
import sys

DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
          "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL"}


def tensor_bytes(tensor):
    """The elements of a tensor, little-endian, last index fastest."""
    import torch
    tensor = tensor.detach().cpu().contiguous()
    raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    array = raw.numpy()
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def write_safetensors(path, tensors, metadata=None):
    """Writes tensors by name, wider elements first, beside the target and renamed."""
    def entry(item):
        name, tensor = item
        dtype = str(tensor.dtype).removeprefix("torch.")
        if dtype not in DTYPES:
            raise SystemExit(f"{path}: {name}: {dtype} cannot be stored")
        return name, DTYPES[dtype], list(tensor.shape), tensor_bytes(tensor), tensor.element_size()

    header, at = {}, 0
    if metadata:
        header["__metadata__"] = {k: str(v) for k, v in metadata.items()}
    entries = sorted(map(entry, tensors.items()), key=lambda e: -e[4])
    for name, dtype, shape, data, _ in entries:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    beside = f"{path}.part"
    with open(beside, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, _, data, _ in entries:
            file.write(data)
    os.replace(beside, path)


def state_of(loaded, key):
    """The dictionary of tensors inside what was loaded."""
    import torch
    if hasattr(loaded, "state_dict"):
        loaded = loaded.state_dict()
    if not isinstance(loaded, dict):
        raise SystemExit(f"the file holds a {type(loaded).__name__}, not a dictionary of tensors")
    if key:
        if key not in loaded:
            raise SystemExit(f"the file has no {key!r}; it has {', '.join(map(repr, loaded))}")
        return state_of(loaded[key], None)
    if not any(isinstance(v, torch.Tensor) for v in loaded.values()):
        for usual in ("state_dict", "model", "model_state_dict"):
            if usual in loaded:
                return state_of(loaded[usual], None)
    return loaded


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--key", help="entry of the file that holds the weights")
    parser.add_argument("--strip", default="", help="beginning of names to take away")
    args = parser.parse_args()
    import torch
    careful = {"weights_only": True} if "weights_only" in inspect.signature(torch.load).parameters else {}
    state = state_of(torch.load(args.source, map_location="cpu", **careful), args.key)
    tensors, left_out = {}, []
    for name, value in state.items():
        if isinstance(value, torch.Tensor):
            short = str(name).removeprefix(args.strip)
            if short in tensors:
                raise SystemExit(f"{args.source}: without {args.strip!r} two tensors are called {short!r}")
            tensors[short] = value
        else:
            left_out.append(str(name))
    if not tensors:
        raise SystemExit(f"{args.source}: holds no tensors")
    write_safetensors(args.target, tensors, {"format": "pt"})
    print(f"{args.target}: {len(tensors)} tensors, {sum(t.numel() for t in tensors.values())} numbers")
    if left_out:
        print("left out, no tensors: " + ", ".join(left_out), file=sys.stderr)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Turns texts into vectors, a token a row, for `lofi train lyrics2lofi --vectors` and `lofi generate lyrics2lofi --vectors`.

    tools/text_vectors.py --model bert-base-uncased --out vectors.safetensors lyrics.train.jsonl lyrics.valid.jsonl
    tools/text_vectors.py --model bert-base-uncased --out rain.npy --text "rain on the last train home"

Needs PyTorch and transformers, and the weights of the model: a name that transformers finds, or a folder. Texts are cut to what the
model reads (512 tokens of BERT). Files are JSON Lines; their texts are the field "text", or the fields of "tags" joined by ", ".
A text's tensor is named "text-" and 16 digits of the text's FNV-1a hash, so that files need no order.
"""
import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def name_of(text):
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"text-{state:016x}"


def texts_of(path):
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            sample = json.loads(line)
            yield sample["text"] if "text" in sample else ", ".join(sample["tags"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--text", help="one text instead of files")
    parser.add_argument("--model", default="bert-base-uncased")
    parser.add_argument("--out", type=pathlib.Path, required=True, help=".safetensors, or .npy with --text")
    args = parser.parse_args()
    if (args.text is None) == (not args.files) or (args.out.suffix == ".npy") != (args.text is not None):
        parser.error("give files and a .safetensors, or --text and a .npy")
    try:
        import torch
        import transformers
    except ImportError as e:
        sys.exit(f"text_vectors.py: needs PyTorch and transformers: {e}")
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    model = transformers.AutoModel.from_pretrained(args.model).eval()

    def vectors(text):
        with torch.no_grad():
            tokens = tokenizer(text, truncation=True, max_length=model.config.max_position_embeddings, return_tensors="pt")
            return model(**tokens).last_hidden_state[0].float()

    if args.text is not None:
        import numpy

        numpy.save(args.out, vectors(args.text).numpy().astype("<f4"))
        return
    from pt_to_safetensors import write_safetensors

    out = {}
    for path in args.files:
        for text in texts_of(path):
            out.setdefault(name_of(text), None)
            if out[name_of(text)] is None:
                out[name_of(text)] = vectors(text)
                print(f"\r{len(out)} texts", end="", file=sys.stderr)
    print(file=sys.stderr)
    write_safetensors(args.out, out)


if __name__ == "__main__":
    main()

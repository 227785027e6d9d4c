#!/usr/bin/env python3
"""Makes tests/data/model/waves.safetensors: the STFT encoder-decoder and the LSTM baseline of paper 004 in PyTorch, small, with gradients.

    /usr/bin/python3 tests/model/make_waves_fixture.py      (python3-torch 1.13)

Written from the paper, apart from lofi's own. One bias a gate, as Keras has it. In double precision.
"""
import pathlib
import sys

import torch
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from pt_to_safetensors import write_safetensors  # noqa: E402

HIDDEN, SIZE, FRAMES, BATCH, STEPS = 5, 3, 4, 2, 6
torch.set_default_dtype(torch.float64)
out = {}


class Stft(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(2 * SIZE, HIDDEN), nn.LSTM(HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, 2 * SIZE)

    def forward(self, x):
        _, (h, _) = self.encoder(x)
        y, _ = self.decoder(h.repeat(FRAMES, 1, 1))
        return self.output(y)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.output = nn.LSTM(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        y, _ = self.lstm(x)
        return self.output(y[-1])


def add(name, net, x, target):
    for key, p in net.named_parameters():
        nn.init.normal_(p, std=0.4)
        if "bias_hh" in key:
            nn.init.zeros_(p)
            p.requires_grad_(False)
    y = net(x)
    loss = ((y - target) ** 2).mean()
    loss.backward()
    out.update({name + ".x": x, name + ".target": target, name + ".y": y.detach(), name + ".loss": loss.detach().reshape(1)})
    for key, p in net.named_parameters():
        if p.requires_grad:
            out[name + ".weights." + key] = p.detach()
            out[name + ".gradients." + key] = p.grad


torch.manual_seed(5)
add("stft", Stft(), torch.randn(FRAMES, BATCH, 2 * SIZE), torch.randn(FRAMES, BATCH, 2 * SIZE))
add("lstm", Lstm(), torch.randn(STEPS, BATCH, 1), torch.randn(BATCH, 1))
write_safetensors(ROOT / "tests/data/model/waves.safetensors", out)

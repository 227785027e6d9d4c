#!/usr/bin/env python3
"""Makes tests/data/model/music_vae_{flat,levels,drums}.safetensors: published MusicVAEs in PyTorch, small, with losses and gradients.

    /usr/bin/python3 tests/model/make_music_vae_fixture.py      (python3-torch 1.13)

Written from the paper, apart from lofi's own. The latent's noise is part of the file. In double precision.
"""
import math
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from pt_to_safetensors import write_safetensors  # noqa: E402

torch.set_default_dtype(torch.float64)
E, Z, H, BATCH, BETA = 3, 4, 5, 6, .7


class Net(nn.Module):
    def __init__(self, depth, classes, layers, steps, segments, conductor, free_bits, drums):
        super().__init__()
        self.steps, self.segments, self.free, self.drums = steps, segments, free_bits * math.log(2), drums
        self.depth = depth
        self.encoder = nn.LSTM(depth, E, bidirectional=True)
        if segments > 1:
            self.encoder_upper = nn.LSTM(2 * E, E, bidirectional=True)
            self.conductor_start = nn.Linear(Z, 2 * 2 * conductor)
            self.conductor = nn.LSTM(1, conductor, num_layers=2)
        told = conductor if segments > 1 else Z
        self.mean, self.deviation = nn.Linear(2 * E, Z), nn.Linear(2 * E, Z)
        self.decoder_start = nn.Linear(told, 2 * layers * H)
        self.decoder = nn.LSTM(depth + told, H, num_layers=layers)
        self.logits = nn.Linear(H, classes)

    def read(self, ids):
        if not self.drums:
            return F.one_hot(ids.clamp(min=0), self.depth).double() * (ids >= 0).unsqueeze(-1)
        bits = torch.stack([(ids.clamp(min=0) >> k) & 1 for k in range(9)] + [(ids == 0).long()], -1).double()
        return bits * (ids >= 0).unsqueeze(-1)

    @staticmethod
    def states(flat, layers):
        # of each layer h, then c
        parts = flat.chunk(2 * layers, dim=1)
        return torch.stack(parts[0::2]), torch.stack(parts[1::2])

    def forward(self, ids, noise):
        y, (h, _) = self.encoder(self.read(ids))
        if self.segments > 1:
            _, (h, _) = self.encoder_upper(y)
        last = torch.cat([h[0], h[1]], 1)
        mean, sigma = self.mean(last), F.softplus(self.deviation(last))
        z = mean + sigma * noise
        if self.segments > 1:
            start = self.states(torch.tanh(self.conductor_start(z)), 2)
            tells, _ = self.conductor(torch.zeros(self.segments, ids.shape[1], 1), start)
        else:
            tells = z.unsqueeze(0)
        fed = torch.cat([torch.full_like(ids[:1], -1), ids[:-1]])
        nats = 0
        for s in range(self.segments):
            part = slice(s * self.steps, (s + 1) * self.steps)
            start = self.states(torch.tanh(self.decoder_start(tells[s])), self.decoder.num_layers)
            x = torch.cat([self.read(fed[part]), tells[s].expand(self.steps, -1, -1)], 2)
            y, _ = self.decoder(x, tuple(v.contiguous() for v in start))
            nats = nats + F.cross_entropy(self.logits(y).flatten(0, 1), ids[part].flatten(), reduction="sum")
        kl = (0.5 * (mean ** 2 + sigma ** 2 - 1) - sigma.log()).sum(1)
        return nats, kl, (nats + BETA * F.relu(kl - self.free).sum()) / ids.shape[1]


def main():
    for name, depth, classes, layers, steps, segments, conductor, free, drums in (
            ("flat", 90, 90, 2, 8, 1, 0, 0, False), ("levels", 90, 90, 2, 4, 3, 7, .5, False), ("drums", 10, 512, 3, 8, 1, 0, 0, True)):
        torch.manual_seed(5)
        net = Net(depth, classes, layers, steps, segments, conductor, free, drums)
        for key, p in net.named_parameters():
            nn.init.normal_(p, std=0.3)
            if "bias_hh" in key:
                nn.init.zeros_(p)
                p.requires_grad_(False)
        ids = torch.randint(0, classes, (steps * segments, BATCH))
        noise = torch.randn(BATCH, Z)
        nats, kl, loss = net(ids, noise)
        loss.backward()
        trained = {k: p for k, p in net.named_parameters() if p.requires_grad}
        out = {"ids": ids.double(), "noise": noise, "nats": nats.detach().reshape(1), "divergence": kl.detach()}
        out.update({"weights." + k: p.detach().clone() for k, p in trained.items()})
        out.update({"gradients." + k: p.grad.clone() for k, p in trained.items()})
        write_safetensors(ROOT / f"tests/data/model/music_vae_{name}.safetensors", {k: v.double() for k, v in out.items()})
        print(name, float(loss), kl.detach().numpy().round(2))


if __name__ == "__main__":
    main()

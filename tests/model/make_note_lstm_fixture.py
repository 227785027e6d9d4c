#!/usr/bin/env python3
"""Makes tests/data/model/note_lstm_{001,003}.safetensors: the published note LSTMs in PyTorch, small, with losses and gradients.

    /usr/bin/python3 tests/model/make_note_lstm_fixture.py      (python3-torch 1.13)

Written from the papers, apart from lofi's own: three LSTMs with one bias a gate, the last step of the third, a head. Dropout is off. The
last layer has as many outputs as tokens are used. Ten steps each of RMSprop and Adam as Keras defines them. In double precision.
"""
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from pt_to_safetensors import write_safetensors  # noqa: E402

SIZES, DENSE, WINDOW, USED, BATCH = (5, 4, 3), 6, 7, 8, 9
torch.set_default_dtype(torch.float64)


class Net(nn.Module):
    def __init__(self, normalised):
        super().__init__()
        a, b, c = SIZES
        self.first, self.second, self.third = nn.LSTM(1, a), nn.LSTM(a, b), nn.LSTM(b, c)
        norm = lambda n: nn.BatchNorm1d(n, eps=1e-3, momentum=0.01)
        if normalised:
            self.head = nn.Sequential(norm(c), nn.Identity(), nn.Linear(c, DENSE), nn.ReLU(), norm(DENSE), nn.Identity(),
                                      nn.Linear(DENSE, USED))
        else:
            self.head = nn.Sequential(nn.Linear(c, DENSE), nn.Identity(), nn.Linear(DENSE, USED))

    def forward(self, x):
        for layer in self.first, self.second, self.third:
            x, _ = layer(x)
        return self.head(x[-1])


def main():
    for name, normalised in ("001", False), ("003", True):
        torch.manual_seed(3)
        net = Net(normalised)
        for key, p in net.named_parameters():
            nn.init.normal_(p, std=0.4)
            if "bias_hh" in key:
                nn.init.zeros_(p)
                p.requires_grad_(False)
        tokens = torch.randint(0, USED, (WINDOW, BATCH))
        targets = torch.randint(0, USED, (BATCH,))
        x = (tokens / USED).unsqueeze(-1)
        out = {"inputs": tokens.double(), "targets": targets.double()}
        trained = {k: p for k, p in net.named_parameters() if p.requires_grad}
        out.update({"weights." + k: p.detach().clone() for k, p in trained.items()})
        moments = {k: (torch.zeros_like(p), torch.zeros_like(p)) for k, p in trained.items()}
        losses = []
        for step in range(11):
            net.train()
            logits = net(x)
            loss = F.cross_entropy(logits, targets)
            losses.append(loss.detach())
            net.zero_grad()
            loss.backward()
            if step == 0:
                out["logits"] = logits.detach().clone()
                out.update({"gradients." + k: p.grad.clone() for k, p in trained.items()})
            with torch.no_grad():
                for k, p in trained.items():
                    m, v = moments[k]
                    if normalised:  # Adam: rate .001, the correction in the rate, epsilon beside the root
                        m.mul_(0.9).add_(0.1 * p.grad)
                        v.mul_(0.999).add_(0.001 * p.grad ** 2)
                        rate = 1e-3 * (1 - 0.999 ** (step + 1)) ** 0.5 / (1 - 0.9 ** (step + 1))
                        p.sub_(rate * m / (v.sqrt() + 1e-7))
                    else:  # RMSprop: rate .001, rho .9, epsilon inside the root
                        v.mul_(0.9).add_(0.1 * p.grad ** 2)
                        p.sub_(1e-3 * p.grad / (v + 1e-7).sqrt())
        out["losses"] = torch.stack(losses)
        write_safetensors(ROOT / f"tests/data/model/note_lstm_{name}.safetensors", {k: v.double() for k, v in out.items()})


if __name__ == "__main__":
    main()

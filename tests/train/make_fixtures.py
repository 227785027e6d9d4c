#!/usr/bin/env python3
"""Makes tests/data/train/: what PyTorch's optimisers and schedules do in ten steps, and weights that PyTorch saved.

    /usr/bin/python3 tests/train/make_fixtures.py      (python3-torch 1.13)

Keras's optimisers are computed here from their definitions (keras.optimizers SGD, RMSprop, Adam of Keras 3; RMSprop of
Keras 2.10 and before), in plain Python floats.
"""
import math
import pathlib
import subprocess
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/data/train"
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from pt_to_safetensors import write_safetensors  # noqa: E402

STEPS, SIZE = 10, 7
RATES = [0.01 * (1 + 0.3 * i) for i in range(STEPS)]  # a changing rate shows where it enters a momentum


def run_torch(make, w0, gradients):
    w = w0.clone().requires_grad_(True)
    optimiser = make([w])
    out = []
    for rate, g in zip(RATES, gradients):
        optimiser.param_groups[0]["lr"] = rate
        w.grad = g.clone().to(w.dtype)
        optimiser.step()
        out.append(w.detach().clone())
    return torch.stack(out)


def run_plain(step, w0, gradients):
    w, memory, out = w0.tolist(), [dict() for _ in w0], []
    for t, (rate, g) in enumerate(zip(RATES, gradients.tolist()), 1):
        for i in range(len(w)):
            w[i] = step(w[i], g[i], rate, t, memory[i])
        out.append(list(w))
    return torch.tensor(out, dtype=torch.float64)


def keras_sgd(nesterov):
    def step(w, g, rate, t, m):
        m["v"] = 0.9 * m.get("v", 0.0) - rate * g
        return w + (0.9 * m["v"] - rate * g if nesterov else m["v"])
    return step


def keras_rmsprop(momentum, centred, inside):
    def step(w, g, rate, t, m):
        m["v"] = 0.9 * m.get("v", 0.0) + 0.1 * g * g
        v = m["v"]
        if centred:
            m["a"] = 0.9 * m.get("a", 0.0) + 0.1 * g
            v -= m["a"] ** 2
        move = rate * g / (math.sqrt(v + 1e-3) if inside else math.sqrt(v) + 1e-3)
        if momentum:
            m["m"] = momentum * m.get("m", 0.0) + move
            move = m["m"]
        return w - move
    return step


def keras_adam(w, g, rate, t, m):
    m["m"] = m.get("m", 0.0) + (g - m.get("m", 0.0)) * (1 - 0.9)
    m["v"] = m.get("v", 0.0) + (g * g - m.get("v", 0.0)) * (1 - 0.999)
    alpha = rate * math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
    return w - m["m"] * alpha / (math.sqrt(m["v"]) + 1e-3)


def optimisers():
    torch.manual_seed(1)
    w0, g = torch.randn(SIZE, dtype=torch.float64), torch.randn(STEPS, SIZE, dtype=torch.float64)
    g[:, 3] *= 1e-4  # a small gradient shows where epsilon stands
    g[4:, 5] = 0
    o, out = torch.optim, {"w0": w0, "gradients": g, "rates": torch.tensor(RATES, dtype=torch.float64)}
    for name, make in {
        "sgd": lambda p: o.SGD(p, lr=1),
        "sgd_momentum": lambda p: o.SGD(p, lr=1, momentum=0.9),
        "sgd_nesterov": lambda p: o.SGD(p, lr=1, momentum=0.9, nesterov=True, weight_decay=0.1),
        "sgd_dampened": lambda p: o.SGD(p, lr=1, momentum=0.8, dampening=0.3, weight_decay=0.05),
        "rmsprop": lambda p: o.RMSprop(p, alpha=0.9, eps=1e-3),
        "rmsprop_all": lambda p: o.RMSprop(p, alpha=0.95, eps=1e-3, momentum=0.7, centered=True, weight_decay=0.02),
        "adam": lambda p: o.Adam(p, eps=1e-3),
        "adam_decay": lambda p: o.Adam(p, betas=(0.8, 0.98), weight_decay=0.1),
        "adamw": lambda p: o.AdamW(p, betas=(0.9, 0.98), weight_decay=0.1),
    }.items():
        out[f"torch.{name}"] = run_torch(make, w0, g)
        out[f"torch.{name}.f32"] = run_torch(make, w0.float(), g)
    for name, step in {
        "sgd_momentum": keras_sgd(False), "sgd_nesterov": keras_sgd(True), "rmsprop": keras_rmsprop(0, False, True),
        "rmsprop_all": keras_rmsprop(0.7, True, True), "rmsprop_2_10": keras_rmsprop(0, False, False), "adam": keras_adam,
    }.items():
        out[f"keras.{name}"] = run_plain(step, w0, g)

    w = torch.zeros(SIZE, dtype=torch.float64, requires_grad=True)
    w.grad = g[0].clone()
    out["clip.norm"] = torch.nn.utils.clip_grad_norm_([w], 0.5).reshape(1)
    out["clip.gradient"] = w.grad

    def schedule(make):
        optimiser = o.SGD([w], lr=0.3)
        s, rates = make(optimiser), []
        for _ in range(STEPS):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            s.step()
        return torch.tensor(rates, dtype=torch.float64)
    lr = o.lr_scheduler
    out["rates.cosine"] = schedule(lambda x: lr.CosineAnnealingLR(x, T_max=10, eta_min=0.02))
    out["rates.step"] = schedule(lambda x: lr.StepLR(x, step_size=3, gamma=0.4))
    out["rates.exponential"] = schedule(lambda x: lr.ExponentialLR(x, gamma=0.9))
    write_safetensors(OUT / "optimisers.safetensors", out)


def weights():
    """A state_dict as PyTorch saves it, through the script that users run."""
    torch.manual_seed(2)
    net = torch.nn.ModuleDict({"lstm": torch.nn.LSTM(3, 2), "out": torch.nn.Linear(2, 4), "norm": torch.nn.BatchNorm1d(4)})
    state = dict(net.state_dict())
    values = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 6.1e-5, 3.140625, 1 / 3])
    state["half"], state["brain"] = values.half(), values.bfloat16()
    state["half_as_float"], state["brain_as_float"] = values.half().float(), values.bfloat16().float()
    state["transposed"] = torch.arange(6, dtype=torch.float64).reshape(2, 3).t()  # not contiguous
    source = OUT / "weights.pt"
    torch.save({"epoch": 3, "state_dict": state}, source)
    subprocess.run([sys.executable, "-B", ROOT / "tools/pt_to_safetensors.py", source, OUT / "weights.safetensors"], check=True)
    source.unlink()


OUT.mkdir(parents=True, exist_ok=True)
optimisers()
weights()

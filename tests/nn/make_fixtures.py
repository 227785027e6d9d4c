#!/usr/bin/python3
"""Writes tests/data/nn/*.txt: inputs, weights, outputs and gradients of PyTorch's layers in double precision.

Made with PyTorch 1.13.1 (Debian's python3-torch): tests/nn/make_fixtures.py
Each line is one tensor: its name, its numbers in row-major order.
"""
import pathlib

import torch

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).resolve().parent.parent / "data" / "nn"
HERE.mkdir(parents=True, exist_ok=True)


class Fixture:
    def __init__(self, name):
        self.path = HERE / f"{name}.txt"
        self.lines = []

    def add(self, name, tensor):
        values = tensor.detach().reshape(-1).tolist()
        self.lines.append(" ".join([name] + [repr(float(v)) for v in values]))

    def add_module(self, module):
        for name, p in module.named_parameters():
            self.add("param." + name, p)
            self.add("grad." + name, p.grad)

    def write(self):
        self.path.write_text("\n".join(self.lines) + "\n")


def recurrent(name, module, lengths, size=3, states=1):
    """x, y, dy and dx are (T,B,size); the loss weighs outputs and last states."""
    torch.manual_seed(1)
    for p in module.parameters():
        torch.nn.init.normal_(p, std=0.5)
    steps, batch = max(lengths), len(lengths)
    x = torch.randn(steps, batch, size, requires_grad=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    y, last = module(packed)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, total_length=steps)
    last = last if states == 2 else (last,)
    dy, dlast = torch.randn_like(y), [torch.randn_like(s) for s in last]
    ((y * dy).sum() + sum((s * d).sum() for s, d in zip(last, dlast))).backward()
    f = Fixture(name)
    for key, value in (("x", x), ("y", y), ("dy", dy), ("dx", x.grad)):
        f.add(key, value)
    for key, s, d in zip("hc", last, dlast):
        f.add("last_" + key, s)
        f.add("dlast_" + key, d)
    f.add_module(module)
    f.write()


def row_wise(name, module, shape):
    torch.manual_seed(2)
    for p in module.parameters():
        torch.nn.init.normal_(p)
    x = (3 * torch.randn(shape) + 1).requires_grad_()
    y = module(x)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    f = Fixture(name)
    for key, value in (("x", x), ("y", y), ("dy", dy), ("dx", x.grad)):
        f.add(key, value)
    f.add_module(module)
    for key, value in module.named_buffers():
        if value.dim() > 0:
            f.add("buffer." + key, value)
    f.write()


def losses():
    torch.manual_seed(3)
    f = Fixture("losses")
    logits = (3 * torch.randn(6, 5)).requires_grad_()
    targets = torch.tensor([4, -100, 0, 2, -100, 1])
    loss = torch.nn.functional.cross_entropy(logits, targets, ignore_index=-100)
    loss.backward()
    for key, value in (("logits", logits), ("targets", targets), ("cross_entropy", loss), ("dlogits", logits.grad)):
        f.add(key, value)
    y, target = 2 * torch.randn(4, 3), torch.randn(4, 3)
    f.add("y", y)
    f.add("target", target)
    for key, function in (("absolute", torch.nn.functional.l1_loss), ("square", torch.nn.functional.mse_loss),
                          ("huber", torch.nn.functional.huber_loss)):
        leaf = y.clone().requires_grad_()
        value = function(leaf, target)
        value.backward()
        f.add(key, value)
        f.add("d" + key, leaf.grad)
    mean, log_variance = torch.randn(3, 4, requires_grad=True), torch.randn(3, 4, requires_grad=True)
    unit = torch.distributions.Normal(0.0, 1.0)
    kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, (log_variance / 2).exp()), unit).sum(1).mean()
    kl.backward()
    for key, value in (("mean", mean), ("log_variance", log_variance), ("kl", kl), ("dmean", mean.grad),
                       ("dlog_variance", log_variance.grad)):
        f.add(key, value)
    f.write()


recurrent("lstm", torch.nn.LSTM(3, 4), [5, 5], states=2)
recurrent("lstm_stacked_bidirectional_packed", torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True), [2, 5, 1, 4], states=2)
recurrent("gru", torch.nn.GRU(3, 4), [5, 5])
recurrent("gru_bidirectional_packed", torch.nn.GRU(3, 4, bidirectional=True), [2, 5, 1, 4])
row_wise("dense", torch.nn.Linear(5, 3), (6, 5))
row_wise("batch_norm", torch.nn.BatchNorm1d(4), (7, 4))
row_wise("head", torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3), torch.nn.Softplus()), (5, 4))
losses()

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


def convolutional(name, network, in_channels, modules, steps=9, batch=2):
    """x, y, dy and dx are (T,B,C); a convolution's weight (out,in,kernel) is written as (out,kernel,in), tap by tap."""
    torch.manual_seed(4)
    for module in modules.values():
        for p in module.parameters():
            torch.nn.init.normal_(p, std=0.5)
    x = torch.randn(steps, batch, in_channels, requires_grad=True)
    y = network(x.permute(1, 2, 0)).permute(2, 0, 1)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    f = Fixture(name)
    for key, value in (("x", x), ("y", y), ("dy", dy), ("dx", x.grad)):
        f.add(key, value)
    for prefix, module in modules.items():
        for key, p in module.named_parameters():
            turn = (lambda t: t.permute(0, 2, 1)) if p.dim() == 3 and key != "weight_g" else (lambda t: t)
            f.add("param." + prefix + key, turn(p))
            f.add("grad." + prefix + key, turn(p.grad))
    f.write()


def densities():
    """-log of masses of codes, by PyTorch's own distribution functions."""
    torch.manual_seed(5)
    f = Fixture("density")
    target, half = torch.randn(6), torch.tensor(0.01)
    f.add("target", target)
    f.add("half", half)
    low, high = (target - half)[:, None], (target + half)[:, None]
    spread = lambda kind: lambda out: kind(out[:, :1], out[:, 1:].exp())
    mass = {
        "laplace": (2, lambda o: (lambda d: d.cdf(high) - d.cdf(low))(spread(torch.distributions.Laplace)(o))),
        "gaussian": (2, lambda o: (lambda d: d.cdf(high) - d.cdf(low))(spread(torch.distributions.Normal)(o))),
        "mixture": (12, lambda o: (o[:, :4].softmax(1) * (torch.sigmoid((high - o[:, 4:8]) / o[:, 8:].exp()) -
                                                           torch.sigmoid((low - o[:, 4:8]) / o[:, 8:].exp()))).sum(1)),
    }
    for name, (size, of) in mass.items():
        out = (0.5 * torch.randn(6, size)).requires_grad_()
        nats = -of(out).log().sum()
        nats.backward()
        for key, value in (("out", out), ("nats", nats), ("dout", out.grad)):
            f.add(f"{name}.{key}", value)
    f.write()


def causal(conv, x):
    return conv(torch.nn.functional.pad(x, ((conv.kernel_size[0] - 1) * conv.dilation[0], 0)))


def convolutions():
    conv = torch.nn.Conv1d(3, 2, 3, dilation=2)
    convolutional("conv_causal", lambda x: causal(conv, x), 3, {"": conv})
    same = torch.nn.Conv1d(2, 3, 4, dilation=3, padding="same")
    convolutional("conv_same", same, 2, {"": same})
    weighted = torch.nn.utils.weight_norm(torch.nn.Conv1d(2, 3, 3))
    convolutional("conv_weight_norm", lambda x: causal(weighted, x), 2, {"": weighted})

    # A block of keras-tcn with its second activation, and the output of two: sums of skips.
    parts = {}
    for i, width in enumerate((2, 3)):
        parts[f"block{i}.first.0."] = torch.nn.Conv1d(width, 3, 2, dilation=1 << i)
        parts[f"block{i}.second.0."] = torch.nn.Conv1d(3, 3, 2, dilation=1 << i)
    parts["block0.match."] = torch.nn.Conv1d(2, 3, 1)

    def tcn(x):
        skips = 0
        for i in range(2):
            h = torch.tanh(causal(parts[f"block{i}.first.0."], x))
            skip = torch.tanh(causal(parts[f"block{i}.second.0."], h))
            skips = skips + skip
            x = torch.tanh((parts["block0.match."](x) if i == 0 else x) + skip)
        return skips

    convolutional("tcn", tcn, 2, parts)

    # Two conditioned layers of a WaveNet; the first two channels of x are the input, the last three the condition.
    layers = {}
    for i in range(2):
        layers[f"layer{i}.conv."] = torch.nn.Conv1d(2, 8, 2, dilation=1 << i)
        layers[f"layer{i}.condition."] = torch.nn.Conv1d(3, 8, 1, bias=False)
        layers[f"layer{i}.skip."] = torch.nn.Conv1d(4, 5, 1)
        layers[f"layer{i}.residual."] = torch.nn.Conv1d(4, 2, 1)
    for p in layers["layer1.residual."].parameters():
        p.grad = torch.zeros_like(p)  # nothing follows it

    def wavenet(x):
        h, c, skips = x[:, :2], x[:, 2:], 0
        for i in range(2):
            a, b = (causal(layers[f"layer{i}.conv."], h) + layers[f"layer{i}.condition."](c)).chunk(2, 1)
            g = torch.tanh(a) * torch.sigmoid(b)
            skips = skips + layers[f"layer{i}.skip."](g)
            h = h + layers[f"layer{i}.residual."](g)
        return skips

    convolutional("wavenet", wavenet, 5, layers)


recurrent("lstm", torch.nn.LSTM(3, 4), [5, 5], states=2)
recurrent("lstm_stacked_bidirectional_packed", torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True), [2, 5, 1, 4], states=2)
recurrent("gru", torch.nn.GRU(3, 4), [5, 5])
recurrent("gru_bidirectional_packed", torch.nn.GRU(3, 4, bidirectional=True), [2, 5, 1, 4])
row_wise("dense", torch.nn.Linear(5, 3), (6, 5))
row_wise("layer_norm", torch.nn.LayerNorm(5), (4, 5))
row_wise("batch_norm", torch.nn.BatchNorm1d(4), (7, 4))
row_wise("head", torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3), torch.nn.Softplus()), (5, 4))
losses()
convolutions()
densities()

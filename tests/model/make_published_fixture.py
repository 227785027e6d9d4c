#!/usr/bin/env python3
"""Makes tests/data/model/published.safetensors: the published Lofi2Lofi in PyTorch, small, with losses and gradients.

    /usr/bin/python3 tests/model/make_published_fixture.py      (python3-torch 1.13)

The network is written here from its description (docs/model.md), apart from lofi's own. It has 6 hidden units, 3 small ones and
5 latent numbers, so that sizes that are equal as published cannot be mistaken for one another; all in double precision.
With --full FOLDER it writes instead, at the published sizes, random weights (model.safetensors, decoder.safetensors), latents
and phrases, and what PyTorch decodes and encodes (expected.safetensors).
"""
import argparse
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True
from pt_to_safetensors import write_safetensors  # noqa: E402

END, CHORDS, NOTES, SLOTS, MOST = 8, 9, 15, 8, 50


def two_layers(inside, hidden, outside):
    return nn.Sequential(nn.Linear(inside, hidden), nn.ReLU(), nn.Linear(hidden, outside))


class Encoder(nn.Module):
    def __init__(self, hidden, small):
        super().__init__()
        self.chord_embeddings = nn.Embedding(CHORDS, hidden)
        self.chords_lstm = nn.LSTM(hidden, hidden, bidirectional=True)
        self.melody_embeddings = nn.Embedding(NOTES, hidden)
        self.melody_lstm = nn.LSTM(hidden, hidden, bidirectional=True)
        for name in "tempo", "valence", "energy":
            setattr(self, f"{name}_embedding", nn.Linear(1, small))
        self.key_embedding = nn.Embedding(12, small)
        self.mode_embedding = nn.Embedding(7, small)
        self.downsample = nn.Linear(4 * hidden + 5 * small, hidden)

    def last_states(self, table, lstm, tokens, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(table(tokens), lengths, enforce_sorted=False)
        _, (h, _) = lstm(packed)
        return [h[1], h[0]]  # the reverse direction first

    def forward(self, b):
        parts = self.last_states(self.chord_embeddings, self.chords_lstm, b["chords"], b["lengths"])
        parts += self.last_states(self.melody_embeddings, self.melody_lstm, b["melody"], SLOTS * b["lengths"])
        parts.append(self.tempo_embedding(b["tempo"][:, None]))
        parts.append(self.key_embedding(b["key"]))
        parts.append(self.mode_embedding(b["mode"]))
        parts.append(self.valence_embedding(b["valence"][:, None]))
        parts.append(self.energy_embedding(b["energy"][:, None]))
        return self.downsample(torch.cat(parts, 1))


class Decoder(nn.Module):
    def __init__(self, hidden, small, latent):
        super().__init__()
        self.hidden = hidden
        for name, lstm, classes, contexts in ("chord", "chords", CHORDS, 1), ("melody", "melody", NOTES, 2):
            setattr(self, f"{lstm}_lstm", nn.LSTMCell(latent, hidden))
            setattr(self, f"{name}_embeddings", nn.Embedding(classes, hidden))
            setattr(self, f"{name}_prediction", two_layers(hidden, hidden, classes))
            setattr(self, f"{name}_embedding_downsample", nn.Linear(hidden + contexts * latent, latent))
        for name, classes in ("key", 12), ("mode", 7), ("tempo", 1), ("valence", 1), ("energy", 1):
            setattr(self, f"{name}_linear", two_layers(latent, small, classes))

    def forward(self, z, bars, feed=None):
        """feed: chords (T,B) and melody (8T,B); a negative token stands for the likeliest one."""
        zeros = z.new_zeros(z.shape[0], self.hidden)
        chord_state, melody_state, x, y = (zeros, zeros), (zeros, zeros), z, None
        chord_logits, melody_logits = [], []

        def go_on(logits, told):
            own = logits.argmax(1)
            return own if told is None else torch.where(told < 0, own, told)

        for bar in range(bars):
            chord_state = self.chords_lstm(x, chord_state)
            chord_logits.append(self.chord_prediction(chord_state[0]))
            token = go_on(chord_logits[-1], feed and feed[0][bar])
            x = self.chord_embedding_downsample(torch.cat([self.chord_embeddings(token), z], 1))
            y = x if bar == 0 else y
            for slot in range(SLOTS):
                melody_state = self.melody_lstm(y, melody_state)
                melody_logits.append(self.melody_prediction(melody_state[0]))
                token = go_on(melody_logits[-1], feed and feed[1][SLOTS * bar + slot])
                y = self.melody_embedding_downsample(torch.cat([self.melody_embeddings(token), x, z], 1))
        heads = {name: getattr(self, f"{name}_linear")(z) for name in ("tempo", "key", "mode", "valence", "energy")}
        return torch.stack(chord_logits), torch.stack(melody_logits), heads


class Lofi2Lofi(nn.Module):
    def __init__(self, hidden, small, latent):
        super().__init__()
        self.encoder = Encoder(hidden, small)
        self.mean_linear = nn.Linear(hidden, latent)
        self.variance_linear = nn.Linear(hidden, latent)
        self.decoder = Decoder(hidden, small, latent)

    def posterior(self, b):
        h = self.encoder(b)
        return self.mean_linear(h), self.variance_linear(h)

    def losses(self, b, noise=None, feed=None):
        mean, log_variance = self.posterior(b)
        z = mean if noise is None else mean + noise * torch.exp(log_variance / 2)
        return losses_of(b, mean, log_variance, *self.decoder(z, int(b["lengths"].max()), feed))


def losses_of(b, mean, log_variance, chords, melody, heads):
    out = {}
    for name, logits, truth, lengths in (("chords", chords, b["chords"], b["lengths"]),
                                         ("melody", melody, b["melody"], SLOTS * b["lengths"])):
        counts = torch.arange(len(truth))[:, None] <= lengths[None]  # one step beyond the end counts
        out[name] = F.cross_entropy(logits[counts], truth[counts])
        out[name + "_accuracy"] = (logits.argmax(2) == truth)[counts].to(mean.dtype).mean()
    out["divergence"] = 0.5 * (mean ** 2 + log_variance.exp() - log_variance - 1).mean()
    for name in "tempo", "valence", "energy":
        out[name] = (heads[name][:, 0] - b[name]).abs().mean()
    for name in "key", "mode":
        out[name] = F.cross_entropy(heads[name], b[name])
    out["total"] = (out["chords"] + out["melody"] + out["divergence"] + out["tempo"] / 5 + out["key"] / 30 +
                    out["mode"] / 10 + out["valence"] / 5 + out["energy"] / 5)
    return out


def batch(lengths, dtype):
    """Random phrases; END and rests stand beyond the end of each."""
    bars, size = max(lengths), len(lengths)
    lengths = torch.tensor(lengths)
    chords = torch.randint(0, 8, (bars, size))
    melody = torch.randint(0, NOTES, (SLOTS * bars, size))
    chords[torch.arange(bars)[:, None] >= lengths] = END
    melody[torch.arange(SLOTS * bars)[:, None] >= SLOTS * lengths] = 0
    bpm = torch.linspace(60, 190, size, dtype=torch.float64)  # both ends are beyond what the network counts
    tempo = ((bpm - 70) * 3 / 13 + 70).clamp(70, 100) / 30 - 7 / 3
    return {"lengths": lengths, "chords": chords, "melody": melody, "bpm": bpm, "tempo": tempo.to(dtype),
            "key": torch.randint(0, 12, (size,)), "mode": torch.randint(0, 7, (size,)),
            "valence": torch.rand(size, dtype=torch.float64).to(dtype), "energy": torch.rand(size, dtype=torch.float64).to(dtype)}


def plain(b):
    """A batch as numbers that the fixtures hold."""
    return {f"batch.{k}": v.to(torch.float64) for k, v in b.items() if k != "tempo"}


def small():
    torch.manual_seed(20)
    torch.set_default_dtype(torch.float64)
    net = Lofi2Lofi(6, 3, 5)
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(1.7)  # farther from the start the likeliest tokens differ more
    b = batch([2, 4, 1, 3], torch.float64)
    noise = torch.randn(4, 5)
    out = {"noise": noise, **plain(b), **{f"weights.{k}": v.clone() for k, v in net.state_dict().items()}}
    mixed = [torch.where(torch.rand(len(t), 1) < 0.5, t, torch.full_like(t, -1)) for t in (b["chords"], b["melody"])]
    out["mixed.chords"], out["mixed.melody"] = (t.to(torch.float64) for t in mixed)
    for name, eps, feed in (("free", noise, None), ("forced", noise, [b["chords"], b["melody"]]), ("mixed", noise, mixed),
                            ("evaluation", None, None)):
        net.zero_grad()
        losses = net.losses(b, eps, feed)
        losses["total"].backward()
        out |= {f"{name}.loss.{k}": v.detach().reshape(1) for k, v in losses.items()}
        if name != "evaluation":
            out |= {f"{name}.gradient.{k}": p.grad.clone() for k, p in net.named_parameters()}
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.1)
    totals, noises = [], torch.randn(10, 4, 5)
    for eps in noises:
        optimiser.zero_grad()
        total = net.losses(b, eps)["total"]
        total.backward()
        optimiser.step()
        totals.append(total.item())
    out["training.noise"], out["training.totals"] = noises, torch.tensor(totals)
    target = ROOT / "tests/data/model"
    target.mkdir(parents=True, exist_ok=True)
    write_safetensors(target / "published.safetensors", out)


def full(folder):
    torch.manual_seed(21)
    net = Lofi2Lofi(100, 32, 100)
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(2.5)
        net.decoder.chord_prediction[2].bias[END] -= 4.0  # longer tracks
    write_safetensors(folder / "model.safetensors", net.state_dict())
    write_safetensors(folder / "decoder.safetensors", net.decoder.state_dict())
    z = torch.randn(50, 100)
    b = batch(torch.randint(1, 20, (24,)).tolist(), torch.float32)
    with torch.no_grad():
        chords, melody, heads = net.decoder(z, MOST)
        mean, log_variance = net.posterior(b)
    write_safetensors(folder / "expected.safetensors", {
        "z": z, "chords": chords.argmax(2).float(), "melody": melody.argmax(2).float(), **plain(b),
        **{f"head.{k}": v if v.shape[1] == 1 else v.argmax(1).float() for k, v in heads.items()},
        "mean": mean, "log_variance": log_variance})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=pathlib.Path, metavar="FOLDER")
    args = parser.parse_args()
    full(args.full) if args.full else small()

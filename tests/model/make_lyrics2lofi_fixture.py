#!/usr/bin/env python3
"""Makes tests/data/model/lyrics2lofi.safetensors: the published Lyrics2Lofi in PyTorch, small, with losses and gradients.

    /usr/bin/python3 tests/model/make_lyrics2lofi_fixture.py      (python3-torch 1.13)

The network is written here from its description (docs/model.md), apart from lofi's own; voices and heads are those of
make_published_fixture.py. It has 6 hidden units, 4 in the heads, 5 latent numbers and token vectors of 7, all in double precision.
"""
import torch
from torch import nn

from make_published_fixture import ROOT, SLOTS, Decoder, batch, losses_of, plain, write_safetensors


class Lyrics2Lofi(nn.Module):
    class Encoder(nn.Module):
        def __init__(self, width, hidden):
            super().__init__()
            self.encoder_lstm = nn.LSTM(width, hidden, bidirectional=True)
            self.downsample = nn.Linear(2 * hidden, hidden)

        def forward(self, texts, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(texts, lengths, enforce_sorted=False)
            _, (h, _) = self.encoder_lstm(packed)
            return self.downsample(torch.cat([h[1], h[0]], 1))

    class Decoder(Decoder):
        def __init__(self, hidden, small, latent):
            super().__init__(hidden, small, latent)
            for name, size in ("tempo", 1), ("mode", 7), ("valence", 1), ("energy", 1):
                setattr(self, f"{name}_embedding", nn.Linear(size, hidden))
            self.downsample = nn.Linear(latent + 4 * hidden, latent)

        def forward(self, z, bars, feed=None):
            heads = {name: getattr(self, f"{name}_linear")(z) for name in ("tempo", "key", "mode", "valence", "energy")}
            back = [getattr(self, f"{name}_embedding")(heads[name]) for name in ("tempo", "mode", "valence", "energy")]
            chords, melody, _ = super().forward(self.downsample(torch.cat([z, *back], 1)), bars, feed)
            return chords, melody, heads

    def __init__(self, width, hidden, small, latent):
        super().__init__()
        self.encoder = self.Encoder(width, hidden)
        self.mean_linear = nn.Linear(hidden, latent)
        self.variance_linear = nn.Linear(hidden, latent)
        self.decoder = self.Decoder(hidden, small, latent)

    def losses(self, texts, text_lengths, b, noise=None, feed=None):
        h = self.encoder(texts, text_lengths)
        mean, log_variance = self.mean_linear(h), self.variance_linear(h)
        z = mean if noise is None else mean + noise * torch.exp(log_variance / 2)
        return losses_of(b, mean, log_variance, *self.decoder(z, int(b["lengths"].max()), feed))


def main():
    torch.manual_seed(23)
    torch.set_default_dtype(torch.float64)
    net = Lyrics2Lofi(7, 6, 4, 5)
    with torch.no_grad():
        for p in net.parameters():
            p.mul_(1.7)
    b = batch([2, 3, 1], torch.float64)
    lengths = torch.tensor([4, 1, 3])
    texts = torch.randn(4, 3, 7) * (torch.arange(4)[:, None, None] < lengths[None, :, None])
    noise = torch.randn(3, 5)
    out = {"noise": noise, "texts": texts, "texts.lengths": lengths.double(), **plain(b),
           **{f"weights.{k}": v.clone() for k, v in net.state_dict().items()}}
    for name, eps, feed in ("free", noise, None), ("forced", noise, [b["chords"], b["melody"]]), ("evaluation", None, None):
        net.zero_grad()
        losses = net.losses(texts, lengths, b, eps, feed)
        losses["total"].backward()
        out |= {f"{name}.loss.{k}": v.detach().reshape(1) for k, v in losses.items()}
        if name != "evaluation":
            out |= {f"{name}.gradient.{k}": p.grad.clone() for k, p in net.named_parameters()}
    with torch.no_grad():
        z = torch.randn(4, 5)
        chords, melody, heads = net.decoder(z, 50)
    out |= {"z": z, "written.chords": chords.argmax(2).double(), "written.melody": melody.argmax(2).double(),
            **{f"written.{k}": v for k, v in heads.items()}}
    write_safetensors(ROOT / "tests/data/model/lyrics2lofi.safetensors", out)


if __name__ == "__main__":
    main()

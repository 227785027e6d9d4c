#!/usr/bin/python3
"""Times in PyTorch the training steps of benchmarks/wave_train.cpp: torch_wave_train.py [threads]"""
import statistics
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)


class Causal(torch.nn.Conv1d):
    def forward(self, x):
        return super().forward(torch.nn.functional.pad(x, ((self.kernel_size[0] - 1) * self.dilation[0], 0)))


class Tcn(torch.nn.Module):
    def __init__(self, channels=64, kernel=4, levels=6):
        super().__init__()
        widths = [1] + [channels] * (levels - 1)
        self.first = torch.nn.ModuleList(Causal(w, channels, kernel, dilation=1 << i) for i, w in enumerate(widths))
        self.second = torch.nn.ModuleList(Causal(channels, channels, kernel, dilation=1 << i) for i in range(levels))
        self.match = torch.nn.Conv1d(1, channels, 1)

    def forward(self, x):
        skips = 0
        for i, (first, second) in enumerate(zip(self.first, self.second)):
            skip = torch.tanh(second(torch.tanh(first(x))))
            skips = skips + skip
            x = torch.tanh((self.match(x) if i == 0 else x) + skip)
        return skips


def lofigen():
    layers = []
    for i, (a, b, k) in enumerate(((1, 16, 128), (16, 64, 256), (64, 128, 256), (128, 64, 256), (64, 16, 128), (16, 1, 128))):
        layers += ([torch.nn.ReLU()] if i > 0 else []) + [Causal(a, b, k)]
    return torch.nn.Sequential(*layers)


def clock(name, net, x, runs):
    times, processor = [], []
    for _ in range(runs):
        start, processor_start = time.perf_counter(), time.process_time()
        net.zero_grad()
        net(x).square().mean().backward()
        times.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - processor_start))
    print(f"{name}: torch {torch.__version__}, {torch.get_num_threads()} threads: median {statistics.median(times):.0f} ms, "
          f"best {min(times):.0f} ms; processor time median {statistics.median(processor):.0f} ms, best {min(processor):.0f} ms", flush=True)


clock("TCN", Tcn(), torch.rand(32, 1, 512) - 0.5, 5)
clock("LofiGen, batch 1", lofigen(), torch.rand(1, 1, 8162) - 0.5, 3)

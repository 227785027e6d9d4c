#!/usr/bin/python3
"""Times in PyTorch the training step of benchmarks/lstm_train.cpp: torch_lstm_train.py [threads]

Threads that wait sleep: those of OpenMP, which spin otherwise against those of the BLAS.
"""
import os
import statistics
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ["OPENBLAS_NUM_THREADS"] = sys.argv[1] if len(sys.argv) > 1 else "1"
import torch  # noqa: E402: reads the environment when it is loaded

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
STEPS, BATCH, VOCABULARY = 50, 64, 300


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = torch.nn.LSTM(1, 512), torch.nn.LSTM(512, 512), torch.nn.LSTM(512, 256)
        self.head = torch.nn.Sequential(torch.nn.Linear(256, 256), torch.nn.Linear(256, VOCABULARY))

    def forward(self, x):
        for layer in (self.first, self.second, self.third):
            x, _ = layer(x)
        return self.head(x[-1])


net = Net()
optimiser = torch.optim.RMSprop(net.parameters(), lr=0.001, alpha=0.9)
x, targets = torch.rand(STEPS, BATCH, 1), torch.randint(VOCABULARY, (BATCH,))
times, processor = [], []
for _ in range(7):
    start, processor_start = time.perf_counter(), time.process_time()
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(net(x), targets).backward()
    optimiser.step()
    times.append(1000 * (time.perf_counter() - start))
    processor.append(1000 * (time.process_time() - processor_start))
print(f"torch {torch.__version__}, {torch.get_num_threads()} threads: median {statistics.median(times[1:]):.0f} ms, "
      f"best {min(times):.0f} ms; processor time median {statistics.median(processor[1:]):.0f} ms, best {min(processor):.0f} ms")

#!/usr/bin/env python3
"""Times in PyTorch what benchmarks/cuda_step.cu times; one line of JSON a figure."""
import json
import statistics
import sys

try:
    import torch
except ImportError:
    sys.exit("SKIPPED: no PyTorch here")
if not torch.cuda.is_available():
    sys.exit("SKIPPED: this PyTorch sees no CUDA device")

STEPS, BATCH, VOCABULARY = 50, 64, 300
device = "cuda"


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = torch.nn.LSTM(1, 512), torch.nn.LSTM(512, 512), torch.nn.LSTM(512, 256)
        self.head = torch.nn.Sequential(torch.nn.Linear(256, 256), torch.nn.Linear(256, VOCABULARY))

    def forward(self, x):
        for layer in (self.first, self.second, self.third):
            x, _ = layer(x)
        return self.head(x[-1])


def microseconds(calls, f):
    for _ in range(3):
        f()
    rounds = []
    for _ in range(5):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        torch.cuda.synchronize()
        start.record()
        for _ in range(calls):
            f()
        end.record()
        torch.cuda.synchronize()
        rounds.append(1000 * start.elapsed_time(end) / calls)
    return statistics.median(rounds)


def show(name, precision, us):
    print(json.dumps({"by": f"torch {torch.__version__}", "name": name, "precision": precision, "us": round(us, 2)}), flush=True)


for precision in "strict", "tf32":
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    net = Net().to(device)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.001, fused=True, capturable=True)
    x, targets = torch.rand(STEPS, BATCH, 1, device=device), torch.randint(VOCABULARY, (BATCH,), device=device)

    def step():
        optimiser.zero_grad(set_to_none=False)
        torch.nn.functional.cross_entropy(net(x), targets).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0, foreach=True)
        optimiser.step()

    show("lstm_train_step_launched", precision, microseconds(10, step))
    try:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        show("lstm_train_step_graph", precision, microseconds(20, graph.replay))
    except Exception as e:  # what a version cannot capture, it cannot capture
        print(json.dumps({"by": "torch", "name": "lstm_train_step_graph", "precision": precision, "failed": str(e)[:200]}), flush=True)
    a, w = torch.rand(STEPS * BATCH, 512, device=device), torch.rand(2048, 512, device=device)
    show("product_3200x2048x512", precision, microseconds(50, lambda: torch.nn.functional.linear(a, w)))
    sound = torch.zeros(4, 64, 8192, device=device, requires_grad=True)
    taps, slopes = torch.zeros(128, 64, 256, device=device, requires_grad=True), torch.zeros(4, 128, 8192, device=device)

    def convolution():
        sound.grad = taps.grad = None
        torch.nn.functional.conv1d(torch.nn.functional.pad(sound, (255, 0)), taps).backward(slopes)

    show("convolution_32768x64x128_256_taps", precision, microseconds(5, convolution))
    if precision == "tf32":
        continue
    logits, ids = torch.zeros(8192, 1024, device=device, requires_grad=True), torch.zeros(8192, dtype=torch.int64, device=device)

    def cross_entropy():
        logits.grad = None
        torch.nn.functional.cross_entropy(logits, ids, reduction="sum").backward()

    show("softmax_cross_entropy_8192x1024", precision, microseconds(50, cross_entropy))
    gates, sums = torch.rand(STEPS * BATCH, 2048, device=device), torch.zeros(2048, device=device)
    show("sum_rows_3200x2048", precision, microseconds(50, lambda: torch.sum(gates, 0, out=sums)))

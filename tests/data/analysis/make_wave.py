"""Makes wave.txt with numpy 1.24 and scipy 1.10: masses of Laplace densities, a least-squares prediction and a learning one."""
import numpy as np
from scipy.stats import laplace

x = np.array([np.sin(0.11 * n) + 0.5 * np.sin(0.37 * n + 1) + 0.2 * np.cos(1.7 * n * n % 7) for n in range(300)], dtype=np.float32).astype(float)
with open("wave.txt", "w") as out:
    def row(name, values):
        out.write(name + " " + " ".join(f"{v:.12g}" for v in np.asarray(values, dtype=float).ravel()) + "\n")

    bits = []
    for mean, scale, code in [(0.1, 0.03, 3000), (0.1, 0.03, 3277), (-0.2, 0.01, -6000), (0, 1e-4, 0), (0.3, 0.05, -20000)]:
        d = laplace(mean, scale)
        a, b = (code - 0.5) / 32768, (code + 0.5) / 32768
        mass = d.cdf(b) - d.cdf(a) if a < mean else d.sf(a) - d.sf(b)
        bits += [mean, scale, code, -np.log2(mass)]
    row("bits", bits)
    rows = np.array([[x[t - 1 - k] for k in range(4)] for t in range(4, 300)])
    row("weights", np.linalg.lstsq(rows, x[4:], rcond=None)[0])
    w, h, predictions = np.zeros(8), np.zeros(8), []
    for v in x:
        p = w @ h
        predictions.append(p)
        w = w + 0.05 * (v - p) * h / (h @ h + 0.05 * 8)
        h = np.concatenate([[v], h[:-1]])
    row("nlms", predictions[::10])

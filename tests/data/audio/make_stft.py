"""Makes stft.txt with scipy 1.10: a windowed half spectrum and a whole one, and harmonic and percussive masks of a small spectrogram."""
import numpy as np
from scipy.signal import get_window
from scipy.signal import medfilt

n = np.arange(200)
x = np.sin(0.3 * n) + 0.25 * np.cos(1.1 * n + 0.5) + 0.01 * n
with open("stft.txt", "w") as out:
    def row(name, values):
        out.write(name + " " + " ".join(f"{v:.9g}" for v in np.asarray(values).ravel()) + "\n")

    for i in (0, 1, 4):  # a window of 64, a hop of 16: frame i begins at (i + 1) 16 - 64
        padded = np.concatenate([np.zeros(64), x, np.zeros(64)])
        frame = padded[(i + 1) * 16 : (i + 1) * 16 + 64] * get_window("hann", 64)
        f = np.fft.rfft(frame)
        row(f"frame{i}", np.stack([f.real, f.imag], 1))
    f = np.fft.fft(x[:50])
    row("block", np.concatenate([f.real, f.imag]))
    row("median", medfilt(x[:40], 7))

#!/usr/bin/env python3
"""Makes the coefficients of core/math.hpp: polynomials of least largest relative error, found by Remez's exchange.

usage: python3 tools/make_polynomials.py        (needs mpmath; prints C++ arrays, lowest power first, and each error)
"""
import struct
import mpmath as mp

mp.mp.dps = 60


def remez(f, low, high, count):
    """Coefficients c with the least largest |sum c_k x^k / f(x) - 1| on [low, high]."""
    points = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / (count + 1)) for i in range(count + 1)]
    for _ in range(12):
        a = mp.matrix(count + 1, count + 1)
        for i, x in enumerate(points):
            for k in range(count):
                a[i, k] = x**k / f(x)
            a[i, count] = (-1) ** i
        solution = mp.lu_solve(a, mp.matrix([1] * (count + 1)))
        c = [solution[k] for k in range(count)]
        grid = [low + (high - low) * i / mp.mpf(60 * count) for i in range(60 * count + 1)]
        errors = [mp.polyval(c[::-1], x) / f(x) - 1 for x in grid]
        extremes = []
        for x, e in zip(grid, errors):
            if extremes and (e > 0) == (extremes[-1][1] > 0):
                if abs(e) > abs(extremes[-1][1]):
                    extremes[-1] = (x, e)
            else:
                extremes.append((x, e))
        if len(extremes) != count + 1:
            break
        points = [x for x, _ in extremes]
    return c, max(abs(e) for e in errors)


def sine(u):        # sin(2 pi t) / t by u = t^2
    t = mp.sqrt(u)
    return mp.sin(2 * mp.pi * t) / t if t > 0 else 2 * mp.pi


def power(f):       # (2^f - 1) / f
    return mp.expm1(f * mp.log(2)) / f if f > 0 else mp.log(2)


def logarithm(u):   # log2((1 + s) / (1 - s)) / s by u = s^2
    s = mp.sqrt(u)
    return 2 * mp.atanh(s) / mp.log(2) / s if s > 0 else 2 / mp.log(2)


def to_float(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


s_high = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
for name, f, high, counts in [
    ("sine", sine, mp.mpf(1) / 16, (5, 9)),
    ("power", power, mp.mpf(1), (6, 12)),
    ("logarithm", logarithm, s_high, (4, 9)),
]:
    for kind, count in zip(("float", "double"), counts):
        c, e = remez(f, mp.mpf(0), high, count)
        shown = [f"{to_float(x):.9g}F" if kind == "float" else f"{float(x):.17g}" for x in c]
        print(f"// {name}, {kind}: {mp.nstr(e, 3)}\n{{{', '.join(shown)}}}")

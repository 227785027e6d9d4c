#!/usr/bin/env python3
"""Makes tests/data/text/*.npy with NumPy: one text in 16, 32 and 64 bits, and three texts padded with zeros.

    /usr/bin/python3 tests/text/make_vectors_fixture.py
"""
import pathlib

import numpy

target = pathlib.Path(__file__).resolve().parents[1] / "data/text"
target.mkdir(parents=True, exist_ok=True)
one = (numpy.arange(12).reshape(3, 4) - 5) / 8  # exact in 16 bits
for bits in 16, 32, 64:
    numpy.save(target / f"one{bits}.npy", one.astype(f"<f{bits // 8}"))
many = numpy.zeros((3, 4, 4), "<f4")
many[0, :2], many[2, :4] = one[:2], 1 + numpy.arange(16).reshape(4, 4)
numpy.save(target / "many.npy", many)
numpy.save(target / "fortran.npy", numpy.asfortranarray(many[2]))
numpy.save(target / "whole.npy", numpy.arange(8).reshape(2, 4))

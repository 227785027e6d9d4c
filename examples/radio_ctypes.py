#!/usr/bin/env python3
"""Endless lo-fi from Python, through the C interface: ten seconds into a WAV file, beats and chords on the screen.

    radio_ctypes.py [--library build/release/lib/liblofi_radio.so] [--seed 7] [--mood rain] [--seconds 10] [--out radio.wav]

Needs nothing but Python and liblofi_radio (cmake -DLOFI_BUILD_SHARED_RADIO=ON).
"""
import argparse
import array
import ctypes as c
import sys
import wave

# ---- <lofi/radio.h>

ENERGY, GAIN = 0, 12
NOW, NEXT_BEAT, NEXT_BAR, NEXT_SECTION = range(4)
BEAT, BAR, SECTION, CHORD, NOTE_ON = range(5)


class Config(c.Structure):
    _fields_ = [("size", c.c_uint32), ("rate", c.c_uint32), ("seed", c.c_uint64), ("mood", c.c_char_p), ("start", c.c_void_p),
                ("start_count", c.c_size_t), ("weights", c.c_void_p), ("weights_size", c.c_size_t), ("loudness", c.c_double),
                ("ceiling", c.c_double)]


class Change(c.Structure):
    _fields_ = [("frame", c.c_int64), ("value", c.c_int32), ("ramp", c.c_uint16), ("parameter", c.c_uint8), ("when", c.c_uint8)]


class Event(c.Structure):
    _fields_ = [("frame", c.c_int64), ("length", c.c_int64), ("bar", c.c_int32), ("tick", c.c_int32), ("value", c.c_double),
                ("change", Change), ("kind", c.c_uint8), ("why", c.c_uint8), ("parameter", c.c_uint8), ("part", c.c_uint8),
                ("section", c.c_uint8), ("pitch", c.c_uint8), ("velocity", c.c_uint8), ("tonic", c.c_uint8), ("mode", c.c_uint8),
                ("chord_root", c.c_uint8), ("chord_bass", c.c_uint8), ("chord", c.c_uint8 * 6), ("reserved", c.c_uint8),
                ("scale", c.c_uint16), ("chord_tones", c.c_uint16)]


class Radio:
    """A radio of the shared library."""

    def __init__(self, library, seed=1, mood="night", rate=48000):
        self.lib = lib = c.CDLL(library)
        lib.lofi_radio_create.restype = c.c_void_p
        lib.lofi_radio_error.restype = c.c_char_p
        lib.lofi_radio_destroy.argtypes = [c.c_void_p]
        lib.lofi_radio_render.argtypes = [c.c_void_p, c.POINTER(c.c_float), c.c_size_t]
        lib.lofi_radio_set.argtypes = [c.c_void_p, c.c_int, c.c_double, c.c_int, c.c_double]
        lib.lofi_radio_poll.argtypes = [c.c_void_p, c.POINTER(Event), c.c_size_t]
        lib.lofi_radio_chord_name.argtypes = [c.POINTER(Event), c.c_char_p, c.c_size_t]
        config = Config()
        lib.lofi_radio_defaults(c.byref(config), c.c_size_t(c.sizeof(config)))
        config.seed, config.mood, config.rate = seed, mood.encode(), rate
        self.handle = lib.lofi_radio_create(c.byref(config))
        if not self.handle:
            raise ValueError(lib.lofi_radio_error().decode())

    def render(self, frames):
        """So many frames of left, right, left, right..."""
        block = (c.c_float * (2 * frames))()
        self.lib.lofi_radio_render(self.handle, block, frames)
        return block

    def set(self, parameter, value, when=NOW, ramp=0.0):
        return bool(self.lib.lofi_radio_set(self.handle, parameter, value, when, ramp))

    def events(self):
        """What has happened since the last call."""
        event = Event()
        while self.lib.lofi_radio_poll(self.handle, c.byref(event), c.sizeof(event)):
            yield event

    def chord_name(self, event):
        name = c.create_string_buffer(64)
        self.lib.lofi_radio_chord_name(c.byref(event), name, len(name))
        return name.value.decode()

    def close(self):
        self.lib.lofi_radio_destroy(self.handle)
        self.handle = None


# ---- what it is for

def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--library", default="liblofi_radio.so")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--mood", default="rain")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--out", default="radio.wav")
    o = options.parse_args()
    rate, block = 48000, 480
    try:
        radio = Radio(o.library, o.seed, o.mood, rate)
    except (OSError, ValueError) as e:
        sys.exit(f"radio_ctypes.py: {e}")

    radio.set(ENERGY, 0.8, NEXT_BAR, 4.0)
    with wave.open(o.out, "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        for _ in range(int(o.seconds * rate) // block):
            samples = array.array("h", (round(32767 * max(-1.0, min(1.0, x))) for x in radio.render(block)))
            if sys.byteorder == "big":
                samples.byteswap()
            file.writeframes(samples.tobytes())
            for e in radio.events():
                if e.kind == BEAT:
                    print(f"{e.frame / rate:7.3f} s  bar {e.bar + 1} beat {e.tick // 960 + 1}")
                elif e.kind == CHORD:
                    print(f"{e.frame / rate:7.3f} s  {radio.chord_name(e)}")
    radio.close()
    print(o.out)


if __name__ == "__main__":
    main()

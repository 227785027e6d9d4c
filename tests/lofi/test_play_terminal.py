"""lofi play in a terminal of 100 by 30: it draws, obeys keys, and leaves the terminal as it found it, however it ends.

The sound goes to ALSA's null device. Exit code 77: the build has no PortAudio, or the machine no ALSA.
"""
import os
import pathlib
import re
import select
import signal
import struct
import sys
import tempfile
import time

if sys.platform == "win32":
    print("SKIPPED: pseudo-terminals")
    sys.exit(77)
import fcntl
import pty
import termios

program = str(pathlib.Path(os.environ["LOFI_BIN"]) / "lofi")


class Session:
    """The program in a terminal."""

    def __init__(self, *words, term="xterm-256color"):
        self.folder = tempfile.TemporaryDirectory()
        pathlib.Path(self.folder.name, ".asoundrc").write_text("pcm.!default { type null }\n")
        self.out = b""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(slave, fd)
            os.chdir(self.folder.name)
            os.environ.update(HOME=self.folder.name, TERM=term, LC_ALL="C.UTF-8")
            os.execv(program, [program, "play", "--seed", "7", "--mood", "rain", "--rate", "16000", *words])
        self.master, self.slave = master, slave

    def read(self, until, seconds=60.0):
        """Reads until the output holds a pattern."""
        end = time.monotonic() + seconds
        seen = len(self.out)
        while not re.search(until, self.out[seen:]):
            assert time.monotonic() < end, f"no {until!r} in {self.out[seen:][-2000:]!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                self.out += os.read(self.master, 1 << 16)
            elif os.waitpid(self.pid, os.WNOHANG)[0]:
                sys.exit(f"ended too early: {self.out!r}")

    def press(self, keys, shows=None):
        os.write(self.master, keys)
        if shows:
            self.read(shows)

    def end(self):
        """Waits for the end, and checks that the terminal is as it was."""
        end = time.monotonic() + 60
        while True:
            if select.select([self.master], [], [], 0.2)[0]:
                self.out += os.read(self.master, 1 << 16)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                break
            assert time.monotonic() < end, "it does not end"
        while select.select([self.master], [], [], 0)[0]:
            self.out += os.read(self.master, 1 << 16)
        assert os.waitstatus_to_exitcode(status) == 0, (status, self.out[-500:])
        assert termios.tcgetattr(self.slave) == self.before


s = Session()
s.read(rb"into a file instead|\x1b\[H")
if b"into a file instead" in s.out:
    os.kill(s.pid, signal.SIGINT)
    s.end()
    print("SKIPPED: " + s.out.decode(errors="replace").strip().splitlines()[0])
    sys.exit(77)

# It draws: where we are, a chord, notes, meters; each line fits.
s.read(rb"bar \d\d")
assert s.out.startswith(b"\x1b[?1049h\x1b[?25l"), s.out[:40]
def plain_of(picture):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", picture.decode()).replace("\r", "").split("\n")


def notes_of(lines):
    return sum(line.count("▀") + line.count("▄") for line in lines)


# The fullest: a device that is none takes music as fast as it is made, so pictures lie bars apart, and the first may be empty.
plain = max((plain_of(p) for p in s.out.split(b"\x1b[H")[1:-1]), key=notes_of)
assert len(plain) == 30 and max(map(len, plain)) <= 100, plain
assert re.search(r"rain, seed 7   Bb minor   \w+   bar \d+   0:\d\d   \d+ bpm", plain[0]), plain[0]
assert re.search(r"●", plain[1]) and re.search(r"[A-G][b#]?", plain[1]), plain[1]
assert notes_of(plain) > 20, plain
assert "energy" in plain[28], plain[24:]

# The meters move: at one moment nothing may sound, but not all the time.
s.read(rb"bar \d\d")
meters = [p.decode().split("\n")[26] for p in s.out.split(b"\x1b[H")[1:-1] if p.count(b"\n") >= 27]
assert len(meters) > 1 and any("█" in m for m in meters), meters[-3:]

# It obeys.
s.press(b"\x1b[A", rb"energy 0\.\d")
s.press(b"r", rb"rain ")
s.press(b"+", rb"gain 1")
s.press(b"m", rb"study: even and unobtrusive")
s.press(b"n", rb"the next section")
s.press(b"1")
s.press(b" ", rb"paused")
s.press(b" ")
s.press(b"q")
s.end()
assert s.out.endswith(b"\x1b[0m\x1b[?25h\x1b[?1049l"), s.out[-60:]

# Signals end it as decently.
for how in (signal.SIGINT, signal.SIGTERM):
    s = Session()
    s.read(rb"\x1b\[H")
    os.kill(s.pid, how)
    s.end()
    assert s.out.endswith(b"\x1b[0m\x1b[?25h\x1b[?1049l"), (how, s.out[-60:])
s = Session()
s.read(rb"\x1b\[H")
s.press(b"\x03")  # Ctrl-C as it is typed
s.end()

# So does the end of its time; and a terminal that cannot be drawn on gets lines.
s = Session("--minutes", "3")
s.end()
assert b"\x1b[H" in s.out
s = Session("--minutes", "3", term="dumb")
s.end()
assert b"\x1b" not in s.out and re.search(rb"Bb minor\r\n +\d:\d\d  bar \d+ +\w", s.out), s.out

# Samples do not belong on a terminal.
s = Session("--raw")
try:
    s.end()
    sys.exit("--raw wrote to the terminal")
except AssertionError:
    assert b"--raw: standard output is a terminal" in s.out, s.out

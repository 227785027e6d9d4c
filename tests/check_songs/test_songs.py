"""A few of the seeds that `check_songs 1 200` renders: level, peaks, clicks, silence, key, drums."""
import os
import pathlib
import subprocess
import sys

program = pathlib.Path(os.environ["LOFI_BIN"]) / "check_songs"
sys.exit(subprocess.run([program, "1", "8", "0.4", "32000"], check=False).returncode)

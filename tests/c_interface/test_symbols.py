"""The shared library shows its C functions alone, each that radio.h declares, and needs nothing but the C and C++ libraries."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

library = os.environ["LOFI_RADIO"]
if ".so" not in os.path.basename(library) or not shutil.which("nm") or not shutil.which("readelf"):
    print("SKIPPED: needs ELF, nm and readelf")
    sys.exit(77)
header = (pathlib.Path(__file__).resolve().parents[2] / "include/lofi/radio.h").read_text()
declared = set(re.findall(r"^LOFI_RADIO_API .*?(lofi_radio_\w+)\(", header, re.M))
shown = {line.split()[-1] for line in subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True,
                                                     check=True).stdout.splitlines()}
assert len(declared) > 15 and shown == declared, shown ^ declared
needed = re.findall(r"NEEDED.*\[(.*?)\]", subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout)
foreign = [n for n in needed if not re.match(r"(libstdc\+\+|libc\+\+|libm|libgcc_s|libc|libpthread|ld-linux.*|libasan|libubsan)\.", n)]
assert not foreign, foreign

"""What a compiler says about a guest that is none: one sentence, which names what is missing."""
import os
import shutil
import subprocess
import sys

COMPILER = shutil.which(os.environ.get("CXX", "c++"))
INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "include")
PROGRAM = """#include <lofi/synth/player.hpp>
using namespace lofi;
struct mine : synth::no_guest { %s };
int main() { synth::basic_player<mine> p; p.note_on(score::part::keys, score::pitch(60), score::velocity(80)); }
"""
REFUSED = {
    "void reset(hertz) noexcept {}": "a guest has void reset(hertz, random_key) noexcept",
    "bool shape(const synth::note_event&) noexcept { return true; }": "a guest has bool shape(const note_event&, random_stream&, strike&) noexcept",
    "bool start(const synth::note_event&, std::size_t, random_key) { return true; }": "a guest has bool start(const note_event&, std::size_t, random_key) noexcept",
    "void stop(score::part) noexcept {}": "a guest has void stop(score::part, score::pitch) noexcept",
    "void process(audio::stereo_view) noexcept {}": "a guest has void process(const part_views&) noexcept",
    "std::size_t sounding() noexcept { return 0; }": "a guest has std::size_t sounding() const noexcept",
    "mine() = default; mine(const mine&) = delete;": "a guest can be copied",
}


def complaint(body):
    command = [COMPILER, "-std=c++20", "-fsyntax-only", "-I", INCLUDE, "-x", "c++", "-"]
    return subprocess.run(command, input=PROGRAM % body, capture_output=True, text=True)


def main():
    if COMPILER is None:
        print("SKIPPED: no C++ compiler")
        return 77
    wrong = []
    accepted = complaint("")
    if accepted.returncode != 0:
        wrong.append("a guest that changes nothing is refused: " + accepted.stderr[:500])
    for body, sentence in REFUSED.items():
        said = complaint(body)
        if said.returncode == 0:
            wrong.append(f"accepted: {body}")
        elif sentence not in said.stderr:
            wrong.append(f"refused without saying '{sentence}': {body}\n{said.stderr[:500]}")
    print("\n".join(wrong) or f"{len(REFUSED)} guests refused, each in a sentence")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

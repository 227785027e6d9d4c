#!/usr/bin/env python3
"""Checks that every header stands in its umbrella; with --fix, writes what is missing and takes out what is gone.

    lofi/ROOM.hpp        all headers of a room (those of the play door, where the room has both kinds)
    lofi/ROOM_train.hpp  the headers of the train door in a room that has both kinds
    lofi/lofi.hpp        the umbrellas of all rooms

Headers in a folder named detail stand in no umbrella. Only include lines are touched, so that an umbrella may hold more.
"""
import sys

from rooms import INCLUDE, INCLUDE_LINE, Plan, headers


def wanted(plan):
    """What each umbrella should include, and the sentence that a new one begins with."""
    result, rooms = {}, [name for name in plan.rooms if (INCLUDE / "lofi" / name).is_dir()]
    for name in rooms:
        own = [h for h in headers(INCLUDE / "lofi" / name) if "/detail/" not in h and h.endswith(".hpp")]
        train = [h for h in own if plan.is_train(h)] if not plan.rooms[name].train else []
        play = [h for h in own if h not in train]
        if play:
            result[f"lofi/{name}.hpp"] = play, f"All of the room {name}."
        if train:
            result[f"lofi/{name}_train.hpp"] = train, f"The headers of the room {name} that belong to the train door."
    result["lofi/lofi.hpp"] = sorted(result), "Everything: the train door. Needs what lofi::train links; <lofi/song.hpp> needs nothing."
    return result


def mend(text, names, own):
    """The text with exactly these of lofi's own headers included; other lines stay as they are."""
    lines = text.splitlines()
    at = [i for i, line in enumerate(lines) if (m := INCLUDE_LINE.match(line)) and m[2].startswith("lofi/") and own(m[2])]
    first = at[0] if at else next((i + 1 for i in reversed(range(len(lines))) if lines[i].startswith(("#pragma", "//"))), 0)
    kept = [line for i, line in enumerate(lines) if i not in at]
    return "\n".join(kept[:first] + [f"#include <{n}>" for n in names] + kept[first:]) + "\n"


def main():
    fix, plan, wrong = "--fix" in sys.argv[1:], Plan(), []
    for umbrella, (names, sentence) in wanted(plan).items():
        path = INCLUDE / umbrella
        old = path.read_text() if path.exists() else ""
        room = umbrella.removesuffix(".hpp").removesuffix("_train")
        own = (lambda n: True) if umbrella == "lofi/lofi.hpp" else (lambda n: n.startswith(room + "/"))
        included = sorted(m[2] for line in old.splitlines() if (m := INCLUDE_LINE.match(line)) and own(m[2]) and m[2].startswith("lofi/"))
        if included == sorted(names):
            continue
        wrong.append(f"include/{umbrella}: lacks {sorted(set(names) - set(included))}, has {sorted(set(included) - set(names))} too many")
        if fix:
            path.write_text(mend(old or f"#pragma once\n// {sentence}\n", sorted(names), own))
    for path in sorted((INCLUDE / "lofi").glob("*.hpp")):
        if f"lofi/{path.name}" not in wanted(plan):
            wrong.append(f"include/lofi/{path.name}: an umbrella without a room")
    print("\n".join(wrong) if wrong else "every header stands in its umbrella")
    if wrong:
        print("mended" if fix else "tools/check_umbrellas.py --fix mends this")
    return bool(wrong) and not fix


if __name__ == "__main__":
    sys.exit(main())

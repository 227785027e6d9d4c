#!/usr/bin/env python3
"""Checks every include of every header against the plan of the house (rooms.txt)."""
import fnmatch
import re
import sys

from rooms import HOUSE, INCLUDE, Plan, headers, includes

# Standard headers have neither a dot nor a slash in their names.
STANDARD = re.compile(r"^[a-z_0-9]+$")


def complaint(plan, header, bracket, name):
    """Why the header may not include this, or None."""
    room, train = plan.room_of(header), plan.is_train(header)
    if bracket == '"':
        return "write <lofi/...>, the path from include/"
    if name.startswith("lofi/"):
        other = plan.room_of(name)
        if not (INCLUDE / name).exists():
            return "there is no such header"
        if plan.is_train(name) and not train:
            return "a header of the play door includes one of the train door (marks: tools/rooms.txt)"
        if room is None:
            return None
        if other is None:
            return "a room does not include the doors of the house"
        if other is not room and other.name not in (room.may_train if train else room.may):
            return f"{room.name} (floor {room.floor}) does not include {other.name} (floor {other.floor})"
        return None
    if STANDARD.match(name):
        return "the play door goes without this header" if name in plan.never and not train else None
    for allowed, patterns in plan.uses:
        if any(fnmatch.fnmatchcase(name, p) for p in patterns):
            if room and room.name in allowed and train:
                return None
            return f"only headers of the train door in {' and '.join(allowed)} include this (tools/rooms.txt)"
    return "neither lofi's nor the C++ library's (tools/rooms.txt lists what else may be included, and where)"


def main():
    plan, wrong = Plan(), []
    found = headers()
    for folder in sorted(p.name for p in HOUSE.iterdir() if p.is_dir()):
        if folder not in plan.rooms:
            wrong.append(f"include/lofi/{folder}: no such room in tools/rooms.txt")
    for header in found:
        text = (INCLUDE / header).read_text()
        if "#pragma once" not in text:
            wrong.append(f"include/{header}: no #pragma once")
        for match in re.finditer(r"^namespace lofi\b(?!::inline LOFI_ABI\b).*", text, re.M):
            wrong.append(f"include/{header}: '{match[0]}' lacks the inline namespace: namespace lofi::inline LOFI_ABI")
        for number, bracket, name in includes(header):
            if why := complaint(plan, header, bracket, name):
                wrong.append(f"include/{header}:{number}: {name}: {why}")
    print("\n".join(wrong) if wrong else f"{len(found)} headers keep to the plan")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

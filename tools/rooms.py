"""Reads the plan of the house (rooms.txt) and the headers that stand in it."""
import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
HOUSE = INCLUDE / "lofi"

INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Room:
    def __init__(self, floor, name, train, may, may_train):
        self.floor, self.name, self.train, self.may, self.may_train = floor, name, train, may, may_train


class Plan:
    def __init__(self, path=ROOT / "tools" / "rooms.txt"):
        self.rooms, self.train_files, self.uses, self.never = {}, [], [], set()
        for line in path.read_text().splitlines():
            word, _, rest = line.partition("#")[0].partition(" ")
            head, _, tail = rest.partition(":")
            if word == "room":
                floor, name, *mark = head.split()
                play, _, train = tail.partition("|")
                self.rooms[name] = Room(int(floor), name, mark == ["T"], play.split(), train.split())
            elif word == "train":
                self.train_files += rest.split()
            elif word == "use":
                self.uses.append((head.split(), tail.split()))
            elif word == "never":
                self.never |= set(rest.split())
            elif word:
                sys.exit(f"tools/rooms.txt: unknown word '{word}'")
        for room in self.rooms.values():
            room.may = self._below(room) if "*" in room.may else set(room.may)
            room.may_train = set(room.may_train) | room.may
            for other in room.may_train:
                if self.rooms[other].floor >= room.floor:
                    sys.exit(f"tools/rooms.txt: {room.name} (floor {room.floor}) may not include {other}: it is not on a lower floor")

    def _below(self, room):
        return {r.name for r in self.rooms.values() if r.floor < room.floor}

    def room_of(self, header):
        """The room of 'lofi/midi/file.hpp' or of its umbrella 'lofi/midi.hpp'; None for the doors of the whole house."""
        name = header.split("/")[1].split(".")[0]
        return self.rooms.get(name) or self.rooms.get(name.removesuffix("_train"))

    def is_train(self, header):
        """Whether 'lofi/nn/loss.hpp' (a header or an umbrella) belongs to the train door."""
        path = header.removeprefix("lofi/").rsplit(".", 1)[0]
        room = self.room_of(header)
        if room is None or room.train or path == f"{room.name}_train":
            return True
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.train_files)


def headers(folder=HOUSE):
    """Every header of a folder, as it is included ('lofi/midi/file.hpp'), sorted."""
    found = [p for p in folder.rglob("*") if p.suffix in (".hpp", ".cuh")]
    return sorted(str(p.relative_to(INCLUDE)) for p in found)


def includes(header):
    """Yields line number, bracket and name of each include in a header."""
    for number, line in enumerate((INCLUDE / header).read_text().splitlines(), 1):
        if match := INCLUDE_LINE.match(line):
            yield number, match[1], match[2]

"""A disk in memory that keeps its promises and no more: what was not synced may be lost, torn or reordered.

Contents and names are separate, as on a real file system: `sync` makes a file's bytes and size durable,
`sync_directory` its name.  `crash` chooses what else survived.  The calls in `lies` ("sync",
"sync_directory") do nothing: the control experiment that shows the tests would notice a journal which
forgets them.
"""

import errno
from collections.abc import Callable
from random import Random

Change = tuple[str, int, bytes]  # "write" at an offset, or "resize" to a size


class Crash(BaseException):
    """The power went: no handler of the program may see it as an error."""


class File:
    def __init__(self) -> None:
        self.live = bytearray()
        self.durable = bytearray()
        self.pending: list[Change] = []

    def change(self, kind: str, where: int, data: bytes) -> None:
        _apply(self.live, (kind, where, data))
        self.pending.append((kind, where, data))

    def sync(self) -> None:
        self.durable[:] = self.live
        self.pending.clear()

    def crash(self, dice: Random) -> None:
        """Keep a random part of the unsynced changes, torn anywhere, in any order."""
        kept = [change for change in self.pending if dice.random() < 0.6]
        dice.shuffle(kept)
        for kind, where, data in kept:
            begin, end = 0, len(data)
            if kind == "write" and dice.random() < 0.6:
                begin, end = sorted((dice.randint(0, len(data)), dice.randint(0, len(data))))
            _apply(self.durable, (kind, where + begin if kind == "write" else where, data[begin:end]))
        self.live[:] = self.durable
        self.pending.clear()


class FaultyDisk:
    def __init__(self, lies: frozenset[str] = frozenset()) -> None:
        self.lies = lies
        self.write_bytes_max: int | None = None  # the next longer write is torn there: the disk is full
        self.steps = 0  # writing calls so far
        self.before_step: Callable[[int, str], None] = lambda step, call: None
        self._files: dict[str, File] = {}
        self._durable_names: dict[str, File] = {}
        self._locked = False

    def __str__(self) -> str:
        return "disk"

    def crash(self, dice: Random) -> None:
        """Turn the power off and on again."""
        names = {**self._durable_names}
        for name in sorted(self._files.keys() | self._durable_names.keys()):
            live, durable = self._files.get(name), self._durable_names.get(name)
            survivor = durable if live is durable or dice.random() < 0.5 else live
            if survivor is None:
                names.pop(name, None)
            else:
                names[name] = survivor
        for file in names.values():
            file.crash(dice)
        self._files, self._durable_names = names, {**names}
        self._locked = False

    def contents(self) -> dict[str, bytes]:
        return {name: bytes(file.live) for name, file in sorted(self._files.items())}

    @classmethod
    def holding(cls, contents: dict[str, bytes]) -> "FaultyDisk":
        disk = cls()
        for name, data in contents.items():
            file = disk._files[name] = disk._durable_names[name] = File()
            file.live[:] = file.durable[:] = data
        return disk

    def names(self) -> list[str]:
        return sorted(self._files)

    def size(self, name: str) -> int:
        return len(self._file(name).live)

    def read(self, name: str, offset: int, count: int) -> bytes:
        return bytes(self._file(name).live[offset : offset + count])

    def create(self, name: str, size: int) -> None:
        self._step("create")
        file = self._files[name] = File()
        file.change("resize", size, b"")

    def write(self, name: str, offset: int, data: bytes | bytearray) -> None:
        self._step("write")
        kept = bytes(data[: self.write_bytes_max])
        self._file(name).change("write", offset, kept)
        if len(kept) < len(data):
            raise OSError(errno.ENOSPC, "no space left", name)

    def resize(self, name: str, size: int) -> None:
        self._step("resize")
        self._file(name).change("resize", size, b"")

    def sync(self, name: str) -> None:
        self._step("sync")
        if "sync" not in self.lies:
            self._file(name).sync()

    def rename(self, old: str, new: str) -> None:
        self._step("rename")
        self._files[new] = self._files.pop(old)

    def remove(self, name: str) -> None:
        self._step("remove")
        del self._files[name]

    def sync_directory(self) -> None:
        self._step("sync_directory")
        if "sync_directory" not in self.lies:
            self._durable_names = {**self._files}

    def lock(self) -> None:
        if self._locked:
            raise BlockingIOError(errno.EWOULDBLOCK, "locked")
        self._locked = True

    def close(self) -> None:
        self._locked = False

    def _file(self, name: str) -> File:
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        return self._files[name]

    def _step(self, call: str) -> None:
        self.steps += 1
        self.before_step(self.steps, call)


def _apply(data: bytearray, change: Change) -> None:
    kind, where, payload = change
    if kind == "resize":
        del data[where:]
        data.extend(bytes(where - len(data)))
    elif payload:
        data.extend(bytes(max(0, where + len(payload) - len(data))))
        data[where : where + len(payload)] = payload

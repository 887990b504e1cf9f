"""The few things the journal asks of a file system, and the real one.

A write is durable after `sync`, a name (created, renamed, removed) after `sync_directory`; before that a
crash may keep it, lose it or tear it.  The tests hold the other implementation, a disk that does so.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from floorbook.errors import JournalError, JournalFull

LOCK_NAME = "lock"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# A file system without fallocate gets a sparse file: slower, and full later than it could be.
_NO_FALLOCATE = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


class Storage(Protocol):
    """One directory of files.  Every method raises `OSError` when the disk fails."""

    def names(self) -> list[str]: ...

    def size(self, name: str) -> int: ...

    def read(self, name: str, offset: int, count: int) -> bytes:
        """Return `count` bytes, fewer only at the end of the file."""
        ...

    def create(self, name: str, size: int) -> None:
        """Make a file of `size` zero bytes, preallocated; an older one of that name is replaced."""
        ...

    def write(self, name: str, offset: int, data: bytes | bytearray) -> None: ...

    def resize(self, name: str, size: int) -> None:
        """Cut the file, or grow it by preallocated zero bytes."""
        ...

    def sync(self, name: str) -> None: ...

    def rename(self, old: str, new: str) -> None: ...

    def remove(self, name: str) -> None: ...

    def sync_directory(self) -> None: ...

    def lock(self) -> None:
        """Become the only writer; raise `BlockingIOError` when there is one already."""
        ...

    def close(self) -> None:
        """Release the files and the lock."""
        ...


class DiskStorage:
    """A directory of a POSIX file system."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._written = ""  # the file `_descriptor` belongs to: a journal writes to one at a time
        self._descriptor = -1
        self._lock = -1

    def __str__(self) -> str:
        return str(self._directory)

    def names(self) -> list[str]:
        return sorted(os.listdir(self._directory))

    def size(self, name: str) -> int:
        return os.stat(self._directory / name).st_size

    def read(self, name: str, offset: int, count: int) -> bytes:
        with open(self._directory / name, "rb", buffering=0) as file:
            file.seek(offset)
            parts = []
            while count > 0 and (part := file.read(count)):
                parts.append(part)
                count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def create(self, name: str, size: int) -> None:
        self._forget()
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._descriptor = os.open(self._directory / name, flags, 0o644)
        self._written = name
        _preallocate(self._descriptor, size)

    def write(self, name: str, offset: int, data: bytes | bytearray) -> None:
        descriptor = self._open(name)
        with memoryview(data) as view:
            done = 0
            while done < len(view):
                done += os.pwrite(descriptor, view[done:], offset + done)

    def resize(self, name: str, size: int) -> None:
        descriptor = self._open(name)
        if size <= os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, size)
        else:
            _preallocate(descriptor, size)

    def sync(self, name: str) -> None:
        os.fdatasync(self._open(name))

    def rename(self, old: str, new: str) -> None:
        os.rename(self._directory / old, self._directory / new)
        if self._written == old:
            self._written = new

    def remove(self, name: str) -> None:
        if self._written == name:
            self._forget()
        os.unlink(self._directory / name)

    def sync_directory(self) -> None:
        _sync_directory(self._directory)

    def lock(self) -> None:
        if not self._directory.is_dir():
            self._directory.mkdir(parents=True)
            _sync_directory(self._directory.parent)
        descriptor = os.open(self._directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        self._lock = descriptor

    def close(self) -> None:
        self._forget()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _open(self, name: str) -> int:
        if self._written != name:
            self._forget()
            self._descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CLOEXEC)
            self._written = name
        return self._descriptor

    def _forget(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor, self._written = self._descriptor, -1, ""
            os.close(descriptor)


def storage_of(place: Path | str | Storage) -> Storage:
    """Return the storage of a directory; a storage is returned as it is."""
    return DiskStorage(Path(place)) if isinstance(place, (str, Path)) else place


@contextmanager
def disk_faults(doing: str) -> Iterator[None]:
    """Turn the disk's `OSError` into `JournalFull` or `JournalError`."""
    try:
        yield
    except OSError as fault:
        kind = JournalFull if fault.errno in _FULL else JournalError
        raise kind(f"{doing}: {fault}") from fault


def replace_durably(storage: Storage, name: str, data: bytes, size: int) -> None:
    """Make `name` a file of `data` and zero bytes up to `size`, whole and durable or not at all."""
    fresh = name + ".new"
    try:
        storage.create(fresh, size)
        storage.write(fresh, 0, data)
        storage.sync(fresh)
    except OSError:
        # Half a file on a full disk only keeps it full.  `remove_leftovers` does it after a crash.
        with suppress(OSError):
            storage.remove(fresh)
        raise
    storage.rename(fresh, name)
    storage.sync_directory()


def remove_leftovers(storage: Storage) -> None:
    """Remove files whose writing a crash cut short; their names were never made good."""
    for name in storage.names():
        if name.endswith(".new"):
            storage.remove(name)


def _preallocate(descriptor: int, size: int) -> None:
    if size == 0:
        return
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as fault:
        if fault.errno not in _NO_FALLOCATE:
            raise
        os.ftruncate(descriptor, size)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

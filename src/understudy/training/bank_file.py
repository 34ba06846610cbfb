"""Rows of pixels in a memory-mapped file that outlives the process, each known by what went into it."""

import mmap
import os
import shutil
import threading
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError

KEY_BYTES = 16
_RECORD = np.dtype([("key", f"V{KEY_BYTES}"), ("sum", "<u4")])
_RESERVE = 1 << 30  # bytes of the disk that are left to others
_RESIDENT = 1 << 30  # bytes that may be touched before the pages are handed back


class BankFile:
    """Rows of one shape, found by key.

    Two files: `NAME.rows`, the pixels, and `NAME.table`, for each row its key and a checksum. A row that does not agree
    with its checksum counts as absent, so that a process may be killed, or the machine lose power, at any moment. Rows
    are only ever appended, so that other processes may read meanwhile; where more than half of them serve no key any
    more the files are begun anew.

    Pages that were touched are handed back to the system now and then: however large the file, the process's resident
    memory stays small, and what is read again soon still lies in the system's cache.

    Args:
        path: the files' path without suffix.
        keys: of the rows wanted; equal keys share a row.
        shape: of a row of uint8.

    Raises:
        UnderstudyError: the disk lacks the room, or cannot be written to.
    """

    def __init__(self, path: Path, keys: Sequence[bytes], shape: tuple[int, ...]) -> None:
        self._rows_path, self._table_path = path.with_suffix(".rows"), path.with_suffix(".table")
        self._row_bytes = int(np.prod(shape))
        try:
            slots = self._find(keys)
            count = self._table_path.stat().st_size // _RECORD.itemsize
            self._rows_map = _map(self._rows_path)
            self._rows = np.frombuffer(self._rows_map, np.uint8, count * self._row_bytes).reshape(count, *shape)
            self._table = np.frombuffer(_map(self._table_path), _RECORD, count)
        except OSError as error:
            raise UnderstudyError(
                f"cannot keep the faces in {path.parent}: {error.strerror or error}; free some space there"
            ) from error
        self._keys = keys
        self._slots = np.array([slots[key] for key in keys], np.int64)
        self._sound = np.zeros(len(keys), bool)
        self._touched = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, index: int) -> bool:
        """Whether that row is there, undamaged; its checksum is computed the first time."""
        if not self._sound[index]:
            slot = self._slots[index]
            wanted = int(self._table["sum"][slot])
            self._sound[index] = wanted != 0 and wanted == self._sum(index)
            self._touch(1)
        return bool(self._sound[index])

    def write(self, index: int, pixels: NDArray[np.uint8]) -> None:
        """Fill a row; several threads and processes may, also with the same one."""
        slot = self._slots[index]
        self._rows[slot] = pixels
        self._table["sum"][slot] = self._sum(index)
        self._sound[index] = True
        self._touch(1)

    def read(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A copy of rows that are there: (B, *shape)."""
        found = self._rows[self._slots[indices]]
        self._touch(len(indices))
        return found

    def _sum(self, index: int) -> int:
        return zlib.crc32(self._rows[self._slots[index]], zlib.crc32(self._keys[index])) or 1

    def _touch(self, rows: int) -> None:
        with self._lock:
            self._touched += rows * self._row_bytes
            if self._touched > _RESIDENT and hasattr(mmap, "MADV_DONTNEED"):
                self._rows_map.madvise(mmap.MADV_DONTNEED)  # of a shared mapping of a file: nothing is lost
                self._touched = 0

    def _find(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """The row of every key, with room made for those that have none."""
        known = self._known()
        wanted = set(keys)
        if len(known) - len(wanted & known.keys()) > len(wanted):
            self._rows_path.unlink(missing_ok=True)  # whoever has it mapped keeps it
            self._table_path.unlink(missing_ok=True)
            known = {}
        first = self._table_path.stat().st_size // _RECORD.itemsize if self._table_path.exists() else 0
        new = [key for key in dict.fromkeys(keys) if key not in known]
        self._reserve((first + len(new)) * self._row_bytes)
        records = np.zeros(len(new), _RECORD)
        records["key"] = np.frombuffer(b"".join(new), records["key"].dtype)
        with self._table_path.open("ab") as file:
            file.truncate(first * _RECORD.itemsize)
            file.write(records.tobytes())
        return known | {key: first + place for place, key in enumerate(new)}

    def _known(self) -> dict[bytes, int]:
        with suppress(FileNotFoundError):
            count = self._rows_path.stat().st_size // self._row_bytes
            table = np.frombuffer(self._table_path.read_bytes()[: count * _RECORD.itemsize], np.uint8)
            keys = table[: len(table) // _RECORD.itemsize * _RECORD.itemsize].reshape(-1, _RECORD.itemsize)
            return {bytes(key): slot for slot, key in enumerate(keys[:, :KEY_BYTES])}
        return {}

    def _reserve(self, size: int) -> None:
        """Make the file of rows that long, on the disk and not only in name: a mapping cannot report a full disk."""
        with self._rows_path.open("ab") as file:
            more = size - file.seek(0, os.SEEK_END)
            if more <= 0:
                return
            free = shutil.disk_usage(self._rows_path.parent).free
            if more > free - _RESERVE:
                raise UnderstudyError(
                    f"the faces need {more / 1e9:.1f} GB in {self._rows_path.parent}, where {free / 1e9:.1f} GB are "
                    "free and 1 GB is left alone: free some space, or train on fewer faces or at a lower resolution"
                )
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), size - more, more)
            else:
                file.truncate(size)


def _map(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)

"""The index of a faceset: what its files say and show, in a SQLite file that may be thrown away at any time."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from understudy.facesets.features import COLORS, THUMBNAIL, Measures, Traits
from understudy.project.errors import UnderstudyError
from understudy.zoo.cache import cache_folder

INDEX_NAME = ".faceset.sqlite"
TRAITS = {field.name: field.type for field in fields(Traits)}
MEASURES = {field.name: field.type for field in fields(Measures) if field.type is float}

_PICTURES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "colors": (np.float16, COLORS),
    "thumbnail": (np.uint8, (THUMBNAIL, THUMBNAIL, 3)),
}
_VERSION = 2
_PATIENCE = 30.0  # seconds to wait for another process that is writing
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
_SQL = {str(int): "INTEGER", str(float): "REAL"}
_COLUMNS = ", ".join(f"{name} {_SQL.get(str(kind), 'TEXT')}" for name, kind in {**TRAITS, **MEASURES}.items())
_SCHEMA = f"""
CREATE TABLE faces (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    present INTEGER NOT NULL DEFAULT 1, fault TEXT, measured INTEGER NOT NULL DEFAULT 0, {_COLUMNS}
);
CREATE INDEX vanished ON faces (mtime_ns, bytes) WHERE NOT present;
CREATE TABLE pictures (
    id INTEGER PRIMARY KEY REFERENCES faces ON DELETE CASCADE, colors BLOB NOT NULL, thumbnail BLOB NOT NULL
);
PRAGMA user_version = {_VERSION};
"""
# Computed only when asked for, by any number of embedders.
_EMBEDDINGS = """
CREATE TABLE IF NOT EXISTS embeddings (
    id INTEGER REFERENCES faces ON DELETE CASCADE, embedder TEXT, vector BLOB NOT NULL, PRIMARY KEY (id, embedder)
) WITHOUT ROWID
"""
_FACES = "FROM faces WHERE present AND fault IS NULL AND clip IS NOT NULL"
# A vanished file frees its name. No file is called like this.
_NO_NAME = "'/' || hex(randomblob(16))"
# What is the same of a file that was moved, and of no two different faces.
_SAME = ("mtime_ns", "bytes", "clip", "frame", "residual", "pitch", "yaw", "roll")


class Stamp(NamedTuple):
    """By what a file is known to be unchanged."""

    bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        return cls(stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True)
class Entry:
    """One file: traits where it is a face, a fault where it is damaged, neither where it is any other picture."""

    name: str
    stamp: Stamp
    traits: Traits | None = None
    fault: str | None = None

    def row(self) -> dict[str, Any]:
        traits = {name: getattr(self.traits, name, None) for name in TRAITS}
        return {
            "name": self.name,
            "fault": self.fault,
            "bytes": self.stamp.bytes,
            "mtime_ns": self.stamp.mtime_ns,
            **traits,
        }


class FaceIndex:
    """What is known of the files of one folder.

    It lies in the folder itself; else, where that cannot be written to, in the user's cache; else it lasts as long as
    this object. A damaged or outdated index is made anew. Every call is one transaction, so that a killed process
    leaves a sound index, readers never wait, and writers wait for each other.
    """

    def __init__(self, folder: Path) -> None:
        where = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
        self._scratch = None
        for path in (folder / INDEX_NAME, cache_folder() / "facesets" / f"{where}.sqlite"):
            self.path = path
            if self._prepare():
                return
        self._scratch = tempfile.TemporaryDirectory(prefix="understudy-")
        self.path = Path(self._scratch.name) / INDEX_NAME
        if not self._prepare():
            raise UnderstudyError(f"cannot write an index of {folder}, not even to {self.path.parent}: make room there")

    def stamps(self) -> dict[str, Stamp]:
        """The present files, faces or not, by name."""
        rows = self._read("SELECT name, bytes, mtime_ns FROM faces WHERE present")
        return {name: Stamp(size, mtime) for name, size, mtime in rows}

    def faces(self) -> list[str]:
        """Names of the present faces, sorted."""
        return [name for (name,) in self._read(f"SELECT name {_FACES} ORDER BY name")]

    def faults(self) -> dict[str, str]:
        """What is wrong with the present files that are damaged, by name."""
        return dict(self._read("SELECT name, fault FROM faces WHERE present AND fault IS NOT NULL ORDER BY name"))

    def unmeasured(self) -> list[str]:
        """Names of the present faces whose pixels have not been measured, sorted."""
        return [name for (name,) in self._read(f"SELECT name {_FACES} AND NOT measured ORDER BY name")]

    def columns(self, *names: str) -> dict[str, NDArray[Any]]:
        """Traits and measures of every present face, in the order of `faces`: (n,) float64, or object for texts.

        What is not known is not a number, or None.
        """
        kinds = {**TRAITS, **MEASURES}
        rows = self._read(f"SELECT {', '.join(['name', *names])} {_FACES} ORDER BY name")
        values = list(zip(*rows, strict=True))[1:] or [()] * len(names)
        return {
            name: np.array(column, np.float64 if kinds[name] in (int, float) else object)
            for name, column in zip(names, values, strict=True)
        }

    def pictures(self, what: Literal["colors", "thumbnail"], names: Sequence[str]) -> NDArray[Any]:
        """That measure of faces that have been measured, (n, ...) in the order of `names`."""
        dtype, shape = _PICTURES[what]
        found = np.zeros((len(names), *shape), dtype)
        place = {name: at for at, name in enumerate(names)}
        with self._open() as connection:
            for name, blob in connection.execute(f"SELECT name, {what} FROM faces JOIN pictures USING (id)"):
                if name in place:
                    found[place[name]] = np.frombuffer(blob, dtype).reshape(shape)
        return found

    def unembedded(self, embedder: str, names: Sequence[str]) -> list[str]:
        """Those of `names` whose embedding by that embedder is not known."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT name FROM faces JOIN embeddings USING (id) WHERE embedder = ?", (embedder,)
            )
            known = {name for (name,) in rows}
        return [name for name in names if name not in known]

    def embeddings(self, embedder: str, names: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of faces that have been embedded, (n, d) of unit length in the order of `names`."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT name, vector FROM faces JOIN embeddings USING (id) WHERE embedder = ?", (embedder,)
            )
            place = {name: at for at, name in enumerate(names)}
            found: NDArray[np.float32] | None = None
            for name, blob in rows:
                if name in place:
                    vector = np.frombuffer(blob, np.float16).astype(np.float32)
                    vector /= np.linalg.norm(vector) or 1.0  # half precision has bent its length
                    if found is None:
                        found = np.zeros((len(names), len(vector)), np.float32)
                    found[place[name]] = vector
        return np.zeros((len(names), 0), np.float32) if found is None else found

    def query(self, where: str, order_by: str, limit: int | None) -> list[str]:
        """Names of the present faces for which the SQL expression `where` holds, by the SQL expression `order_by`.

        Raises:
            UnderstudyError: an expression is not SQL, or does more than read.
        """
        statement = f"SELECT name {_FACES} AND ({where or '1'}) ORDER BY {order_by or 'name'}, name LIMIT ?"
        with self._open() as connection:
            connection.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY
            )
            try:
                return [name for (name,) in connection.execute(statement, (-1 if limit is None else limit,))]
            except (sqlite3.Error, sqlite3.Warning) as error:
                known = ", ".join(["name", *TRAITS, *MEASURES])
                raise UnderstudyError(
                    f"'{where or order_by}' is no condition: {error}; it may speak of {known}"
                ) from error

    def update(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Take in new and changed files, and leave out those that are gone.

        What was measured of a file that vanished is kept: a new one with the same stamp and traits is that file, moved.
        """
        row = ["name", "fault", "bytes", "mtime_ns", *TRAITS]
        insert = f"INSERT INTO faces ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
        same = " AND ".join(f"{name} = :{name}" for name in _SAME)
        found = f"SELECT id FROM faces WHERE NOT present AND {same} LIMIT 1"
        with self._write() as connection:
            vanish = f"UPDATE faces SET present = 0, name = {_NO_NAME} WHERE name = ?"
            connection.executemany(vanish, ((name,) for name in gone))
            for entry in entries:
                connection.execute(vanish, (entry.name,))
                moved = f"UPDATE faces SET name = :name, present = 1 WHERE id = ({found})"
                if connection.execute(moved, entry.row()).rowcount == 0:
                    connection.execute(insert, entry.row())

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Files whose metadata were rewritten while pixels and landmarks stayed as they are."""
        changes = ", ".join(f"{name} = :{name}" for name in ["bytes", "mtime_ns", *TRAITS])
        with self._write() as connection:
            connection.executemany(f"UPDATE faces SET {changes} WHERE name = :name", (entry.row() for entry in entries))

    def rename(self, names: Mapping[str, str]) -> None:
        """Follow files that were renamed, old name to new."""
        with self._write() as connection:
            # Through names that no file has, because two may have swapped theirs.
            turns = [(f"/{new}", old) for old, new in names.items()], [(new, f"/{new}") for new in names.values()]
            for turn in turns:
                connection.executemany("UPDATE faces SET name = ? WHERE name = ?", turn)

    def store(self, measured: Mapping[str, Measures]) -> None:
        """Keep what was measured of faces; one that has vanished meanwhile is passed over."""
        changes = ", ".join(f"{name} = ?" for name in MEASURES)
        with self._write() as connection:
            for name, found in measured.items():
                row = connection.execute("SELECT id FROM faces WHERE name = ?", (name,)).fetchone()
                if row is not None:
                    values = [getattr(found, column) for column in MEASURES]
                    connection.execute(f"UPDATE faces SET measured = 1, {changes} WHERE id = ?", (*values, *row))
                    blobs = [np.asarray(getattr(found, what), _PICTURES[what][0]).tobytes() for what in _PICTURES]
                    connection.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)", (*row, *blobs))

    def store_embeddings(self, embedder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep the embeddings of faces, at half precision; one that has vanished meanwhile is passed over."""
        rows = ((embedder, vector.astype(np.float16).tobytes(), name) for name, vector in vectors.items())
        with self._write() as connection:
            connection.executemany("INSERT OR REPLACE INTO embeddings SELECT id, ?, ? FROM faces WHERE name = ?", rows)

    def mark_damaged(self, faults: Mapping[str, str]) -> None:
        """Faces whose pixels turned out to be unreadable, and why."""
        with self._write() as connection:
            connection.executemany(
                "UPDATE faces SET fault = ? WHERE name = ?", ((why, name) for name, why in faults.items())
            )

    def learn_from(self, other: "FaceIndex") -> None:
        """Take over what another index measured, to know its files again when they are copied or moved here."""
        columns = ", ".join(["bytes", "mtime_ns", "measured", *TRAITS, *MEASURES])
        with self._open() as connection:
            connection.execute("ATTACH ? AS other", (str(other.path),))
            with connection:
                connection.execute(
                    f"INSERT INTO faces (name, present, {columns}) "
                    f"SELECT '//' || id, 0, {columns} FROM other.faces WHERE present AND measured"
                )
                connection.execute(
                    "INSERT INTO pictures SELECT faces.id, colors, thumbnail "
                    "FROM other.pictures AS theirs JOIN faces ON faces.name = '//' || theirs.id"
                )
                connection.execute(
                    "INSERT INTO embeddings SELECT faces.id, embedder, vector "
                    "FROM other.embeddings AS theirs JOIN faces ON faces.name = '//' || theirs.id"
                )
                connection.execute(f"UPDATE faces SET name = {_NO_NAME} WHERE name LIKE '//%'")
            connection.execute("DETACH other")

    def _read(self, query: str) -> list[Any]:
        with self._open() as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as connection:
                # An index that a power cut tears is made anew, so that nothing waits for the disk.
                connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")
                yield connection
        except sqlite3.Error as error:
            raise UnderstudyError(f"cannot use the index {self.path}: {error}; delete it and try again") from error

    def _prepare(self) -> bool:
        """Make the file a sound index of this version; whether that is possible."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(self.path.parent, os.W_OK):
                return False
            try:
                return self._try()
            except sqlite3.OperationalError:
                return False
            except sqlite3.DatabaseError:  # not a database, or a torn one
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                return self._try()
        except (OSError, sqlite3.Error):
            return False

    def _try(self) -> bool:
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                for table in ("embeddings", "pictures", "faces"):
                    connection.execute(f"DROP TABLE IF EXISTS {table}")
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
            connection.execute(_EMBEDDINGS)
            connection.execute("SELECT count(*) FROM faces, pictures, embeddings WHERE 0")
            connection.commit()
        return True

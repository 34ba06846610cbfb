"""A folder of aligned faces."""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from understudy.faces import AlignedFace
from understudy.faces.identity import Embedder
from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile, write_face, write_picture
from understudy.facesets.face_trash import FaceTrash, TrashedFace
from understudy.facesets.features import Traits, measure
from understudy.facesets.index import MEASURES, Entry, FaceIndex, Stamp
from understudy.facesets.metadata import SourceFrame
from understudy.facesets.renaming import finish_renaming, numbered, rename_files
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent

T = TypeVar("T")
_SUFFIXES = tuple(FACE_SUFFIXES)
_WRITERS = 8  # each waits for the disk most of the time
_BATCH = 64  # files between two commits: what a killed process loses at most


class Faceset:
    """The aligned faces of one folder, by file name.

    The files are the truth: what is deleted there is gone here. What is derived from them is kept in an index, so that
    opening reads only files that are new or changed.
    """

    def __init__(self, folder: Path, *, skip_damaged: bool = False, progress: Progress | None = None) -> None:
        """Open `folder`; pictures without metadata are left out.

        Args:
            skip_damaged: leave damaged files out as well; `damaged` names them.
            progress: who watches the reading of new files, here and later.

        Raises:
            UnderstudyError: the folder is missing, or a file in it is damaged.
        """
        if not folder.is_dir():
            raise UnderstudyError(f"no aligned faces: {folder} does not exist; run 'understudy extract' first")
        self.folder = folder
        self._progress = progress or Silent()
        if os.access(folder, os.W_OK):
            finish_renaming(folder)
        self.index = FaceIndex(folder)
        self.refresh()
        if self.damaged and not skip_damaged:
            name, fault = next(iter(self.damaged.items()))
            raise UnderstudyError(f"{folder / name}: {fault}")

    @property
    def names(self) -> Sequence[str]:
        """File names, sorted."""
        return self._names

    @property
    def damaged(self) -> Mapping[str, str]:
        """What is wrong with the files that cannot be read, by name."""
        return self._damaged

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[FaceFile]:
        return (self._read(name) for name in self._names)

    def __getitem__(self, which: int | str) -> FaceFile:
        return self._read(self._names[which] if isinstance(which, int) else which)

    def by_frame(self) -> dict[int, list[FaceFile]]:
        """The faces of every source frame that has any, in file name order."""
        frames: dict[int, list[FaceFile]] = {}
        for face in self:
            frames.setdefault(face.frame, []).append(face)
        return frames

    def refresh(self) -> None:
        """Follow what happened to the files; those that are new or changed are read."""
        known = self.index.stamps()
        with os.scandir(self.folder) as found:
            stamps = {
                file.name: Stamp.of(file.stat())
                for file in found
                if file.name.lower().endswith(_SUFFIXES) and not file.name.startswith(".") and file.is_file()
            }
        new = sorted(name for name, stamp in stamps.items() if known.get(name) != stamp)
        gone = known.keys() - stamps.keys()
        if gone:
            self.index.update((), gone)
        if new:
            self._progress.begin(f"reading {self.folder.name}", len(new))
        for batch in _batches(new):
            self.index.update([self._describe(name, stamps[name]) for name in batch])
            self._progress.advance(len(batch))
        self._names, self._damaged = self.index.faces(), self.index.faults()

    def measure(self) -> None:
        """Measure the faces that have not been measured yet, on all cores. An interrupted run goes on where it was."""
        names = self.index.unmeasured()
        if not names:
            return
        self._progress.begin(f"measuring {self.folder.name}", len(names))
        self._work_out(names, measure, self.index.store)

    def embed(self, embedder: Embedder, names: Sequence[str] | None = None) -> None:
        """Embed the faces, or those called `names`, that have not been embedded yet, on all cores.

        An interrupted run goes on where it was. `index.embeddings` gives what is known.
        """
        names = self.index.unembedded(embedder.name, self._names if names is None else names)
        if not names:
            return

        def vector(file: FaceFile) -> NDArray[np.float32]:
            return embedder.embed(file.aligned().image, np.asarray(file.metadata.landmarks, np.float64))

        self._progress.begin(f"embedding {self.folder.name} with {embedder.name}", len(names))
        self._work_out(names, vector, partial(self.index.store_embeddings, embedder.name))

    def columns(self, *names: str) -> dict[str, NDArray[Any]]:
        """Traits and measures of every face, in the order of `names`; measures what has not been measured.

        Returns:
            (n,) float64, or object for texts, by the name of the trait or measure; see `Traits` and `Measures`.
        """
        if not MEASURES.keys().isdisjoint(names):
            self.measure()
        return self.index.columns(*names)

    def query(self, where: str = "", *, order_by: str = "", limit: int | None = None) -> list[str]:
        """Names of the faces for which a condition holds.

        Args:
            where: SQL expression over traits and measures, such as `abs(yaw) > 0.5 and brightness < 60`; empty: all.
            order_by: SQL expression, such as `sharpness desc`; empty: name.

        Raises:
            UnderstudyError: no such expression.
        """
        if not MEASURES.keys().isdisjoint(re.findall(r"\w+", f"{where} {order_by}")):
            self.measure()
        return self.index.query(where, order_by, limit)

    def save(self, name: str, aligned: AlignedFace, source: SourceFrame, *, quality: int = 95) -> FaceFile:
        """Write a face into the set; an older file of that name goes to the trash.

        Raises:
            UnderstudyError: it cannot be written.
        """
        if (self.folder / name).exists():
            FaceTrash(self.folder).put({name: "replaced"})
        file = write_face(self.folder / name, aligned, source, quality=quality)
        self.refresh()
        return file

    def trash(self, *faces: FaceFile | str, reason: str = "by hand") -> list[Path]:
        """Take faces out of the set; their files move to the trash folder beside it.

        Returns:
            Where they lie now.
        """
        names = [face if isinstance(face, str) else face.path.name for face in faces]
        moved = FaceTrash(self.folder).put(dict.fromkeys(names, reason))
        self.refresh()
        return list(moved.values())

    def trash_for(self, reasons: Mapping[str, str]) -> None:
        """Take faces out of the set, each for its own reason, by name."""
        if reasons:
            FaceTrash(self.folder).put(reasons)
            self.refresh()

    def trashed(self) -> list[TrashedFace]:
        """What lies in the trash."""
        return FaceTrash(self.folder).faces()

    def restore(self, faces: Sequence[TrashedFace]) -> list[str]:
        """Bring faces back from the trash; their names in the set."""
        names = FaceTrash(self.folder).restore(faces)
        self.refresh()
        return names

    def rename(self, names: Mapping[str, str]) -> None:
        """Rename files, old name to new, all at once; names may be swapped.

        A face that is renamed for the first time notes its first name in its metadata. An interrupted renaming is
        completed when the set is opened next.

        Raises:
            UnderstudyError: as `rename_files`; nothing has been renamed then.
        """
        moved = {old: new for old, new in names.items() if old != new}
        self._keep_original_names(moved)
        rename_files(self.folder, moved)
        self.index.rename(moved)
        self.refresh()

    def take_in(self, other: Self, *, move: bool = False) -> int:
        """Bring the faces of another set into this one, as copies or for good; how many there were.

        Where both sets have a file of one name, the newcomer's gets a number. Faces that a former, interrupted call
        brought here already are not brought twice.

        Raises:
            UnderstudyError: a file cannot be copied.
        """
        self.index.learn_from(other.index)
        here, theirs = self.index.stamps(), other.index.stamps()
        taken = {path.name for path in self.folder.iterdir()}
        self._progress.begin(f"taking in {other.folder.name}", len(other))
        count = 0
        for name in other.names:
            target = next(found for found in numbered(name) if found not in taken or here.get(found) == theirs[name])
            if target not in taken:
                _bring(other.folder / name, self.folder / target, move=move)
                taken.add(target)
                count += 1
            self._progress.advance()
        self.refresh()
        if move:
            other.refresh()
        return count

    def _read(self, name: str) -> FaceFile:
        file = FaceFile.read(self.folder / name)
        if file is None:
            raise UnderstudyError(f"{self.folder / name} has lost its face metadata since the set was opened")
        return file

    def _describe(self, name: str, stamp: Stamp) -> Entry:
        path = self.folder / name
        try:
            file = FaceFile.read(path)
            return Entry(name, stamp, None if file is None else Traits.of(file.metadata))
        except UnderstudyError as error:
            return Entry(name, stamp, fault=_fault(error, path))

    def _work_out(
        self, names: Sequence[str], work: Callable[[FaceFile], T], keep: Callable[[Mapping[str, T]], None]
    ) -> None:
        """Do what reads the faces' pixels, on all cores; what cannot be read is marked as damaged."""

        def attempt(name: str) -> tuple[str, T | None, str]:
            try:
                return name, work(self._read(name)), ""
            except UnderstudyError as error:
                return name, None, _fault(error, self.folder / name)

        with ThreadPoolExecutor(os.cpu_count(), "measure") as pool:
            for batch in _batches(names):
                found = list(pool.map(attempt, batch))
                keep({name: made for name, made, _ in found if made is not None})
                self.index.mark_damaged({name: fault for name, made, fault in found if made is None})
                self._progress.advance(len(batch))
        self._names, self._damaged = self.index.faces(), self.index.faults()

    def _keep_original_names(self, names: Iterable[str]) -> None:
        noted = dict(zip(self._names, self.index.columns("original_name")["original_name"], strict=True))
        bare = [name for name in names if name in noted and noted[name] is None]
        if bare:
            self._progress.begin("noting original names", len(bare))
        with ThreadPoolExecutor(_WRITERS, "rewrite") as pool:
            for batch in _batches(bare):
                self.index.rewrite(list(pool.map(self._note_name, batch)))
                self._progress.advance(len(batch))

    def _note_name(self, name: str) -> Entry:
        file = self._read(name)
        metadata = file.metadata.model_copy(update={"original_name": name})
        write_picture(file.path, file.picture(), metadata, file.mask_picture())
        return Entry(name, Stamp.of(file.path.stat()), Traits.of(metadata))


def _bring(source: Path, target: Path, *, move: bool) -> None:
    """Copy or move a file with its modification time, by which it is known again."""
    with atomic_path(target) as temporary:
        shutil.copy2(source, temporary)
    if move:
        source.unlink()


def _fault(error: UnderstudyError, path: Path) -> str:
    """What is wrong, without the place, which may be another one the next time."""
    return str(error).removeprefix(f"{path}: ")


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _BATCH] for start in range(0, len(names), _BATCH))

"""Seconds that a large faceset takes to index, open, query, sort, thin out and import, and the memory that it takes.

    python benchmarks/facesets.py --folder /tmp/faces --faces 100000 [--only open query ...] [--sort METHOD ...]

Faces of noise with landmarks of their own. With --folder they are kept: a later call goes on where this one was, and
measures only what --only and --sort name. Each piece runs in a process of its own, so that its peak of memory is its
own, and is printed with its target where it has one. Baselines: opening by reading every file, as programs without an
index must, scaled up from 500 files; `hist` with all compared with all, scaled up by the square from 1000 faces.
"""

import argparse
import multiprocessing
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from understudy.faces import AlignedFace, Face, Pose
from understudy.faces.identity_hog import FrontalHog
from understudy.faces.template import MEAN_FACE
from understudy.facesets import FaceFile, FaceMetadata, Faceset, SourceFrame
from understudy.facesets.duplicates import find_duplicates
from understudy.facesets.exchange import export_faces, import_faces
from understudy.facesets.face_file import attach, encode_jpeg
from understudy.facesets.identity import find_persons
from understudy.facesets.sorting import METHODS, arrange

_PICTURES = 500  # different ones; metadata are all different
_READ = 500  # files of the baseline of opening
_CHAINED = 1000  # faces of the baseline of `hist`
_IMPORTED = 10_000
_COLUMNS = ("yaw", "pitch", "roll", "rect_size", "mouth_open", "eye_open", "sharpness", "brightness", "hue", "gaze_x")
_CONDITION = "abs(yaw) > 0.3 and brightness between 60 and 150 and sharpness > 0.01"
_PIECES = ("open", "query", "sort", "persons", "duplicates", "import", "baseline")
_MEMORY = 1.0  # GB, target of every piece


def fill(folder: Path, count: int, size: int) -> None:
    """Write faces of smooth noise, skin of all shades, any pose; those that are there already stay."""
    random = np.random.default_rng(0)
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    mean = np.concatenate([jaw, MEAN_FACE])
    pictures = []
    for _ in range(_PICTURES):
        smooth = cv2.resize(random.normal(0, 40, (8, 8, 3)), (size, size), interpolation=cv2.INTER_CUBIC)
        shade = random.uniform(60, 200) * np.array([1.0, 0.75, 0.6])
        pixels = np.clip(smooth + shade + random.normal(0, random.uniform(2, 25), smooth.shape), 0, 255)
        pictures.append(encode_jpeg(pixels.astype(np.uint8), 90))
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    for number in range(count):
        path = folder / f"{number:06d}_0.jpg"
        if path.name in there:
            continue
        random = np.random.default_rng(number)
        landmarks = (mean + random.normal(0, 0.01, mean.shape)).astype(np.float32)
        face = AlignedFace(
            image=np.zeros((size, size, 3), np.uint8),
            face_type="full",
            matrix=np.eye(2, 3),
            landmarks=landmarks * size * 0.6 + size * 0.2,
            face=Face(
                box=np.array([100, 100, *random.uniform(150, 400, 2)], np.float32),
                landmarks=landmarks * 200 + 100,
                pose=Pose(*np.clip(random.normal(0, 0.35, 3), -1.2, 1.2).tolist()),
                confidence=1.0,
                backend="noise",
            ),
        )
        source = SourceFrame(clip="noise", frame=number, time=number / 25, width=640, height=480)
        # Written plainly: a hundred thousand waits for the disk would measure the disk.
        path.write_bytes(attach(pictures[number % _PICTURES], FaceMetadata.describe(face, source), None, path))


def timed(
    what: str,
    run: Callable[..., object],
    target: float | None = None,
    *,
    opened: Path | None = None,
    scale: float = 1.0,
) -> None:
    """Run it in a process of its own, on the faceset `opened` where there is one, and print what it took.

    `scale` is what is measured of the whole.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, cpu, peak = pool.apply(_measured, (run, opened))
    wanted = "" if target is None else f"   target {target:g} s: {'met' if seconds <= target else 'MISSED'}"
    memory = "" if peak <= _MEMORY else f"   MORE THAN {_MEMORY:g} GB"
    scaled = "" if scale == 1 else f"   all of it {seconds * scale:.2f} s"
    print(f"{what:<30} {seconds:8.2f} s {cpu:8.2f} s of CPU   peak {peak:.2f} GB{wanted}{memory}{scaled}", flush=True)


def _measured(run: Callable[..., object], opened: Path | None) -> tuple[float, float, float]:
    arguments = () if opened is None else (Faceset(opened),)
    start, cpu = time.perf_counter(), time.process_time()
    run(*arguments)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(faceset: Faceset) -> None:
    faceset.measure()


def query(faceset: Faceset) -> None:
    faceset.query(_CONDITION, order_by="sharpness desc", limit=100)


def columns(faceset: Faceset) -> None:
    faceset.columns(*_COLUMNS)


def order(faceset: Faceset, *, by: str) -> None:
    arrange(faceset, by)


def embed(faceset: Faceset) -> None:
    faceset.embed(FrontalHog())


def persons(faceset: Faceset) -> None:
    find_persons(faceset, FrontalHog())


def read(files: list[Path]) -> None:
    for path in files:
        FaceFile.read(path)


def exact_chain(faceset: Faceset, *, count: int) -> None:
    """The greedy chain of `hist` as its definition has it: each step looks through all that are left."""
    histograms = np.square(faceset.index.pictures("colors", faceset.names[:count]).astype(np.float32))
    at, left = 0, list(range(1, len(histograms)))
    while left:
        distance = [
            sum(cv2.compareHist(a, b, cv2.HISTCMP_BHATTACHARYYA) for a, b in zip(histograms[at], other, strict=True))
            for other in histograms[left]
        ]
        at = left.pop(int(np.argmin(distance)))


def run(folder: Path, faces: int, only: list[str], methods: list[str]) -> None:
    if "open" in only:
        timed("open, not indexed", partial(Faceset, folder))
    timed("measure what is new", measure, opened=folder)
    if "open" in only:
        timed("open, indexed", partial(Faceset, folder), 2.0)
    if "query" in only:
        timed("query", query, 0.2, opened=folder)
        timed("all of ten columns", columns, opened=folder)
    if "sort" in only:
        for by in methods:
            timed(f"order by {by}", partial(order, by=by), 120.0 if faces <= 20_000 else None, opened=folder)
    if "persons" in only:
        timed("embed what is new", embed, opened=folder)
        timed("persons", persons, opened=folder)
    if "duplicates" in only:
        timed("duplicates", find_duplicates, opened=folder)
    if "import" in only:
        import_old(folder, folder.with_name(f"{folder.name}_import"))
    if "baseline" in only:
        files = sorted(folder.glob("*.jpg"))[:_READ]
        timed("baseline: open by reading", partial(read, files), scale=faces / len(files))
        chained = min(_CHAINED, faces)
        chain = partial(exact_chain, count=chained)
        timed("baseline: hist, all with all", chain, opened=folder, scale=(faces / chained) ** 2)


def import_old(folder: Path, room: Path) -> None:
    """Make ten thousand of the faces DeepFaceLab's, and time the way back."""
    shutil.rmtree(room, ignore_errors=True)
    faceset = Faceset(folder)
    old = export_faces([faceset[name] for name in faceset.names[:_IMPORTED]], room / "old", "dfl")
    timed(f"import {old.faces} files, copies", partial(import_faces, old.path, room / "new"), 60.0)
    timed(f"import {old.faces} files, in place", partial(import_faces, old.path, None), 60.0)
    shutil.rmtree(room)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="where to make the faces; kept, and used again")
    parser.add_argument("--only", nargs="*", default=list(_PIECES), choices=_PIECES)
    parser.add_argument("--sort", nargs="*", default=list(METHODS), choices=METHODS)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores; {given.faces} faces of {given.size} px")
    with tempfile.TemporaryDirectory(prefix="understudy-faces-") as scratch:
        folder = (given.folder or Path(scratch) / "aligned").resolve()
        fill(folder, given.faces, given.size)
        run(folder, given.faces, given.only, given.sort)


if __name__ == "__main__":
    main()

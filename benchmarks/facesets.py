"""Seconds that a large faceset takes to index, open, query and sort, and the memory that it takes.

    python benchmarks/facesets.py [--faces 20000] [--size 64] [--sort METHOD ...]

Faces of noise with landmarks of their own, in a temporary folder. Baselines, in the same run: opening by reading every
file, as programs without an index must, scaled up from 500 files; `hist` with all compared with all, scaled up by the
square of the number from 1000 faces.
"""

import argparse
import gc
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from understudy.faces import AlignedFace, Face, Pose
from understudy.faces.template import MEAN_FACE
from understudy.facesets import FaceFile, FaceMetadata, Faceset, SourceFrame
from understudy.facesets.face_file import attach, encode_jpeg
from understudy.facesets.sorting import METHODS, arrange, sort_faces

_PICTURES = 500  # different ones; metadata are all different
_SAMPLE = 1000


def fill(folder: Path, count: int, size: int) -> None:
    """Write faces of smooth noise: skin of all shades, any pose."""
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
    for number in range(count):
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
        path = folder / f"{number:06d}_0.jpg"
        # Written plainly: a hundred thousand waits for the disk would measure the disk.
        path.write_bytes(attach(pictures[number % _PICTURES], FaceMetadata.describe(face, source), None, path))


def timed(what: str, run: Callable[[], object]) -> float:
    gc.collect()
    start, cpu = time.perf_counter(), time.process_time()
    run()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what:<28} {seconds:8.2f} s   {time.process_time() - cpu:8.2f} s of CPU   peak {peak:.2f} GB", flush=True)
    return seconds


def exact_chain(faceset: Faceset, count: int) -> list[int]:
    """The greedy chain of `hist` as its definition has it: each step looks through all that are left."""
    histograms = np.square(faceset.index.pictures("colors", faceset.names[:count]).astype(np.float32))
    order, left = [0], list(range(1, len(histograms)))
    while left:
        distance = [
            sum(
                cv2.compareHist(a, b, cv2.HISTCMP_BHATTACHARYYA)
                for a, b in zip(histograms[order[-1]], other, strict=True)
            )
            for other in histograms[left]
        ]
        order.append(left.pop(int(np.argmin(distance))))
    return order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="where to make the faces; kept, and used again")
    parser.add_argument("--sort", nargs="*", default=list(METHODS), choices=METHODS)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores; {given.faces} faces of {given.size} px")
    with tempfile.TemporaryDirectory(prefix="understudy-faces-") as scratch:
        folder = given.folder or Path(scratch) / "aligned"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            fill(folder, given.faces, given.size)
        files = sorted(folder.glob("*.jpg"))[:500]
        seconds = timed("reading 500 files", lambda: [FaceFile.read(path) for path in files])
        print(f"{'  baseline: opening by reading':<28} {seconds * given.faces / len(files):8.2f} s")
        timed("open, not indexed", lambda: Faceset(folder))
        timed("measure", Faceset(folder).measure)
        timed("open, indexed", lambda: Faceset(folder))
        faceset = Faceset(folder)
        condition = "abs(yaw) > 0.3 and brightness between 60 and 150 and sharpness > 0.01"
        timed("query", lambda: faceset.query(condition, order_by="sharpness desc", limit=100))
        timed("all of ten columns", lambda: faceset.columns(*_COLUMNS))
        scale = (given.faces / _SAMPLE) ** 2
        seconds = timed("hist, all with all, 1000", lambda: exact_chain(faceset, _SAMPLE))
        print(f"{'  baseline: hist, all with all':<28} {seconds * scale:8.2f} s")
        for by in given.sort:
            timed(f"order by {by}", lambda by=by: arrange(faceset, by))
        timed("sort by yaw, first time", lambda: sort_faces(faceset, "yaw"))
        timed("sort by brightness", lambda: sort_faces(faceset, "brightness"))


_COLUMNS = ("yaw", "pitch", "roll", "rect_size", "mouth_open", "eye_open", "sharpness", "brightness", "hue", "gaze_x")

if __name__ == "__main__":
    main()

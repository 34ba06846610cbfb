"""A performer in a performance, as a clip: a source of frames, and a file with its truth beside it."""

import os
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from understudy.actors.body import body_of
from understudy.actors.identity import Identity
from understudy.actors.occluders import Occluder
from understudy.actors.performance import Performance
from understudy.actors.render import render
from understudy.actors.scene import Companion, Scene
from understudy.actors.truth import Rendered, Truth
from understudy.media import EncodeSettings, Frame, SourceInfo, open_sink
from understudy.media.frame import ColorTags
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent

_SIDES = (64, 4096)  # pixels
_LONGEST = 3600.0  # seconds
_AHEAD = 2  # frames in work beyond the one that is waited for


class ActorSource:
    """A performance as a source of frames, rendered when they are read."""

    def __init__(self, identity: Identity, performance: Performance, scene: Scene, *, size: int) -> None:
        """Prepare to render `performance` by `identity` in `scene` as square pictures of `size` pixels a side."""
        self.identity, self.performance, self.scene, self.size = identity, performance, scene, size
        rate = Fraction(performance.rate).limit_denominator(1001 * 240)
        self.warnings: list[str] = []
        self.info = SourceInfo(
            paths=(),
            width=size,
            height=size,
            frame_count=len(performance),
            rate=rate,
            variable_rate=False,
            time_base=1 / rate,
            duration=len(performance) / rate,
            bit_depth=8,
            has_alpha=False,
            color=ColorTags(),
            pixel_format=None,
            rotation=0,
            sample_aspect_ratio=Fraction(1),
            has_audio=False,
            clips=(),
            kind="images",
        )

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end)."""
        for frame, _ in self.rendered(start, stop):
            yield frame

    def rendered(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[Frame, Truth]]:
        """The same frames with their truth. Some are rendered ahead, on all cores."""
        workers = os.cpu_count() or 1
        body_of(self.identity)  # built once, before the threads want it
        if self.scene.companion is not None:
            body_of(self.scene.companion.identity)
        waiting: deque[tuple[int, Future[Rendered]]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for index in range(*slice(start, stop).indices(len(self.performance))):
                    task = pool.submit(render, self.identity, self.performance[index], self.scene, self.size)
                    waiting.append((index, task))
                    if len(waiting) >= workers + _AHEAD:
                        yield self._frame(*waiting.popleft())
                while waiting:
                    yield self._frame(*waiting.popleft())
            finally:
                for _, task in waiting:
                    task.cancel()

    def _frame(self, index: int, task: Future[Rendered]) -> tuple[Frame, Truth]:
        done = task.result()
        step = 1 / self.info.rate
        return Frame(pixels=done.pixels, index=index, time=index * step, duration=step), done.truth


@dataclass(frozen=True)
class ClipReport:
    """What `render_clip` wrote.

    Attributes:
        path, truth: the files.
        frames: pictures in the clip.
        notes: one line for each choice of the encoder.
    """

    path: Path
    truth: Path | None
    frames: int
    notes: tuple[str, ...]


def render_clip(
    out: Path,
    *,
    seed: int,
    performance: int | None = None,
    scene: int | None = None,
    occluders: Sequence[Occluder] = (),
    companion: int | None = None,
    seconds: float = 10.0,
    rate: float = 25.0,
    size: int = 720,
    truth: Path | None = None,
    depth: bool = False,
    encode: EncodeSettings | None = None,
    progress: Progress | None = None,
) -> ClipReport:
    """Render a performer into a video file (`.mp4`, `.mov`, `.mkv`) or a folder of pictures.

    Args:
        out: the file, or the folder's name.
        seed: of the performer.
        performance: seed of what is performed; None: the performer's.
        scene: seed of camera, light and background; None: the performer's.
        occluders: what comes between camera and performer.
        companion: seed of a second performer in the frame.
        seconds: length.
        rate: frames a second.
        size: side of the square picture.
        truth: `.npz` for the truth; see `read_truth`.
        depth: whether the truth holds depth as well, which makes it large.
        encode: how the clip is encoded.
        progress: who watches.

    Raises:
        UnderstudyError: a measure is out of range, or a file cannot be written.
    """
    if not _SIDES[0] <= size <= _SIDES[1]:
        raise UnderstudyError(f"a picture of {size} pixels a side: choose {_SIDES[0]} to {_SIDES[1]}")
    if not 0 < seconds <= _LONGEST or not 1 <= rate <= 240:
        raise UnderstudyError(f"{seconds} seconds at {rate} frames a second: choose up to an hour at 1 to 240")
    if truth is not None and truth.suffix.lower() != ".npz":
        raise UnderstudyError(f"{truth}: truth is written as .npz: choose this suffix")
    progress = progress or Silent()
    beside = None
    if companion is not None:
        beside = Companion(Identity.from_seed(companion), Performance.from_seed(companion, seconds, rate))
    filmed = replace(Scene.from_seed(seed if scene is None else scene), occluders=tuple(occluders), companion=beside)
    played = Performance.from_seed(seed if performance is None else performance, seconds, rate)
    source = ActorSource(Identity.from_seed(seed), played, filmed, size=size)
    progress.begin("rendering", len(source.performance))
    with ExitStack() as stack:
        sink = stack.enter_context(open_sink(out, like=source, settings=encode or EncodeSettings()))
        notes = stack.enter_context(_TruthWriter(truth, depth=depth)) if truth else None
        for frame, known in source.rendered():
            sink.write(frame, frame.pixels, None)
            if notes:
                notes.add(known)
            progress.advance()
    return ClipReport(out, truth, len(source.performance), tuple(sink.notes))


class _TruthWriter:
    """Writes truth frame by frame, so that a long clip needs no memory."""

    def __init__(self, path: Path, *, depth: bool) -> None:
        self._depth = depth
        self._stack = ExitStack()
        temporary = self._stack.enter_context(atomic_path(path))
        self._zip = self._stack.enter_context(zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=3))
        self._faces: list[Truth] = []

    def add(self, truth: Truth) -> None:
        index = len(self._faces)
        self._array(f"parts_{index:05d}", truth.parts)
        self._array(f"person_{index:05d}", truth.person)
        if self._depth:
            self._array(f"depth_{index:05d}", truth.depth.astype(np.float16))
        self._faces.append(Truth(truth.faces, truth.parts[:0], truth.person[:0], truth.depth[:0], truth.focal))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        if kind is None:
            faces = [truth.face for truth in self._faces]
            pose = [(face.pose.pitch, face.pose.yaw, face.pose.roll) for face in faces]
            self._array("landmarks", np.stack([face.landmarks for face in faces]))
            self._array("visible", np.stack([face.visible for face in faces]))
            self._array("dense", np.stack([face.dense for face in faces]))
            self._array("dense_visible", np.stack([face.dense_visible for face in faces]))
            self._array("box", np.stack([face.box for face in faces]))
            self._array("pose", np.array(pose, np.float64))
            self._array("focal", np.array([truth.focal for truth in self._faces]))
        self._stack.__exit__(kind, *rest)

    def _array(self, name: str, values: NDArray[Any]) -> None:
        with self._zip.open(f"{name}.npy", "w", force_zip64=True) as entry:
            npy.write_array(entry, np.ascontiguousarray(values), allow_pickle=False)


@dataclass(frozen=True, eq=False)
class ClipTruth:
    """The truth of a clip's performer, N frames.

    Attributes:
        landmarks: (N, 68, 2); visible: (N, 68).
        dense: (N, M, 3); dense_visible: (N, M).
        pose: (N, 3) pitch, yaw and roll in radians.
        box: (N, 4).
        focal: (N,) pixels.
    """

    landmarks: NDArray[np.floating[Any]]
    visible: NDArray[np.bool_]
    dense: NDArray[np.floating[Any]]
    dense_visible: NDArray[np.bool_]
    pose: NDArray[np.floating[Any]]
    box: NDArray[np.floating[Any]]
    focal: NDArray[np.floating[Any]]
    _file: Any

    def parts(self, index: int) -> NDArray[np.uint8]:
        """(H, W) the `Part` of each pixel of a frame."""
        return np.asarray(self._file[f"parts_{index:05d}"])

    def person(self, index: int) -> NDArray[np.uint8]:
        """(H, W) 1 for the performer, 2 for a companion, 0 for anything else."""
        return np.asarray(self._file[f"person_{index:05d}"])

    def depth(self, index: int) -> NDArray[np.float16]:
        """(H, W) millimetres; only where the clip was rendered with `depth`."""
        return np.asarray(self._file[f"depth_{index:05d}"])


def read_truth(path: Path) -> ClipTruth:
    """Open the truth that `render_clip` wrote.

    Raises:
        UnderstudyError: the file is missing or no such truth.
    """
    names: Sequence[str] = ("landmarks", "visible", "dense", "dense_visible", "pose", "box", "focal")
    try:
        file = np.load(path, allow_pickle=False)
        return ClipTruth(**{name: file[name] for name in names}, _file=file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UnderstudyError(f"{path} cannot be read as a clip's truth: render it again") from error

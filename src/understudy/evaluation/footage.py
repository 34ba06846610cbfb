"""Clips of synthetic performers with their truth, rendered once and kept without loss."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy import __version__
from understudy.actors import ActorSource, Identity, Performance, Scene
from understudy.media import EncodeSettings, open_sink, open_source
from understudy.project import Progress, Silent
from understudy.project.atomic import atomic_path

_LOSSLESS = EncodeSettings(codec="ffv1", copy_streams=False)


@dataclass(frozen=True, eq=False)
class Footage:
    """A performer's clip and its truth, N frames of side S.

    Attributes:
        performance: what is performed.
        frames: (N, S, S, 3) uint8 RGB.
        landmarks: (N, 68, 2) float32, exact, in pixels.
        poses: (N, 3) pitch, yaw and roll in radians.
        parts: (N, S, S) uint8, the `actors.Part` that each pixel shows.
        path: the lossless clip.
    """

    performance: Performance
    frames: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    poses: NDArray[np.float64]
    parts: NDArray[np.uint8]
    path: Path

    def __len__(self) -> int:
        return len(self.frames)


def film(
    identity: Identity,
    performance: Performance,
    scene: Scene,
    *,
    size: int,
    folder: Path,
    name: str,
    progress: Progress | None = None,
) -> Footage:
    """Render a clip, or read it where the same one has been rendered before.

    The files carry a digest of everything that decides the picture, so that what is found is never of something else.

    Args:
        size: side of the square pictures.
        folder: where `<name>-<digest>.mkv` (FFV1) and `.npz` (the truth) are kept.

    Raises:
        UnderstudyError: the files cannot be written.
    """
    decides = repr(_plain((__version__, identity, performance, scene, size)))
    digest = hashlib.sha256(decides.encode()).hexdigest()[:12]
    clip, truth = folder / f"{name}-{digest}.mkv", folder / f"{name}-{digest}.npz"
    if not (clip.exists() and truth.exists()):
        _render(ActorSource(identity, performance, scene, size=size), clip, truth, name, progress or Silent())
    with np.load(truth, allow_pickle=False) as known:
        landmarks, poses, parts = known["landmarks"], known["poses"], known["parts"]
    frames = np.stack([frame.pixels for frame in open_source([clip]).frames()])
    return Footage(performance, frames, landmarks, poses, parts, clip)


def _render(source: ActorSource, clip: Path, truth: Path, name: str, progress: Progress) -> None:
    progress.begin(f"filming {name}", len(source.performance))
    truths = []
    with open_sink(clip, like=source, settings=_LOSSLESS) as sink:
        for frame, known in source.rendered():
            sink.write(frame, frame.pixels, None)
            truths.append(known)
            progress.advance()
        with atomic_path(truth) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            poses = [(t.face.pose.pitch, t.face.pose.yaw, t.face.pose.roll) for t in truths]
            _add(archive, "landmarks", np.stack([t.face.landmarks for t in truths]))
            _add(archive, "poses", np.array(poses, np.float64))
            _add(archive, "parts", np.stack([t.parts for t in truths]))


def _add(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as entry:
        np.lib.format.write_array(entry, values, allow_pickle=False)


def _plain(value: Any) -> Any:
    """The same as tuples of names and numbers, whatever order a mapping has."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, tuple((f.name, _plain(getattr(value, f.name))) for f in fields(value))
    if isinstance(value, Mapping):
        return tuple(sorted((key, _plain(item)) for key, item in value.items()))
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value

"""What a faceset consists of, counted from its metadata."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from understudy.facesets.face_file import FaceFile
from understudy.project.errors import UnderstudyError

_PERCENTILES = (0, 5, 50, 95, 100)


class Spread(BaseModel):
    """How the values of one property are spread."""

    model_config = ConfigDict(frozen=True)

    least: float
    low: float = Field(description="5 in 100 lie below it.")
    middle: float = Field(description="The median.")
    high: float = Field(description="5 in 100 lie above it.")
    most: float


class FacesetStatistics(BaseModel):
    """What a faceset consists of."""

    model_config = ConfigDict(frozen=True)

    faces: int
    bytes: int
    frames: int = Field(description="Source frames that at least one of the faces came from.")
    frames_with_several: int
    clips: dict[str, int]
    face_types: dict[str, int]
    sizes: dict[int, int] = Field(description="Faces by the side of their picture in pixels.")
    formats: dict[str, int]
    backends: dict[str, int]
    with_polygons: int
    with_mask: int
    with_mesh: int
    tracks: int
    yaw: Spread = Field(description="Degrees; above 0 the nose points to the image's left edge.")
    pitch: Spread = Field(description="Degrees; above 0 the face looks up.")
    roll: Spread = Field(description="Degrees.")
    confidence: Spread
    source_side: Spread = Field(description="Side of the crop square in pixels of the source frame.")
    enlarged: int = Field(description="Faces whose picture has more pixels than their frame had.")


def describe_faceset(faces: Iterable[FaceFile]) -> FacesetStatistics:
    """Count what a faceset consists of.

    Raises:
        UnderstudyError: there is no face, or a file cannot be read.
    """
    rows, frames = [], Counter[tuple[str, int]]()
    counts: dict[str, Counter[Any]] = {
        name: Counter() for name in ("clips", "face_types", "sizes", "formats", "backends")
    }
    size = with_polygons = with_mask = with_mesh = 0
    tracks = set()
    for face in faces:
        meta = face.metadata
        side = meta.size / np.sqrt(abs(np.linalg.det(np.asarray(meta.matrix)[:, :2])))
        turn = np.degrees((meta.pose.yaw, meta.pose.pitch, meta.pose.roll))
        rows.append((*turn, meta.confidence, side, meta.size > side * 1.02))
        frames[meta.source.clip, meta.source.frame] += 1
        counts["clips"][meta.source.clip] += 1
        counts["face_types"][meta.face_type] += 1
        counts["sizes"][meta.size] += 1
        counts["formats"][face.path.suffix.lower().lstrip(".")] += 1
        counts["backends"][meta.backend] += 1
        data = face.picture()
        size += len(data)
        with_polygons += bool(meta.polygons)
        with_mask += face.mask_picture() is not None
        with_mesh += meta.dense is not None
        if meta.track >= 0:
            tracks.add((meta.source.clip, meta.track))
    if not rows:
        raise UnderstudyError("no faces to count: check the folder")
    values = np.array(rows, np.float64)
    yaw, pitch, roll, confidence, source_side = (_spread(values[:, column]) for column in range(5))
    return FacesetStatistics(
        faces=len(rows),
        bytes=size,
        frames=len(frames),
        frames_with_several=sum(count > 1 for count in frames.values()),
        **{name: dict(counter.most_common()) for name, counter in counts.items()},
        with_polygons=with_polygons,
        with_mask=with_mask,
        with_mesh=with_mesh,
        tracks=len(tracks),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        confidence=confidence,
        source_side=source_side,
        enlarged=int(values[:, 5].sum()),
    )


def _spread(values: np.ndarray[Any, np.dtype[np.float64]]) -> Spread:
    least, low, middle, high, most = (round(float(value), 3) for value in np.percentile(values, _PERCENTILES))
    return Spread(least=least, low=low, middle=middle, high=high, most=most)

"""What is known of every frame, one JSON line each."""

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.dataset.manifest import Pair
from understudy.evaluation.dataset.settings import Compression
from understudy.facesets import Faceset
from understudy.media import Frame
from understudy.merging.plan import PlacedFace

Label = Literal["real", "fake"]


def described_faces(faces: Faceset, swapped: Sequence[PlacedFace]) -> list[dict[str, Any]]:
    """The replaced faces of a frame: box and landmarks in pixels, pose in radians, number of the track."""
    found = []
    for face in swapped:
        metadata = faces[face.name].metadata
        found.append(
            {
                "box": [round(value, 2) for value in metadata.box],
                "landmarks": face.landmarks.astype(np.float64).round(2).tolist(),
                "pose": {name: round(value, 4) for name, value in metadata.pose.model_dump().items()},
                "track": metadata.track,
            }
        )
    return found


def mask_box(mask: NDArray[np.uint8]) -> list[int] | None:
    """Left, top, right and bottom (the last two beyond it) of what a mask (H, W) covers; None where it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1] if rows.size else None


def label_line(
    pair: Pair,
    frame: Frame,
    *,
    file: PurePosixPath,
    label: Label,
    compression: Compression,
    faces: list[dict[str, Any]],
    mask: PurePosixPath | None,
    box: list[int] | None,
) -> str:
    """One line of `labels.jsonl`.

    Args:
        file: the picture, or the video that holds the frame, inside the data set.
        mask: the picture of what was replaced, where one was written.
        box: around that mask.
    """
    return json.dumps(
        {
            "file": str(file),
            "frame": frame.index,
            "time": round(float(frame.time), 6),
            "width": frame.width,
            "height": frame.height,
            "label": label,
            "compression": compression,
            "split": pair.split,
            "pair": pair.name,
            "src": pair.src if label == "fake" else None,
            "dst": pair.dst,
            "mask": None if mask is None or label == "real" else str(mask),
            "mask_box": box if label == "fake" else None,
            "faces": faces,
        },
        separators=(",", ":"),
    )

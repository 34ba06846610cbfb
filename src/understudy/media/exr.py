"""OpenEXR: scene-linear pictures, in one layer or in many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from understudy.media.container import refuse_large
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError

_MOST_SAMPLES = 1 << 31  # of all channels of a file that is read, 8 GiB
_MOST_HALF = 65504.0
Channels = Mapping[str, NDArray[np.float32]]


def read_channels(path: Path) -> dict[str, NDArray[np.float32]]:
    """The channels of a file, (H, W) float32 each, by their full names (`R`, `plate.R`), within the display window.

    Raises:
        ValueError, RuntimeError, OSError: it is no EXR file, or damaged.
        UnderstudyError: it is too large.
    """
    with OpenEXR.File(str(path), header_only=True) as file:
        windows = [np.array(file.header()[name]).tolist() for name in ("dataWindow", "displayWindow")]
        count = len(file.header()["channels"])
    ((left, top), (right, bottom)), ((x, y), (x_end, y_end)) = windows
    width, height = x_end - x + 1, y_end - y + 1
    refuse_large(path, width, height)
    refuse_large(path, right - left + 1, bottom - top + 1)
    if count * max(width * height, (right - left + 1) * (bottom - top + 1)) > _MOST_SAMPLES:
        raise ValueError(f"{count} channels of {width}x{height} are more than is read at once")
    with OpenEXR.File(str(path), separate_channels=True) as file:
        stored = {name: np.array(channel.pixels, np.float32) for name, channel in file.channels().items()}
    # The data window may be smaller than the picture or reach beyond it.
    rows, columns = slice(max(top, y), min(bottom, y_end) + 1), slice(max(left, x), min(right, x_end) + 1)
    inside = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
    within = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    shown = {}
    for name, samples in stored.items():
        shown[name] = np.zeros((height, width), np.float32)
        shown[name][inside] = samples[within]
    return shown


def write_channels(
    path: Path,
    channels: Channels,
    *,
    half: bool,
    exact: frozenset[str] = frozenset(),
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Write a file of (H, W) channels under their full names; ZIP.

    Args:
        half: samples are rounded to half floats (11 bits of precision), but for the channels named in `exact`.
        attributes: what else the header says.

    Raises:
        UnderstudyError: it cannot be written.
    """
    header: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    header |= attributes or {}
    kinds = {name: np.float16 if half and name not in exact else np.float32 for name in channels}
    samples = {
        name: np.ascontiguousarray(
            np.clip(channel, -_MOST_HALF, _MOST_HALF) if kinds[name] == np.float16 else channel
        ).astype(kinds[name], copy=False)
        for name, channel in channels.items()
    }
    try:
        with atomic_path(path) as temporary, OpenEXR.File(header, samples) as file:
            file.write(str(temporary))
    except RuntimeError as error:
        raise UnderstudyError(f"cannot write {path}: {error}") from error


def rgb(pixels: NDArray[np.float32], layer: str = "") -> dict[str, NDArray[np.float32]]:
    """The channels of (H, W, 3) pixels, as those of `layer` where one is named."""
    prefix = f"{layer}." if layer else ""
    return {f"{prefix}{name}": pixels[..., index] for index, name in enumerate("RGB")}

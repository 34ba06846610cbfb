"""One picture in one file."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from understudy.media.container import refuse_large
from understudy.media.linear import from_linear, to_linear
from understudy.media.orientation import from_exif
from understudy.project.atomic import atomic_path, write_bytes
from understudy.project.errors import UnderstudyError

_MOST_BYTES_PER_PIXEL = 32  # four channels of float64, uncompressed
_MOST_BESIDE_PIXELS = 256 << 20  # bytes of metadata and layers
_EXIF_ORIENTATION = 0x0112
_Picture = tuple[NDArray[Any], NDArray[Any] | None]


def read_image(path: Path) -> _Picture:
    """Read a picture upright.

    Returns:
        Pixels (H, W, 3) RGB and alpha (H, W) of the same dtype or None: uint8 or uint16 as the file has it, float32
        for EXR (scene-linear, unclipped) and floating-point TIFF. Grey becomes three equal channels.

    Raises:
        UnderstudyError: the file is missing, no readable picture, or larger than `MAX_SIDE`.
    """
    try:
        return _read_exr(path) if path.suffix.lower() == ".exr" else _read_raster(path)
    except FileNotFoundError:
        raise UnderstudyError(f"{path} does not exist: check the path") from None
    except (OSError, ValueError, RuntimeError, SyntaxError, cv2.error, Image.DecompressionBombError) as error:
        # Pillow raises SyntaxError for a broken PNG, OpenEXR RuntimeError for anything.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnderstudyError(f"{path} cannot be read as a picture ({reason}): remove or replace it") from error


def _read_raster(path: Path) -> _Picture:
    try:
        # Pillow reads the header alone: the size before anything is allocated, and the orientation, which OpenCV
        # leaves out for some formats.
        with Image.open(path) as header:
            refuse_large(path, *header.size)
            most = _MOST_BESIDE_PIXELS + _MOST_BYTES_PER_PIXEL * header.width * header.height
            orientation = from_exif(header.getexif().get(_EXIF_ORIENTATION))
    except UnidentifiedImageError:
        raise ValueError("no known picture format") from None
    if path.stat().st_size > most:
        raise ValueError("it holds far more than a picture of its size")
    samples = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("damaged or of an unknown kind")
    if samples.dtype not in (np.uint8, np.uint16, np.float32):
        raise ValueError(f"samples of type {samples.dtype}")
    samples = orientation.apply(np.atleast_3d(samples))
    if samples.shape[2] == 1:
        return np.repeat(samples, 3, axis=2), None
    pixels = np.ascontiguousarray(samples[..., 2::-1])
    return pixels, np.ascontiguousarray(samples[..., 3]) if samples.shape[2] == 4 else None


def _read_exr(path: Path) -> _Picture:
    with OpenEXR.File(str(path), header_only=True) as file:
        windows = [np.array(file.header()[name]).tolist() for name in ("dataWindow", "displayWindow")]
    ((left, top), (right, bottom)), ((x, y), (x_end, y_end)) = windows
    width, height = x_end - x + 1, y_end - y + 1
    refuse_large(path, width, height)
    refuse_large(path, right - left + 1, bottom - top + 1)
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = {name: np.array(channel.pixels, np.float32) for name, channel in file.channels().items()}
    names = ("R", "G", "B") if "R" in channels else ("Y", "Y", "Y")
    if not set(names) <= set(channels):
        raise ValueError(f"channels {', '.join(sorted(channels))}, where R, G, B or Y are needed")
    shown = np.zeros((height, width, 4), np.float32)
    # The data window may be smaller than the picture or reach beyond it.
    rows, columns = slice(max(top, y), min(bottom, y_end) + 1), slice(max(left, x), min(right, x_end) + 1)
    inside = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
    stored = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    for index, name in enumerate((*names, "A")):
        if name in channels:
            shown[(*inside, index)] = channels[name][stored]
    return np.ascontiguousarray(shown[..., :3]), np.ascontiguousarray(shown[..., 3]) if "A" in channels else None


def write_image(path: Path, pixels: NDArray[Any], alpha: NDArray[Any] | None = None, *, quality: int = 95) -> None:
    """Write a picture atomically, in the format that the suffix names.

    `.png` (8 or 16 bits), `.tif`/`.tiff` (8 or 16 bits, LZW), `.jpg`/`.jpeg` (8 bits, no alpha, chroma at full
    resolution) and `.exr` (half for integer pixels, float for float32 ones; ZIP). Floating-point pixels are linear
    and integer ones sRGB-encoded: where the file needs the other kind, the sRGB curve is applied.

    Args:
        path: where to.
        pixels: (H, W, 3) RGB, uint8, uint16 or float32.
        alpha: (H, W), same dtype; left out of JPEG.
        quality: of JPEG, 1 to 100.

    Raises:
        UnderstudyError: the suffix names no such format, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".exr":
        _write_exr(path, pixels, alpha)
        return
    if suffix not in (".png", ".tif", ".tiff", ".jpg", ".jpeg"):
        raise UnderstudyError(f"{path}: pictures are written as .png, .tif, .jpg or .exr: choose one of these suffixes")
    is_jpeg = suffix in (".jpg", ".jpeg")
    if pixels.dtype == np.float32:
        pixels = quantize(from_linear(pixels), np.uint8 if is_jpeg else np.uint16)
        alpha = None if alpha is None else quantize(alpha, np.uint16)
    elif is_jpeg and pixels.dtype == np.uint16:
        pixels = quantize(pixels.astype(np.float32) / 65535, np.uint8)
    samples = pixels[..., ::-1]
    if alpha is not None and not is_jpeg:
        samples = np.dstack([samples, alpha])
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    done, data = cv2.imencode(suffix, np.ascontiguousarray(samples), options if is_jpeg else [])
    if not done:
        raise UnderstudyError(f"{path}: a picture of {pixels.shape[1]}x{pixels.shape[0]} cannot be encoded as {suffix}")
    write_bytes(path, data.tobytes())


def quantize(unit: NDArray[Any], dtype: type[np.uint8] | type[np.uint16]) -> NDArray[Any]:
    """Values in 0..1, clipped, as integers of `dtype` with white at its largest; any shape."""
    whole: NDArray[Any] = np.rint(np.clip(unit, 0, 1) * np.float32(np.iinfo(dtype).max)).astype(dtype)
    return whole


def _write_exr(path: Path, pixels: NDArray[Any], alpha: NDArray[Any] | None) -> None:
    kind: type[np.floating[Any]] = np.float32
    if pixels.dtype != np.float32:
        white = np.float32(np.iinfo(pixels.dtype).max)
        pixels = to_linear(pixels.astype(np.float32) / white)
        alpha = None if alpha is None else alpha.astype(np.float32) / white
        kind = np.float16
    samples = pixels if alpha is None else np.dstack([pixels, alpha])
    channels = {"RGB" if alpha is None else "RGBA": np.ascontiguousarray(samples, kind)}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    try:
        with atomic_path(path) as temporary, OpenEXR.File(header, channels) as file:
            file.write(str(temporary))
    except RuntimeError as error:
        raise UnderstudyError(f"cannot write {path}: {error}") from error

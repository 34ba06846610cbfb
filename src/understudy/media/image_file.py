"""One picture in one file."""

from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from understudy.media.container import refuse_large
from understudy.media.exr import read_channels, rgb, write_channels
from understudy.media.frame import ColorTags
from understudy.media.linear import from_linear
from understudy.media.orientation import from_exif
from understudy.media.scene_light import exr_attributes, scene_linear
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError

_MOST_BYTES_PER_PIXEL = 32  # four channels of float64, uncompressed
_MOST_BESIDE_PIXELS = 256 << 20  # bytes of metadata and layers
_EXIF_ORIENTATION = 0x0112
Bits = Literal[8, 16, 32]
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
    channels = read_channels(path)
    names = ("R", "G", "B") if "R" in channels else ("Y", "Y", "Y")
    if not set(names) <= set(channels):
        raise ValueError(f"channels {', '.join(sorted(channels))}, where R, G, B or Y are needed")
    return np.dstack([channels[name] for name in names]), channels.get("A")


def write_image(
    path: Path,
    pixels: NDArray[Any],
    alpha: NDArray[Any] | None = None,
    *,
    quality: int = 95,
    bits: Bits | None = None,
    color: ColorTags | None = None,
) -> None:
    """Write a picture atomically, in the format that the suffix names.

    `.png` (8 or 16 bits), `.tif`/`.tiff` (8 or 16 bits, LZW), `.jpg`/`.jpeg` (8 bits, no alpha, chroma at full
    resolution) and `.exr` (half for integer pixels, float for float32 ones; ZIP). Floating-point pixels are linear
    and integer ones encoded, by the sRGB curve unless `color` says otherwise: where the file needs the other kind, that
    curve is applied.

    Args:
        path: where to.
        pixels: (H, W, 3) RGB, uint8, uint16 or float32.
        alpha: (H, W), same dtype, or float32; left out of JPEG.
        quality: of JPEG, 1 to 100.
        bits: a sample: 8 or 16 of PNG and TIFF, 16 or 32 of EXR; None: as many as `pixels` have.
        color: the pixels' colour tags.

    Raises:
        UnderstudyError: the suffix names no such format, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".exr":
        _write_exr(path, pixels, alpha, bits, color or ColorTags())
        return
    if suffix not in (".png", ".tif", ".tiff", ".jpg", ".jpeg"):
        raise UnderstudyError(f"{path}: pictures are written as .png, .tif, .jpg or .exr: choose one of these suffixes")
    is_jpeg = suffix in (".jpg", ".jpeg")
    whole = {None: np.uint8 if pixels.dtype == np.uint8 else np.uint16, 8: np.uint8, 16: np.uint16}[bits]
    kind: type[np.uint8] | type[np.uint16] = np.uint8 if is_jpeg else whole
    pixels = _in_kind(from_linear(pixels) if pixels.dtype == np.float32 else pixels, kind)
    samples = pixels[..., ::-1]
    if alpha is not None and not is_jpeg:
        samples = np.dstack([samples, _in_kind(alpha, kind)])
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


def _in_kind(samples: NDArray[Any], dtype: type[np.uint8] | type[np.uint16]) -> NDArray[Any]:
    return samples if samples.dtype == dtype else quantize(unit(samples), dtype)


def quantize(unit: NDArray[Any], dtype: type[np.uint8] | type[np.uint16]) -> NDArray[Any]:
    """Values in 0..1, clipped, as integers of `dtype` with white at its largest; any shape."""
    whole: NDArray[Any] = np.rint(np.clip(unit, 0, 1) * np.float32(np.iinfo(dtype).max)).astype(dtype)
    return whole


def _write_exr(
    path: Path, pixels: NDArray[Any], alpha: NDArray[Any] | None, bits: int | None, color: ColorTags
) -> None:
    half = pixels.dtype != np.float32 if bits is None else bits == 16
    opacity = {} if alpha is None else {"A": unit(alpha)}
    channels = {**rgb(scene_linear(pixels, color)), **opacity}
    write_channels(path, channels, half=half, attributes=exr_attributes(color))


def unit(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Integers as float32 with their largest value at 1, floats as they are; any shape."""
    if samples.dtype == np.float32:
        return samples
    return samples.astype(np.float32) / np.float32(np.iinfo(samples.dtype).max)

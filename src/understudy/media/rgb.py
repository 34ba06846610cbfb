"""A decoder's picture as RGB."""

from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from understudy.media.colorimetry import effective_matrix, is_full_range, is_gray, swscale_matrix
from understudy.media.frame import ColorTags

# Accurate rounding and chroma interpolated at every pixel: without them libswscale trades up to two levels for speed.
ACCURATE = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.BITEXACT
)
LIMITED, FULL = 1, 2  # AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG
_STUDIO_WHITE = 65283  # what libswscale makes of white in studio range, at 16 bits


def color_tags(native: av.VideoFrame) -> ColorTags:
    """Colour tags of a decoded picture."""
    full = True if native.format.name.startswith("yuvj") else {LIMITED: False, FULL: True}.get(native.color_range)
    return ColorTags(native.color_primaries, native.color_trc, native.colorspace, full)


def bit_depth(format_name: str) -> int:
    """Bits a sample of an FFmpeg pixel format: 8 to 16, or 32 for floating point."""
    if "f16" in format_name or "f32" in format_name:
        return 32
    return max(8, *(component.bits for component in av.VideoFormat(format_name).components), 0)


def has_alpha(format_name: str) -> bool:
    """Whether an FFmpeg pixel format carries alpha."""
    return any(component.is_alpha for component in av.VideoFormat(format_name).components)


def plane_view(picture: av.VideoFrame, plane: int, dtype: str) -> NDArray[Any]:
    """A writable view (h, w) of one plane that holds one sample per site, without the padding at the ends of rows."""
    buffer = picture.planes[plane]
    row = abs(buffer.line_size) // np.dtype(dtype).itemsize
    samples: NDArray[Any] = np.frombuffer(buffer, dtype).reshape(buffer.height, row)[:, : buffer.width]  # type: ignore[call-overload]
    return samples[::-1] if buffer.line_size < 0 else samples


class RgbReader:
    """Converts decoded pictures of one stream; keeps libswscale's tables between them. For one thread at a time."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def read(self, native: av.VideoFrame) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Pixels (H, W, 3) and alpha (H, W) or None, as stored (not turned upright).

        uint8 for 8-bit formats, uint16 on the full 0..65535 scale for deeper ones, float32 for floating point.
        """
        name = native.format.name
        tags = color_tags(native)
        depth = bit_depth(name)
        if name.startswith("gray") and depth <= 16:
            return _read_gray(native, depth, full_range=is_full_range(tags, name)), None
        alpha = has_alpha(name)
        target = {8: ("rgb24", "rgba"), 32: ("gbrpf32le", "gbrapf32le")}.get(depth, ("rgb48le", "rgba64le"))[alpha]
        matrix = swscale_matrix(effective_matrix(tags, native.height))
        full_range = is_full_range(tags, name)
        samples: NDArray[Any] = self._reformatter.reformat(
            native,
            format=target,
            interpolation=ACCURATE,
            src_colorspace=matrix,
            src_color_range=FULL if full_range else LIMITED,
            dst_color_range=FULL,
        ).to_ndarray()
        pixels = np.ascontiguousarray(samples[..., :3])
        opacity = np.ascontiguousarray(samples[..., 3]) if alpha else None
        if 8 < depth <= 16 and not native.format.is_rgb and not is_gray(name):
            # libswscale shifts deep YCbCr up instead of scaling it, so that its white falls short of 65535.
            full_white = (2**depth - 1) << (16 - depth)
            pixels = _brightened(pixels, 65535 / (full_white if full_range else _STUDIO_WHITE))
            opacity = None if opacity is None else _brightened(opacity, 65535 / full_white)
        return pixels, opacity


def _brightened(samples: NDArray[Any], gain: float) -> NDArray[Any]:
    # One flat row: OpenCV takes a scalar for four channels' worth and is several times slower on three.
    return np.asarray(cv2.multiply(samples.reshape(1, -1), gain)).reshape(samples.shape)  # type: ignore[call-overload]


def _read_gray(native: av.VideoFrame, depth: int, *, full_range: bool) -> NDArray[Any]:
    """Grey as RGB. libswscale takes every grey format for full range, whatever the file says."""
    big_endian = native.format.is_big_endian
    luma = plane_view(native, 0, "u1" if depth == 8 else ">u2" if big_endian else "<u2")
    white = 255 if depth == 8 else 65535
    low, high = (0, 2**depth - 1) if full_range else (16 << (depth - 8), 235 << (depth - 8))
    scaled = np.clip((luma.astype(np.float32) - low) * (white / (high - low)), 0, white)
    gray = np.rint(scaled).astype(np.uint8 if depth == 8 else np.uint16)
    return np.repeat(gray[..., None], 3, axis=2)

"""RGB into a codec's own planes, touching no more samples than must change."""

from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from understudy.media.colorimetry import is_full_range, luma_weights, swscale_matrix
from understudy.media.linear import from_linear
from understudy.media.rgb import ACCURATE, FULL, LIMITED, bit_depth, color_tags, has_alpha, plane_view

# Formats with one plane for several components: where red, green, blue and alpha are in it.
_PACKED = {"bgr0": (2, 1, 0), "bgra": (2, 1, 0, 3)}
_GRID = 4  # pixels; the coarsest chroma of any format

Siting = tuple[bool, bool]  # chroma samples sit on even columns, on even rows; else midway between two
LEFT: Siting = (True, False)
CENTRE: Siting = (False, False)


def is_writable(format_name: str) -> bool:
    """Whether `PlaneWriter` can fill pictures of an FFmpeg pixel format."""
    if format_name in _PACKED:
        return True
    pixel_format = av.VideoFormat(format_name)
    components = pixel_format.components
    own_planes = len({component.plane for component in components}) == len(components)
    whole_samples = all(8 <= component.bits <= 16 for component in components) and "f16" not in format_name
    return own_planes and whole_samples and not pixel_format.is_big_endian and not pixel_format.has_palette


def plain_name(format_name: str) -> str:
    """The format's name without the mark of full range (`yuvj420p`), which the colour tags carry as well."""
    return format_name.replace("yuvj", "yuv")


def _opaque_name(format_name: str) -> str:
    """The name of the format with the same colours and no alpha."""
    return {"bgra": "bgr0"}.get(format_name, format_name.replace("yuva", "yuv").replace("gbrap", "gbrp"))


@dataclass(frozen=True, eq=False)
class LumaPlane:
    """The luma samples of a picture.

    Attributes:
        samples: (H, W) uint8 or uint16, writable.
        black, white: their values of black and white.
        peak: the largest value that they can have.
    """

    samples: NDArray[Any]
    black: int
    white: int
    peak: int


class PlaneWriter:
    """Makes pictures of one format and size. For one thread at a time."""

    def __init__(
        self, format_name: str, width: int, height: int, *, matrix: int, full_range: bool, siting: Siting
    ) -> None:
        """Prepare for pictures of `format_name`, for which `is_writable` holds.

        Args:
            format_name: FFmpeg's name.
            width, height: pixels.
            matrix: code point as `colorimetry.effective_matrix` returns it; without effect on RGB.
            full_range: samples use their whole range.
            siting: of chroma in pictures made without a native one; a native one's is found out.
        """
        self._name = format_name
        self._size = width, height
        self._full_range = full_range
        self._siting = siting
        self._matrix = matrix
        self._reformatter = VideoReformatter()
        self._native_siting: Siting | None = None
        self._format = av.VideoFormat(format_name, 8, 8)
        self._depth = bit_depth(format_name)
        red, blue = luma_weights(matrix)
        green = 1 - red - blue
        self._ycbcr = np.array(  # (3, 3) RGB 0..1 to Y 0..1 and Cb, Cr -0.5..0.5 (ITU-T H.273, 8.3)
            [
                [red, green, blue],
                [-red / (2 - 2 * blue), -green / (2 - 2 * blue), 0.5],
                [0.5, -green / (2 - 2 * red), -blue / (2 - 2 * red)],
            ],
            np.float32,
        )

    def picture(
        self,
        pixels: NDArray[Any],
        alpha: NDArray[Any] | None,
        native: av.VideoFrame | None,
        changed: NDArray[np.bool_] | None,
        *,
        matte: NDArray[np.float32] | None = None,
    ) -> av.VideoFrame:
        """A new picture of `pixels` (H, W, 3) and `alpha` (H, W), as `Frame` has them; no alpha means opaque.

        Where `native` has this writer's format but for alpha, size and range, only the samples whose site covers a
        pixel of `changed` (H, W) are computed; all others, and alpha if it has any, are `native`'s own. `changed=None`
        means every pixel. `matte` (H, W), 0..1, takes the place of any alpha.
        """
        out = av.VideoFrame(*self._size, self._name)
        views = self._views(out)
        opacity = views.pop() if has_alpha(self._name) else None
        if native is None or not self._fits(native):
            self._fill(views, pixels, None, self._siting)
        else:
            own = self._views(native)
            for view, samples in zip(views, own, strict=False):  # `own` may have alpha beyond the colours
                np.copyto(view, samples)
            if changed is None or changed.any():
                if self._native_siting is None:
                    self._native_siting = self._siting_of(native)
                self._fill(views, pixels, changed, self._native_siting)
            if opacity is not None and matte is None and len(own) > len(views):
                np.copyto(opacity, own[-1])
                return out
        if opacity is not None:
            given = matte if matte is not None else alpha
            unit = np.ones(pixels.shape[:2], np.float32) if given is None else _unit(given, is_light=False)
            opacity[...] = np.rint(unit * (2**self._depth - 1))
        return out

    def luma(self, picture: av.VideoFrame) -> "LumaPlane":
        """The luma of a picture that this writer made, to be changed in place; its format is not RGB."""
        eighth_bit = 1 << (self._depth - 8)
        peak = 2**self._depth - 1
        black, white = (0, peak) if self._full_range else (16 * eighth_bit, 235 * eighth_bit)
        return LumaPlane(self._views(picture)[0], black, white, peak)

    def _fits(self, native: av.VideoFrame) -> bool:
        name = plain_name(native.format.name)
        same = _opaque_name(name) == _opaque_name(self._name) and (native.width, native.height) == self._size
        return same and is_full_range(color_tags(native), name) == self._full_range

    def _views(self, picture: av.VideoFrame) -> list[NDArray[Any]]:
        """Writable views (h, w) of the samples of each component: R, G, B or Y, Cb, Cr, then alpha.

        The picture's format is this writer's but for alpha, which it may have or not.
        """
        name = picture.format.name
        if name in _PACKED:
            packed = np.frombuffer(picture.planes[0], np.uint8).reshape(picture.height, -1, 4)  # type: ignore[call-overload]
            return [packed[:, : picture.width, position] for position in _PACKED[name]]
        dtype = "u1" if self._depth == 8 else "<u2"
        return [plane_view(picture, component.plane, dtype) for component in picture.format.components]

    def _fill(
        self, views: list[NDArray[Any]], pixels: NDArray[Any], changed: NDArray[np.bool_] | None, siting: Siting
    ) -> None:
        """Write the colour of `pixels` into `views`, where `changed`."""
        for rows, columns in _areas(changed, pixels.shape[:2]):
            for number, values in enumerate(self._components(pixels[rows, columns], siting)):
                step_y, step_x = self._steps(number)
                view = views[number][rows.start // step_y :, columns.start // step_x :]
                view = view[: values.shape[0], : values.shape[1]]
                if changed is None:
                    view[...] = values
                else:
                    covered = _pad(changed[rows, columns], step_y, step_x, mode="constant")
                    np.copyto(view, values, where=_blocks(covered, step_y, step_x).any(axis=(1, 3)), casting="unsafe")

    def _components(self, pixels: NDArray[Any], siting: Siting) -> list[NDArray[np.float32]]:
        """Whole-numbered samples of each colour component, chroma at its own size."""
        unit = _unit(pixels)
        white = 2**self._depth - 1
        if self._format.is_rgb:
            return [np.rint(unit[..., channel] * np.float32(white)) for channel in range(3)]
        eighth_bit = 1 << (self._depth - 8)
        luma, chroma, black = (
            (white, white, 0) if self._full_range else (219 * eighth_bit, 224 * eighth_bit, 16 * eighth_bit)
        )
        ycbcr: NDArray[np.float32] = np.asarray(cv2.transform(unit, self._ycbcr), np.float32)
        samples = [np.rint(ycbcr[..., 0] * np.float32(luma) + np.float32(black))]
        if len(self._format.components) > 2:
            for number in (1, 2):
                small = _decimate(ycbcr[..., number], self._steps(number), siting)
                samples.append(np.clip(np.rint(small * np.float32(chroma) + np.float32(128 * eighth_bit)), 0, white))
        return samples

    def _steps(self, number: int) -> tuple[int, int]:
        """Rows and columns of pixels to one sample of component `number`."""
        component = self._format.components[number]
        return 8 // component.height, 8 // component.width

    def _siting_of(self, native: av.VideoFrame) -> Siting:
        """Where the stream's chroma samples sit.

        PyAV does not show `AVFrame.chroma_location`, but libswscale heeds it: of a colour ramp that it converts under
        the stream's own description, the siting that explains the outcome best is the stream's.
        """
        if self._format.is_rgb or len(self._format.components) < 3 or max(self._steps(1)) == 1:
            return CENTRE
        ramps = np.zeros((32, 32, 3), np.uint8)
        ramps[..., 0], ramps[..., 2] = 8 * np.arange(32), 8 * np.arange(32)[:, None]
        carrier = self._reformatter.reformat(native, width=32, height=32, format="rgb24")
        packed = np.frombuffer(carrier.planes[0], np.uint8).reshape(32, -1)  # type: ignore[call-overload]
        packed[:, :96] = ramps.reshape(32, 96)
        converted = self._reformatter.reformat(
            carrier,
            format=self._name,
            dst_colorspace=swscale_matrix(self._matrix),
            src_color_range=FULL,
            dst_color_range=FULL if self._full_range else LIMITED,
            interpolation=ACCURATE,
        )
        inner = slice(2, -2)
        found = [view[inner, inner].astype(np.float32) for view in self._views(converted)[:3]]

        def misfit(siting: Siting) -> float:
            expected = self._components(ramps, siting)
            return sum(float(np.abs(a[inner, inner] - b).sum()) for a, b in zip(expected, found, strict=True))

        return min(((x, y) for x in (True, False) for y in (True, False)), key=misfit)


def _unit(values: NDArray[Any], *, is_light: bool = True) -> NDArray[np.float32]:
    """Values as float32 with white at 1; scene-linear light is encoded with the sRGB curve."""
    if values.dtype == np.float32:
        return from_linear(values) if is_light else np.clip(values, 0, 1)
    return values.astype(np.float32) * np.float32(1 / np.iinfo(values.dtype).max)


def _areas(changed: NDArray[np.bool_] | None, shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Rows and columns that together hold every changed pixel and what its chroma samples are made of.

    They lie on the chroma grid. What is far above or below another, as a label and a face are, has an area of its own.
    """
    if changed is None:
        return [(slice(0, shape[0]), slice(0, shape[1]))]
    places = np.flatnonzero(changed.any(axis=1))
    bands = np.split(places, np.flatnonzero(np.diff(places) > 4 * _GRID) + 1)
    rows = [_span(band, shape[0]) for band in bands]
    return [(span, _span(np.flatnonzero(changed[span].any(axis=0)), shape[1])) for span in rows]


def _span(places: NDArray[np.intp], size: int) -> slice:
    """From the first to the last of `places`, and one step of the chroma grid around them."""
    start, stop = int(places[0]), int(places[-1]) + 1
    return slice(max(0, (start // _GRID - 1) * _GRID), min(size, (-(-stop // _GRID) + 1) * _GRID))


def _pad(samples: NDArray[Any], step_y: int, step_x: int, *, mode: str) -> NDArray[Any]:
    """`samples` (h, w) grown at the bottom and right to whole blocks."""
    growth = (-samples.shape[0] % step_y, -samples.shape[1] % step_x)
    return np.pad(samples, ((0, growth[0]), (0, growth[1])), mode=mode) if any(growth) else samples  # type: ignore[call-overload]


def _blocks(samples: NDArray[Any], step_y: int, step_x: int) -> NDArray[Any]:
    """(h / step_y, step_y, w / step_x, step_x) blocks of `samples` (h, w)."""
    height, width = samples.shape
    return samples.reshape(height // step_y, step_y, width // step_x, step_x)


def _decimate(samples: NDArray[np.float32], steps: tuple[int, int], siting: Siting) -> NDArray[np.float32]:
    """Chroma (h, w) at one sample to `steps` rows and columns, each a mean of the pixels about its site."""
    samples = _pad(samples, *steps, mode="edge")
    for axis, (step, cosited) in enumerate(zip(steps, reversed(siting), strict=True)):
        for _ in range(step.bit_length() - 1):
            samples = _halve(samples, axis, cosited=cosited)
    return samples


def _halve(samples: NDArray[np.float32], axis: int, *, cosited: bool) -> NDArray[np.float32]:
    """Every two samples along `axis` as one: their mean, or where the result is sited on the first, 1-2-1."""
    if axis == 1:
        return _halve(samples.T, 0, cosited=cosited).T
    even, odd = samples[0::2], samples[1::2]
    if not cosited:
        return np.float32(0.5) * (even + odd)
    before = np.concatenate([even[:1], odd[:-1]])
    return np.float32(0.25) * (before + odd) + np.float32(0.5) * even

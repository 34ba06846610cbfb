"""Small clips made on the spot."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from understudy.media.colorimetry import effective_matrix, is_full_range
from understudy.media.frame import ColorTags
from understudy.media.planes import LEFT, PlaneWriter, is_writable
from understudy.media.rgb import has_alpha

_UNTAGGED = ColorTags()
_ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,16\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def picture(index: int, width: int = 64, height: int = 48) -> np.ndarray:
    """(H, W, 3) uint16: a smooth colour ramp that moves with `index`, and a bright bar at the left top for bearings."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    phase = 0.2 * index
    ramps = [
        0.5 + 0.3 * np.sin(x / 9 + phase),
        0.5 + 0.3 * np.cos(y / 7 - phase),
        0.3 + 0.4 * (x + y) / (width + height),
    ]
    rgb = np.stack(ramps, axis=2)
    rgb[: height // 4, : width // 3] = (0.9, 0.9, 0.6)
    return np.rint(rgb * 65535).astype(np.uint16)


@pytest.fixture(scope="session")
def make_picture() -> Callable[..., np.ndarray]:
    return picture


@pytest.fixture(scope="session")
def make_video() -> Callable[..., Path]:
    """A function that writes a clip of moving ramps with PyAV and returns its path."""

    def make(
        path: Path,
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        *,
        count: int = 30,
        size: tuple[int, int] = (64, 48),
        pts: Sequence[int] | None = None,
        time_base: Fraction = Fraction(1, 25),
        rate: int | Fraction = 25,
        tags: ColorTags = _UNTAGGED,
        options: dict[str, str] | None = None,
        rotation: tuple[float, bool] | None = None,
        sound: str | None = None,
        subtitles: str | None = None,
        title: str | None = None,
        chapters: Sequence[tuple[str, int, int]] = (),
        aspect: Fraction | None = None,
        container_options: dict[str, str] | None = None,
    ) -> Path:
        width, height = size
        with av.open(str(path), "w", options=container_options or {}) as output:
            video: Any = output.add_stream(
                codec,
                rate=rate,
                options=options or {},
                width=width,
                height=height,
                pix_fmt=pixel_format,
                time_base=time_base,
            )
            context = video.codec_context
            context.color_primaries, context.color_trc, context.colorspace = tags.primaries, tags.transfer, tags.matrix
            context.color_range = {None: 0, False: 1, True: 2}[tags.full_range]
            if aspect is not None:
                context.sample_aspect_ratio = aspect
            if rotation is not None:
                video.set_display_rotation(rotation[0], hflip=rotation[1])
            audio: Any = output.add_stream(sound, rate=48000, layout="stereo") if sound else None
            text: Any = output.add_stream(subtitles) if subtitles else None
            if text:
                text.codec_context.subtitle_header = _ASS_HEADER
            if title:
                output.metadata["title"] = title
            output.set_chapters(
                [
                    {"id": n, "start": a, "end": b, "time_base": Fraction(1, 1000), "metadata": {"title": name}}
                    for n, (name, a, b) in enumerate(chapters)
                ]
            )
            times = list(range(count)) if pts is None else list(pts)
            if text:
                _write_subtitles(output, text)
            if audio:
                _write_sound(output, audio, float(times[-1] * time_base) + 1 / 25)
            planes = is_writable(pixel_format) and PlaneWriter(
                pixel_format,
                width,
                height,
                matrix=effective_matrix(tags, height),
                full_range=is_full_range(tags, pixel_format),
                siting=LEFT,
            )
            for index, shown in enumerate(times):
                rgb = picture(index, width, height)
                if planes:
                    alpha = rgb[..., 0].copy() if has_alpha(pixel_format) else None
                    frame = planes.picture(rgb, alpha, None, None)
                else:  # another order of red, green and blue
                    frame = av.VideoFrame.from_ndarray((rgb >> 8).astype(np.uint8)).reformat(format=pixel_format)
                frame.color_primaries, frame.color_trc, frame.colorspace = tags.primaries, tags.transfer, tags.matrix
                frame.pts, frame.time_base = shown, time_base
                output.mux(video.encode(frame))
            output.mux(video.encode(None))
        return path

    return make


def _write_sound(output: Any, stream: Any, seconds: float) -> None:
    time = np.arange(int(seconds * 48000)) / 48000
    wave = np.stack([np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 660 * time)]).astype(np.float32) / 2
    for start in range(0, wave.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[:, start : start + 1024]), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def _write_subtitles(output: Any, stream: Any) -> None:
    for number in (0, 1):
        line = av.subtitles.subtitle.SubtitleSet.create(
            text=f"{number},0,Default,,0,0,0,,Line {number}".encode(), start=0, end=400
        )
        packet = stream.codec_context.encode_subtitle(line)
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts = packet.dts = 500 * number
        packet.duration = 400
        output.mux(packet)

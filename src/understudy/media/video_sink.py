"""Video files as destinations of frames."""

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.codec.context import Flags, ThreadType
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray

from understudy.media.colorimetry import UNSPECIFIED, effective_matrix, is_full_range
from understudy.media.companions import Companions
from understudy.media.encode import EncodeSettings
from understudy.media.encode_plan import EncodePlan, plan_encoding
from understudy.media.frame import ColorTags, Frame
from understudy.media.hdr_track import HDR_SUFFIXES, add_hdr_stream
from understudy.media.info import SourceInfo
from understudy.media.matte import Matte
from understudy.media.planes import CENTRE, LEFT, LumaPlane, PlaneWriter
from understudy.media.relay import Behind
from understudy.media.rgb import FULL, LIMITED
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError

_BEHIND = 4  # frames that may wait for the encoder
_REFUSALS = (errno.EINVAL, errno.ENOSYS)


class VideoSink:
    """Encodes frames into one video file, which appears when the sink is closed and not before.

    Attributes:
        notes: one line for each choice and for each thing in which the output differs from the source.
    """

    def __init__(
        self,
        path: Path,
        *,
        info: SourceInfo,
        settings: EncodeSettings,
        alpha: bool = False,
        retouch: Callable[[LumaPlane], None] | None = None,
    ) -> None:
        """Begin to write `path` with frames like those of the source that `info` describes.

        Args:
            alpha: `write` is given mattes, and the file has them for its alpha.
            retouch: may change the luma of every picture before it is encoded; the format must not be RGB.

        Raises:
            UnderstudyError: the container cannot hold the codec, the timing or alpha, or the file cannot be written.
        """
        plan = plan_encoding(path, info, settings, alpha=alpha)
        if path.suffix.lower() == ".avi" and info.variable_rate:
            raise UnderstudyError(f"{path}: .avi cannot hold a variable frame rate: name the file .mp4, .mov or .mkv")
        self.path = path
        self.notes = list(plan.notes)
        self._retouch = retouch
        self._info = info
        self._plan = plan
        self._time_base = time_base_of(path, info)
        self._tags = _output_tags(plan, info)
        self._planes = PlaneWriter(
            plan.pixel_format,
            info.width,
            info.height,
            matrix=effective_matrix(self._tags, info.height),
            full_range=is_full_range(self._tags, plan.pixel_format),
            siting=CENTRE if plan.codec == "ffv1" else LEFT,  # as decoders take it, which ffv1 cannot tell
        )
        self._closed = False
        self._count = 0
        self._last_pts = 0
        self._durations: dict[int, int] = {}  # of pictures in the encoder, by pts: some encoders forget it
        self._end = Fraction(0)
        self._complete = False
        self._worker = Behind(workers=1, depth=_BEHIND)
        self._undo = ExitStack()  # left without an error it puts the file in place, left with one it removes it
        try:
            with self._explained():
                temporary = self._undo.enter_context(atomic_path(path))
                self._output = self._undo.enter_context(av.open(f"file:{temporary}", "w"))
                self._stream, self._encoder = self._add_stream(plan)
                clips = info.clips if settings.copy_streams else ()
                self._companions = self._undo.enter_context(
                    closing(Companions(self._output, path.suffix.lower(), clips))
                )
                with self._taken():
                    self._output.start_encoding()
        except BaseException:
            self.abort()
            raise
        self.notes += self._companions.notes

    def write(
        self, frame: Frame, pixels: NDArray[Any], changed: NDArray[np.bool_] | None, matte: Matte | None = None
    ) -> None:
        """Add `frame` with `pixels` (H, W, 3), in the dtype of `frame.pixels`, for its own; encoded in the background.

        Where the file's format is the frame's own, samples that cover no pixel of `changed` (H, W) are the decoder's,
        untouched; None means that every pixel may have changed. A file with alpha takes that of `matte`, else the
        frame's. The arrays must not be written to afterwards.

        Raises:
            UnderstudyError: an earlier frame could not be written (the disk is full); the sink is aborted.
            ValueError: the size is not the source's, or the frame is not shown after the one before it.
        """
        if pixels.shape != (self._info.height, self._info.width, 3):
            raise ValueError(f"pixels of shape {pixels.shape} for {self._info.width}x{self._info.height} pictures")
        pts = round(frame.time / self._time_base)
        if self._count and pts <= self._last_pts:
            raise ValueError(f"frame {frame.index} is not shown after the one written before it")
        self._count, self._last_pts = self._count + 1, pts
        self._end = frame.time + (frame.duration or 1 / self._info.rate)
        self._complete = frame.index == self._info.frame_count - 1
        try:
            self._worker.submit(partial(self._encode, frame, pts, pixels, changed, matte))
        except BaseException:
            self.abort()
            raise

    def close(self) -> None:
        """Finish the file and put it in place. After `abort` or a first `close` it does nothing.

        Raises:
            UnderstudyError: no frame was written, or the file cannot be written.
        """
        if self._closed:
            return
        try:
            self._worker.finish()
            if not self._count:
                raise UnderstudyError(f"{self.path}: no frame was written")
            with self._explained():
                self._mux(self._last_packets())
                self._companions.advance(None if self._complete else self._end)
                self._closed = True
                self._undo.close()
        except BaseException:
            self.abort()
            raise

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""
        self._worker.cancel()
        with suppress(FFmpegError, OSError, UnderstudyError):
            self._undo.__exit__(_Aborted, _Aborted(), None)
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _add_stream(self, plan: EncodePlan) -> tuple[VideoStream, VideoCodecContext]:
        """The output's video stream, and the encoder whose packets it takes."""
        info, suffix = self._info, self.path.suffix.lower()
        if info.hdr is None or not info.hdr.is_static or suffix not in HDR_SUFFIXES:
            stream: VideoStream = self._output.add_stream(plan.encoder, rate=info.rate)  # type: ignore[assignment]
            stream.time_base = self._time_base
            self._instruct(stream.codec_context, plan)
            return stream, stream.codec_context
        encoder: VideoCodecContext = av.CodecContext.create(plan.encoder, "w")  # type: ignore[assignment]
        encoder.flags |= Flags.global_header  # as all of these containers have it
        self._instruct(encoder, plan)
        encoder.open()
        stream = add_hdr_stream(self._output, plan.codec, info.width, info.height, info.hdr)
        stream.time_base = self._time_base
        self._describe(stream.codec_context, plan)
        stream.codec_context.extradata = encoder.extradata
        if encoder.codec_tag.strip("\0"):
            stream.codec_context.codec_tag = encoder.codec_tag
        return stream, encoder

    def _instruct(self, encoder: VideoCodecContext, plan: EncodePlan) -> None:
        self._describe(encoder, plan)
        encoder.options.update(plan.options)
        encoder.time_base = self._time_base
        if plan.bit_rate is not None:
            encoder.bit_rate = plan.bit_rate
        encoder.thread_type = ThreadType.AUTO
        encoder.thread_count = 0
        encoder.flags |= Flags.frame_duration

    def _describe(self, context: VideoCodecContext, plan: EncodePlan) -> None:
        """Tell an encoder, or what stands for it in the container, what pictures there will be."""
        info = self._info
        context.width, context.height, context.pix_fmt = info.width, info.height, plan.encoder_format
        context.framerate = info.rate
        context.color_primaries = self._tags.primaries
        context.color_trc = self._tags.transfer
        context.colorspace = self._tags.matrix
        context.color_range = self._range()
        if info.sample_aspect_ratio != 1:
            context.sample_aspect_ratio = info.sample_aspect_ratio
        if plan.codec == "h265" and self.path.suffix.lower() != ".mkv":
            context.codec_tag = "hvc1"  # the tag that Apple's players insist on

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            packet.stream = self._stream
            packet.duration = self._durations.pop(packet.pts, packet.duration)
        self._output.mux(packets)

    def _last_packets(self) -> list[Any]:
        packets = self._encoder.encode(None)
        if self._count <= 2:  # too few to be reordered, and libx265 leaves their decoding times to chance
            for packet in packets:
                packet.dts = packet.pts
        return packets

    def _range(self) -> int:
        return {None: 0, False: LIMITED, True: FULL}[self._tags.full_range]

    def _encode(
        self,
        frame: Frame,
        pts: int,
        pixels: NDArray[Any],
        changed: NDArray[np.bool_] | None,
        matte: Matte | None,
    ) -> None:
        with self._explained():
            self._companions.advance(frame.time)
            opacity = None if matte is None else matte.alpha
            picture = self._planes.picture(pixels, frame.alpha, frame.native, changed, matte=opacity)
            if self._retouch is not None:
                self._retouch(self._planes.luma(picture))
            picture.pts, picture.time_base = pts, self._time_base
            picture.duration = round((frame.duration or 1 / self._info.rate) / self._time_base)
            self._durations[pts] = picture.duration
            picture.color_primaries, picture.color_trc = self._tags.primaries, self._tags.transfer
            picture.colorspace, picture.color_range = self._tags.matrix, self._range()
            with self._taken():
                packets = self._encoder.encode(picture)
            self._mux(packets)

    @contextmanager
    def _taken(self) -> Iterator[None]:
        """An encoder's refusal of such pictures as one line for the user."""
        try:
            yield
        except FFmpegError as error:
            if error.errno not in _REFUSALS:
                raise
            what = f"{self._info.width}x{self._info.height} pictures as {self._plan.pixel_format}"
            raise UnderstudyError(
                f"cannot write {self.path}: {self._plan.encoder} takes no {what}: choose another --codec or --chroma"
            ) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Faults of the encoder and the disk as one line for the user."""
        try:
            yield
        except (FFmpegError, OSError) as error:
            raise UnderstudyError(f"cannot write {self.path}: {error.strerror or error}") from error


class _Aborted(Exception):  # noqa: N818  # no error: it tells the contexts to undo
    """The sink was given up."""


def time_base_of(path: Path, info: SourceInfo) -> Fraction:
    if path.suffix.lower() == ".avi":
        return 1 / info.rate
    return info.time_base if info.time_base.denominator < 2**31 else Fraction(1, 1_000_000)


def _output_tags(plan: EncodePlan, info: SourceInfo) -> ColorTags:
    """The source's colour tags; made explicit where RGB becomes YCbCr and the tags cannot be the source's.

    Grey without a tag has its full range, and H.264 decoders make YCbCr of it, which without one has not.
    """
    if plan.pixel_format.startswith("gray") and plan.codec != "ffv1" and info.color.full_range is None:
        return replace(info.color, full_range=True)
    from_rgb = info.pixel_format is None or av.VideoFormat(info.pixel_format).is_rgb
    if not from_rgb or not plan.pixel_format.startswith("yuv"):
        return info.color
    primaries, transfer = info.color.primaries, info.color.transfer
    return ColorTags(
        primaries=1 if primaries == UNSPECIFIED else primaries,
        transfer=13 if transfer == UNSPECIFIED else transfer,  # sRGB
        matrix=effective_matrix(ColorTags(), info.height),
        full_range=False,
    )

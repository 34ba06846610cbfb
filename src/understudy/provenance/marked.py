"""The door: whatever is written through it is watermarked, labelled and signed before it appears under its name."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from understudy.media import EncodeSettings, FrameSink, FrameSource, Matte, MatteUse, open_sink, write_image
from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.encode_plan import plan_encoding
from understudy.media.frame import ColorTags, Frame
from understudy.media.image_sink import bits_of_pictures
from understudy.media.info import SourceInfo
from understudy.media.joining import FinishedPart, join_folders, join_videos
from understudy.media.matte import straight
from understudy.media.scene_light import scene_linear
from understudy.media.sink import refuse_suffix
from understudy.project.errors import UnderstudyError
from understudy.provenance.credentials import Credentials, embeds
from understudy.provenance.keys import SigningSettings
from understudy.provenance.label import LabelSettings, draw_label
from understudy.provenance.origin import Origin
from understudy.provenance.sidecar import sidecar_path
from understudy.provenance.unsigned import clear, finish, named, unsigned_path
from understudy.provenance.watermark import Payload, embedder, payload_of

Watermarked = Literal["luma", "pixels", "changed"]
Light = Literal["display", "linear"]
"""The light in which an output with alpha is laid over the footage."""


def open_marked(
    path: Path,
    *,
    like: FrameSource,
    encode: EncodeSettings,
    label: LabelSettings,
    signing: SigningSettings,
    origin: Origin,
    mattes: MatteUse | None = None,
) -> "MarkedWriter":
    """Open a video file, or a folder of pictures, for swapped frames.

    Everything that can be wrong with the clips, the key, the certificate and the label is found here, before the
    work begins.

    Args:
        path: the result; it appears when the writer is closed, complete and signed, and not before.
        like: the footage whose rate, timing, colour and sound the result takes over.
        encode: how to encode it.
        label: the visible label.
        signing: whose certificate signs.
        origin: consent record, clips and model.
        mattes: each frame comes with a `Matte`. "alpha": the file has it for its alpha, and its colours are straight:
            laid over the footage they give the marked frame. "layers": it becomes a layer of an EXR.

    Raises:
        UnderstudyError: a clip cannot be read, the key cannot sign, the label cannot be drawn, the format has no place
            for mattes, or `path` cannot be written.
    """
    _refuse_unlike(path)
    marking = Marking(path, like=like, encode=encode, label=label, signing=signing, origin=origin, mattes=mattes)
    return marking.open(path)


class Marking:
    """How one result is watermarked, labelled and signed, be it written at once or in parts.

    Args: as `open_marked`.

    Attributes:
        notes: clips whose own credentials are lost, one line each.

    Raises:
        UnderstudyError: as `open_marked`.
    """

    def __init__(
        self,
        path: Path,
        *,
        like: FrameSource,
        encode: EncodeSettings,
        label: LabelSettings,
        signing: SigningSettings,
        origin: Origin,
        mattes: MatteUse | None = None,
    ) -> None:
        if any(path.resolve() == clip.resolve() for clip in (*origin.src_clips, *origin.dst_clips)):
            raise UnderstudyError(f"{path} is a clip of the project itself: name another file for the result")
        refuse_suffix(path, encode)
        _refuse_shared_sidecar(path)
        is_exr = path.suffix.lower() not in VIDEO_SUFFIXES and encode.image_format == "exr"
        self._label = _for_compositors(label) if is_exr else label
        _, drawn = draw_label(np.zeros((like.info.height, like.info.width, 3), np.uint8), self._label)
        self._credentials = Credentials(origin, signing, label=self._label.shown if drawn.any() else None)
        self._payload = payload_of(origin.project_id)
        self._where = _watermarked(path, like.info, encode, mattes)
        self._like, self._encode, self._mattes = like, encode, mattes
        self._straighten: Light | None = None
        if mattes == "alpha":
            self._straighten = "linear" if is_exr else "display"
        self.notes = self._credentials.notes

    def open(self, path: Path, *, is_part: bool = False) -> "MarkedWriter":
        """Open the result, or a part of it, which has a clock of its own and no sound.

        Raises:
            UnderstudyError: `path` cannot be written.
        """
        info, encode = self._like.info, self._encode
        if is_part:
            encode = encode.model_copy(update={"copy_streams": False})
        unsigned = unsigned_path(path)
        try:
            with named(unsigned, path):
                retouch = embedder(self._payload, info.height, info.width).mark_luma if self._where == "luma" else None
                sink = open_sink(unsigned, like=self._like, settings=encode, mattes=self._mattes, retouch=retouch)
        except BaseException:
            clear(path)
            raise
        return MarkedWriter(
            path,
            unsigned,
            sink,
            self._credentials,
            self._label,
            self._payload,
            where=self._where,
            duration=float(info.duration),
            straighten=self._straighten,
            is_part=is_part,
        )

    def join(self, path: Path, parts: Sequence[FinishedPart]) -> list[str]:
        """Make one file, or folder of pictures, of parts that this wrote; it appears signed, and not before.

        Returns:
            One line for each thing that could not be kept of the footage.

        Raises:
            UnderstudyError: a part cannot be read, or its pictures are not those that were written; or `path` cannot
                be written or signed.
        """
        unsigned = unsigned_path(path)
        notes: list[str] = []
        try:
            with named(unsigned, path):
                if path.suffix.lower() in VIDEO_SUFFIXES:
                    copied = self._encode.copy_streams
                    notes = join_videos(unsigned, parts, info=self._like.info, copy_streams=copied)
                else:
                    join_folders(unsigned, parts)
                finish(self._credentials, unsigned, path, parts)
        finally:
            clear(path)
        return notes


def write_marked_image(
    path: Path,
    pixels: NDArray[Any],
    *,
    label: LabelSettings,
    signing: SigningSettings,
    origin: Origin,
    alpha: NDArray[Any] | None = None,
    color: ColorTags | None = None,
) -> None:
    """Write one swapped still, watermarked, labelled and signed.

    Args:
        path: the picture; its suffix says the format.
        pixels: (H, W, 3) RGB as in `Frame.pixels`.
        label: the visible label.
        signing: whose certificate signs.
        origin: consent record, clips and model.
        alpha: (H, W) in the dtype of `pixels`.
        color: the pixels' colour tags.

    Raises:
        UnderstudyError: as `open_marked`.
    """
    _refuse_shared_sidecar(path)
    label = _for_compositors(label) if path.suffix.lower() == ".exr" else label
    marked = embedder(payload_of(origin.project_id), *pixels.shape[:2]).mark(pixels)
    labelled, drawn = draw_label(marked, label, color=color)
    credentials = Credentials(origin, signing, label=label.shown if drawn.any() else None)
    unsigned = unsigned_path(path)
    try:
        with named(unsigned, path):
            write_image(unsigned, labelled, alpha, color=color)
            finish(credentials, unsigned, path)
    finally:
        clear(path)


class MarkedWriter:
    """Takes swapped frames; `open_marked` makes one. Use it in a `with` statement: an exception leaves nothing behind.

    Attributes:
        notes: what could not be kept of the footage, one line each.
    """

    def __init__(
        self,
        path: Path,
        unsigned: Path,
        sink: FrameSink,
        credentials: Credentials,
        label: LabelSettings,
        payload: Payload,
        *,
        where: Watermarked,
        duration: float | None = None,
        straighten: Light | None = None,
        is_part: bool = False,
    ) -> None:
        self._path = path
        self._unsigned = unsigned  # where `sink` puts its output
        self._sink = sink
        self._credentials = credentials
        self._label = label
        self._payload = payload
        self._where = where
        self._duration = duration  # seconds
        self._straighten = straighten
        self._clock: Fraction | None = None if is_part else Fraction(0)  # when the file begins, in the source's seconds
        self._closed = False

    @property
    def notes(self) -> list[str]:
        return [*self._credentials.notes, *self._sink.notes]

    def write(
        self,
        frame: Frame,
        pixels: NDArray[Any],
        changed: NDArray[np.bool_] | None = None,
        matte: Matte | None = None,
    ) -> None:
        """Watermark, label and encode one frame.

        The watermark covers the frame; where the output is lossless, only what may have changed anyway.

        Args:
            frame: the frame of the footage that the pixels take the place of.
            pixels: (H, W, 3) in the dtype of `frame.pixels`; left as they are.
            changed: (H, W), pixels that may differ from the frame's; None: any of them.
            matte: how much of each pixel was laid over the frame's; for writers that were opened for mattes.

        Raises:
            UnderstudyError: an earlier frame could not be written.
        """
        if self._straighten is not None and matte is not None and matte.is_blended:
            pixels = self._element(frame, pixels, matte.alpha)
        region = None if self._where == "pixels" else changed
        if self._where != "luma":
            pixels = embedder(self._payload, *pixels.shape[:2]).mark(pixels, region)
        opacity = self._label.opacity(float(frame.time), self._duration)
        labelled, drawn = draw_label(pixels, self._label, color=frame.color, opacity=opacity)
        if self._straighten is not None and matte is not None:
            opaque = np.where(drawn, np.float32(1), matte.alpha)  # laid over the footage, the label stays
            matte = replace(matte, alpha=opaque)
        if self._clock is None:
            self._clock = frame.time
        frame = replace(frame, time=frame.time - self._clock)
        with named(self._unsigned, self._path):
            self._sink.write(frame, labelled, None if region is None else region | drawn, matte)

    def _element(self, frame: Frame, merged: NDArray[Any], alpha: NDArray[np.float32]) -> NDArray[Any]:
        """What the output has for its colours where it has `alpha`."""
        if self._straighten == "linear":
            merged, plate = (scene_linear(pixels, frame.color) for pixels in (merged, frame.pixels))
            return straight(merged, plate, alpha)
        return straight(merged, frame.pixels, alpha)

    def close(self) -> None:
        """Finish the encoding, sign, and let the result appear. After `abort` or a first `close` it does nothing.

        Raises:
            UnderstudyError: it cannot be written or signed; then nothing appears.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with named(self._unsigned, self._path):
                self._sink.close()
                finish(self._credentials, self._unsigned, self._path)
        finally:
            clear(self._path)

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""
        self._closed = True
        try:
            self._sink.abort()
        finally:
            clear(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def _for_compositors(label: LabelSettings) -> LabelSettings:
    """EXR is what compositors work on: a label there would be painted over, or stay in what is made of it."""
    return label.model_copy(update={"enabled": False})


def _watermarked(path: Path, info: SourceInfo, encode: EncodeSettings, mattes: MatteUse | None) -> Watermarked:
    """Where the watermark goes.

    A lossless output keeps what nobody changed bit-identical, so there it covers what was changed. Else it covers the
    frame: in the luma that is encoded where there is one, which spares unchanged pixels the way to RGB and back.
    """
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        bits_of_pictures(path, encode, mattes)  # what cannot be is refused by the name that the user gave
        return "pixels" if encode.image_format == "jpg" else "changed"
    return "changed" if plan_encoding(path, info, encode, alpha=mattes == "alpha").is_lossless else "luma"


def _refuse_unlike(path: Path) -> None:
    """A video takes the place of an earlier file, a folder of pictures that of an empty folder."""
    is_video = path.suffix.lower() in VIDEO_SUFFIXES
    is_free = not is_video and not any(path.iterdir()) if path.is_dir() else is_video or not path.exists()
    if not is_free:
        raise UnderstudyError(f"{path} exists already: remove it or name another")


def _refuse_shared_sidecar(path: Path) -> None:
    """Two files that differ in their suffix alone cannot both have their credentials in one sidecar."""
    sidecar = sidecar_path(path)
    if embeds(path) or not path.suffix or path.exists() or not sidecar.exists():
        return
    for other in path.parent.iterdir():
        if other.stem == path.stem and other != sidecar and not embeds(other):
            raise UnderstudyError(
                f"{sidecar} holds the credentials of {other.name}; choose another name for {path.name}"
            )

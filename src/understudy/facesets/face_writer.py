"""The faces of a frame into files of a project's faceset."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from understudy.faces import ExtractSettings, Face, align_face, draw_debug, warp
from understudy.facesets.face_file import encode_jpeg, encode_picture, write_face, write_picture
from understudy.facesets.metadata import FaceMetadata, SourceFrame
from understudy.media import Frame, FrameSource, open_source
from understudy.media.denoised_source import DenoisedSource
from understudy.media.image_file import quantize
from understudy.media.linear import from_linear
from understudy.project import Project, Side
from understudy.project.atomic import write_bytes

_DEBUG_QUALITY = 75


def open_clips(project: Project, side: Side, settings: ExtractSettings) -> FrameSource:
    """The clips of a side as extraction sees them.

    Raises:
        UnderstudyError: a clip cannot be read, or those of dst differ in size.
    """
    # A result has one size, so dst must; photographs and clips of src may be of any.
    source = open_source(project.clips(side), one_size=side == "dst")
    return DenoisedSource(source, settings.denoise) if settings.denoise else source


@dataclass(frozen=True)
class FaceWriter:
    """Cuts faces out of frames and writes them, with the frame's debug picture where that is wanted."""

    project: Project
    side: Side
    settings: ExtractSettings
    source: FrameSource

    @property
    def suffix(self) -> str:
        """Of face files: PNG where they keep more than eight bits."""
        deep = self.settings.bit_depth == "16" or (self.settings.bit_depth == "auto" and self.source.info.bit_depth > 8)
        return ".png" if deep else ".jpg"

    @property
    def folder(self) -> Path:
        return self.project.aligned(self.side)

    def debug_picture(self, index: int) -> Path:
        """Where the debug picture of a frame lies."""
        return self.project.aligned_debug(self.side) / f"{index + 1:05d}.jpg"

    def write(self, frame: Frame, faces: Sequence[Face]) -> None:
        """Write all faces of a frame and its debug picture."""
        for number, face in enumerate(faces):
            self.write_face(frame, face, face_name(frame.index, number, self.suffix))
        self.draw(frame, faces)

    def draw(self, frame: Frame, faces: Sequence[Face]) -> None:
        """Write the debug picture of a frame, where the settings ask for them."""
        if self.settings.debug:
            debug = draw_debug(frame.eight_bit(), faces, self.settings.face_type)
            write_bytes(self.debug_picture(frame.index), encode_jpeg(debug, _DEBUG_QUALITY))

    def write_face(self, frame: Frame, face: Face, name: str) -> None:
        """Write one face under a name; the name's suffix decides how.

        Raises:
            UnderstudyError: its landmarks span no face, or it cannot be written.
        """
        settings = self.settings
        aligned = align_face(frame, face, settings.face_type, settings.image_size)
        where = SourceFrame(
            clip=self.source.info.clip_of(frame.index).path.name,
            frame=frame.index,
            time=float(frame.time),
            width=frame.width,
            height=frame.height,
        )
        if not name.endswith(".png"):
            write_face(self.folder / name, aligned, where, quality=settings.jpeg_quality)
            return
        cut = replace(frame, pixels=warp(frame.pixels, aligned.matrix, settings.image_size), alpha=None, native=None)
        deep = quantize(from_linear(cut.pixels) if cut.pixels.dtype == np.float32 else cut.unit(), np.uint16)
        picture = encode_picture(deep, ".png", settings.jpeg_quality)
        write_picture(self.folder / name, picture, FaceMetadata.describe(aligned, where), None)


def face_name(index: int, number: int, suffix: str) -> str:
    """Of the file of a frame's `number`th face; frames are counted from 1 in file names."""
    return f"{index + 1:05d}_{number}{suffix}"


def free_face_name(index: int, suffix: str, taken: Container[str]) -> str:
    """The first name for a face of a frame that is not taken."""
    return next(name for number in count() if (name := face_name(index, number, suffix)) not in taken)

"""What a merge writes: each output takes rendered frames part by part, and makes one of the parts at the end."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from understudy.media import EncodeSettings, FrameSource, MatteUse
from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.encode_plan import settled
from understudy.media.joining import FinishedPart, join_folders
from understudy.merging.mask_folder import MaskFolder
from understudy.merging.render import RenderedFrame
from understudy.provenance import LabelSettings, MarkedWriter, Marking, Origin, SigningSettings


class PartWriter(Protocol):
    """Takes the rendered frames of one part."""

    def write(self, rendered: RenderedFrame) -> None:
        """Add a frame."""

    def close(self) -> None:
        """Let the part appear."""

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""


class Output(Protocol):
    """One of the things that a merge writes.

    Attributes:
        path: the finished file or folder.
        suffix: of its parts; empty where they are folders.
        identity: all that a part's bytes depend on but what is rendered.
        joining: all that the finished bytes depend on but the parts.
    """

    path: Path
    suffix: str
    identity: str
    joining: str

    def open_part(self, path: Path) -> PartWriter:
        """Begin a part.

        Raises:
            UnderstudyError: it cannot be written.
        """

    def join(self, parts: Sequence[FinishedPart]) -> list[str]:
        """Let `path` appear, made of the parts; what of the footage could not be kept, one line each.

        Raises:
            UnderstudyError: a part cannot be read, or `path` cannot be written.
        """


@dataclass(frozen=True)
class Marks:
    """How everything that shows a swapped face is labelled and signed."""

    label: LabelSettings
    signing: SigningSettings
    origin: Origin


Write = Callable[[MarkedWriter, RenderedFrame], None]
"""Adds a rendered frame to a writer."""


def write_frame(writer: MarkedWriter, rendered: RenderedFrame) -> None:
    """Add a frame of the result as it is."""
    writer.write(rendered.frame, rendered.composite.pixels, rendered.composite.changed)


class MarkedOutput:
    """A video or a folder of pictures that shows swapped faces.

    Args:
        path: where it goes.
        like: the footage as this output shows it.
        encode: how it is encoded.
        marks: how it is marked.
        write: what of a rendered frame is written.
        mattes: what becomes of the mattes that `write` gives, if it gives any.

    Raises:
        UnderstudyError: as `open_marked`.
    """

    def __init__(
        self,
        path: Path,
        like: FrameSource,
        encode: EncodeSettings,
        marks: Marks,
        write: Write = write_frame,
        *,
        mattes: MatteUse | None = None,
    ) -> None:
        if path.suffix.lower() in VIDEO_SUFFIXES:
            encode = settled(path, like.info, encode, alpha=mattes == "alpha")
        self.path = path
        self.suffix = path.suffix if path.suffix.lower() in VIDEO_SUFFIXES else ""
        parts = encode.model_dump(mode="json", exclude={"copy_streams"})
        marked = [marks.label.model_dump(mode="json"), marks.origin.project_id]
        self.identity = json.dumps([write.__name__, mattes, self.suffix, parts, *marked])
        self.joining = json.dumps([encode.copy_streams, marks.signing.model_dump(mode="json")])
        self._write = write
        self._marking = Marking(
            path,
            like=like,
            encode=encode,
            label=marks.label,
            signing=marks.signing,
            origin=marks.origin,
            mattes=mattes,
        )

    def open_part(self, path: Path) -> PartWriter:
        return _Part(self._marking.open(path, is_part=True), self._write)

    def join(self, parts: Sequence[FinishedPart]) -> list[str]:
        return [*self._marking.notes, *self._marking.join(self.path, parts)]


class MaskOutput:
    """A folder of masks, which show no face."""

    suffix = ""
    identity = "masks"
    joining = ""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open_part(self, path: Path) -> PartWriter:
        return _Masks(MaskFolder(path))

    def join(self, parts: Sequence[FinishedPart]) -> list[str]:
        unfinished = self.path.with_name(f".{self.path.name}")
        shutil.rmtree(unfinished, ignore_errors=True)  # of a merge that was killed
        join_folders(unfinished, parts)
        unfinished.rename(self.path)
        return []


class _Part:
    def __init__(self, writer: MarkedWriter, write: Write) -> None:
        self._writer, self._write = writer, write

    def write(self, rendered: RenderedFrame) -> None:
        self._write(self._writer, rendered)

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        self._writer.abort()


class _Masks:
    def __init__(self, folder: MaskFolder) -> None:
        self._folder = folder

    def write(self, rendered: RenderedFrame) -> None:
        self._folder.write(rendered.frame, rendered.composite.alpha)

    def close(self) -> None:
        self._folder.close()

    def abort(self) -> None:
        self._folder.abort()

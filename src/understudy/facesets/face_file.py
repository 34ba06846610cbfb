"""One aligned face on disk: a JPEG or PNG that carries its own metadata."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from understudy.faces.face import AlignedFace
from understudy.facesets import jpeg_segments, xmp
from understudy.facesets.mask_picture import decode_mask, encode_mask
from understudy.facesets.metadata import FaceMetadata, SourceFrame
from understudy.facesets.old_record import has_record, without_record
from understudy.facesets.polygons import polygon_mask
from understudy.media import read_image
from understudy.media.frame import eight_bit
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.project.folder import one_line

FACE_SUFFIXES = frozenset({".jpg", ".png"})

# JPEG headers precede the pixels; thumbnails and profiles of other tools fit in this as well.
_HEADER_BYTES = 1 << 20
_DOCUMENT, _MASK = "face", "mask"  # the names of the texts in the XMP


@dataclass(frozen=True)
class FaceFile:
    """A face file whose metadata has been read and whose pixels have not."""

    path: Path
    metadata: FaceMetadata

    @classmethod
    def read(cls, path: Path) -> "FaceFile | None":
        """Read the metadata of `path`; None when the picture carries none.

        Raises:
            UnderstudyError: the file cannot be read, or its metadata is damaged.
        """
        try:
            with path.open("rb") as stream:
                header = stream.read(_HEADER_BYTES)
                if len(header) == _HEADER_BYTES and not header.startswith(jpeg_segments.SOI):
                    header += stream.read()  # a PNG's chunk may be as long as it likes
        except OSError as error:
            raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
        metadata = read_metadata(header, path)
        return None if metadata is None else cls(path, metadata)

    @property
    def frame(self) -> int:
        return self.metadata.source.frame

    def picture(self) -> bytes:
        """The file as it is on disk.

        Raises:
            UnderstudyError: it cannot be read.
        """
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise UnderstudyError(f"cannot read {self.path}: {error.strerror or error}") from error

    def mask_picture(self) -> bytes | None:
        """The stored mask as the PNG or JPEG picture that it is; None where there is none.

        Raises:
            UnderstudyError: the file cannot be read, or is damaged.
        """
        return read_mask_picture(self.picture(), self.path)

    def mask(self) -> NDArray[np.float32] | None:
        """(S, S) 0..1: the mask that was applied to this face, else that of its polygons, else None.

        Raises:
            UnderstudyError: the file cannot be read, or its mask is damaged.
        """
        stored = self.mask_picture()
        if stored is None:
            return polygon_mask(self.metadata.polygons or (), self.metadata.size)
        try:
            return decode_mask(stored, self.metadata.size)
        except ValueError as error:
            raise UnderstudyError(f"{self.path}: {error}") from error

    def aligned(self) -> AlignedFace:
        """Decode the picture.

        Raises:
            UnderstudyError: it cannot be decoded, or its size is not what its metadata says.
        """
        pixels, _ = read_image(self.path)
        meta = self.metadata
        if pixels.shape[:2] != (meta.size, meta.size):
            raise UnderstudyError(
                f"{self.path}: the picture is {pixels.shape[1]}x{pixels.shape[0]} but its metadata describes "
                f"{meta.size}x{meta.size}; it was resized by another program"
            )
        return AlignedFace(
            image=eight_bit(pixels),
            face_type=meta.face_type,
            matrix=np.asarray(meta.matrix, np.float64),
            landmarks=np.asarray(meta.landmarks, np.float32),
            face=meta.face(),
            mask=self.mask(),
            brow_expansion=1.0 if meta.brow_expansion is None else meta.brow_expansion,
        )


def write_face(path: Path, aligned: AlignedFace, source: SourceFrame, *, quality: int) -> FaceFile:
    """Write an aligned face atomically as a 4:4:4 JPEG with its metadata, and its mask where it has one.

    Raises:
        UnderstudyError: the file cannot be written.
    """
    metadata = FaceMetadata.describe(aligned, source)
    mask = None if aligned.mask is None else encode_mask(aligned.mask)
    return write_picture(path, encode_jpeg(aligned.image, quality), metadata, mask)


def write_picture(path: Path, picture: bytes, metadata: FaceMetadata, mask: bytes | None) -> FaceFile:
    """Write an encoded picture atomically with new metadata; its pixels stay as they are, bit by bit.

    A record of DeepFaceLab in the picture goes when the face is not what it was: it would win over the new metadata
    when the file is imported again.

    Args:
        picture: a JPEG or PNG file; metadata of this program in it is replaced.
        mask: a PNG or JPEG picture.

    Raises:
        UnderstudyError: it is no such file, or it cannot be written.
    """
    written = attach(picture, metadata, mask, path)
    if has_record(written) and not _is_same_face(picture, metadata, mask, path):
        written = without_record(written)
    write_bytes(path, written)
    return FaceFile(path, metadata)


def _is_same_face(picture: bytes, metadata: FaceMetadata, mask: bytes | None, path: Path) -> bool:
    """Whether a picture says of its face what these say, by whatever name."""
    known = read_metadata(picture, path)
    own = {"original_name": metadata.original_name}
    return known is not None and known.model_copy(update=own) == metadata and read_mask_picture(picture, path) == mask


def attach(picture: bytes, metadata: FaceMetadata, mask: bytes | None, path: Path) -> bytes:
    """The picture with its metadata in it; `path` stands for it in messages.

    Raises:
        UnderstudyError: it is neither a JPEG nor a PNG file, or the metadata is too large.
    """
    properties: Mapping[str, str] = {_DOCUMENT: metadata.model_dump_json(by_alias=True, exclude_none=True)}
    if mask is not None:
        properties = {**properties, _MASK: base64.b64encode(mask).decode()}
    try:
        return xmp.embed(picture, properties)
    except ValueError as error:
        raise UnderstudyError(f"cannot write {path}: {error}") from error


def read_metadata(picture: bytes, path: Path) -> FaceMetadata | None:
    """The metadata in a picture, of which the beginning up to the pixels is enough; None when it carries none.

    Raises:
        UnderstudyError: the picture's header or the metadata is damaged; `path` stands for it in the message.
    """
    try:
        document = xmp.extract(picture, _DOCUMENT)
        return None if document is None else FaceMetadata.model_validate_json(document)
    except ValidationError as error:
        raise UnderstudyError(f"{path}: damaged face metadata: {one_line(error)}") from error
    except ValueError as error:
        raise UnderstudyError(f"{path}: {error}") from error


def read_mask_picture(picture: bytes, path: Path) -> bytes | None:
    """The stored mask in a picture, itself a PNG or JPEG picture; None when there is none.

    Raises:
        UnderstudyError: as `read_metadata`.
    """
    try:
        text = xmp.extract(picture, _MASK)
        return None if text is None else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise UnderstudyError(f"{path}: {error}") from error


def encode_jpeg(image: NDArray[Any], quality: int) -> bytes:
    """(H, W, 3) uint8 RGB to a baseline JPEG with full chroma resolution."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return bytes(data)


def encode_picture(image: NDArray[Any], suffix: str, quality: int) -> bytes:
    """(H, W, 3) RGB to what a face file's suffix says: PNG of its own depth for `.png`, else JPEG, of uint8 alone."""
    if suffix.lower() == ".png":
        return bytes(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1])
    return encode_jpeg(image, quality)

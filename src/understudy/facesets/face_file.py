"""One aligned face on disk: a JPEG that carries its own metadata."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from understudy.faces.face import AlignedFace
from understudy.facesets import xmp
from understudy.facesets.metadata import FaceMetadata, SourceFrame
from understudy.media import read_image
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.project.folder import one_line

# JPEG headers precede the pixels; thumbnails and profiles of other tools fit in this as well.
_HEADER_BYTES = 1 << 20


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
            document = xmp.extract(header)
            if document is None:
                return None
            return cls(path, FaceMetadata.model_validate_json(document))
        except OSError as error:
            raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
        except ValidationError as error:
            raise UnderstudyError(f"{path}: damaged face metadata: {one_line(error)}") from error
        except ValueError as error:
            raise UnderstudyError(f"{path}: {error}") from error

    @property
    def frame(self) -> int:
        return self.metadata.source.frame

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
            image=pixels.astype(np.uint8, copy=False),
            face_type=meta.face_type,
            matrix=np.asarray(meta.matrix, np.float64),
            landmarks=np.asarray(meta.landmarks, np.float32),
            face=meta.face(),
        )


def write_face(path: Path, aligned: AlignedFace, source: SourceFrame, *, quality: int) -> FaceFile:
    """Write an aligned face atomically as a 4:4:4 JPEG with its metadata.

    Raises:
        UnderstudyError: the file cannot be written.
    """
    metadata = FaceMetadata.describe(aligned, source)
    jpeg = encode_jpeg(aligned.image, quality)
    write_bytes(path, xmp.embed(jpeg, metadata.model_dump_json(by_alias=True, exclude_none=True)))
    return FaceFile(path, metadata)


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

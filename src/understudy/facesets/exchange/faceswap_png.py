"""faceswap's face files: PNG pictures whose header says where the face lay in its frame.

The header is an iTXt chunk called `faceswap` that holds a Python dict as text: under `alignments` the box (x, y, w, h),
68 landmarks in frame pixels and masks; under `source` the frame's name and size. The picture shows the whole head:
landmarks 17..67 are fitted to the mean face, whose unit square fills the middle three eighths, moved so that the centre
of the skull lies in the middle of the picture.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces import FaceType, crop_side, face_matrix, head_pose, invert, transform, umeyama, warp
from understudy.faces.template import MEAN_FACE
from understudy.facesets.exchange.python_literal import read_literal
from understudy.facesets.face_file import encode_jpeg
from understudy.facesets.mask_picture import encode_mask
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.picture_pixels import decode_picture, side_of
from understudy.facesets.png_chunks import chunks
from understudy.project.errors import UnderstudyError

BACKEND = "faceswap"
_FACE_TYPE: FaceType = "whole_face"
_QUALITY = 95
_KEYWORD = b"faceswap\0\0\0\0\0"
_PADDING = 0.625  # of the picture's side, both margins together
_OUTLINE_MASKS = frozenset({"components", "extended"})  # drawn from the landmarks, as our hull is
_CENTRING_SHIFT = np.array([0.5 - 0.490127, 0.0])  # its mean face is ours, centred on the nose's bridge
_SKULL_CENTRE = np.array([[0.0, 0.0, -2.3]])
_CAMERA = np.array([[4.0, 0.0, 0.5], [0.0, 4.0, 0.5], [0.0, 0.0, 1.0]])
_MAX_COORDINATE = 1e6
# Its head model: landmarks by number and where they lie (centimetres; x to the subject's left, y up, z forward).
_HEAD_POINTS = [6, 7, 8, 9, 10, 17, 21, 22, 26, 31, 32, 33, 34, 35, 36, 39, 42, 45, 48, 50, 51, 52, 54, 56, 57, 58]
_HALF_HEAD = {
    6: (4.056931, -11.432347, 1.636229),
    7: (1.833492, -12.542305, 4.061275),
    8: (0.0, -12.901019, 4.070434),
    17: (6.825897, 1.275284, 4.402142),
    21: (1.330353, 1.636816, 6.903745),
    31: (1.930245, -5.060977, 5.914376),
    32: (0.746313, -5.136947, 6.263227),
    33: (0.0, -5.485328, 6.76343),
    36: (5.311432, 0.0, 3.987654),
    39: (1.78993, -0.091703, 4.413414),
    48: (2.774015, -7.566103, 5.048531),
    50: (0.509714, -7.056507, 6.566167),
    51: (0.0, -7.131772, 6.704956),
    56: (-0.589441, -8.443925, 6.109526),
    57: (0.0, -8.601736, 6.097667),
}
_MIRRORED = {9: 7, 10: 6, 22: 21, 26: 17, 34: 32, 35: 31, 42: 39, 45: 36, 52: 50, 54: 48, 58: 56}
_HEAD: NDArray[np.float64] = np.array(  # (26, 3)
    [
        _HALF_HEAD[n] if n in _HALF_HEAD else np.multiply(_HALF_HEAD[_MIRRORED[n]], (-1.0, 1.0, 1.0))
        for n in _HEAD_POINTS
    ]
)


@dataclass(frozen=True)
class FaceswapFace:
    """A face of faceswap, cut out again as a whole face.

    Attributes:
        picture: JPEG.
        metadata: in our terms.
        mask: PNG, of a segmentation that the file carried.
    """

    picture: bytes
    metadata: FaceMetadata
    mask: bytes | None


def read_header(png: bytes) -> dict[str, Any] | None:
    """The untrusted header of a face file of faceswap; None where the picture has none.

    Raises:
        ValueError: no PNG file, or a damaged header.
    """
    for chunk in chunks(png):
        if chunk.name == b"iTXt" and chunk.body(png).startswith(_KEYWORD):
            header = read_literal(chunk.body(png)[len(_KEYWORD) :].decode("utf-8", "replace"))
            if not isinstance(header, dict):
                raise ValueError("the header is no dict")
            return header
    return None


def head_matrix(landmarks: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The transform from frame pixels to the pixels of faceswap's picture of a face.

    Args:
        landmarks: (68, 2) in frame pixels.
        size: side of the picture in pixels.

    Returns:
        (2, 3) float64.

    Raises:
        UnderstudyError: the landmarks span no face.
        ValueError: no pose fits them.
    """
    to_unit = umeyama(landmarks[17:], MEAN_FACE + _CENTRING_SHIFT)
    unit = transform(landmarks, to_unit)
    try:
        _, rotation, translation = cv2.solvePnP(_HEAD, unit[_HEAD_POINTS], _CAMERA, None, flags=cv2.SOLVEPNP_ITERATIVE)
        skull = cv2.projectPoints(_SKULL_CENTRE, rotation, translation, _CAMERA, None)[0].reshape(2)
    except cv2.error as error:
        raise ValueError("no head pose fits the landmarks") from error
    if not np.isfinite(skull).all():
        raise ValueError("no head pose fits the landmarks")
    padding = round(size * _PADDING / 2)
    matrix = to_unit.copy()
    matrix[:, 2] -= skull - 0.5
    matrix *= size - 2 * padding
    matrix[:, 2] += padding
    return matrix


def read_faceswap(png: bytes) -> FaceswapFace | None:
    """Read a face file of faceswap and cut the face out again in this field's whole-face geometry, at its own scale.

    Returns:
        None where the picture carries no header of faceswap.

    Raises:
        ValueError: no PNG file, a damaged one, or the header is not that of an aligned face.
    """
    header = read_header(png)
    if header is None:
        return None
    alignments, source = header.get("alignments"), header.get("source")
    if not isinstance(alignments, dict) or not isinstance(source, dict):
        raise ValueError("the header tells neither alignments nor source")  # noqa: TRY004
    width = side_of(png)
    landmarks = _numbers(alignments.get("landmarks_xy"), (68, 2))
    left, top, across, down = (_numbers(alignments.get(key), ()).item() for key in ("x", "y", "w", "h"))
    image = decode_picture(png)
    try:
        size = min(4096, max(64, 16 * round(width * (1 - _PADDING) * crop_side(_FACE_TYPE) / 16)))
        matrix = face_matrix(landmarks, _FACE_TYPE, size)
        from_picture = _chained(matrix, invert(head_matrix(landmarks, width)))
        pose = head_pose(landmarks)
    except (UnderstudyError, np.linalg.LinAlgError) as error:
        raise ValueError(str(error)) from error
    frame = source.get("source_filename")
    if not isinstance(frame, str) or not 0 < len(frame) <= 255:
        raise ValueError("the header does not name the frame")
    frame_size = source.get("source_frame_dims")
    metadata = {
        "face_type": _FACE_TYPE,
        "size": size,
        "matrix": matrix.tolist(),
        "landmarks": transform(landmarks, matrix).round(3).tolist(),
        "source": {"clip": "", "frame": 0, "time": 0.0, "name": frame, **_frame_size(frame_size)},
        "source_landmarks": landmarks.tolist(),
        "box": (left, top, left + across, top + down),
        "pose": {"pitch": pose.pitch, "yaw": pose.yaw, "roll": pose.roll},
        "confidence": 1.0,
        "backend": BACKEND,
    }
    picture = encode_jpeg(warp(image, from_picture, size), _QUALITY)
    return FaceswapFace(picture, FaceMetadata.model_validate(metadata), _mask(alignments.get("mask"), matrix, size))


def _frame_size(value: Any) -> dict[str, int]:
    """Height and width, as the header has them."""
    if isinstance(value, list | tuple) and len(value) == 2 and all(type(n) is int and 0 < n < 1 << 20 for n in value):
        return {"height": value[0], "width": value[1]}
    return {}


def _mask(held: Any, matrix: NDArray[np.float64], size: int) -> bytes | None:
    """The first segmentation among the masks; those drawn from the landmarks say nothing new."""
    masks = held.items() if isinstance(held, dict) else ()
    stored = next((mask for name, mask in masks if name not in _OUTLINE_MASKS), None)
    if stored is None:
        return None
    side, data = (stored.get("stored_size"), stored.get("mask")) if isinstance(stored, dict) else (None, None)
    if type(side) is not int or not 1 <= side <= 4096 or not isinstance(data, bytes):
        raise ValueError("unreadable mask")
    try:
        grey = zlib.decompressobj().decompress(data, side * side + 1)
    except zlib.error as error:
        raise ValueError("unreadable mask") from error
    if len(grey) != side * side:
        raise ValueError("unreadable mask")
    to_mask = _numbers(stored.get("affine_matrix"), (2, 3))
    if abs(np.linalg.det(to_mask[:, :2])) < 1e-12:
        raise ValueError("unreadable mask")
    pixels = np.frombuffer(grey, np.uint8).reshape(side, side, 1)
    cut = warp(pixels, _chained(matrix, invert(to_mask)), size, cubic=False).reshape(size, size)
    return encode_mask(cut.astype(np.float32) / 255)


def _chained(outer: NDArray[np.float64], inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (2, 3) transform that does `inner`, then `outer`."""
    linear = outer[:, :2] @ inner[:, :2]
    return np.column_stack([linear, outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def _numbers(value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("text where numbers belong") from error
    if array.shape != shape or not (np.abs(array) <= _MAX_COORDINATE).all():
        raise ValueError(f"numbers that are not of shape {shape}")
    return array

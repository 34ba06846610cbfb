"""What DeepFaceLab says of a face: a dict, read into our metadata and written from it."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from understudy.faces import FaceType, face_matrix, head_pose
from understudy.facesets.mask_picture import check_mask, encode_mask
from understudy.facesets.metadata import FaceMetadata, Polygon
from understudy.facesets.source_frames import PICTURE_RATE, frame_number
from understudy.project.errors import UnderstudyError
from understudy.project.folder import one_line
from understudy.project.inert_pickle import InertArray

FACE_TYPES: dict[str, FaceType] = {
    "half_face": "half",
    "midfull_face": "mid",
    "full_face": "full",
    "whole_face": "whole_face",
    "head": "head",
}
_NAMES = {ours: theirs for theirs, ours in FACE_TYPES.items()}
BACKEND = "deepfacelab"
_MAX_COORDINATE = 1e6
_MAX_POLYGONS, _MAX_POINTS = 1000, 20_000
# A key of our own, which every old tool keeps: what the old format has no place for.
_OWN_KEY = "understudy"
_OWN_FIELDS = {"source", "box", "pose", "confidence", "backend", "track", "dense", "original_name"}


@dataclass(frozen=True)
class DflFace:
    """A face as an old file has it.

    Attributes:
        metadata: in our terms; its source's frame number is that of a picture called `source.name`.
        mask: the applied mask, a PNG or JPEG picture.
    """

    metadata: FaceMetadata
    mask: bytes | None


def parse_record(record: Any, size: int) -> DflFace:
    """Read the dict of one face, as the inert reader built it.

    Without landmarks in the frame the aligned picture stands for the frame itself.

    Args:
        record: untrusted.
        size: side of the aligned picture in pixels.

    Raises:
        ValueError: it is not the record of an aligned face.
    """
    if not isinstance(record, dict) or not record:
        raise ValueError("no record of a face")
    name = record.get("face_type", "full_face")
    if not isinstance(name, str) or name not in FACE_TYPES:
        raise ValueError(f"face type {ascii(name)[:40] if isinstance(name, str) else 'unreadable'} is not supported")
    landmarks = _points(record.get("landmarks"), "landmarks", least=68, most=68)
    own_frame = record.get("source_landmarks") is None
    in_frame = landmarks if own_frame else _points(record["source_landmarks"], "source_landmarks", least=68, most=68)
    box = record.get("source_rect")
    stem = record.get("source_filename")
    brow = record.get("eyebrows_expand_mod")
    polygons = _polygons(record.get("seg_ie_polys"))
    document = {
        "face_type": FACE_TYPES[name],
        "size": size,
        "landmarks": landmarks.tolist(),
        "source_landmarks": in_frame.tolist(),
        "polygons": polygons or None,
        "brow_expansion": None if brow is None or _number(brow) == 1 else _number(brow),
        "confidence": 1.0,
        "backend": BACKEND,
        **_own(record.get(_OWN_KEY)),
    }
    try:
        matrix = record.get("image_to_face_mat")
        if own_frame:
            document["matrix"] = np.eye(2, 3).tolist()
        elif matrix is None:
            document["matrix"] = face_matrix(in_frame, FACE_TYPES[name], size).tolist()
        else:
            document["matrix"] = _array(matrix, "image_to_face_mat", (2, 3)).tolist()
        if "pose" not in document:
            pose = head_pose(in_frame)
            document["pose"] = {"pitch": pose.pitch, "yaw": pose.yaw, "roll": pose.roll}
        if box is not None and not _is_rounded(document.get("box"), _array(box, "source_rect", (4,))):
            document["box"] = _array(box, "source_rect", (4,)).tolist()
        elif "box" not in document:
            document["box"] = [*in_frame.min(axis=0).tolist(), *in_frame.max(axis=0).tolist()]
        document["source"] = _source(stem, document.get("source"))
        return DflFace(FaceMetadata.model_validate(document), _mask(record.get("xseg_mask")))
    except ValidationError as error:
        raise ValueError(one_line(error)) from error
    except UnderstudyError as error:
        raise ValueError(str(error)) from error


def make_record(metadata: FaceMetadata, mask: bytes | None) -> dict[str, Any]:
    """The dict for one face: plain values and arrays, None left out, within the limits of the old program.

    Args:
        mask: a PNG or JPEG picture of at most the 50,000 bytes that fit.
    """
    record: dict[str, Any] = {
        "face_type": _NAMES[metadata.face_type],
        "landmarks": [list(point) for point in metadata.landmarks],
        "source_filename": source_filename(metadata),
        "source_rect": np.rint(np.asarray(metadata.box)).clip(-(2**31), 2**31 - 1).astype(np.int32),
        "source_landmarks": [list(point) for point in metadata.source_landmarks],
        "image_to_face_mat": np.asarray(metadata.matrix, np.float64),
    }
    if metadata.brow_expansion is not None:
        record["eyebrows_expand_mod"] = metadata.brow_expansion
    if metadata.polygons:
        record["seg_ie_polys"] = polygon_record(metadata.polygons)
    if mask is not None:
        record["xseg_mask"] = np.frombuffer(mask, np.uint8).reshape(-1, 1)
    own = metadata.model_dump(mode="json", include=_OWN_FIELDS, exclude_none=True)
    record[_OWN_KEY] = json.dumps(own, separators=(",", ":"), ensure_ascii=True)
    return record


def without_own(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what only this program reads, which leaves more room for masks and polygons."""
    return {key: value for key, value in record.items() if key != _OWN_KEY}


def polygon_record(polygons: list[Polygon]) -> dict[str, Any]:
    """Polygons as the old program has them, those that exclude last."""
    ordered = sorted(polygons, key=lambda polygon: polygon.kind == "exclude")
    return {
        "polys": [
            {"type": int(p.kind == "include"), "pts": np.asarray(p.points, np.float32).reshape(-1, 2)} for p in ordered
        ]
    }


def source_filename(metadata: FaceMetadata) -> str:
    """What the old program calls the frame of a face: a picture file, as it dumps videos to."""
    return metadata.source.name or f"{metadata.source.frame + 1:05d}.png"


def _source(name: Any, own: Any) -> dict[str, Any]:
    name = name if isinstance(name, str) and 0 < len(name) <= 255 else None
    if isinstance(own, dict):
        index = own.get("frame")
        if name == own.get("name", f"{index + 1:05d}.png" if isinstance(index, int) else None):
            return own
    number = 0 if name is None else frame_number(name) or 0
    return {"clip": "", "frame": number, "time": number / PICTURE_RATE, "name": name}


def _own(text: Any) -> dict[str, Any]:
    if not isinstance(text, str):
        return {}
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {key: fields[key] for key in _OWN_FIELDS if key in fields} if isinstance(fields, dict) else {}


def _is_rounded(box: Any, rounded: NDArray[np.float64]) -> bool:
    """Whether `rounded` is the box that we wrote, in the old format's whole pixels."""
    try:
        return bool(np.array_equal(np.rint(np.asarray(box, np.float64)), rounded))
    except (TypeError, ValueError):
        return False


def _number(value: Any) -> float:
    if isinstance(value, InertArray) and value.value is not None and value.value.ndim == 0:
        value = value.value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("text where a number belongs")  # noqa: TRY004
    if not math.isfinite(value) or abs(value) > _MAX_COORDINATE:
        raise ValueError("a number beyond all bounds")
    return float(value)


def _array(value: Any, what: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Numbers of a known shape, whether array, list or tuple."""
    if isinstance(value, InertArray):
        if value.value is None or value.value.shape != shape:
            raise ValueError(f"{what} is not of shape {shape}")
        array = value.value.astype(np.float64)
        if not (np.abs(array) <= _MAX_COORDINATE * 100).all():
            raise ValueError("a number beyond all bounds")
        return array
    if not isinstance(value, list | tuple) or len(value) != shape[0]:
        raise ValueError(f"{what} is not of shape {shape}")
    if len(shape) == 1:
        return np.array([_number(item) for item in value])
    return np.array([_array(item, what, shape[1:]) for item in value]).reshape(shape)


def _points(value: Any, what: str, *, least: int, most: int) -> NDArray[np.float64]:
    """(N, 2) finite coordinates."""
    held = value.value if isinstance(value, InertArray) else value
    if not isinstance(held, list | tuple | np.ndarray) or not least <= len(held) <= most:
        raise ValueError(f"{what} {'are missing' if held is None else 'are not points'}")
    points = _array(value, what, (len(held), 2)) if len(held) else np.zeros((0, 2))
    if not (np.abs(points) <= _MAX_COORDINATE).all():
        raise ValueError("a number beyond all bounds")
    return points


def _polygons(value: Any) -> list[Polygon]:
    """Those that exclude last, as the old program orders them; its older list of pairs is read as well."""
    if value is None:
        return []
    held = value.get("polys") if isinstance(value, dict) else value
    if not isinstance(held, list | tuple) or len(held) > _MAX_POLYGONS:
        raise ValueError("unreadable polygons")
    polygons = []
    for item in held:
        kind, points = (item.get("type"), item.get("pts")) if isinstance(item, dict) else _pair(item)
        outline = _points(points, "a polygon's points", least=0, most=_MAX_POINTS)
        if len(outline):
            include = _number(kind) == 1
            polygons.append(Polygon(kind="include" if include else "exclude", points=outline.tolist()))
    return sorted(polygons, key=lambda polygon: polygon.kind == "exclude")


def _pair(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, list | tuple) or len(item) != 2:
        raise ValueError("unreadable polygons")
    return item[0], item[1]


def _mask(value: Any) -> bytes | None:
    """The applied mask as a picture; uncompressed ones, which old versions had, are compressed."""
    if value is None:
        return None
    if isinstance(value, InertArray) and value.value is not None:
        array = value.value
        if array.dtype == np.uint8 and array.size == len(array):
            value = array.tobytes()
        elif array.ndim in (2, 3) and array.size == array.shape[0] * array.shape[1] and max(array.shape) <= 4096:
            plain = array.reshape(array.shape[:2]).astype(np.float32)
            return encode_mask(np.nan_to_num(plain / (255 if array.dtype == np.uint8 else 1)))
    if not isinstance(value, bytes):
        raise ValueError("unreadable mask")  # noqa: TRY004
    check_mask(value)
    return value

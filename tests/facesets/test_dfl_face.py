"""DeepFaceLab's face files: read as the old program reads them, written so that it does."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dfl_reader import read_jpeg
from understudy.facesets import png_chunks
from understudy.facesets.exchange import dfl_record
from understudy.facesets.exchange.dfl_face import dfl_jpeg, read_face
from understudy.facesets.face_file import encode_jpeg
from understudy.facesets.jpeg_segments import APP15, segment, segments
from understudy.facesets.mask_picture import decode_mask, encode_mask
from understudy.facesets.metadata import FaceMetadata, Polygon
from understudy.facesets.old_record import without_record
from understudy.facesets.polygons import polygon_mask
from understudy.project.inert_pickle import load_inert
from understudy.project.plain_pickle import dump_plain

_NOISE = np.random.default_rng(0).integers(0, 255, (256, 256, 3)).astype(np.uint8)
_JPEG = encode_jpeg(_NOISE, 60)


@pytest.fixture
def files(dfl_faceset: Path) -> list[Path]:
    return sorted(dfl_faceset.glob("*.jpg"))


def test_reads_what_the_original_program_reads(dfl_faceset: Path, files: list[Path]) -> None:
    expected = json.loads((dfl_faceset / "expected.json").read_text())
    assert len(files) == len(expected) == 24
    for path in files:
        face, known = read_face(path.read_bytes()), expected[path.name]
        assert face is not None
        meta = face.metadata
        assert dfl_record.FACE_TYPES[known["face_type"]] == meta.face_type
        assert known["shape"][:2] == [meta.size, meta.size]
        assert [list(point) for point in meta.landmarks[:3]] == known["landmarks_first3"]
        assert np.sum(meta.landmarks) == pytest.approx(known["landmarks_sum"], abs=1e-6)
        assert np.sum(meta.source_landmarks) == pytest.approx(known["source_landmarks_sum"], abs=1e-6)
        assert list(meta.box) == known["source_rect"]
        assert meta.source.name == known["source_filename"]
        assert [list(row) for row in meta.matrix] == known["image_to_face_mat"]
        assert bool(meta.polygons) == known["has_polys"]
        assert (face.mask is not None) == known["has_xseg"]
        assert (meta.brow_expansion or 1.0) == known["brow"]
        if face.mask is not None:
            assert decode_mask(face.mask, meta.size).sum() == pytest.approx(known["xseg_sum"])


def test_an_independent_reader_finds_the_same_in_what_is_written(files: list[Path]) -> None:
    for path in files:
        original = path.read_bytes()
        face = read_face(original)
        assert face is not None
        written = dfl_jpeg(without_record(original), face.metadata, face.mask)
        found, shape = read_jpeg(written)
        before = _record_of_the_original(original)
        found.pop("understudy")
        assert shape == (256, 256)
        assert found.keys() == {key for key in before if key != "eyebrows_expand_mod" or before[key] != 1.0}
        for key in found:
            assert _plain(found[key]) == _plain(before[key]), key
        assert found["source_rect"].dtype.kind == "i"
        assert without_record(written) == without_record(original)
        assert read_face(written) == face


def _record_of_the_original(data: bytes) -> dict:
    """By the package's own reader, which another test holds against the original program's readings."""
    return load_inert(next(s for s in segments(data) if s.code == APP15).body(data))


def _plain(value: object) -> object:
    """Lists in place of arrays, whichever reader made them."""
    held = getattr(value, "value", value)
    if isinstance(held, np.ndarray):
        return held.reshape(-1).tolist() if held.dtype == np.uint8 else held.tolist()
    if isinstance(held, dict):
        return {key: _plain(item) for key, item in held.items()}
    if isinstance(held, list | tuple):
        return [_plain(item) for item in held]
    return held


def test_a_png_of_the_first_generation_is_read(files: list[Path]) -> None:
    original = files[1].read_bytes()
    face = read_face(original)
    assert face is not None
    record = dfl_record.without_own(dfl_record.make_record(face.metadata, None))
    del record["image_to_face_mat"], record["seg_ie_polys"]
    record |= {"yaw_value": 0.1, "pitch_value": -0.2, "source_rect": [1, 2, 3, 4]}
    png = io.BytesIO()
    Image.open(io.BytesIO(original)).save(png, "png")
    plain = png.getvalue()
    old = plain[:-12] + png_chunks.chunk(b"fcWp", dump_plain(record)) + plain[-12:]
    found = read_face(old)
    assert found is not None
    assert found.metadata.landmarks == face.metadata.landmarks
    assert found.metadata.box == (1, 2, 3, 4)
    np.testing.assert_allclose(found.metadata.matrix, face.metadata.matrix, rtol=1e-4, atol=2e-3)
    assert without_record(old) == plain


def test_old_polygon_lists_and_uncompressed_masks_are_read(files: list[Path]) -> None:
    face = read_face(files[0].read_bytes())
    assert face is not None
    mask = np.zeros((64, 64, 1), np.float32)
    mask[16:48, 8:56] = 1
    record = dfl_record.make_record(face.metadata, None) | {
        "seg_ie_polys": [(0, [[1.5, 2], [30, 2], [9, 9]]), (1, np.array([[0, 0], [255, 0], [128, 255]], np.float32))],
        "xseg_mask": mask,
    }
    found = read_face(_with_record(_JPEG, record))
    assert found is not None
    assert found.mask is not None
    assert [p.kind for p in found.metadata.polygons or ()] == ["include", "exclude"]
    np.testing.assert_array_equal(decode_mask(found.mask, 64), mask[..., 0])
    as_bytes = dfl_record.make_record(face.metadata, None) | {"xseg_mask": (mask * 255).astype(np.uint8)}
    again = read_face(_with_record(_JPEG, as_bytes))
    assert again is not None
    assert again.mask == found.mask


def _with_record(jpeg: bytes, record: dict) -> bytes:
    return jpeg[:20] + segment(APP15, dump_plain(record)) + jpeg[20:]


@pytest.mark.parametrize("blur", [1.0, 8.0])
def test_a_mask_too_large_for_the_format_loses_quality_and_nothing_else(metadata: FaceMetadata, blur: float) -> None:
    random = np.random.default_rng(1)
    smooth = cv2.GaussianBlur(random.random((512, 512), np.float32), (0, 0), blur)
    mask = (smooth - smooth.min()) / np.ptp(smooth)
    assert len(encode_mask(mask)) > 50_000
    found, _ = read_jpeg(dfl_jpeg(_JPEG, metadata, encode_mask(mask)))
    assert found["xseg_mask"].dtype == np.uint8
    assert found["xseg_mask"].size <= 50_000
    kept = cv2.imdecode(found["xseg_mask"], cv2.IMREAD_UNCHANGED) / 255
    blurred = cv2.GaussianBlur(mask, (0, 0), 2.0)
    assert np.abs(cv2.GaussianBlur(kept, (0, 0), 2.0) - blurred).max() < 0.1
    assert found["landmarks"] == [list(point) for point in metadata.landmarks]


def test_polygons_beyond_the_format_are_an_error_and_beyond_the_extras_are_not(metadata: FaceMetadata) -> None:
    def drawn(count: int) -> FaceMetadata:
        outline = np.random.default_rng(0).uniform(0, 255, (count, 2)).tolist()
        return metadata.model_copy(update={"polygons": [Polygon(kind="include", points=outline)], "dense": _DENSE})

    found, _ = read_jpeg(dfl_jpeg(_JPEG, drawn(7000), None))
    assert "understudy" not in found
    assert found["seg_ie_polys"]["polys"][0]["pts"].shape == (7000, 2)
    assert "understudy" in read_jpeg(dfl_jpeg(_JPEG, drawn(1000), None))[0]
    with pytest.raises(ValueError, match="has room for"):
        dfl_jpeg(_JPEG, drawn(9000), None)


_DENSE = [(1.5, 2.5, 3.5)] * 478


@pytest.fixture
def metadata(files: list[Path]) -> FaceMetadata:
    face = read_face(files[0].read_bytes())
    assert face is not None
    return face.metadata


@pytest.mark.parametrize(
    ("options", "keeps_pixels"),
    [
        ([cv2.IMWRITE_JPEG_QUALITY, 80], True),
        ([cv2.IMWRITE_JPEG_PROGRESSIVE, 1], True),
        ([cv2.IMWRITE_JPEG_RST_INTERVAL, 4], False),
    ],
)
def test_files_that_the_old_parser_trips_over_are_encoded_anew(
    metadata: FaceMetadata, options: list[int], keeps_pixels: bool
) -> None:
    jpeg = bytes(cv2.imencode(".jpg", _NOISE, options)[1])
    for variant in (jpeg, jpeg + b"trailing", jpeg[:2] + b"\xff" + jpeg[2:], jpeg[:2] + jpeg[20:]):
        written = dfl_jpeg(variant, metadata, None)
        read_jpeg(written)
        before, after = (np.asarray(Image.open(io.BytesIO(data))).astype(int) for data in (variant, written))
        if keeps_pixels and variant == jpeg:
            assert without_record(written) == jpeg
        assert np.abs(before - after).max() <= 6


def test_faces_that_we_cannot_hold_are_refused_with_a_reason(metadata: FaceMetadata) -> None:
    record = dfl_record.make_record(metadata, None)
    for change, reason in [
        (("face_type", "mark_only"), "mark_only"),
        (("landmarks", None), "landmarks are missing"),
        (("landmarks", [[0.0, 0.0]] * 67), "landmarks are not points"),
        (("landmarks", [[0.0, float("nan")]] * 68), "beyond all bounds"),
        (("image_to_face_mat", np.zeros((3, 3))), "shape"),
        (("xseg_mask", np.frombuffer(b"GIF89a........", np.uint8)), "neither PNG nor JPEG"),
        (("seg_ie_polys", {"polys": [{"type": 1, "pts": "text"}]}), "points"),
    ]:
        with pytest.raises(ValueError, match=reason):
            read_face(_with_record(_JPEG, record | {change[0]: change[1]}))
    with pytest.raises(ValueError, match="square"):
        read_face(_with_record(encode_jpeg(_NOISE[:100], 60), record))


def test_excluding_polygons_lie_above_and_edges_are_smooth() -> None:
    square = [(10.0, 10.0), (50.0, 10.0), (50.0, 50.0), (10.0, 50.0)]
    hole = [(20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0)]
    mask = polygon_mask([Polygon(kind="exclude", points=hole), Polygon(kind="include", points=square)], 64)
    assert mask is not None
    assert mask[15, 15] == 1
    assert mask[30, 30] == mask[5, 5] == 0
    assert mask.sum() == pytest.approx(41**2 - 21**2, rel=0.05)
    assert polygon_mask([Polygon(kind="exclude", points=hole)], 64) is None

"""faceswap's PNG header is read, and the face cut out again lands where a cut from the frame itself would."""

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_faces import draw_face
from faceswap_faces import faceswap_header, faceswap_png
from understudy.faces import align_face
from understudy.facesets import FaceFile
from understudy.facesets.exchange.faceswap_png import head_matrix, read_faceswap
from understudy.facesets.exchange.import_faces import import_faces
from understudy.facesets.exchange.python_literal import read_literal
from understudy.facesets.mask_picture import decode_mask
from understudy.project import UnderstudyError

_LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_a_face_lands_where_a_cut_from_the_frame_would() -> None:
    for seed in range(5):
        frame, face = draw_face(seed)
        found = read_faceswap(faceswap_png(seed, faceswap_header(seed)))
        assert found is not None
        meta = found.metadata
        assert meta.source.name == f"shot_{seed:06d}.png"
        assert (meta.source.width, meta.source.height) == (300, 300)
        np.testing.assert_allclose(meta.source_landmarks, face.landmarks)
        direct = align_face(frame, face, "whole_face", meta.size)
        np.testing.assert_allclose(meta.matrix, direct.matrix, atol=1e-6)
        again = cv2.imdecode(np.frombuffer(found.picture, np.uint8), cv2.IMREAD_COLOR_RGB)
        inside = slice(meta.size // 4, 3 * meta.size // 4)
        difference = np.abs(again[inside, inside].astype(int) - direct.image[inside, inside])
        assert difference.mean() < 2.5
        assert found.mask is not None
        mask = decode_mask(found.mask, meta.size)
        assert 0.2 < mask.mean() < 0.9
        assert mask[meta.size // 2, meta.size // 2] == 1


def test_the_mean_face_fills_the_middle_three_eighths_but_for_the_skulls_offset() -> None:
    _, face = draw_face(0)
    landmarks = np.asarray(face.landmarks, np.float64)
    scale = np.sqrt(np.linalg.det(head_matrix(landmarks, 512)[:, :2]))
    assert scale * 100 == pytest.approx(192, rel=1e-3)  # the drawn face's unit square is 100 pixels wide


def test_a_folder_is_imported(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    for seed in range(3):
        (tmp_path / "faces" / f"shot_{seed:06d}_0.png").write_bytes(faceswap_png(seed, faceswap_header(seed), 256))
    done = import_faces(tmp_path / "faces", tmp_path / "aligned")
    assert (done.faces, done.skipped) == (3, ())
    file = FaceFile.read(tmp_path / "aligned" / "shot_000001_0.jpg")
    assert file is not None
    assert file.metadata.backend == "faceswap"
    assert file.aligned().mask is not None
    with pytest.raises(UnderstudyError, match="--out"):
        import_faces(tmp_path / "faces", None)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("alignments", "landmarks_xy"), [[1, 2]] * 4, "shape"),
        (("alignments", "landmarks_xy"), [[1, float("inf")]] * 68, "shape"),
        (("alignments", "landmarks_xy"), [[7, 7]] * 68, "one point"),
        (("alignments", "x"), "left", "numbers"),
        (("source", "source_filename"), 3, "frame"),
        (("alignments", "mask"), {"vgg": {"stored_size": 1 << 40, "mask": b""}}, "mask"),
        (("alignments", "mask"), {"vgg": {"stored_size": 64, "mask": zlib.compress(bytes(1 << 24))}}, "mask"),
        (("alignments", "mask"), {"vgg": {"stored_size": 4, "mask": b"text"}}, "mask"),
    ],
)
def test_what_a_header_cannot_say_is_refused(place: tuple[str, str], value: object, reason: str) -> None:
    header = faceswap_header(0)
    header[place[0]][place[1]] = value
    with pytest.raises(ValueError, match=reason):
        read_faceswap(faceswap_png(0, header, 64))


@given(_LITERALS)
def test_literals_read_as_python_reads_them(value: object) -> None:
    assert read_literal(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    ["", "__import__('os')", "[1, 2", "{1: 2", "(1", "[1 2]", "{1}", "'a", "1 + 1", "[1],", "{[]: 1}", "[" * 10_000,
     "'\\x9'", "[1)", "{'a' 1}", "f'{1}'", "lambda: 1"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_literal(text)

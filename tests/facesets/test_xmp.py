"""Texts survive their picture, and a hostile packet is refused."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from understudy.facesets import xmp
from understudy.facesets.face_file import encode_jpeg

_PICTURE = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
_JPEG = encode_jpeg(_PICTURE, 90)
_PNG = bytes(cv2.imencode(".png", _PICTURE)[1])
_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


def _embed(picture: bytes, document: str) -> bytes:
    return xmp.embed(picture, {"face": document})


@pytest.mark.parametrize("picture", [_JPEG, _PNG])
@given(_XML_TEXT, _XML_TEXT)
def test_round_trip(picture: bytes, document: str, mask: str) -> None:
    both = xmp.embed(picture, {"face": document, "mask": mask})
    assert (xmp.extract(both, "face"), xmp.extract(both, "mask"), xmp.extract(both, "other")) == (document, mask, None)


@pytest.mark.parametrize("picture", [_JPEG, _PNG])
@pytest.mark.parametrize("length", [0, 64_000, 65_100, 65_400, 65_533, 130_000, 700_000])
def test_texts_of_any_length_fit(picture: bytes, length: int) -> None:
    long = "".join(map(chr, np.random.default_rng(length).integers(65, 90, length)))
    marked = xmp.embed(picture, {"face": "short", "mask": long})
    assert (xmp.extract(marked, "face"), xmp.extract(marked, "mask")) == ("short", long)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(marked))), np.asarray(Image.open(io.BytesIO(picture))))
    assert xmp.embed(marked, {"face": "one"}) == xmp.embed(picture, {"face": "one"})
    assert xmp.embed(xmp.embed(picture, {"face": long}), {"face": "one"}) == xmp.embed(picture, {"face": "one"})


def test_extended_xmp_is_announced_by_its_digest_and_refused_when_damaged() -> None:
    marked = xmp.embed(_JPEG, {"face": "short", "mask": "m" * 200_000})
    assert b'xmpNote:HasExtendedXMP="' in marked
    at = marked.index(b"m" * 1000)
    damaged = marked[:at] + b"n" + marked[at + 1 :]
    assert xmp.extract(damaged, "face") == "short"
    with pytest.raises(ValueError, match="damaged"):
        xmp.extract(damaged, "mask")


@pytest.mark.parametrize("picture", [_JPEG, _PNG])
def test_pixels_are_untouched_and_other_readers_find_the_packet(picture: bytes) -> None:
    marked = _embed(picture, '{"a": "<&>"}')
    before, after = Image.open(io.BytesIO(picture)), Image.open(io.BytesIO(marked))
    assert np.array_equal(np.asarray(before), np.asarray(after))
    packet = after.info.get("xmp") or after.info["XML:com.adobe.xmp"].encode()
    assert b'{"a": "&lt;&amp;&gt;"}' in packet


def test_the_beginning_of_the_file_is_enough() -> None:
    marked = xmp.embed(_JPEG, {"face": "document", "mask": "m" * 200_000})
    scan = marked.index(bytes((0xFF, 0xDA)))
    assert xmp.extract(marked[: scan + 4], "mask") == "m" * 200_000
    assert xmp.extract(marked[:70_000], "face") == "document"


def test_a_plain_picture_has_no_document() -> None:
    assert xmp.extract(_JPEG, "face") is None
    assert xmp.extract(_PNG, "face") is None


def test_more_than_a_picture_may_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than a picture may carry"):
        _embed(_JPEG, "x" * (xmp.MAX_BYTES + 1))


def test_entity_declarations_are_refused() -> None:
    opening = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    declaration = b'<!DOCTYPE a [<!ENTITY b "bb">]>'.ljust(len(opening))  # as long, so that the segment stays whole
    bomb = _embed(_JPEG, "x").replace(opening, declaration)
    with pytest.raises(ValueError, match="entities"):
        xmp.extract(bomb, "face")


@given(st.integers(0, 1200), st.integers(0, 255))
def test_a_damaged_header_never_crashes(at: int, value: int) -> None:
    damaged = bytearray(_embed(_JPEG, "document"))
    damaged[at] = value
    try:
        found = xmp.extract(bytes(damaged), "face")
    except ValueError:
        return
    assert found is None or isinstance(found, str)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        xmp.extract(data, "face")

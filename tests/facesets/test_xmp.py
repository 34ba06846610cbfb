"""A document survives its JPEG, and a hostile packet is refused."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from understudy.facesets import xmp
from understudy.facesets.face_file import encode_jpeg

_PICTURE = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
_JPEG = encode_jpeg(_PICTURE, 90)
_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(_XML_TEXT.filter(bool))
def test_round_trip(document: str) -> None:
    assert xmp.extract(xmp.embed(_JPEG, document)) == document


def test_a_second_document_takes_the_place_of_the_first() -> None:
    twice = xmp.embed(xmp.embed(_JPEG, "one"), "two")
    assert xmp.extract(twice) == "two"
    assert twice == xmp.embed(_JPEG, "two")


def test_pixels_are_untouched_and_other_readers_find_the_packet() -> None:
    marked = xmp.embed(_JPEG, '{"a": "<&>"}')
    before, after = Image.open(io.BytesIO(_JPEG)), Image.open(io.BytesIO(marked))
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert b'{"a": "&lt;&amp;&gt;"}' in after.info["xmp"]


def test_the_beginning_of_the_file_is_enough() -> None:
    marked = xmp.embed(_JPEG, "document")
    scan = marked.index(bytes((0xFF, 0xDA)))
    assert xmp.extract(marked[: scan + 4]) == "document"


def test_a_plain_jpeg_has_no_document() -> None:
    assert xmp.extract(_JPEG) is None


def test_too_long_a_document_is_refused() -> None:
    with pytest.raises(ValueError, match="more than an XMP packet holds"):
        xmp.embed(_JPEG, "x" * 70_000)


def test_entity_declarations_are_refused() -> None:
    opening = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    declaration = b'<!DOCTYPE a [<!ENTITY b "bb">]>'.ljust(len(opening))  # as long, so that the segment stays whole
    bomb = xmp.embed(_JPEG, "x").replace(opening, declaration)
    with pytest.raises(ValueError, match="entities"):
        xmp.extract(bomb)


@given(st.integers(0, 1200), st.integers(0, 255))
def test_a_damaged_header_never_crashes(at: int, value: int) -> None:
    damaged = bytearray(xmp.embed(_JPEG, "document"))
    damaged[at] = value
    try:
        found = xmp.extract(bytes(damaged))
    except ValueError:
        return
    assert found is None or isinstance(found, str)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        xmp.extract(data)

"""A document of plain text."""

import re
import zlib

import pytest

from understudy.project import UnderstudyError
from understudy.project.text_pdf import text_pdf


def pages(document: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", document))


def test_each_section_has_its_page_and_long_ones_have_more() -> None:
    assert pages(text_pdf([("One", ["a"]), ("Two", ["b"])])) == 2
    assert pages(text_pdf([("Long", ["word " * 40] * 60)])) > 2


def test_text_that_looks_like_a_formula_is_text() -> None:
    document = text_pdf([("Fee: $5_000 to $7^000", ["$x_1$ Ł Ж Ω"])])
    streams = [zlib.decompress(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)]
    assert pages(document) == 1
    assert any(b"Tj" in stream or b"TJ" in stream for stream in streams)


def test_a_letter_that_cannot_be_shown_is_told() -> None:
    with pytest.raises(UnderstudyError, match=r"no '漢'.*\.json"):
        text_pdf([("漢", [])])

"""The payload: its layout, and what is no payload."""

import numpy as np
import pytest

from understudy.provenance.watermark import Payload, payload_of


def test_a_message_gives_its_payload_back() -> None:
    payload = payload_of("0123456789abcdef")
    assert Payload.from_bits(payload.to_bits()) == payload
    assert np.packbits(payload.to_bits()[:64]).tobytes() == bytes([1]) + bytes.fromhex(payload.project)


def test_projects_are_told_apart_and_their_ids_kept() -> None:
    assert payload_of("0123456789abcdef") == payload_of("0123456789abcdef")
    assert payload_of("0123456789abcdef") != payload_of("0123456789abcdee")
    assert payload_of("0123456789abcdef").project not in "0123456789abcdef"


def test_every_wrong_bit_is_found() -> None:
    bits = payload_of("a").to_bits()
    for place in range(len(bits)):
        wrong = bits.copy()
        wrong[place] ^= 1
        assert Payload.from_bits(wrong) is None


@pytest.mark.parametrize("fill", [0, 1])
def test_constant_bits_are_no_payload(fill: int) -> None:
    assert Payload.from_bits(np.full(96, fill, np.uint8)) is None


@pytest.mark.parametrize(("project", "version"), [("xyz", 1), ("A" * 14, 1), ("0" * 14, 0), ("0" * 14, 256)])
def test_what_does_not_fit_is_refused(project: str, version: int) -> None:
    with pytest.raises(ValueError, match="watermark"):
        Payload(project, version)

"""Stored pictures are turned as their files say."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from understudy.media.orientation import Orientation, from_exif


@pytest.mark.parametrize("tag", range(1, 9))
def test_exif_orientation_turns_as_pillow_does(tag):
    stored = np.random.default_rng(tag).integers(0, 255, (4, 6, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = tag
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(buffer)))
    orientation = from_exif(tag)
    np.testing.assert_array_equal(orientation.apply(stored), expected)
    assert orientation.size(6, 4) == expected.shape[1::-1]


def test_values_that_the_standard_does_not_define_leave_the_picture_alone():
    for tag in (None, 0, 9, "6", b"\x06"):
        assert from_exif(tag) == Orientation()

"""The watermark is read from one picture, whatever befell it, and from nothing else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.provenance.watermark import Embedder, payload_of, read_frame

PAYLOAD = payload_of("0123456789abcdef")


def scaled(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=kind), np.uint8)


def jpeg(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def inset(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    canvas = np.random.default_rng(5).integers(0, 256, (45, 80, 3), dtype=np.uint8)
    canvas = cv2.resize(canvas, (640, 360), interpolation=cv2.INTER_CUBIC)
    canvas[133:313, 71:391] = scaled(pixels, 0.5)
    return canvas


ATTACKS = {
    "nothing": lambda p: p,
    "JPEG at 70": lambda p: jpeg(p, 70),
    "half": lambda p: scaled(p, 0.5),
    "twice": lambda p: scaled(p, 2),
    "an odd scale": lambda p: scaled(p, 0.831),
    "another aspect": lambda p: cv2.resize(p, (640, 352), interpolation=cv2.INTER_AREA),
    "crop": lambda p: p[18:342, 32:608],
    "off-centre crop": lambda p: p[36:, 64:],
    "mirror": lambda p: p[:, ::-1],
    "brighter": lambda p: np.clip(p * 1.15, 0, 255).astype(np.uint8),
    "gamma": lambda p: (255 * (p / 255) ** 1.15).astype(np.uint8),
    "blur": lambda p: cv2.GaussianBlur(p, (0, 0), 1.0),
    "picture in picture": inset,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_read_after(picture: NDArray[np.uint8], attack: str) -> None:
    marked = Embedder(PAYLOAD, 360, 640).mark(picture)
    reading = read_frame(np.ascontiguousarray(ATTACKS[attack](marked)))
    assert reading is not None
    assert reading.payload == PAYLOAD
    assert reading.score > 8
    assert reading.mirrored == (attack == "mirror")


def test_the_scale_is_told(picture: NDArray[np.uint8]) -> None:
    marked = scaled(Embedder(PAYLOAD, 360, 640).mark(picture), 0.75)
    reading = read_frame(marked)
    assert reading is not None
    assert (reading.scale_x, reading.scale_y) == pytest.approx((0.75, 0.75), rel=0.01)


def test_unmarked_pictures_say_nothing(picture: NDArray[np.uint8]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, picture.shape, dtype=np.uint8)
    for pixels in (picture, noise, np.zeros_like(noise), np.full_like(noise, 128)):
        assert read_frame(pixels) is None

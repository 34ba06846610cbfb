"""What each way of compositing costs: 1280x720, one face whose square is 320 pixels wide, on one core.

    python benchmarks/merging_stages.py [--resolution 128] [--frames 24]

Milliseconds of processor time a frame, the face's crop included and the network left out; medians, all in turn on the
same frames. Baseline: the face and its mask warped into, and blended over, the whole frame in float, as offline
mergers of this field do, with rct.
"""

import argparse
import time
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from understudy.faces import face_matrix, invert
from understudy.faces.template import MEAN_FACE
from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.composite import composite
from understudy.merging.crops import face_crop
from understudy.merging.moment import Moment
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

WIDTH, HEIGHT = 1280, 720
FACE_WIDTH = 150  # pixels between the outer ends of the brows
WAY = np.array([20, 0], np.float32)  # pixels from frame to frame
VARIANTS: dict[str, dict[str, Any]] = {
    "overlay, no colours": {"color_transfer": "none"},
    "overlay, rct": {},
    **{f"overlay, {kind}": {"color_transfer": kind} for kind in ("lct", "mkl", "idt", "sot-m", "mix-m")},
    "hist-match": {"mode": "hist-match"},
    "seamless": {"mode": "seamless"},
    "light": {"light": 100.0},
    "linear light": {"linear_light": True},
    "sharpen": {"sharpen": 30.0},
    "motion blur of 10 pixels": {"motion_blur": 50.0},
    "sharpness": {"match_sharpness": 100.0},
    "grain": {"match_grain": 100.0},
}


def baseline(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], mask: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Whole frames in float."""
    size = len(mask)
    matrix = face_matrix(landmarks, "whole_face", size)
    unit = pixels.astype(np.float32) / 255
    face: NDArray[Any] = np.clip(cv2.warpAffine(unit, matrix, (size, size), flags=cv2.INTER_CUBIC), 0, 1)
    soft: NDArray[Any] = cv2.GaussianBlur(mask, (0, 0), size / 64)
    face = transfer_color("rct", face, ColorSamples(face.reshape(-1, 3), face.reshape(-1, 3), soft.reshape(-1)))
    back = invert(matrix)
    over = np.clip(cv2.warpAffine(face, back, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)
    alpha = np.clip(cv2.warpAffine(soft, back, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), 0, 1)[..., None]
    return (np.clip(unit * (1 - alpha) + over * alpha, 0, 1) * 255).astype(np.uint8)


def understudy(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], mask: NDArray[np.float32], asked: dict[str, Any]
) -> None:
    """The program's own way."""
    size = len(mask)
    crop = face_crop(pixels, face_matrix(landmarks, "whole_face", size), size)
    prediction = Prediction(crop, crop.copy(), mask, mask)
    moment = Moment(before=landmarks - WAY, after=landmarks + WAY)
    composite(pixels, landmarks, prediction, MergeSettings(**asked), face_type="whole_face", moment=moment)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--resolution", type=int, default=128, help="of the network, in pixels")
    parser.add_argument("--frames", type=int, default=24)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    noise = np.random.default_rng(0).integers(0, 256, (45, 80, 3), dtype=np.uint8)
    pixels = np.asarray(cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    face = np.concatenate([jaw, MEAN_FACE]) * FACE_WIDTH
    place = np.linspace(-1, 1, options.resolution)
    mask = np.clip((0.65 - np.hypot(place, 0.85 * place[:, None])) * 30, 0, 1).astype(np.float32)
    spent: dict[str, list[float]] = {label: [] for label in ("baseline", *VARIANTS)}
    for index in range(options.frames):
        landmarks = (face + np.array([500 + 2.3 * index, 250 + 0.7 * index])).astype(np.float32)
        start = time.process_time()
        baseline(pixels, landmarks, mask)
        spent["baseline"].append(time.process_time() - start)
        for label, asked in VARIANTS.items():
            start = time.process_time()
            understudy(pixels, landmarks, mask, asked)
            spent[label].append(time.process_time() - start)
    costs = {label: 1000 * float(np.median(times)) for label, times in spent.items()}
    for label, cost in costs.items():
        print(f"{label:<26} {cost:6.1f} ms   {costs['baseline'] / cost:4.1f}x the baseline's speed")


if __name__ == "__main__":
    main()

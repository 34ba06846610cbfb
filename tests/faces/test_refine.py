"""More looks make steadier landmarks, always the same ones."""

from dataclasses import replace

import numpy as np

from understudy.faces import ExtractSettings, find_faces

from .conftest import Clip


def test_noise_moves_refined_landmarks_less(clip: Clip) -> None:
    still = clip("headpose_m.mp4", 1)[0]
    rng = np.random.default_rng(0)
    frames = [
        replace(still, index=index, pixels=np.clip(still.pixels + rng.normal(0, 6, still.pixels.shape), 0, 255))
        for index in range(12)
    ]
    frames = [replace(frame, pixels=frame.pixels.astype(np.uint8)) for frame in frames]

    def points(refine: int) -> np.ndarray:
        return np.array([faces[0].landmarks for _, faces in find_faces(frames, ExtractSettings(refine=refine))])

    refined = points(4)
    assert refined.std(axis=0).mean() < 0.95 * points(0).std(axis=0).mean()
    assert np.array_equal(points(4), refined)

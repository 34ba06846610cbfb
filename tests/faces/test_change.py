"""Unconnected frames give each the landmarks that it would have alone."""

from dataclasses import replace

import numpy as np

from understudy.faces import ExtractSettings, find_faces

from .conftest import Clip


def test_shuffled_frames_are_found_as_if_alone(clip: Clip) -> None:
    frames = clip("headpose_f.mp4")
    order = np.random.default_rng(3).permutation(len(frames))
    shuffled = [replace(frames[k], index=index) for index, k in enumerate(order)]
    found = [faces for _, faces in find_faces(shuffled, ExtractSettings())]
    alone = [faces for _, faces in find_faces(shuffled, ExtractSettings(detect_every=1))]
    for one, other in zip(found, alone, strict=True):
        assert len(one) == len(other) == 1
        height = other[0].box[3] - other[0].box[1]
        assert np.linalg.norm(one[0].landmarks - other[0].landmarks, axis=1).mean() < 0.05 * height

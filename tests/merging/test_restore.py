import numpy as np
import pytest
import torch

from understudy import zoo
from understudy.facesets import super_resolution
from understudy.merging import restore
from understudy.merging.composite import composite
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

ENLARGED = np.array([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0]])  # two frame pixels in a pixel of the face


@pytest.fixture
def fetched(monkeypatch, tmp_path):
    """A network of random weights, as if it had been fetched: the published ones are not part of the project."""
    torch.manual_seed(0)
    network = super_resolution.SuperResolution().eval()
    monkeypatch.setattr(zoo, "path", lambda name: tmp_path / name)
    monkeypatch.setattr(restore, "_network", lambda: network)


@pytest.fixture
def face():
    y, x = np.mgrid[:48, :48]
    return np.stack([0.5 + 0.2 * np.sin(x / 5 + k) + 0.2 * np.cos(y / 7 - k) for k in range(3)], -1).astype(np.float32)


def test_without_the_network_the_face_stays_and_one_line_says_why(face, monkeypatch):
    monkeypatch.setattr(zoo, "path", lambda name: None)
    assert restore.restore_detail(face, ENLARGED, 1.0) is face
    assert "models fetch real-esrgan" in restore.missing_network([MergeSettings(super_resolution=50)])[0]
    assert restore.missing_network([MergeSettings()]) == ()


def test_a_face_that_the_frame_shows_no_larger_needs_no_detail(face, fetched):
    assert restore.restore_detail(face, 2.1 * ENLARGED, 1.0) is face
    assert restore.missing_network([MergeSettings(super_resolution=50)]) == ()


def test_the_power_blends_between_plain_and_restored(face, fetched):
    small, half, full = (restore.restore_detail(face, ENLARGED, power) for power in (1e-6, 0.5, 1.0))
    assert small.shape == (192, 192, 3)
    assert small.dtype == np.float32
    assert np.abs(small[::4, ::4] - face).max() < 1e-3  # nothing has moved
    assert np.abs(full - small).max() > 0.05
    assert np.allclose(half, (small + full) / 2, atol=1e-4)


def test_the_finer_face_lies_where_the_face_lay(face, fetched, place_face, oval):
    frame = np.full((240, 320, 3), 128, np.uint16)
    prediction = Prediction(face, face, oval(48), oval(48))
    plain, restored = (
        composite(
            frame,
            place_face(160, 120, 60),
            prediction,
            MergeSettings(color_transfer="none", super_resolution=power),
            face_type="whole_face",
        )
        for power in (0.0, 1e-3)
    )
    assert np.array_equal(plain.alpha, restored.alpha)
    assert np.abs(plain.pixels.astype(int) - restored.pixels).max() < 65535 * 0.01

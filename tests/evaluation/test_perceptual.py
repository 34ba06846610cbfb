"""The perceptual distance orders pictures as eyes do, and is LPIPS where LPIPS's files are."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from understudy import zoo
from understudy.actors import Identity, PerformanceFrame, Scene, render
from understudy.evaluation import perceptual
from understudy.evaluation.perceptual import perceptual_distance
from understudy.project.errors import UnderstudyError

Image = NDArray[np.uint8]
SIZE = 200  # not a size that the network takes: the padding takes part


@pytest.fixture(scope="module")
def face() -> Image:
    try:
        zoo.fetch("face-mesh")
    except UnderstudyError as error:
        pytest.skip(str(error))
    return render(Identity.from_seed(1), PerformanceFrame(), Scene(), SIZE).pixels


def _blurred(face: Image, strength: float) -> Image:
    return np.asarray(cv2.GaussianBlur(face, (0, 0), strength), np.uint8)


def _noisy(face: Image, strength: float) -> Image:
    noise = np.random.default_rng(0).standard_normal(face.shape)
    return np.clip(face + 2 * strength * noise, 0, 255).astype(np.uint8)


def _warped(face: Image, strength: float) -> Image:
    flows = np.random.default_rng(1).standard_normal((2, SIZE, SIZE)).astype(np.float32)
    dx, dy = (cv2.GaussianBlur(flow, (0, 0), 12) * 30 * strength for flow in flows)
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    return np.asarray(cv2.remap(face, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8)


@pytest.mark.parametrize("damage", [_blurred, _noisy, _warped])
def test_more_damage_is_farther(face: Image, damage: Callable[[Image, float], Image]) -> None:
    distances = [perceptual_distance(face, damage(face, strength)) for strength in (0.5, 1, 2, 4, 8)]
    assert distances[0] > 0
    assert all(nearer < 0.8 * farther for nearer, farther in pairwise(distances))


def test_equal_pictures_have_no_distance_and_order_does_not_matter(face: Image) -> None:
    other = _blurred(face, 2)
    assert perceptual_distance(face, face) == 0
    assert perceptual_distance(face, other) == pytest.approx(perceptual_distance(other, face), rel=1e-6)


def test_another_performer_is_farther_than_another_light_on_the_same(face: Image) -> None:
    other = render(Identity.from_seed(2), PerformanceFrame(), Scene(), SIZE).pixels
    brighter = np.clip(face * 1.2, 0, 255).astype(np.uint8)
    assert perceptual_distance(face, other) > 5 * perceptual_distance(face, brighter)


def test_what_lies_outside_the_mask_hardly_counts(face: Image) -> None:
    damaged = face.copy()
    damaged[:, SIZE // 2 :] = _noisy(face, 16)[:, SIZE // 2 :]
    left, right = np.zeros((2, SIZE, SIZE), np.float32)
    left[:, : SIZE // 4] = 1
    right[:, SIZE // 2 :] = 1
    assert perceptual_distance(face, damaged, right) > 20 * perceptual_distance(face, damaged, left)


def test_unlike_shapes_and_empty_masks_are_refused(face: Image) -> None:
    with pytest.raises(ValueError, match="shape"):
        perceptual_distance(face, face[:-1])
    with pytest.raises(ValueError, match="empty"):
        perceptual_distance(face, face, np.zeros((SIZE, SIZE), np.float32))


def test_with_its_files_it_is_lpips(face: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the paper's formula on the whole network, with weights drawn at random in the shape of the files."""
    torch.manual_seed(0)
    network = nn.Sequential(
        *(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU()),
    )
    torch.save({f"features.{name}": value for name, value in network.state_dict().items()}, tmp_path / "alexnet")
    heads = {f"lin{k}.model.1.weight": torch.rand(1, c, 1, 1) for k, c in enumerate((64, 192, 384, 256, 256))}
    torch.save(heads, tmp_path / "lpips-alexnet")
    monkeypatch.setattr(zoo, "fetch", lambda name: tmp_path / name)
    perceptual._network.cache_clear()

    def features(image: Image) -> list[torch.Tensor]:
        x = torch.from_numpy(image / 127.5 - 1).permute(2, 0, 1)[None].float()
        x = (x - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor([0.458, 0.448, 0.450])[
            :, None, None
        ]
        taken = []
        for layer in network:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                taken.append(x / x.square().sum(dim=1, keepdim=True).sqrt())
        return taken

    other = _blurred(face, 2)
    with torch.inference_mode():
        pairs = zip(features(face), features(other), heads.values(), strict=True)
        expected = sum(float(((a - b).square() * head).sum(dim=1).mean()) for a, b, head in pairs)
    measured = perceptual_distance(face, other, backend="lpips-alexnet")
    perceptual._network.cache_clear()
    assert measured == pytest.approx(expected, rel=1e-4)

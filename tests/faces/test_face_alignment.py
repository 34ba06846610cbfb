"""S3FD and FAN are read as the package `face-alignment` reads them.

Its trained weights come from the authors' site alone, so the networks here have random ones: shapes, coordinates and
decoding are proved, and how well they find faces is not.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from understudy import zoo
from understudy.faces import Region
from understudy.faces.fan import FAN, FAN3D, decode_heat_maps, fan_region
from understudy.faces.s3fd import S3FD
from understudy.project.errors import UnderstudyError

os.environ["NUMBA_DISABLE_JIT"] = "1"  # compiling the package's few loops takes longer than running them
package = pytest.importorskip("face_alignment", reason="the extra face-alignment is not installed")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path))
    folder = zoo.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    return folder


def _save(network: torch.nn.Module, path: Path) -> torch.nn.Module:
    torch.save(network.state_dict(), path)
    return network.eval()


def test_heat_maps_are_decoded_as_the_package_decodes_them() -> None:
    from face_alignment.utils import get_preds_fromhm

    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:64, :64]
    places = np.concatenate([rng.uniform(-1, 64, (60, 2)), rng.integers(0, 64, (8, 2))])
    maps = np.exp(-((columns - places[:, 0, None, None]) ** 2 + (rows - places[:, 1, None, None]) ** 2) / 4)
    cells, score = decode_heat_maps(maps.astype(np.float32))
    theirs, _, scores = get_preds_fromhm(maps.astype(np.float32)[None])
    np.testing.assert_allclose(cells + 0.5, theirs[0], atol=1e-5)
    assert score == pytest.approx(float(scores.mean()), abs=1e-5)
    inside = ((places > 1) & (places < 62)).all(axis=1)
    assert np.abs(cells - places)[inside].max() <= 0.5


def test_the_network_sees_what_the_package_shows_it() -> None:
    """Up to the pixel to which the package rounds its crop's corners."""
    from face_alignment.utils import CENTER_Y_OFFSET, REFERENCE_SCALE, crop

    rng = np.random.default_rng(1)
    image = np.kron(rng.integers(0, 255, (15, 20, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    left, top, side = 90.0, 70.0, 80.0
    centre = np.array([left + side / 2, top + side / 2 - CENTER_Y_OFFSET * side])
    theirs = crop(image, centre, 2 * side / REFERENCE_SCALE).astype(float)
    from understudy.faces import warp
    from understudy.faces.fan import _MARGIN

    region = fan_region(Region(left + side / 2, top + side / 2, side, 0.0))
    ours = warp(image, region.matrix(256, _MARGIN), 256, cubic=False).astype(float)
    a, b = ours - ours.mean(), theirs - theirs.mean()
    assert (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FAN, FAN3D])
def test_landmarks_turn_with_the_region(cache: Path, kind: type[FAN]) -> None:
    from face_alignment import models

    _save(models.FAN(4), cache / kind._file)
    landmarker = kind()
    image = np.random.default_rng(2).integers(0, 255, (201, 201, 3)).astype(np.uint8)
    upright = landmarker.landmarks(image, Region(100, 100, 60, 0.0))
    turned = landmarker.landmarks(np.ascontiguousarray(np.rot90(image, -1)), Region(100, 100, 60, np.pi / 2))
    assert upright.points.shape == (68, 2)
    assert 0 <= upright.score <= 1
    x, y = upright.points.T
    assert np.median(np.abs(turned.points - np.stack([200 - y, x], axis=1))) < 1.0


@pytest.mark.slow
def test_a_detection_is_the_packages_with_pixel_centres_at_integers(cache: Path) -> None:
    from face_alignment.detection.sfd import FaceDetector
    from face_alignment.detection.sfd.net_s3fd import s3fd

    path = cache / "s3fd-619a316812.pth"
    network = s3fd()
    torch.nn.init.constant_(network.conv3_3_norm_mbox_conf.bias, -9.0)
    with torch.no_grad():  # of six scales, one speaks, and only somewhat
        for name, layer in network.named_modules():
            if name.endswith("mbox_conf"):
                layer.bias.copy_(torch.tensor([9.0] * (len(layer.bias) - 1) + [-9.0]))
        network.conv7_2_mbox_conf.bias.copy_(torch.tensor([0.0, 1.0]))
    _save(network, path)
    image = np.random.default_rng(3).integers(0, 255, (128, 192, 3)).astype(np.uint8)
    theirs = FaceDetector("cpu", path_to_detector=str(path), filter_threshold=0.3).detect_from_image(image)
    ours = S3FD().detect(image)
    assert 0 < len(ours) <= len(theirs)
    best = max(theirs, key=lambda row: row[4])
    near = min(np.abs(hit.box + 0.5 - best[:4]).max() for hit in ours)
    assert near < 0.35 * (best[2] - best[0])
    assert ours[0].confidence == pytest.approx(best[4], abs=1e-5)


def test_weights_that_are_not_there_are_one_line(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / FAN._file).write_bytes(b"no weights")
    with pytest.raises(UnderstudyError, match="cannot load the weights") as fault:
        FAN()
    assert "\n" not in str(fault.value)

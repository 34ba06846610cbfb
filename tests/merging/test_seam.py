import numpy as np
import pytest

from understudy.merging.seam import follow_seam

SIZE = 128
CENTRE = np.array([63.5, 63.5])
PLACE = np.arange(SIZE, dtype=np.float32) - np.float32(63.5)
DISTANCE = np.hypot(PLACE[None, :], PLACE[:, None])


def feathered(radius=35.0, width=12.0):
    return np.clip((radius - DISTANCE) / np.float32(width) + 0.5, 0.0, 1.0).astype(np.float32)


def ring(radius, *, else_by=0.4):
    """A face and a plate that agree on a ring, and differ by `else_by` away from it."""
    difference = np.float32(else_by) * np.clip(np.abs(DISTANCE - radius) / 3, 0.0, 1.0)
    plate = np.full((SIZE, SIZE, 3), 0.3, np.float32)
    return plate + difference[..., None], plate


def follow(mask, face, plate, strength=1.0, reach=10.0):
    return follow_seam(mask, face, plate, centre=CENTRE, reach=reach, strength=strength)


def radius_of(mask):
    return float(np.sqrt((mask >= 0.5).sum() / np.pi))


@pytest.mark.parametrize("radius", [30.0, 35.0, 41.0])
def test_the_edge_goes_to_where_face_and_plate_agree(radius):
    assert radius_of(follow(feathered(), *ring(radius))) == pytest.approx(radius, abs=1.2)


def test_strength_is_the_share_of_the_way():
    shares = [radius_of(follow(feathered(), *ring(41.0), strength=share)) for share in (0.0, 0.5, 1.0)]
    assert shares[1] == pytest.approx((shares[0] + shares[2]) / 2, abs=0.5)
    assert np.array_equal(follow(feathered(), *ring(41.0), strength=0.0), feathered())


def test_the_edge_stays_where_nothing_tells_places_apart():
    plate = np.full((SIZE, SIZE, 3), 0.3, np.float32)
    for face in (plate, plate + 0.2):
        assert np.abs(follow(feathered(), face, plate) - feathered()).max() < 0.03


def test_what_lies_beyond_the_reach_has_no_say():
    assert radius_of(follow(feathered(), *ring(52.0))) == pytest.approx(35.0, abs=1.5)


def test_the_result_changes_little_with_little_changes():
    """Two rings that are about as good: the edge lies between, and noise does not throw it from one to the other."""
    near, plate = ring(31.0)
    far, _ = ring(40.0)
    radii = []
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(0, 0.02, near.shape).astype(np.float32)
        radii.append(radius_of(follow(feathered(), np.minimum(near, far) + noise, plate)))
    assert np.ptp(radii) < 1.0


def test_the_contour_closes_without_a_step():
    face, plate = ring(35.0)
    turned = np.where(PLACE[:, None] < 0, ring(39.0)[0].transpose(2, 0, 1), face.transpose(2, 0, 1)).transpose(1, 2, 0)
    result = follow(feathered(), np.ascontiguousarray(turned), plate)
    angles = np.linspace(-np.pi, np.pi, 240, endpoint=False)
    away = np.arange(20.0, 55.0, 0.25)
    edge = []
    for angle in angles:
        x, y = 63.5 + away * np.cos(angle), 63.5 + away * np.sin(angle)
        line = result[np.rint(y).astype(int), np.rint(x).astype(int)]
        edge.append(away[np.flatnonzero(line >= 0.5)[-1]])
    assert np.abs(np.diff([*edge, edge[0]])).max() < 2.5
    assert edge[60] == pytest.approx(39.0, abs=1.5)  # above
    assert edge[180] == pytest.approx(35.0, abs=1.5)  # below


def test_the_mask_still_ends_before_the_border():
    face, plate = ring(62.0)
    result = follow(feathered(radius=56.0, width=12.0), face, plate)
    assert result[0].max() == result[-1].max() == result[:, 0].max() == result[:, -1].max() == 0.0
    assert 0.0 <= result.min() <= result.max() <= 1.0

"""Numbers of the field's program, against its formulas written out plainly in double precision."""

import cv2
import numpy as np
import pytest

from understudy.merging.dfl_color import match_histogram_as_dfl, transfer_color_as_dfl

SIZE = 48


@pytest.fixture
def pictures():
    random = np.random.default_rng(6)
    mixing = np.array([[0.08, 0.03, 0.01], [0.02, 0.06, 0.02], [0.01, 0.02, 0.04]])
    face = 0.45 + random.standard_normal((SIZE, SIZE, 3)).clip(-2, 2) @ mixing
    reference = np.array([0.6, 0.5, 0.4]) + random.standard_normal((SIZE, SIZE, 3)).clip(-2, 2) @ mixing.T
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[10:40, 12:36] = 1.0
    mask[8:10] = 0.01  # the feather counts as whole
    return face.astype(np.float32), reference.astype(np.float32), mask


def test_rct_counts_pixels_outside_of_the_mask_as_black(pictures):
    face, reference, mask = pictures
    lab, wanted = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB) for one in (face, reference))
    expected = np.empty_like(lab)
    for channel, (low, high) in enumerate([(0, 100), (-127, 127), (-127, 127)]):
        t, s = lab[..., channel].astype(float), wanted[..., channel].astype(float)
        t_counted, s_counted = np.where(mask > 0, t, 0), np.where(mask > 0, s, 0)
        moved = (t - t_counted.mean()) * s_counted.std() / t_counted.std() + s_counted.mean()
        expected[..., channel] = np.clip(moved, low, high)
    expected = np.clip(cv2.cvtColor(expected, cv2.COLOR_LAB2RGB), 0, 1)
    assert np.abs(transfer_color_as_dfl("rct", face, reference, mask) - expected).max() < 1 / 255


def test_rct_contrast_follows_brightness_as_the_field_knows_it():
    """Half of the square masked, means 30 and 60 of lightness, equal spreads of 12: a gain of 1.81."""
    random = np.random.default_rng(0)
    mask = np.zeros((64, 64), np.float32)
    mask[:, :32] = 1.0
    pattern = np.where(random.random((64, 64)) < 0.5, -12.0, 12.0)
    grey = [np.dstack([mean + pattern, 0 * pattern, 0 * pattern]).astype(np.float32) for mean in (30, 60)]
    face, reference = (cv2.cvtColor(one, cv2.COLOR_LAB2RGB) for one in grey)
    result = cv2.cvtColor(transfer_color_as_dfl("rct", face, reference, mask), cv2.COLOR_RGB2LAB)[..., 0]
    spread = np.ptp(result[pattern < 0]) + abs(result[pattern > 0].mean() - result[pattern < 0].mean())
    assert np.isclose(spread / 24, 1.81, atol=0.06)


def test_lct_looks_at_the_whole_square(pictures):
    face, reference, mask = pictures
    t, s = face.reshape(-1, 3).astype(float), reference.reshape(-1, 3).astype(float)
    roots = []
    for x in (t, s):
        values, vectors = np.linalg.eigh(np.cov(x.T, ddof=0) + 1e-5 * np.eye(3))
        roots.append(vectors @ np.diag(np.sqrt(values)) @ vectors.T)
    expected = (roots[1] @ np.linalg.inv(roots[0]) @ (t - t.mean(0)).T).T + s.mean(0)
    result = transfer_color_as_dfl("lct", face, reference, mask)
    assert np.abs(result - expected.clip(0, 1).reshape(face.shape)).max() < 1e-5


@pytest.mark.parametrize("kind", ["mkl", "mkl-m"])
def test_mkl_with_the_zeros_of_its_masked_form(pictures, kind):
    face, reference, mask = pictures
    area = (mask > 0)[..., None] if kind == "mkl-m" else 1.0
    t, s = ((one * area).reshape(-1, 3).astype(float) for one in (face, reference))
    a, b = np.cov(t.T), np.cov(s.T)
    e, u = np.linalg.eigh(a)
    root, inverse = u @ np.diag(np.sqrt(e)) @ u.T, u @ np.diag(1 / np.sqrt(e)) @ u.T
    e, u = np.linalg.eigh(root @ b @ root)
    transform = inverse @ u @ np.diag(np.sqrt(e)) @ u.T @ inverse
    expected = (t - t.mean(0)) @ transform + s.mean(0)
    result = transfer_color_as_dfl(kind, face, reference, mask)
    assert np.abs(result - expected.clip(0, 1).reshape(face.shape)).max() < 1e-5


@pytest.mark.parametrize("kind", ["idt", "idt-m"])
def test_idt_goes_two_thirds_of_the_way_on_average(pictures, kind):
    """The formula with random rotations, averaged over runs, has the mean and the spread that come out here."""
    face, reference, mask = pictures
    area = (mask > 0)[..., None] if kind == "idt-m" else np.ones((SIZE, SIZE, 1))
    t, s = ((one * area).reshape(-1, 3).astype(float) for one in (face, reference))
    random = np.random.default_rng(1)
    for _ in range(20):
        rotation = np.linalg.qr(random.standard_normal((3, 3)))[0]
        along, goal = t @ rotation.T, s @ rotation.T
        matched = np.empty_like(along)
        for axis in range(3):
            matched[np.argsort(along[:, axis]), axis] = np.sort(goal[:, axis])
        t = t + (matched - along) @ rotation / 20
    result = transfer_color_as_dfl(kind, face, reference, mask).reshape(-1, 3)
    inside = np.broadcast_to(area, (SIZE, SIZE, 1)).reshape(-1) > 0
    assert np.abs(result[inside].mean(0) - t[inside].mean(0)).max() < 2.5 / 255
    assert np.abs(result[inside].std(0) - t[inside].std(0)).max() < 2.5 / 255


@pytest.mark.parametrize("kind", ["sot-m", "mix-m"])
def test_the_random_ones_bring_the_mean_over(pictures, kind):
    face, reference, mask = pictures
    result = transfer_color_as_dfl(kind, face, reference, mask)
    inside = mask == 1
    before = np.abs(face[inside].mean(0) - reference[inside].mean(0)).max()
    assert np.abs(result[inside].mean(0) - reference[inside].mean(0)).max() < 0.35 * before


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("threshold", [255, 200])
def test_histogram_without_bins(pictures, masked, threshold):
    face, reference, mask = pictures
    result = match_histogram_as_dfl(face, reference, mask if masked else None, threshold=threshold)
    for channel in range(3):
        t, s = face[..., channel].copy(), reference[..., channel].copy()
        if masked:
            t[mask == 0] = s[mask == 0] = 1.0
        t, s = t.ravel(), s.ravel()
        wanted = np.unique(s)
        shares = np.array([(s <= value).mean() * 255 for value in wanted])
        expected = [np.interp((t <= value).mean() * threshold, shares, wanted) for value in t]
        assert np.abs(result[..., channel].ravel() - expected).max() < 1e-5

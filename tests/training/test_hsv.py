"""Hue, saturation and value are those of OpenCV, and move as far as they were told to."""

import cv2
import pytest
import torch
from torch import Generator

from understudy.training.hsv import draw_hsv, hsv_to_rgb, rgb_to_hsv, shift_hsv

IMAGES = torch.rand(2, 3, 20, 20, generator=Generator().manual_seed(0))
IMAGES[0, :, 0, :5] = torch.tensor([[0.0, 1, 0.5, 1, 0], [0, 1, 0.5, 0, 1], [0, 1, 0.5, 0, 1]])


def test_equals_opencv_and_returns() -> None:
    for image, found in zip(IMAGES, torch.stack(rgb_to_hsv(IMAGES), 1), strict=True):
        expected = cv2.cvtColor(image.permute(1, 2, 0).numpy(), cv2.COLOR_RGB2HSV)
        torch.testing.assert_close(found.permute(1, 2, 0), torch.from_numpy(expected), rtol=0, atol=1e-3)
    torch.testing.assert_close(hsv_to_rgb(*rgb_to_hsv(IMAGES)), IMAGES, rtol=0, atol=1e-6)


def test_shift_equals_opencv() -> None:
    shifts = torch.tensor([[30.0, 0.1, -0.1], [-40, -0.2, 0.15]])
    for image, (hue, saturation, value), found in zip(IMAGES, shifts.tolist(), shift_hsv(IMAGES, shifts), strict=True):
        hsv = cv2.cvtColor(image.permute(1, 2, 0).numpy(), cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0] + hue) % 360
        hsv[..., 1] = (hsv[..., 1] + saturation).clip(0, 1)
        hsv[..., 2] = (hsv[..., 2] + value).clip(0, 1)
        expected = torch.from_numpy(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
        torch.testing.assert_close(found.permute(1, 2, 0), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("power", "degrees"), [(0.3, 54), (0.1, 18), (0.001, 1)])
def test_draws(power: float, degrees: int) -> None:
    hue, saturation, value = draw_hsv(4000, Generator().manual_seed(0), power=power).unbind(1)
    assert hue.min() == -degrees
    assert hue.max() == degrees
    assert torch.equal(hue, hue.round())
    for shift in (saturation, value):
        assert 0.95 * power / 2 < shift.abs().max() <= power / 2
        assert abs(shift.mean()) < 0.03 * power

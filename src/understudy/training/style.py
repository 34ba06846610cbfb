"""Style losses: what draws the swapped face towards the colours of the dst face and its surroundings."""

import torch
from torch import Tensor

from understudy.training.losses import dssim, dssim_windows, gaussian_blur, mean_square


def face_style_loss(swap: Tensor, dst: Tensor, power: float) -> Tensor:
    """Difference of two faces' colours and contrast, per sample: (B,).

    Mean and standard deviation of each channel after a blur by an eighth of the side, squared differences summed over
    channels, times 100/3 `power`.

    Args:
        swap, dst: (B, 3, S, S), each times its mask.
        power: 0..100.
    """
    sigma = swap.shape[-1] // 8
    means, spreads = [], []
    for image in (swap, dst):
        blurred = gaussian_blur(image, sigma)
        means.append(blurred.mean((2, 3)))
        spreads.append((blurred.var((2, 3), correction=0) + 1e-5).sqrt())
    difference = (means[0] - means[1]).square() + (spreads[0] - spreads[1]).square()
    return 100 * power / 3 * difference.sum(1)


def background_style_loss(swap: Tensor, dst: Tensor, outside: Tensor, power: float) -> Tensor:
    """Difference of two pictures around the face, per sample: (B,); a tenth of `power` times (DSSIM + mean squares).

    Args:
        swap, dst: (B, 3, S, S).
        outside: (B, 1, S, S), 0 on the face, 1 around it.
        power: 0..100.
    """
    seen, wanted = swap * outside, dst * outside
    wide, _ = dssim_windows(swap.shape[-1])
    return power / 10 * (dssim(seen, wanted, wide).mean(1) + mean_square(seen - wanted))


def outside_of_both(swap_mask: Tensor, dst_mask: Tensor) -> Tensor:
    """Where neither the swapped nor the dst face is, soft-edged: (B, 1, S, S).

    The field's program computes this map and then uses the mask of an unrelated src face in its place.
    """
    both = gaussian_blur(swap_mask * dst_mask, max(1, swap_mask.shape[-1] // 32))
    return 1 - torch.clamp(both, 0, 1)

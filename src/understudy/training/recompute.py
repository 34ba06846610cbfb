"""Inner results that are computed again in the backward pass instead of being kept for it."""

import functools

from torch import nn
from torch.utils.checkpoint import checkpoint


def recompute(network: nn.Module, on: bool) -> None:
    """Let every block of convolutions keep nothing but its input (Chen et al. 2016), or let it keep all again.

    A block is a module with a convolution among its own parts. Its inner results, of which there are two to four times
    as many numbers as in its input, exist a second time in the backward pass, one block at a time.
    """
    for block in network.modules():
        if any(isinstance(part, nn.Conv2d) for part in block.children()) and not isinstance(block, nn.Sequential):
            block.__dict__.pop("forward", None)
            if on:
                again = functools.partial(checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False)
                block.__dict__["forward"] = again

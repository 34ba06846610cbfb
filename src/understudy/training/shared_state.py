"""A checkpoint that one process reads and all go on from, whatever disks the others have."""

import math
from collections.abc import Callable
from dataclasses import replace

from understudy.models import SwapNetwork, create_model
from understudy.training.checkpoint import TrainingState
from understudy.training.ranks import Ranks

_NOTHING = TrainingState(iteration=0, seconds=0.0, settings={}, losses=(math.nan, math.nan), tensors={})


def led_checkpoint(
    ranks: Ranks, load: Callable[[], tuple[SwapNetwork, TrainingState] | None]
) -> tuple[SwapNetwork, TrainingState] | None:
    """On every rank what `load` gives on the leader, which alone calls it."""
    if ranks.count == 1:
        return load()
    here = load() if ranks.leads else None
    kind = ranks.led(lambda: None if here is None else (here[0].kind, here[0].config()))
    if kind is None:
        return None
    network, state = (create_model(*kind), _NOTHING) if here is None else here
    ranks.align(network.state_dict().values())
    return network, led_state(ranks, lambda: state)


def led_state(ranks: Ranks, make: Callable[[], TrainingState]) -> TrainingState:
    """On every rank what `make` gives on the leader, which alone calls it."""
    if ranks.count == 1:
        return make()
    here = make() if ranks.leads else _NOTHING
    plain, averaged = ranks.led(lambda: (replace(here, tensors={}, average=None), here.average is not None))
    tensors, average = ranks.led_tensors(here.tensors), ranks.led_tensors(here.average or {})
    return replace(plain, tensors=tensors, average=average if averaged else None)

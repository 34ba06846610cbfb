"""`--auto`: the network and the batch that this device can train, found by training a little."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from understudy.models import create_model
from understudy.project.errors import UnderstudyError
from understudy.training.hardware import Hardware
from understudy.training.memory_in_use import free_memory, measured_memory
from understudy.training.on_noise import trainer_on_noise
from understudy.training.out_of_memory import is_out_of_memory
from understudy.training.settings import NetworkSettings, TrainSettings

PATIENCE = 1.5
"""Seconds that an iteration may take: a hundred thousand of them are then done in two days."""

_SHARE = 0.85  # of the free memory; the rest is for what a measurement of two steps does not see
_FIRST_BATCH = 4
_BATCHES = (6, 8, 12, 16, 24, 32)
_STEPS = 2

SIZES: tuple[NetworkSettings, ...] = tuple(
    NetworkSettings(resolution=resolution, ae_dims=ae, e_dims=e, d_dims=d, d_mask_dims=mask)
    for resolution, ae, e, d, mask in (
        (96, 128, 32, 32, 16),
        (96, 128, 64, 64, 16),
        (128, 256, 64, 64, 22),
        (160, 256, 64, 64, 22),
        (192, 256, 64, 64, 22),
        (224, 512, 64, 64, 32),
        (256, 512, 64, 64, 32),
        (320, 512, 80, 80, 32),
        (384, 512, 96, 96, 32),
        (448, 512, 96, 96, 32),
        (512, 512, 96, 96, 32),
    )
)
"""What is tried, from small to large: sizes that the field trains."""


@dataclass(frozen=True)
class Trial:
    """How a few steps went.

    Attributes:
        seconds: of one iteration.
        memory: bytes in use at most, beyond what was in use before.
    """

    seconds: float
    memory: int

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s an iteration, {self.memory / 1e9:.1f} GB"


def choose_sizes(settings: TrainSettings, hardware: Hardware, say: Callable[[str], None]) -> TrainSettings:
    """`settings` with the largest network of the ladder that the device can train, and the largest batch for it.

    Sizes that the settings name themselves stay as they are.

    Args:
        say: is told of each trial and of the choice.

    Raises:
        UnderstudyError: not even the smallest fits.
    """
    given = settings.network.model_dump(exclude_none=True)
    ladder = [NetworkSettings.model_validate(sizes.model_dump() | given) for sizes in SIZES]
    if not _takes(settings.model, ladder[0]):
        return choose_batch(settings, hardware, say)
    chosen: TrainSettings | None = None
    for network in dict.fromkeys(ladder):
        tried = settings.model_copy(update={"network": network, "batch_size": _FIRST_BATCH})
        if not _suits(tried, hardware, say):
            break
        chosen = tried
    if chosen is None:
        raise UnderstudyError("not even a small network fits here: close other programs, or lower --resolution")
    return choose_batch(chosen, hardware, say)


def choose_batch(settings: TrainSettings, hardware: Hardware, say: Callable[[str], None]) -> TrainSettings:
    """`settings`, whose network is known to fit, with the largest batch that the device can train.

    Args:
        say: is told of each trial and of the choice.
    """
    for batch in _BATCHES:
        larger = settings.model_copy(update={"batch_size": batch})
        if not _suits(larger, hardware, say):
            break
        settings = larger
    say(f"chosen: {_described(settings)}")
    return settings


def _suits(settings: TrainSettings, hardware: Hardware, say: Callable[[str], None]) -> bool:
    free = free_memory(hardware.device)
    trial = attempt(settings, hardware)
    if trial is None or trial.memory > _SHARE * free:
        say(f"tried {_described(settings)}: more than the memory holds")
        return False
    say(f"tried {_described(settings)}: {trial}")
    return trial.seconds <= PATIENCE


def attempt(settings: TrainSettings, hardware: Hardware) -> Trial | None:
    """Train for two steps on noise; None if the memory does not hold it.

    Never compiled: to compile each network that is tried takes minutes.

    Raises:
        UnderstudyError: settings that fit no network.
    """
    plain = settings.model_copy(update={"compile": "off"})
    try:
        with measured_memory(hardware.device) as memory, trainer_on_noise(plain, hardware) as trainer:
            trainer.step().tolist()  # the first one allocates
            began = time.perf_counter()
            for _ in range(_STEPS):
                losses = trainer.step()
            losses.tolist()  # waits for the device
            seconds = (time.perf_counter() - began) / _STEPS
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return None
    finally:
        gc.collect()
        if hardware.device.type == "cuda":
            torch.cuda.empty_cache()
    return Trial(seconds, memory())


def _takes(model: str, network: NetworkSettings) -> bool:
    """Whether the kind of network can be made in sizes at all."""
    try:
        with torch.device("meta"):
            create_model(model, network.config())
    except UnderstudyError:
        return False
    return True


def _described(settings: TrainSettings) -> str:
    with torch.device("meta"):
        network = create_model(settings.model, settings.network.config())
    config = network.config()
    dims = "/".join(str(config[name]) for name in ("ae_dims", "e_dims", "d_dims", "d_mask_dims") if name in config)
    sizes = f"{network.resolution} pixels" + (f", dims {dims}" if dims else "")
    return f"{sizes}, batches of {settings.batch_size}"

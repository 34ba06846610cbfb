"""A training on random pictures: what a step takes does not depend on what is in them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from understudy.models import create_model
from understudy.training.bank import FaceBank, margin_of
from understudy.training.hardware import Hardware
from understudy.training.settings import TrainSettings
from understudy.training.trainer import Trainer

_FACES = 8


@contextmanager
def trainer_on_noise(settings: TrainSettings, hardware: Hardware) -> Iterator[Trainer]:
    """A new network in training, for its time and memory to be measured.

    Raises:
        UnderstudyError: settings that fit no network.
    """
    with torch.random.fork_rng(devices=[]):
        network = create_model(settings.model, settings.network.config())
        margin = margin_of(network.resolution)
        side = network.resolution + 2 * margin
        noise = torch.randint(256, (_FACES, 5, side, side), dtype=torch.uint8)
    with FaceBank(noise, torch.zeros(_FACES), network.resolution, margin) as bank:
        yield Trainer(network, bank, bank, settings=settings, hardware=hardware)

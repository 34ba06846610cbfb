"""Training of swap networks: faces on the device, augmentation, losses, optimizers, checkpoints and previews."""

from understudy.training.history import read_losses
from understudy.training.presets import PRESETS
from understudy.training.run import TrainResult
from understudy.training.session import train
from understudy.training.settings import NetworkSettings, TrainSettings

__all__ = ["PRESETS", "NetworkSettings", "TrainResult", "TrainSettings", "read_losses", "train"]

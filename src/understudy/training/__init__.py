"""Training of swap networks: faces on the device, augmentation, losses, optimizers, checkpoints and previews."""

from understudy.training.history import read_losses
from understudy.training.settings import PRESETS, NetworkSettings, TrainSettings
from understudy.training.session import TrainResult, train

__all__ = ["PRESETS", "NetworkSettings", "TrainResult", "TrainSettings", "read_losses", "train"]

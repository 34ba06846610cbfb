"""Training of swap networks: faces on the device, augmentation, losses, optimizers, checkpoints and previews."""

from typing import TYPE_CHECKING

from understudy.project.late import late
from understudy.training.history import read_losses
from understudy.training.presets import PRESETS
from understudy.training.settings import NetworkSettings, TrainSettings

if TYPE_CHECKING:
    from understudy.training.run import TrainResult
    from understudy.training.session import train
else:
    __getattr__ = late(__name__, {"run": ("TrainResult",), "session": ("train",)})

__all__ = ["PRESETS", "NetworkSettings", "TrainResult", "TrainSettings", "read_losses", "train"]

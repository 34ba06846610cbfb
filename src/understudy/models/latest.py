"""Which weights of a model folder are the newest."""

from pathlib import Path

from understudy.project.errors import UnderstudyError

WEIGHTS_NAME = "weights.safetensors"
AVERAGE_NAME = "average.safetensors"
"""The mean of the weights over the last iterations, where the training keeps one."""


def checkpoints(model_folder: Path) -> list[Path]:
    """Checkpoint folders of a model, oldest first: each is named by its iteration and holds weights."""
    if not model_folder.is_dir():
        return []
    found = [path for path in model_folder.iterdir() if path.name.isdecimal() and (path / WEIGHTS_NAME).is_file()]
    return sorted(found, key=lambda path: int(path.name))


def latest_model(model_folder: Path) -> Path:
    """The weights file to swap with: the newest checkpoint's mean over iterations, or else its weights.

    Raises:
        UnderstudyError: the folder holds no checkpoint.
    """
    found = checkpoints(model_folder)
    if not found:
        raise UnderstudyError(f"{model_folder} holds no trained model: run 'understudy train' first")
    average = found[-1] / AVERAGE_NAME
    return average if average.is_file() else found[-1] / WEIGHTS_NAME


def trained_last(models: Path) -> str:
    """Name of the model in the folder `models` whose newest checkpoint is the youngest.

    Raises:
        UnderstudyError: there is no trained model.
    """
    newest = {folder.name: found[-1] for folder in model_folders(models) if (found := checkpoints(folder))}
    if not newest:
        raise UnderstudyError(f"{models} holds no trained model: run 'understudy train' first")
    return max(newest, key=lambda name: newest[name].stat().st_mtime_ns)


def model_folders(parent: Path) -> list[Path]:
    """The folders of models, by name; none where there are no models yet."""
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []

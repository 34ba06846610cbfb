"""Which weights of a model folder are the newest."""

from pathlib import Path

from understudy.project.errors import UnderstudyError

WEIGHTS_NAME = "weights.safetensors"


def checkpoints(model_folder: Path) -> list[Path]:
    """Checkpoint folders of a model, oldest first: each is named by its iteration and holds weights."""
    if not model_folder.is_dir():
        return []
    found = [path for path in model_folder.iterdir() if path.name.isdecimal() and (path / WEIGHTS_NAME).is_file()]
    return sorted(found, key=lambda path: int(path.name))


def latest_model(model_folder: Path) -> Path:
    """The newest checkpoint's weights file.

    Raises:
        UnderstudyError: the folder holds no checkpoint.
    """
    found = checkpoints(model_folder)
    if not found:
        raise UnderstudyError(f"{model_folder} holds no trained model: run `understudy train` first")
    return found[-1] / WEIGHTS_NAME

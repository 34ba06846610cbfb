"""The project's settings file, followed while a training runs."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from understudy.project import Progress, Project, UnderstudyError
from understudy.project.folder import SETTINGS_FILE, one_line
from understudy.training.settings import FIXED, TrainSettings, check_shares


class LiveSettings:
    """Tells what was edited in `[train]` of `understudy.toml` since the training began.

    Args:
        project: whose file.
        progress: is told of edits that cannot be followed.
        devices: how many share each batch.
        check: raises an `UnderstudyError` if the training's network or device cannot take the settings.
    """

    def __init__(
        self,
        project: Project,
        progress: Progress,
        *,
        devices: int = 1,
        check: Callable[[TrainSettings], object] = lambda _: None,
    ) -> None:
        self._path = project.root / SETTINGS_FILE
        self._table = project.settings("train")
        self._stamp = self._modified()
        self._progress = progress
        self._devices = devices
        self._check = check

    def _modified(self) -> int:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def edited(self, settings: TrainSettings) -> TrainSettings | None:
        """`settings` with what is new or different in the file; None if nothing is."""
        stamp = self._modified()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            table = Project(self._path.parent).settings("train")
            new = {key: value for key, value in table.items() if self._table.get(key) != value}
            gone = sorted(self._table.keys() - table.keys())
            self._table = table
            if gone:
                self._progress.say(f"no longer in {self._path}, and kept until the next run: {', '.join(gone)}")
            return self._with(settings, new) if new else None
        except UnderstudyError as error:
            self._progress.say(f"{error}; training goes on as it was")
        except ValidationError as error:
            self._progress.say(f"{self._path}, [train]: {one_line(error)}; training goes on as it was")
        return None

    def _with(self, settings: TrainSettings, new: Mapping[str, Any]) -> TrainSettings | None:
        # The schedule is the one thing that is fixed within a phase but not within a run.
        for key in sorted((FIXED - {"schedule"}) & new.keys()):
            self._progress.say(f"{key} cannot change during a training: what {self._path} says holds for the next run")
        followed = {key: value for key, value in new.items() if key not in FIXED or key == "schedule"}
        if not followed:
            return None
        changed = TrainSettings.model_validate(settings.model_dump() | followed)
        check_shares(changed, self._devices)
        self._check(changed)
        return changed

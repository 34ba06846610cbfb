"""Which faceset a command means: a side of the project, or a folder."""

from pathlib import Path

from understudy.project import SIDES, Project


def faceset_folder(which: str, project: Path) -> Path:
    """The folder of the project's side where `which` is `src` or `dst`, else the folder of that name.

    Raises:
        UnderstudyError: a side is named, but there is no project.
    """
    for side in SIDES:
        if which == side:
            return Project(project).aligned(side)
    return Path(which)

"""The merge's settings and the edit list together: what holds for one face of one frame."""

from collections.abc import Collection

from pydantic import ValidationError

from understudy.media import FrameSource
from understudy.media.shots import find_shots
from understudy.merging.edits.changes import shots_between
from understudy.merging.edits.edit_file import EditFile
from understudy.merging.edits.edit_list import EditList
from understudy.merging.plan import PlacedFace
from understudy.merging.settings import MergeSettings
from understudy.project import Progress, UnderstudyError
from understudy.project.folder import one_line


class EditedSettings:
    """Called with a frame's index and a face, or None, it gives the settings in force.

    Args:
        settings: what holds where the edit list says nothing.
        edits: what differs.
        fixed: names of settings that are not to differ.

    Raises:
        UnderstudyError: the settings of a shot do not go together.
    """

    def __init__(self, settings: MergeSettings, edits: EditList, *, fixed: Collection[str] = ()) -> None:
        self._settings = settings.model_dump()
        self._edits = edits
        self._fixed = frozenset(fixed)
        self._still: dict[tuple[int, str], MergeSettings] = {}  # of shots without keyframes
        self._plain = settings
        for shot in edits.shots:
            for person in ("", *shot.persons):
                for frame in {shot.first, *(key.frame for keys in shot.keyframes.values() for key in keys)}:
                    self._at(frame, person)

    def __call__(self, index: int, face: PlacedFace | None) -> MergeSettings:
        return self._at(index + 1, "" if face is None else face.person)

    def _at(self, frame: int, person: str) -> MergeSettings:
        place = self._edits.shot_at(frame)
        if place is None:
            return self._plain
        shot = self._edits.shots[place]
        person = person if person in shot.persons else ""
        if not shot.still:
            return self._made(frame, person)
        if (place, person) not in self._still:
            self._still[place, person] = self._made(frame, person)
        return self._still[place, person]

    def _made(self, frame: int, person: str) -> MergeSettings:
        values = self._edits.at(frame, person or None, fixed=self._fixed)
        try:
            return MergeSettings.model_validate(self._settings | values) if values else self._plain
        except ValidationError as error:
            raise UnderstudyError(f"merge.json, at frame {frame}: {one_line(error)}") from error


def edits_of(file: EditFile, source: FrameSource, progress: Progress) -> EditList:
    """The project's edit list; where there is none yet, the footage's shots, written down.

    Raises:
        UnderstudyError: it cannot be read or written, or names frames that the footage does not have.
    """
    edits = file.read()
    if edits is None:
        shots = find_shots(source, progress=progress)
        edits = shots_between([*source.info.clip_starts, *(shot.first for shot in shots)], source.info.frame_count)
        file.begin(edits)
    count = source.info.frame_count
    for number, shot in enumerate(edits.shots, 1):
        if shot.last > count:
            raise UnderstudyError(
                f"{file.path}: shot {number} lasts until frame {shot.last}, but dst has {count} frames"
            )
    return edits

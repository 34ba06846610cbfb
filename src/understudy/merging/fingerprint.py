"""Names for what a part of a merge looks like: as long as nothing that it depends on changes, its name stays."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import understudy
from understudy.media import FrameSource
from understudy.merging.mattes import Mattes
from understudy.merging.plan import PlacedFace
from understudy.merging.render import SettingsAt
from understudy.merging.restore import is_there
from understudy.merging.settings import MergeSettings
from understudy.merging.settings.output import OutputSettings

_LIBRARIES = ("av", "numpy", "opencv-python-headless", "torch")
_TOLD_OTHERWISE = frozenset(
    {
        *OutputSettings.model_fields,  # what else is written changes no picture
        *("smooth", "longest_gap"),  # where faces lie in the end is told by the plan
        *("steady_mask", "steady_color"),  # the reach tells over how many frames
    }
)
"""Settings that are no part of a fingerprint.

`batch_size` is one: how many faces a network is given at once rounds its sums differently, by less than a thousandth of
a level, which may still turn a pixel.
"""


class Fingerprints:
    """Tells parts of one merge apart by everything that their pixels depend on.

    Args:
        source: the footage.
        clips: all of its files and folders, which are told by their names, sizes and times.
        plan: the faces of every frame.
        settings_at: the settings of every frame and face.
        reach: frames before and after a frame that its result draws on.
        faces: folder of the aligned faces.
        apart: whatever else the pixels depend on: the models' digests, the device, the renderer's own settings.
        mattes: limit the faces.
    """

    def __init__(
        self,
        source: FrameSource,
        plan: Mapping[int, Sequence[PlacedFace]],
        settings_at: SettingsAt,
        *,
        clips: Iterable[Path],
        reach: int,
        faces: Path,
        apart: Iterable[str],
        mattes: Mattes,
    ) -> None:
        self._mattes = mattes
        self._plan, self._settings_at, self._reach = plan, settings_at, reach
        self._count, self._faces = source.info.frame_count, faces
        self._numbered = all(clip.kind == "video" for clip in source.info.clips)
        self._common = json.dumps([_program(), [_state(path) for path in clips], list(apart)])

    def of(self, part: range) -> str:
        """64 hexadecimal digits for the frames of a part."""
        mattes = self._mattes.identity(part, numbered=self._numbered)
        digest = hashlib.sha256(f"{self._common} {part.start} {part.stop} {mattes}".encode())
        for index in range(max(0, part.start - self._reach), min(self._count, part.stop + self._reach)):
            digest.update(self._described(self._settings_at(index, None)))
            for face in self._plan.get(index, ()):
                digest.update(f"{index} {face.name} {face.track} {face.person}".encode())
                digest.update(face.landmarks.tobytes())
                digest.update(_state(self._faces / face.name).encode())
                digest.update(self._described(self._settings_at(index, face)))
        return digest.hexdigest()

    def _described(self, settings: MergeSettings) -> bytes:
        described: dict[str, Any] = settings.model_dump(exclude=set(_TOLD_OTHERWISE))
        return json.dumps([described, settings.super_resolution > 0 and self._can_restore]).encode()

    @cached_property
    def _can_restore(self) -> bool:
        """Whether super resolution, where it is asked for, has its network."""
        return is_there()


def of_output(part: str, output: str) -> str:
    """The name of what one output has of a part; `output` says all that its bytes depend on."""
    return hashlib.sha256(f"{part} {output}".encode()).hexdigest()


def _state(path: Path) -> str:
    """A file's name, size and time; of a folder, those of everything in it; the name alone where there is nothing."""
    if path.is_dir():
        return json.dumps([path.name, *(_state(file) for file in sorted(path.iterdir()) if file.is_file())])
    try:
        state = path.stat()
    except OSError:
        return path.name
    return f"{path.name} {state.st_size} {state.st_mtime_ns}"


@lru_cache(maxsize=1)
def _program() -> str:
    """The program's own files and the libraries that it computes with: another version may give other pixels."""
    digest = hashlib.sha256()
    root = Path(understudy.__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return " ".join([digest.hexdigest(), *(f"{name} {version(name)}" for name in _LIBRARIES)])

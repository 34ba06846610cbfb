"""A project's clips, checked before anything is made of them: refused, warned of, or passed, and remembered."""

import os
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from understudy.media import Frame, open_source
from understudy.project import SIDES, Progress, Project, Side, Silent, UnderstudyError
from understudy.project.atomic import atomic_path, write_text
from understudy.provenance.guard.clip_check import ClipCheck, Sighting, check_source, guard_version
from understudy.provenance.guard.network import ExposureDetector
from understudy.provenance.origin import clip_digest

_PICTURES = 24  # of one clip that are kept for the owner's eyes
_PICTURE_SIDE = 160  # pixels, the longer side of those
_NAMED = 5  # sightings that a message tells of


def check_project(project: Project, progress: Progress | None = None) -> tuple[str, ...]:
    """Check the clips of both sides for explicit content. A clip that was checked before costs no more than its digest.

    `guard/` in the project's folder keeps what was found, and small pictures of it that their owner alone can read.

    Returns:
        one line for each clip that the owner should look at.

    Raises:
        UnderstudyError: a clip shows explicit content in two or more samples; or it cannot be read, or the guard's
            network cannot be fetched.
    """
    guard = _ProjectGuard(project, progress or Silent())
    found = [guard.warning(side, clip) for side in SIDES for clip in project.clips(side)]
    return tuple(warning for warning in found if warning)


class _ProjectGuard:
    def __init__(self, project: Project, progress: Progress) -> None:
        self._folder = project.root / "guard"
        self._progress = progress

    def warning(self, side: Side, clip: Path) -> str | None:
        """What the owner should know of a clip, in a line; None where there is nothing.

        Raises:
            UnderstudyError: the clip is refused.
        """
        check = self._recorded(digest := clip_digest(clip)) or self._check(clip, digest)
        verdict, sightings = check.verdict, check.sightings
        where = f"pictures for your own eyes are in {self._pictures(digest)}"
        if verdict.refused:
            explicit = [sighting for sighting in sightings if sighting.level == "explicit"]
            raise UnderstudyError(
                f"the content guard refuses {clip} ({side}): explicit content in {len(explicit)} of {check.samples} "
                f"samples, {_told(explicit)}; {where}; take these parts out with 'understudy clip cut'"
            )
        return f"content guard: look at {clip} ({side}): {_told(sightings)}; {where}" if verdict.warned else None

    @cached_property
    def _detector(self) -> ExposureDetector:
        return ExposureDetector()

    def _record(self, digest: str) -> Path:
        return self._folder / f"{digest[:16]}.json"

    def _pictures(self, digest: str) -> Path:
        return self._folder / f"{digest[:16]}-pictures"

    def _recorded(self, digest: str) -> ClipCheck | None:
        try:
            check = ClipCheck.model_validate_json(self._record(digest).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError):
            return None
        return check if (check.version, check.clip) == (guard_version(), digest) else None

    def _check(self, clip: Path, digest: str) -> ClipCheck:
        kept: list[Sighting] = []

        def keep(frame: Frame, sighting: Sighting) -> None:
            if len(kept) < _PICTURES:
                kept.append(sighting)
                _write_private(self._pictures(digest) / f"{_clock(sighting.time).replace(':', '.')}.jpg", frame)

        source = open_source([clip], one_size=False)
        self._progress.begin(f"content guard: {clip.name}", source.info.frame_count)
        check = check_source(source, self._detector, clip=digest, keep=keep, progress=self._progress)
        write_text(self._record(digest), check.model_dump_json())
        return check


def _told(sightings: Sequence[Sighting]) -> str:
    """What was seen when: 'female breast (0.81) at 0:12.04, buttocks (0.62) at 1:02.00 and 3 more'."""
    told = [f"{seen.part} ({seen.score:.2f}) at {_clock(seen.time)}" for seen in sightings[:_NAMED]]
    more = len(sightings) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(100 * seconds), 6000)
    return f"{minutes}:{rest // 100:02d}.{rest % 100:02d}"


def _write_private(path: Path, frame: Frame) -> None:
    """A small JPEG in a folder of its own, neither of which anybody but the owner can open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    small = Image.fromarray(frame.pixels)
    small.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    encoded = BytesIO()
    small.save(encoded, "JPEG", quality=80)
    with atomic_path(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(encoded.getbuffer())

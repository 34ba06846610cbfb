"""A merge on one page: what every shot looks like, where no face was swapped, and how steady colours and faces are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from understudy.merging.appearance import Appearance
from understudy.merging.contact_sheet import ContactSheet, complete
from understudy.merging.edits import Shot
from understudy.merging.jitter import jitter_of
from understudy.merging.outputs import Marks
from understudy.merging.preparation import Preparation
from understudy.merging.render import RenderedFrame
from understudy.project.atomic import write_text
from understudy.provenance import write_marked_image

_MOMENTS = 3  # of a shot
_CHANNELS = ("lightness", "green to red", "blue to yellow")
_WIDTH, _HEIGHT, _MARGIN = 720, 110, 34
_POINTS = 360  # of a line, at most


@dataclass(frozen=True)
class _ShotReport:
    """What the page shows of one shot."""

    number: int
    first: int
    last: int
    faces: int
    gaps: list[str]
    picture: str
    plots: list[tuple[str, Markup]]


class Report:
    """Gathers contact sheets while frames pass by, and writes the page at the end.

    Args:
        ready: the merge.
        frames: those that are merged.
    """

    def __init__(self, ready: Preparation, frames: range) -> None:
        self._ready, self._frames = ready, frames
        shots = ready.edits.shots or (Shot(first=1, last=ready.source.info.frame_count),)
        self._shots = [
            (number, found)
            for number, shot in enumerate(shots, 1)
            if len(found := range(max(shot.first - 1, frames.start), min(shot.last, frames.stop)))
        ]
        self._sheets = [
            ContactSheet(
                [index for index in shot if index in ready.plan], ready.renderer.face_type_of, moments=_MOMENTS
            )
            for _, shot in self._shots
        ]

    def look(self, rendered: RenderedFrame) -> None:
        """Take a frame up if it is one of the moments shown."""
        for (_, shot), sheet in zip(self._shots, self._sheets, strict=True):
            if rendered.frame.index in shot:
                sheet.add(rendered)

    def write(
        self, folder: Path, title: str, appearances: Iterable[Appearance], failures: Sequence[str], marks: Marks
    ) -> Path:
        """Write the page and its pictures, in the place of those of an earlier report.

        Raises:
            UnderstudyError: a frame cannot be read, or the folder cannot be written to.
        """
        for earlier in folder.glob("shot_*.jpg"):
            earlier.unlink()
        by_frame: dict[int, Appearance] = {seen.frame: seen for seen in appearances}
        shots = []
        for (number, shot), sheet in zip(self._shots, self._sheets, strict=True):
            picture = complete(sheet, self._ready.renderer, self._ready.source)
            name = f"shot_{number:03d}.jpg" if picture is not None else ""
            if picture is not None:
                at_the_edge = marks.label.model_copy(update={"safe_area": 1.0})
                write_marked_image(
                    folder / name, picture, label=at_the_edge, signing=marks.signing, origin=marks.origin
                )
            shots.append(self._shot(number, shot, name, by_frame))
        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("understudy.merging", "."), autoescape=True, undefined=jinja2.StrictUndefined
        )
        page = environment.get_template("report.html.jinja").render(title=title, shots=shots, failures=failures)
        write_text(folder / "index.html", page)
        return folder / "index.html"

    def _shot(self, number: int, shot: range, picture: str, by_frame: Mapping[int, Appearance]) -> _ShotReport:
        plan = self._ready.plan
        seen = {index: by_frame[index] for index in shot if index in by_frame}
        plots = [
            (
                f"{channel}, mean within the face",
                _plot(shot, {i: s.before[n] for i, s in seen.items()}, {i: s.after[n] for i, s in seen.items()}),
            )
            for n, channel in enumerate(_CHANNELS)
        ]
        spread = {i: s.before_spread[0] for i, s in seen.items()}, {i: s.after_spread[0] for i, s in seen.items()}
        plots.append(("lightness, standard deviation within the face", _plot(shot, *spread)))
        trembling = jitter_of(plan, shot)
        plots.append(("jitter of the landmarks, percent of the face's width", _plot(shot, *trembling)))
        return _ShotReport(
            number=number,
            first=shot.start + 1,
            last=shot.stop,
            faces=sum(len(plan.get(index, ())) for index in shot),
            gaps=[_numbers(gap) for gap in gaps(shot, plan)],
            picture=picture,
            plots=plots,
        )


def gaps(frames: range, plan: Mapping[int, Sequence[object]]) -> list[range]:
    """The runs of frames in which no face is swapped."""
    found: list[range] = []
    for index in frames:
        if plan.get(index):
            continue
        if found and found[-1].stop == index:
            found[-1] = range(found[-1].start, index + 1)
        else:
            found.append(range(index, index + 1))
    return found


def _numbers(frames: range) -> str:
    """Counted from 1, as people count."""
    return f"{frames.start + 1}" if len(frames) == 1 else f"{frames.start + 1}-{frames.stop}"


def _plot(frames: range, before: Mapping[int, float], after: Mapping[int, float]) -> Markup:
    """Two lines over the frames, as SVG: the footage, or what was found, and the result."""
    values = [*before.values(), *after.values()]
    if not values:
        return Markup("<p>nothing to show</p>")
    low, high = min(values), max(values)
    high = max(high, low + 1e-3)

    def line(series: Mapping[int, float], kind: str) -> str:
        step = max(1, len(frames) // _POINTS)
        points = [
            f"{_MARGIN + (index - frames.start) / max(1, len(frames) - 1) * (_WIDTH - _MARGIN - 4):.1f},"
            f"{4 + (high - series[index]) / (high - low) * (_HEIGHT - 8):.1f}"
            for index in frames[::step]
            if index in series
        ]
        return f'<polyline class="{kind}" points="{" ".join(points)}"/>'

    scale = (
        f'<text x="{_MARGIN - 4}" y="12">{high:.3g}</text><text x="{_MARGIN - 4}" y="{_HEIGHT - 4}">{low:.3g}</text>'
    )
    return Markup(  # noqa: S704  # numbers only
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}">{scale}{line(before, "before")}{line(after, "after")}</svg>'
    )

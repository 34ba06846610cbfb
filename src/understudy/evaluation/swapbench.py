"""SwapBench: swaps of rendered performers, made within a fixed budget and held against the truth."""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.floors import floors
from understudy.evaluation.moments import write_moments
from understudy.evaluation.pace import Paces
from understudy.evaluation.reference import Reference
from understudy.evaluation.sanity import mean_face, pasted
from understudy.evaluation.score_file import ScoreFile
from understudy.evaluation.scores import score
from understudy.evaluation.suite import SUITE_VERSION, Case
from understudy.facesets import extract
from understudy.media import EncodeSettings, open_sink, open_source
from understudy.merging import MergeSettings, merge
from understudy.models import latest_model
from understudy.project import SIDES, ConsentRecord, Progress, Project, Silent, UnderstudyError, make_consent
from understudy.project.atomic import write_text
from understudy.project.folder import SETTINGS_FILE
from understudy.provenance import LabelSettings, Origin
from understudy.provenance.origin import clip_digest
from understudy.training import PRESETS, NetworkSettings, TrainSettings, train

_MIME = PRESETS["mime"].model_copy(
    update={
        "network": NetworkSettings(resolution=96, face_type="full"),
        **TrainSettings().model_dump(include={"batch_size", "random_dst_flip", "random_scale"}),  # as all the others
    }
)
_SAEHD = TrainSettings(
    name="saehd",
    model="saehd",
    network=NetworkSettings(
        resolution=96, face_type="full", archi="liae-ud", ae_dims=128, e_dims=48, d_dims=48, d_mask_dims=16
    ),
)
_COARSE = {"coarse_structure_power": _MIME.coarse_structure_power}

MODELS: Mapping[str, TrainSettings] = MappingProxyType(
    {
        "quick96": PRESETS["quick96"],
        "saehd": _SAEHD,
        "saehd-coarse": _SAEHD.model_copy(update=_COARSE),
        "mime": _MIME,
        "mime-plain": _MIME.model_copy(update=dict.fromkeys(_COARSE, 0.0)),
        "mime-ema": _MIME.model_copy(update={"ema": 50}),
    }
)
"""What is compared: `quick96` as it is, a `saehd` of the other wiring that a CPU can train, and a `mime` of its size.

`coarse` and `plain` are with and without coarse structure, which `mime`'s preset has and the field's program has not;
`ema` is with averaged weights.
"""

SANITY = ("truth", "dst", "src-mean")
"""Results whose place is known: the truth itself, the footage untouched, and src's mean face pasted on."""

FLOORS = "floors.json"
"""What the measurements of a case cannot tell apart, beside its results."""

PACES = "pace.json"
"""How long an iteration of one model takes beside another's, in the folder of the benchmark."""

_MADE_OF = "settings.json"
_LOSSLESS = EncodeSettings(codec="ffv1", copy_streams=False)
_UNKNOWN = hashlib.sha256().hexdigest()  # of no weights: the result was made elsewhere, or by no model
_NAME = re.compile(r"[\w][\w .+-]{0,79}")


@dataclass(frozen=True)
class Entry:
    """A model under a budget.

    Attributes:
        model: one of `MODELS`.
        iterations: of training.
        seed: of training.
    """

    model: str
    iterations: int
    seed: int = 0

    @property
    def name(self) -> str:
        """What its results are filed under."""
        return f"{self.model}-{self.iterations}" + (f"-seed{self.seed}" if self.seed else "")

    def recipe(self) -> TrainSettings:
        """How its model is trained, whatever the budget.

        Raises:
            UnderstudyError: there is no such model.
        """
        if self.model not in MODELS:
            raise UnderstudyError(f"the benchmark has no model {self.model!r}; there are {', '.join(MODELS)}")
        return MODELS[self.model]

    def settings(self) -> TrainSettings:
        """How it is trained.

        Raises:
            UnderstudyError: there is no such model.
        """
        changes = {"name": self.name, "iterations": self.iterations, "seed": self.seed, "autosave": 60.0}
        return self.recipe().model_copy(update=changes)


class Bench:
    """A folder of clips, swaps and scores; what is in it is not made again."""

    def __init__(self, folder: Path, progress: Progress | None = None) -> None:
        self.folder = folder
        self._progress = progress or Silent()
        self._clips = folder / "clips"

    def in_equal_time(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries with as many iterations as take the time of the first one's.

        What an iteration takes is measured with the networks in turns, once for a folder: see `Paces`.

        Raises:
            UnderstudyError: there is no such model.
        """
        first, paces = entries[0], Paces(self.folder / PACES, self._progress)
        seconds = {entry: paces.of(entry.recipe(), first.recipe()) for entry in entries}
        return [replace(entry, iterations=max(1, round(first.iterations / seconds[entry]))) for entry in entries]

    def run(self, case: Case, entries: Sequence[Entry]) -> None:
        """Make and score the swaps of one case, and the results whose scores are known beforehand.

        Goes on where it was broken off: clips, faces, weights, swaps and scores that are there stay as they are.

        Raises:
            UnderstudyError: whatever the steps raise.
            KeyboardInterrupt: training was interrupted.
        """
        settings = {entry: _described(entry.settings()) for entry in entries}
        missing = [entry for entry in entries if self._file(case, entry.name).read(settings[entry]) is None]
        plain = [name for name in SANITY if self._file(case, name).read({}) is None]
        self._forget_weights(case, [entry for entry in entries if entry not in missing])
        if not (missing or plain):
            return
        reference = self.reference(case)
        if plain:
            write_text(self.folder / case.name / FLOORS, json.dumps(floors(reference)))
        for name in plain:
            self._score(case, name, self._sanity(name, case, reference), reference, {})
        for entry in missing:
            clock = _Clock()
            result = self._swap(case, entry, reference, clock)
            self._score(case, entry.name, read_result(result, reference), reference, settings[entry], clock.seconds)
            self._forget_weights(case, [entry])

    def score(self, case: Case, result: Path, name: str) -> None:
        """Score frames that something else merged, and file them under `name`.

        Args:
            result: a video, or a folder of pictures.

        Raises:
            UnderstudyError: other frames than the case's, or a name that cannot be a folder's or is taken.
        """
        if not _NAME.fullmatch(name) or name in (*SANITY, "project"):
            raise UnderstudyError(
                f"{name!r} cannot name a result: use letters, digits and '-'; not {', '.join(SANITY)}"
            )
        if (self.folder / case.name / name / _MADE_OF).exists():
            raise UnderstudyError(f"{name} is the name of a result that was made here: give another --name")
        reference = self.reference(case)
        self.run(case, [])
        self._score(case, name, read_result(result, reference), reference, {"result": "made elsewhere"})

    def export(self, case: Case, folder: Path) -> None:
        """Write a case's clips as folders of pictures, `data_src` and `data_dst`, for another program to swap."""
        for side, clip in (
            ("src", case.film_src(self._clips, self._progress).path),
            ("dst", self.reference(case).dst.path),
        ):
            target = folder / case.name / f"data_{side}"
            if target.is_dir() and any(target.iterdir()):
                continue
            source = open_source([clip])
            with open_sink(target, like=source, settings=EncodeSettings(copy_streams=False)) as sink:
                for frame in source.frames():
                    sink.write(frame, frame.pixels, None)

    def reference(self, case: Case) -> Reference:
        """The truth of a case, rendered if need be."""
        return case.film_reference(self._clips, self._progress)

    def files(self, case: Case) -> dict[str, ScoreFile]:
        """All that is scored, by name: first the results whose scores are known beforehand."""
        found = {path.parent.name for path in (self.folder / case.name).glob("*/scores.json")}
        names = [*(name for name in SANITY if name in found), *sorted(found - set(SANITY))]
        return {name: self._file(case, name) for name in names}

    def _file(self, case: Case, name: str) -> ScoreFile:
        return ScoreFile(self.folder / case.name / name, suite=SUITE_VERSION)

    def _project(self, case: Case, reference: Reference) -> Project:
        """The project of both clips, made anew where it is of other clips."""
        root, src = self.folder / case.name / "project", case.film_src(self._clips, self._progress)
        wanted = {"src": (src.path.resolve(),), "dst": (reference.dst.path.resolve(),)}
        if (root / SETTINGS_FILE).exists():
            project = Project(root)
            if all(tuple(clip.resolve() for clip in project.clips(side)) == wanted[side] for side in SIDES):
                return project
            shutil.rmtree(root)
        # Its watermark is part of every result, and so must be the same whenever the case is run again.
        identity = hashlib.sha256(" ".join(path.name for side in SIDES for path in wanted[side]).encode()).hexdigest()[
            :16
        ]
        return Project.create(root, src=wanted["src"], dst=wanted["dst"], consent=_consent(), id=identity)

    def _forget_weights(self, case: Case, entries: Sequence[Entry]) -> None:
        """Scored models are not kept: they are large."""
        for entry in entries:
            shutil.rmtree(self.folder / case.name / "project" / "model" / entry.name, ignore_errors=True)

    def _swap(self, case: Case, entry: Entry, reference: Reference, clock: "_Clock") -> Path:
        project, settings = self._project(case, reference), entry.settings()
        folder = self.folder / case.name / entry.name
        made_of = {"clips": [project.clips(side)[0].name for side in SIDES], **_described(settings)}
        begun = folder / _MADE_OF
        if not (begun.exists() and json.loads(begun.read_text(encoding="utf-8")) == made_of):
            shutil.rmtree(folder, ignore_errors=True)
            self._forget_weights(case, [entry])
            write_text(begun, json.dumps(made_of))
        output = folder / "result.mkv"
        if output.exists():
            return output
        with clock("extract"):
            for side in SIDES:
                extract(project, side, progress=self._progress)
        with clock("train"):
            if train(project, settings, self._progress).iteration < entry.iterations:
                raise KeyboardInterrupt
        with clock("merge"):
            merge(
                project,
                MergeSettings(),
                model=entry.name,
                encode=_LOSSLESS,
                label=LabelSettings(enabled=False),
                output=output,
                progress=self._progress,
            )
        return output

    def _sanity(self, name: str, case: Case, reference: Reference) -> NDArray[np.uint8]:
        if name == "src-mean":
            return pasted(mean_face(case.film_src(self._clips, self._progress)), reference)
        return reference.true.frames if name == "truth" else reference.dst.frames

    def _score(
        self,
        case: Case,
        name: str,
        frames: NDArray[np.uint8],
        reference: Reference,
        settings: Mapping[str, Any],
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        self._progress.begin(f"scoring {name} of {case.name}", None)
        scores = score(frames, reference)
        file = self._file(case, name)
        write_moments(file.folder, frames, scores, reference, origin=self._origin(case, name, reference, settings))
        file.write(scores, settings, seconds or {})

    def _origin(self, case: Case, name: str, reference: Reference, settings: Mapping[str, Any]) -> Origin:
        """What the credentials of a result's pictures say."""
        project = self._project(case, reference)
        weights = project.model_folder(name)
        return Origin(
            project_id=project.id,
            consent=project.consent(),
            src_clips=project.clips("src"),
            dst_clips=project.clips("dst"),
            model=name,
            model_sha256=clip_digest(latest_model(weights)) if weights.is_dir() else _UNKNOWN,
            settings_sha256=hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest(),
        )


def read_result(path: Path, reference: Reference) -> NDArray[np.uint8]:
    """The frames (N, S, S, 3) of a video or a folder of pictures that shall be held against the truth.

    Raises:
        UnderstudyError: it cannot be read, or holds other frames than dst's clip.
    """
    if not path.exists():
        raise UnderstudyError(f"no such result: {path}")
    source = open_source([path])
    count, side, info = len(reference), reference.dst.frames.shape[1], source.info
    if (info.frame_count, info.width, info.height) != (count, side, side):
        raise UnderstudyError(
            f"{path} has {info.frame_count} frames of {info.width}x{info.height}, but dst has {count} of "
            f"{side}x{side}: merge every frame of dst at its own size"
        )
    return np.stack([frame.eight_bit() for frame in source.frames()])


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - started, 2)


def _described(settings: TrainSettings) -> dict[str, Any]:
    return {"train": settings.model_dump(mode="json"), "merge": MergeSettings().model_dump(mode="json")}


def _consent() -> ConsentRecord:
    reference = f"SwapBench {SUITE_VERSION}: rendered performers"
    src, dst = (make_consent(side, basis="synthetic", reference=reference) for side in SIDES)
    return ConsentRecord(src=src, dst=dst)

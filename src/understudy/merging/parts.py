"""A merge part by part: what is there is found, what is missing is rendered, and the results are made of both."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from understudy.merging.appearance import Appearance
from understudy.merging.earlier import keep_earlier
from understudy.merging.fingerprint import Fingerprints, of_output
from understudy.merging.outputs import Output
from understudy.merging.part_rendering import Missing, PartRendering
from understudy.merging.part_store import PartRecord, PartStore
from understudy.merging.partition import divide, runs
from understudy.merging.persons import read_persons
from understudy.merging.predictor import best_device
from understudy.merging.preparation import Preparation
from understudy.merging.render import RenderedFrame
from understudy.merging.seal import is_intact
from understudy.project import Progress, Project, UnderstudyError


class Parts:
    """The parts of one merge.

    Args:
        outputs: everything that is written; the first is the result.
        frames: indices of the frames that are merged; all when None.

    Attributes:
        rendered: frames rendered so far.
    """

    def __init__(
        self,
        project: Project,
        ready: Preparation,
        outputs: Sequence[Output],
        frames: range | None,
    ) -> None:
        self._ready, self._outputs = ready, outputs
        self._store = PartStore(project.cache / "merge")
        info = ready.source.info
        cuts = [*info.clip_starts, *(line for shot in ready.edits.shots for line in (shot.first - 1, shot.last))]
        self._parts = divide(info.frame_count, cuts, within=frames)
        fingerprints = Fingerprints(
            ready.source,
            ready.plan,
            ready.settings_at,
            clips=project.clips("dst"),
            reach=ready.renderer.reach.frames,
            faces=project.aligned("dst"),
            apart=(*ready.model_digests, repr(read_persons(project)), repr(ready.renderer.reach), str(best_device())),
            mattes=ready.mattes,
        )
        self._names = {part: fingerprints.of(part) for part in self._parts}
        self._records: dict[range, PartRecord] = {}
        self.rendered = 0

    @property
    def frames(self) -> int:
        """Frames that are there."""
        return sum(len(record.times) for record in self._records.values())

    @property
    def faces(self) -> int:
        """Faces swapped in them."""
        return sum(record.faces for record in self._records.values())

    @property
    def failures(self) -> list[str]:
        """One line for each face that was not swapped as planned."""
        return [line for part in self._parts if part in self._records for line in self._records[part].failures]

    @property
    def notes(self) -> list[str]:
        """What else was said while rendering; what is said of one part need not be said of the others."""
        return [line for part in self._parts if part in self._records for line in self._records[part].notes][:1]

    @property
    def appearances(self) -> Iterator[Appearance]:
        """Of every face, read from disk: of a long film they are many."""
        for part in self._records:
            record = self._store.record(self._names[part])
            yield from () if record is None else record.appearances

    def render(self, look: Callable[[RenderedFrame], None], progress: Progress) -> None:
        """Find what is there, and render the rest.

        Args:
            look: called with every frame that is rendered.

        Raises:
            UnderstudyError: a frame cannot be read, or a part cannot be written; what was complete before stays.
        """
        self._store.clear_leftovers()
        missing = self._find(progress)
        progress.begin("merge", sum(map(len, self._parts)))
        progress.advance(sum(len(part) for part in self._parts if part not in missing), "from earlier")
        ready = self._ready
        rendering = PartRendering(
            ready.renderer,
            ready.source,
            ready.failures,
            ready.notes,
            finished=self._finished,
            look=look,
            progress=progress,
        )
        for run in runs(self._parts, missing):
            rendering.run([missing[part] for part in run])

    def _find(self, progress: Progress) -> dict[range, Missing]:
        """Take up the parts that are there, and say what the others lack.

        Parts of which something is about to be made are read through, which costs little beside making them again;
        where every output is there already, nothing is read.
        """
        missing: dict[range, Missing] = {}
        for part in self._parts:
            record = self._store.record(self._names[part])
            if record is None or record.failures:  # what failed is tried again
                self._store.drop(self._path(output, part) for output in self._outputs)
                missing[part] = self._missing(part)
            else:
                self._records[part] = record.without_appearances()
        unfinished = [output for output in self._outputs if missing or not self._is_joined(output)]
        for part in list(self._records):
            there = [path for output in unfinished if (path := self._path(output, part)).exists()]
            damaged = [path for path in there if not is_intact(path)]
            if damaged:
                progress.say(
                    f"frames {part.start + 1} to {part.stop} are damaged in {self._store.folder}: rendered again"
                )
                self._store.drop(damaged)
            lacking = self._missing(part)
            if lacking.files:
                missing[part] = lacking
                del self._records[part]
        return missing

    def _missing(self, part: range) -> Missing:
        """What the outputs have no file of."""
        files = ((output, self._path(output, part)) for output in self._outputs)
        return Missing(part, tuple((output, path) for output, path in files if not path.exists()))

    def _finished(self, part: range, record: PartRecord) -> None:
        self._store.keep(self._names[part], record)
        self._records[part] = record.without_appearances()
        self.rendered += len(record.times)

    def forget(self) -> None:
        """Delete the parts in which something failed."""
        for part, record in self._records.items():
            if record.failures:
                self._store.forget(self._names[part])
                self._store.drop(self._path(output, part) for output in self._outputs)

    def join(self, *, keep: bool, prune: bool) -> tuple[Path | None, list[str]]:
        """Make every output of its parts, unless it is there already.

        Args:
            keep: keep an earlier file of an output's name under a number.
            prune: delete the oldest of those parts that belong to none of these outputs, where they are too many.

        Returns:
            Where the earlier result lies now, and what could not be kept of the footage, one line each.

        Raises:
            UnderstudyError: no frame or part could be read, or an output cannot be written.
        """
        if not self._records:
            raise UnderstudyError("not one frame of dst could be read: copy the clips again from their originals")
        kept: list[Path | None] = []
        notes: list[str] = []
        used = set(self._names.values())
        for output in self._outputs:
            files = self._files(output)
            used |= {path.stem for path in files.values()}
            if self._is_joined(output):
                kept.append(None)
                continue
            kept.append(keep_earlier(output.path) if keep else None)
            found = [self._records[part].part(path, part.start) for part, path in files.items()]
            notes += output.join(found)
            self._store.note_joined(output.path, self._made_of(output))
        if prune:
            self._store.prune(used)
        return kept[0], notes

    def _is_joined(self, output: Output) -> bool:
        """Whether what an output would be made of is what it was made of."""
        return self._store.joined(output.path) == self._made_of(output)

    def _made_of(self, output: Output) -> str:
        made_of = (list(self._files(output).values()), output.joining, self._ready.origin)
        return hashlib.sha256(repr(made_of).encode()).hexdigest()

    def _files(self, output: Output) -> dict[range, Path]:
        """What an output has of every part that is there, in order."""
        return {part: self._path(output, part) for part in self._parts if part in self._records}

    def _path(self, output: Output, part: range) -> Path:
        return self._store.path(of_output(self._names[part], output.identity), output.suffix)

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
        missing: dict[range, Missing] = {}
        for part in self._parts:
            record = self._store.record(self._names[part])
            record = None if record is None or record.failures else record  # what failed is tried again
            files = [(output, self._path(output, part)) for output in self._outputs]
            lacking = tuple((output, path) for output, path in files if record is None or not path.exists())
            if record is None:
                self._store.drop([path for _, path in lacking])
            if lacking:
                missing[part] = Missing(part, lacking)
            elif record is not None:
                self._records[part] = record.without_appearances()
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
            files = {part: self._path(output, part) for part in self._parts if part in self._records}
            used |= {path.stem for path in files.values()}
            made_of = hashlib.sha256(
                repr((list(files.values()), output.joining, self._ready.origin)).encode()
            ).hexdigest()
            if self._store.joined(output.path) == made_of:
                kept.append(None)
                continue
            kept.append(keep_earlier(output.path) if keep else None)
            found = [self._records[part].part(path, part.start) for part, path in files.items()]
            notes += output.join(found)
            self._store.note_joined(output.path, made_of)
        if prune:
            self._store.prune(used)
        return kept[0], notes

    def _path(self, output: Output, part: range) -> Path:
        return self._store.path(of_output(self._names[part], output.identity), output.suffix)

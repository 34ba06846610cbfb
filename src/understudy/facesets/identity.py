"""Who is in a faceset: its persons, and the faces that are like a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from understudy.faces import ExtractSettings, find_faces
from understudy.faces.identity import Embedder
from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile
from understudy.facesets.faceset import Faceset
from understudy.facesets.persons import group_persons
from understudy.media import Frame, read_image
from understudy.project.errors import UnderstudyError

_PAIR = 0.9


@dataclass(frozen=True)
class Person:
    """One of the people in a faceset.

    Attributes:
        number: from 1, who has the most faces.
        names: of the faces' files, sorted.
    """

    number: int
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the command line calls the person."""
        return f"person:{self.number}"

    def examples(self, count: int) -> list[str]:
        """Names of so many faces, evenly from the first to the last."""
        steps = np.linspace(0, len(self.names) - 1, min(count, len(self.names)))
        return [self.names[round(float(step))] for step in steps]


def find_persons(
    faceset: Faceset, embedder: Embedder, *, threshold: float | None = None, among: Sequence[str] | None = None
) -> list[Person]:
    """Sort the faces of a set, or those of it called `among`, into persons; see `group_persons`.

    Args:
        threshold: distance up to which groups of faces are one person; the embedder's own when None.
    """
    faceset.embed(embedder, among)
    wanted = None if among is None else set(among)
    found = faceset.columns("clip", "frame", "track")
    kept = [at for at, name in enumerate(faceset.names) if wanted is None or name in wanted]
    kept.sort(key=lambda at: (found["clip"][at], found["frame"][at]))
    names = [faceset.names[at] for at in kept]
    tracks = [(found["clip"][at], found["track"][at]) if found["track"][at] >= 0 else None for at in kept]
    vectors = faceset.index.embeddings(embedder.name, names)
    label = group_persons(vectors, embedder.threshold if threshold is None else threshold, tracks)
    members: dict[int, list[str]] = {}
    for name, number in zip(names, label.tolist(), strict=True):
        members.setdefault(number + 1, []).append(name)
    return [Person(number, tuple(sorted(members[number]))) for number in sorted(members)]


def others_than(persons: Iterable[Person], keep: Sequence[str]) -> dict[str, str]:
    """The faces of all persons but those labelled `keep`, and why each is not wanted, by name.

    Raises:
        UnderstudyError: there is no such person.
    """
    people = {person.label: person for person in persons}
    for label in keep:
        if label not in people:
            raise UnderstudyError(f"no {label} in this faceset; there are {', '.join(people) or 'none'}")
    wanted = ", ".join(keep)
    return {
        name: f"persons: {label}, not {wanted}"
        for label, person in people.items()
        if label not in keep
        for name in person.names
    }


def distances_from(faceset: Faceset, embedder: Embedder, pictures: Sequence[Path]) -> NDArray[np.float64]:
    """How far each face is from the nearest of some pictures, (n,) in the order of the set's names.

    Raises:
        UnderstudyError: a picture cannot be read, or shows no face.
    """
    wanted = np.array([embed_picture(picture, embedder) for picture in pictures])  # (p, d)
    faceset.embed(embedder)
    if len(faceset) == 0:
        return np.empty(0)
    vectors = faceset.index.embeddings(embedder.name, faceset.names)
    alike: NDArray[np.float64] = (vectors @ wanted.T).max(axis=1).astype(np.float64)
    return np.sqrt(np.maximum(0, 2 - 2 * alike))


def like_threshold(embedder: Embedder) -> float:
    """Distance up to which one face is like one picture: less than what groups of faces are told apart by, whose mean
    is surer than a single pair."""
    return _PAIR * embedder.threshold


def embed_picture(path: Path, embedder: Embedder) -> NDArray[np.float32]:
    """The vector (d,) of the face in a face file, or of the largest face in any other picture.

    Raises:
        UnderstudyError: it cannot be read, or shows no face.
    """
    file = FaceFile.read(path) if path.suffix.lower() in FACE_SUFFIXES else None
    if file is not None:
        return embedder.embed(file.aligned().image, np.asarray(file.metadata.landmarks, np.float64))
    pixels, _ = read_image(path)
    frame = Frame(pixels[..., :3], 0, Fraction(0))
    for _, faces in find_faces([frame], ExtractSettings()):
        if faces:
            return embedder.embed(frame.eight_bit(), np.asarray(faces[0].landmarks, np.float64))
    raise UnderstudyError(f"no face found in {path}: choose a picture that shows the person larger, or from the front")

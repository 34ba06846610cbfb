"""Faces are sorted into the people they show."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.faces import ExtractSettings, align_face, find_faces
from understudy.faces.identity_hog import FrontalHog
from understudy.facesets import Faceset, SourceFrame, persons, write_face
from understudy.facesets.identity import Person, distances_from, find_persons, like_threshold, others_than
from understudy.facesets.persons import group_persons
from understudy.media import open_source
from understudy.project import UnderstudyError


def _crowd(sizes: list[int], spread: float = 0.02) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Unit vectors around one middle for each person, and who each is."""
    random = np.random.default_rng(7)
    who = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = random.normal(size=(len(sizes), 64))[who] / 8 + random.normal(0, spread, (len(who), 64))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), who


def test_people_are_told_apart_and_numbered_by_how_many_faces_they_have() -> None:
    vectors, who = _crowd([30, 200, 90])
    label = group_persons(vectors, 0.6)
    assert np.array_equal(label, np.array([2, 0, 1])[who])
    assert np.array_equal(label, group_persons(vectors, 0.6))
    assert group_persons(vectors[:0], 0.6).tolist() == []


def test_strangers_stay_apart_where_there_are_too_many_to_compare_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "_MOST_CORES", 16)
    vectors, _ = _crowd([1] * 40)
    assert len(np.unique(group_persons(vectors, 0.6))) == 40


def test_a_track_joins_what_it_passes_into_smoothly_and_nothing_across_a_cut() -> None:
    def turned(angle: float) -> list[float]:
        return [float(np.cos(angle)), float(np.sin(angle)), 0.0]

    # One person, turning until the last faces are unlike the first.
    smooth = np.array([turned(angle) for angle in np.linspace(0, 0.62, 32)], np.float32)
    assert len(np.unique(group_persons(smooth, 0.3))) > 1
    assert len(np.unique(group_persons(smooth, 0.3, ["track"] * 32))) == 1
    cut = np.array([turned(0.0)] * 16 + [turned(0.35)] * 16, np.float32)
    assert len(np.unique(group_persons(cut, 0.3, ["track"] * 32))) == 2


def test_the_people_of_the_footage_are_not_mixed(footage: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    settings = ExtractSettings(detect_every=1)
    clips = [clip for who in "abc" for clip in sorted(footage.glob(f"signer_{who}_*.mkv"))[1:3]]
    for clip in clips:
        frames = (frame for frame in open_source([clip]).frames() if frame.index % 12 == 0)
        for frame, faces in find_faces(frames, settings):
            where = SourceFrame(clip=clip.name, frame=frame.index, time=float(frame.time))
            write_face(
                folder / f"{clip.stem}_{frame.index:03d}.jpg",
                align_face(frame, faces[0], "full", 160),
                where,
                quality=95,
            )
    faceset = Faceset(folder)
    people = find_persons(faceset, FrontalHog())
    right = sum(max([name[7] for name in person.names].count(who) for who in "abc") for person in people)
    assert right / len(faceset) >= 0.98  # purity
    assert sum(len(person.names) for person in people[:3]) / len(faceset) > 0.8
    assert {person.names[0][7] for person in people[:3]} == set("abc")

    assert faceset.index.unembedded("frontal-hog-1", faceset.names) == []
    (folder / people[0].names[0]).rename(folder / "moved.jpg")
    faceset.refresh()
    assert faceset.index.unembedded("frontal-hog-1", faceset.names) == []

    distance = distances_from(faceset, FrontalHog(), [folder / name for name in people[1].names[::3]])
    like = [name for name, far in zip(faceset.names, distance, strict=True) if far <= like_threshold(FrontalHog())]
    assert {name[7] for name in like} == {people[1].names[0][7]}
    assert len(like) >= len(people[1].names) / 2


def test_who_is_not_kept_is_named_with_the_reason() -> None:
    people = [Person(1, ("a.jpg", "b.jpg")), Person(2, ("c.jpg",))]
    assert others_than(people, ["person:2"]) == {
        "a.jpg": "persons: person:1, not person:2",
        "b.jpg": "persons: person:1, not person:2",
    }
    with pytest.raises(UnderstudyError, match="no person:3 in this faceset; there are person:1, person:2"):
        others_than(people, ["person:3"])

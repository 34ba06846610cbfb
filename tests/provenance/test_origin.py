"""Where a picture comes from, without telling who is in it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.project import UnderstudyError
from understudy.provenance import Origin
from understudy.provenance.origin import clip_digest, make_mark


def test_there_is_no_origin_without_consent(origin: Origin) -> None:
    with pytest.raises(TypeError):
        replace(origin, consent=None)  # type: ignore[arg-type]


def test_a_clip_is_known_by_its_content(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"first")
    assert clip_digest(clip) == hashlib.sha256(b"first").hexdigest()
    clip.write_bytes(b"second take")
    assert clip_digest(clip) == hashlib.sha256(b"second take").hexdigest()


def test_a_folder_is_known_by_what_sha256sum_would_print(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", ".hidden"):
        (tmp_path / name).write_bytes(name.encode())
    listing = "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in ("a.png", "b.png"))
    assert clip_digest(tmp_path) == hashlib.sha256(listing.encode()).hexdigest()


def test_a_missing_clip_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"gone\.mp4"):
        clip_digest(tmp_path / "gone.mp4")


@pytest.mark.parametrize("name", ["wilhelmina_take1.mp4", "TAKE Quist.mov", "ondrej.mp4"])
def test_clips_and_models_called_after_a_performer_are_not_named(tmp_path: Path, origin: Origin, name: str) -> None:
    (tmp_path / name).write_bytes(b"footage")
    mark = make_mark(replace(origin, dst_clips=(tmp_path / name,), model=name), label=None)
    assert mark.clips[0].title == f"dst 1{Path(name).suffix}"
    assert mark.model == "unnamed"
    assert mark.clips[1].title == "take.mkv"


def test_the_mark_carries_the_digest_of_the_consent_record(origin: Origin) -> None:
    assert make_mark(origin, label=None).consent_sha256 == origin.consent.digest()

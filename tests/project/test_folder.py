"""A project keeps its clips and its consent record, and refuses what would lose or leak something."""

from pathlib import Path

import pytest

from understudy.project import Consent, ConsentRecord, Project, UnderstudyError, make_consent


@pytest.fixture
def clips(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "съёмка 1"
    folder.mkdir()
    a, b = folder / "a.mkv", folder / "b.mkv"
    a.touch()
    b.touch()
    return a, b


def _record() -> ConsentRecord:
    return ConsentRecord(
        src=make_consent("src", basis="synthetic", reference="seed 7", name="Ada"),
        dst=make_consent("dst", basis="self", reference="me"),
    )


def test_what_was_created_is_what_is_opened(tmp_path: Path, clips: tuple[Path, Path]) -> None:
    record = _record()
    made = Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:], consent=record)
    opened = Project(tmp_path / "film")
    assert opened.id == made.id
    assert opened.clips("src") == (clips[0].resolve(),)
    assert opened.clips("dst") == (clips[1].resolve(),)
    assert opened.consent() == record
    assert opened.consent().digest() == record.digest()


def test_moving_project_and_clips_together_keeps_them_linked(tmp_path: Path, clips: tuple[Path, Path]) -> None:
    Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:])
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    assert Project(moved / "film").clips("src")[0].exists()


def test_without_consent_the_refusal_says_how_to_add_it(tmp_path: Path, clips: tuple[Path, Path]) -> None:
    project = Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:])
    with pytest.raises(UnderstudyError, match="understudy consent") as refusal:
        project.consent()
    assert "\n" not in str(refusal.value)
    project.record_consent("src", _record().src)
    with pytest.raises(UnderstudyError, match="for dst"):
        project.consent()
    project.record_consent("dst", _record().dst)
    assert project.consent() == Project(tmp_path / "film").consent()


def test_recording_consent_keeps_what_the_user_wrote(tmp_path: Path, clips: tuple[Path, Path]) -> None:
    root = tmp_path / "film"
    project = Project.create(root, src=clips[:1], dst=clips[1:])
    path = root / "understudy.toml"
    path.write_text(path.read_text() + "\n# shot list\n[merge]\nerode = 2.0\n", encoding="utf-8")
    Project(root).record_consent("src", _record().src)
    assert "# shot list" in path.read_text(encoding="utf-8")
    assert Project(root).settings("merge") == {"erode": 2.0}
    assert project.id == Project(root).id


def test_digest_depends_on_every_field() -> None:
    record = _record()
    changes = {"name": "Eve", "basis": "self", "reference": "seed 8", "date": "2020-01-01"}
    for field, value in changes.items():
        other = ConsentRecord(src=Consent.model_validate(record.src.model_dump() | {field: value}), dst=record.dst)
        assert other.digest() != record.digest(), field


@pytest.mark.parametrize("text", ["", "not toml [", 'version = 1\nid = "x"\n', "version = 9\n"])
def test_a_damaged_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "understudy.toml").write_text(text)
    with pytest.raises(UnderstudyError) as fault:
        Project(tmp_path)
    assert "\n" not in str(fault.value)


def test_a_second_project_is_not_made_over_the_first(tmp_path: Path, clips: tuple[Path, Path]) -> None:
    Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:])
    with pytest.raises(UnderstudyError, match="already holds a project"):
        Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:])


def test_a_missing_clip_makes_no_project(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="no such clip"):
        Project.create(tmp_path / "film", src=[tmp_path / "absent.mp4"], dst=[tmp_path / "absent.mp4"])
    assert not (tmp_path / "film").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "C:x"])
def test_a_model_name_stays_inside_the_project(tmp_path: Path, clips: tuple[Path, Path], name: str) -> None:
    project = Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:])
    with pytest.raises(UnderstudyError, match="cannot name a model"):
        project.model_folder(name)


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_a_title_that_cannot_be_leaves_no_project_behind(tmp_path: Path, clips: tuple[Path, Path], title: str) -> None:
    with pytest.raises(UnderstudyError, match="title"):
        Project.create(tmp_path / "film", src=clips[:1], dst=clips[1:], title=title)
    assert not (tmp_path / "film").exists()

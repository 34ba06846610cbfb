"""The consent record on the command line."""

import io
import json
import sys
from pathlib import Path

import pytest

from understudy.cli import main
from understudy.project import Project

ADA = ["--src-basis", "written-release", "--src-reference", "release 17", "--src-name", "Ada"]
BOB = ["--dst-basis", "self", "--dst-reference", "me", "--dst-name", "Bob"]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "a.mkv").touch()
    clip = str(tmp_path / "a.mkv")
    assert main(["init", str(tmp_path / "film"), "--src", clip, "--dst", clip, "--title", "The Long Day"]) == 0
    return tmp_path / "film"


def run(capsys: pytest.CaptureFixture[str], film: Path, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["consent", *words, "--project", str(film)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_add_show_and_revoke(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, film, "add", *ADA, "--titles", "The Long Day", "--territories", "DE", "FR")[0] == 0
    assert run(capsys, film, *BOB)[0] == 0  # flags alone mean add
    code, out, _ = run(capsys, film, "show", "--json")
    shown = json.loads(out)
    assert (code, shown["src"]["territories"], shown["src"]["obstacle"]) == (0, ["DE", "FR"], None)
    assert shown["sha256"] == Project(film).consent().digest()
    code, out, _ = run(capsys, film, "revoke", "dst")
    assert code == 0
    assert shown["sha256"] in out
    assert "NOT IN FORCE: was revoked" in run(capsys, film, "show")[1]
    code, _, err = run(capsys, film, "add", *BOB)
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_revoked_record_stops_the_merge(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, film, "add", *ADA, *BOB)
    run(capsys, film, "revoke", "src")
    assert main(["merge", "--project", str(film)]) == 2
    err = capsys.readouterr().err.strip()
    assert "consent of src (release 17) was revoked" in err
    assert len(err.splitlines()) == 1


def test_a_revoked_record_stops_the_swap_that_began_under_it(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, film, "add", *ADA, *BOB)
    run(capsys, film, "revoke", "src")
    clip = str(film.parent / "a.mkv")
    words = ["swap", clip, "--onto", clip, "--project", str(film), "--iterations", "1", *ADA, *BOB]
    assert main(words) == 2
    assert "revoked" in capsys.readouterr().err


def test_expiry_is_one_line(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, film, "add", *ADA, *BOB, "--expires", "2020-02-29")
    assert main(["merge", "--project", str(film)]) == 2
    assert "expired on 2020-02-29" in capsys.readouterr().err


def test_the_record_leaves_as_pdf_and_json(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, film, "add", *ADA, *BOB)
    assert run(capsys, film, "export", "--out", str(tmp_path / "record.pdf"))[0] == 0
    assert (tmp_path / "record.pdf").read_bytes().startswith(b"%PDF-")
    assert run(capsys, film, "export", "--out", str(tmp_path / "record.json"))[0] == 0
    document = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert document["sha256"] == Project(film).consent().digest()
    assert "I, Ada, the performer, agree that the likeness" in document["forms"]["src"]["text"][0]
    assert run(capsys, film, "export", "--out", str(tmp_path / "record.doc"))[0] == 2


@pytest.mark.parametrize("basis", ["self", "written-release", "licensed-footage", "synthetic"])
def test_each_basis_has_a_form(basis: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["consent", "form", basis, "--out", str(tmp_path / "form.pdf")]) == 0
    assert main(["consent", "form", basis, "--side", "dst"]) == 0
    assert "____" in capsys.readouterr().out


class _Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def _sit_down(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys, "stdin", _Keyboard(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def test_what_is_asked_for_keeps_the_terms_of_the_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mkv").touch()
    clip = str(tmp_path / "a.mkv")
    words = ["init", str(tmp_path / "film"), "--src", clip, "--dst", clip, "--titles", "One", "--src-name", "Ada"]
    _sit_down(monkeypatch, "maybe\nself\nme\n\nsynthetic\nseed 7\n")
    assert main([*words, "--expires", "2200-01-01", "--title", "One"]) == 0
    record = Project(tmp_path / "film").consent()
    assert [(one.name, one.basis, one.reference) for one in (record.src, record.dst)] == [
        ("Ada", "self", "me"),
        ("dst", "synthetic", "seed 7"),
    ]
    assert {(one.titles, str(one.expires)) for one in (record.src, record.dst)} == {(("One",), "2200-01-01")}


def test_who_leaves_the_questions_gets_a_line_and_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mkv").touch()
    clip = str(tmp_path / "a.mkv")
    _sit_down(monkeypatch, "")
    assert main(["init", str(tmp_path / "film"), "--src", clip, "--dst", clip]) == 2
    assert "no consent of src was given" in capsys.readouterr().err
    assert not (tmp_path / "film").exists()


def test_a_name_without_a_basis_is_not_dropped(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, film, "add", *ADA, "--dst-name", "Bob")
    assert code == 2
    assert "--dst-name needs --dst-basis" in err
    assert Project(film).recorded_consent("src") is None


def test_what_the_file_system_refuses_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mkv").touch()
    clip = str(tmp_path / "a.mkv")
    assert main(["init", str(tmp_path / ("a" * 300)), "--src", clip, "--dst", clip]) == 2
    assert "too long" in capsys.readouterr().err

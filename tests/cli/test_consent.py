"""The consent record on the command line."""

import json
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

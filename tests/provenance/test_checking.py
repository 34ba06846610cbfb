"""Credentials and watermark together: what one says where the other is gone, and what it means when they disagree."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import c2pa
import cv2
import numpy as np
import pytest

from understudy.cli import main
from understudy.media import read_image, write_image
from understudy.project import Silent, UnderstudyError
from understudy.provenance import LabelSettings, Origin, SigningSettings, Verification, verify, write_marked_image
from understudy.provenance.credentials import OFFLINE, Credentials
from understudy.provenance.history import Manifest, Part, Step
from understudy.provenance.keys import load_signing_key, local_issuer, local_signer_path
from understudy.provenance.page import how_it_was_made
from understudy.provenance.watermark import payload_of

CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


@pytest.fixture
def marked(tmp_path: Path, origin: Origin) -> Path:
    """A signed and watermarked still."""
    random = np.random.default_rng(4)
    coarse = random.integers(40, 216, (30, 40, 3), dtype=np.uint8)
    pixels = cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)
    path = tmp_path / "marked.png"
    write_marked_image(path, pixels, label=LabelSettings(), signing=SigningSettings(), origin=origin)
    return path


@pytest.fixture
def stripped(marked: Path, tmp_path: Path) -> Path:
    """The same picture without its credentials."""
    write_image(tmp_path / "stripped.png", read_image(marked)[0])
    return tmp_path / "stripped.png"


def test_credentials_and_watermark_agree(marked: Path, origin: Origin) -> None:
    result = verify(marked)
    assert (result.state, result.exit_code, result.contradictory) == ("valid", 0, False)
    assert result.watermark is not None
    assert result.watermark.project == origin.project_id
    assert result.watermark.payload == payload_of(origin.project_id).project
    assert result.watermark.chance < 1e-6
    document = json.loads(json.dumps(result.to_document()))
    assert document["watermark"]["project"] == origin.project_id
    assert document["label"] == LabelSettings().shown


def test_a_stripped_file_is_marked_by_its_watermark(stripped: Path, origin: Origin) -> None:
    result = verify(stripped)
    assert (result.state, result.marked, result.exit_code) == ("absent", True, 0)
    assert "its credentials are gone" in result.describe()
    assert payload_of(origin.project_id).project in result.describe()
    assert verify(stripped, watermark=False).exit_code == 1


def test_credentials_of_another_project_are_found_out(stripped: Path, tmp_path: Path, origin: Origin) -> None:
    other = replace(origin, project_id="fedcba9876543210")
    Credentials(other, SigningSettings(), label=None).embed(stripped, tmp_path / "other.png")
    result = verify(tmp_path / "other.png")
    assert (result.state, result.contradictory, result.exit_code) == ("valid", True, 3)


def test_a_marked_picture_signed_as_a_photograph_is_found_out(stripped: Path, tmp_path: Path) -> None:
    key = load_signing_key(SigningSettings())
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(key.algorithm.encode(), key.chain.encode(), key.key, None))
    taken = {"actions": [{"action": "c2pa.created", "digitalSourceType": CAPTURE}]}
    builder = c2pa.Builder(
        {"assertions": [{"label": "c2pa.actions.v2", "data": taken}]}, context=c2pa.Context.from_dict(OFFLINE, signer)
    )
    photo = tmp_path / "photo.png"
    with stripped.open("rb") as reader, photo.open("w+b") as writer:
        builder.sign("image/png", reader, writer)
    result = verify(photo)
    assert (result.state, result.marked, result.exit_code) == ("valid", False, 3)
    assert "FALSE" in result.describe()


def test_marked_footage_stays_known(marked: Path, tmp_path: Path, origin: Origin) -> None:
    """The watermark of an earlier project is no contradiction where the credentials name that project."""
    again = replace(origin, project_id="fedcba9876543210", dst_clips=(marked,))
    Credentials(again, SigningSettings(), label=None).embed(marked, tmp_path / "again.png")
    result = verify(tmp_path / "again.png")
    assert (result.exit_code, result.mark and result.mark.project) == (0, "fedcba9876543210")
    assert result.watermark is not None
    assert result.watermark.project == origin.project_id


def test_a_trust_list_vouches_for_another_s_certificate(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = local_issuer()
    assert issuer is not None
    (tmp_path / "issuers.pem").write_text(issuer)
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "elsewhere"))
    assert verify(marked, watermark=False).state == "untrusted"
    listed = verify(marked, trust_list=tmp_path / "issuers.pem", watermark=False)
    assert (listed.state, listed.trust) == ("valid", "trust list")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "trust.pem").write_text(issuer)
    assert verify(marked, watermark=False).trust == "trust list"
    assert not local_signer_path().exists()


def test_a_folder_is_summarised(marked: Path, stripped: Path, tmp_path: Path) -> None:
    result = verify(tmp_path)
    assert (result.exit_code, result.frames, result.states) == (0, 2, {"valid": 1, "absent": 1})
    write_image(tmp_path / "plain.png", np.full((64, 64, 3), 90, np.uint8))
    assert verify(tmp_path).exit_code == 1


def test_the_page_tells_it_all(marked: Path, tmp_path: Path, origin: Origin) -> None:
    page = tmp_path / "how.html"
    assert main(["verify", str(marked), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    for told in (origin.project_id, origin.model_sha256, origin.consent.digest(), "take.mkv", "learned from"):
        assert told in text
    assert "<script" not in text


def test_nothing_a_stranger_wrote_becomes_part_of_the_page(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    step = Step(evil, evil, evil, evil, evil, ((evil, evil),))
    manifest = Manifest(evil, evil, None, (step,), (Part(evil, evil, None),), None)
    result = Verification(
        tmp_path / evil.replace("/", "|"), "valid", signer=evil, source_type=evil, history=(manifest,), problems=(evil,)
    )
    page = how_it_was_made(result)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_folder_is_told_of_whole_when_one_file_cannot_be_read(marked: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    result = verify(tmp_path)
    assert (result.exit_code, result.frames, result.states) == (1, 2, {"valid": 1, "absent": 1})
    assert any("text.mp4" in problem and "damaged" in problem for problem in result.problems)


def test_a_name_that_no_file_can_have_is_a_fault() -> None:
    with pytest.raises(UnderstudyError, match="cannot read"):
        verify(Path("a" * 300 + ".mp4"))


def test_progress_ends_where_the_film_does(marked: Path, tmp_path: Path, clips: dict[str, Path]) -> None:
    seen = _Seen()
    verify(clips[".mp4"], progress=seen)
    assert seen.total == pytest.approx(12 / 25, abs=0.05)
    assert 0 < seen.done <= seen.total
    seen = _Seen()
    verify(tmp_path, progress=seen)
    assert seen.done == seen.total == 1


class _Seen(Silent):
    def begin(self, label: str, total: float | None) -> None:
        self.done, self.total = 0.0, total or 0.0

    def advance(self, units: float = 1.0, note: str = "") -> None:
        self.done += units


def test_a_page_never_takes_the_place_of_the_film(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = marked.read_bytes()
    assert main(["verify", str(marked), "--page", str(marked)]) == 2
    assert ".html" in capsys.readouterr().err
    assert marked.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are Unicode")
def test_a_name_that_is_not_unicode_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"bad\xff.png")
    write_image(tmp_path / "a.png", np.full((64, 64, 3), 90, np.uint8))
    (tmp_path / "a.png").rename(path)
    words = [sys.executable, "-c", "from understudy.cli import main; raise SystemExit(main())", "verify", path]
    page = tmp_path / "how.html"
    utf8 = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([*words, "--json", "--page", page], capture_output=True, text=True, check=False, env=utf8)
    assert (done.returncode, json.loads(done.stdout)["path"]) == (1, str(path)), done.stderr
    assert "bad?.png" in page.read_text(encoding="utf-8")

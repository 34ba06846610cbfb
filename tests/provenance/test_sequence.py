"""A folder of pictures with one manifest: any picture changed, missing or added is found."""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import c2pa
import numpy as np
import pytest

from understudy.media import write_image
from understudy.project import UnderstudyError
from understudy.provenance import Origin, SigningSettings, verify
from understudy.provenance.credentials import OFFLINE, Credentials
from understudy.provenance.sequence import LISTING, differences, read_listing, write_listing


@pytest.fixture
def signed(tmp_path: Path, origin: Origin) -> Path:
    folder = tmp_path / "merged"
    for number in range(1, 6):
        write_image(folder / f"{number:05d}.png", np.full((16, 16, 3), number, np.uint8))
    listing = write_listing(folder)
    (folder / "pictures.c2pa").write_bytes(Credentials(origin, SigningSettings(), label=None).detached(listing))
    return folder


def test_the_folder_and_each_of_its_pictures_are_marked(signed: Path, origin: Origin) -> None:
    for path in (signed, *signed.glob("*.png")):
        result = verify(path)
        assert (result.state, result.exit_code, result.listing) == ("valid", 0, signed / LISTING)
        assert result.mark is not None
        assert result.mark.project == origin.project_id
    assert verify(signed).frames == 5


def test_a_changed_picture_is_found(signed: Path) -> None:
    write_image(signed / "00003.png", np.full((16, 16, 3), 99, np.uint8))
    result = verify(signed)
    assert (result.exit_code, result.problems) == (3, ("00003.png: changed since it was signed",))
    assert verify(signed / "00003.png").exit_code == 3
    assert verify(signed / "00002.png").exit_code == 0


def test_a_missing_picture_is_found(signed: Path) -> None:
    (signed / "00003.png").unlink()
    result = verify(signed)
    assert (result.exit_code, result.problems) == (3, ("00003.png: missing",))


def test_an_added_picture_is_found(signed: Path) -> None:
    shutil.copy(signed / "00001.png", signed / "00006.png")
    result = verify(signed)
    assert (result.exit_code, result.problems) == (3, ("00006.png: added since the pictures were signed",))
    assert verify(signed / "00006.png").exit_code == 1


def test_two_pictures_in_each_others_place_are_found(signed: Path) -> None:
    (signed / "00001.png").rename(signed / "x")
    (signed / "00002.png").rename(signed / "00001.png")
    (signed / "x").rename(signed / "00002.png")
    assert len(verify(signed).problems) == 2


def test_a_new_listing_does_not_hide_a_change(signed: Path) -> None:
    write_image(signed / "00003.png", np.full((16, 16, 3), 99, np.uint8))
    write_listing(signed)
    for path in (signed, signed / "00003.png", signed / "00001.png"):
        result = verify(path)
        assert result.exit_code == 3
        assert any("dataHash.mismatch" in problem for problem in result.problems)


def test_without_its_manifest_a_listing_proves_nothing(signed: Path) -> None:
    (signed / "pictures.c2pa").unlink()
    assert verify(signed).exit_code == 1
    assert verify(signed / "00001.png").exit_code == 1


def test_sha256sum_reads_the_listing(signed: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("no sha256sum here")
    assert subprocess.run([program, "-c", LISTING], cwd=signed, check=False, capture_output=True).returncode == 0


def test_the_c2pa_library_alone_takes_the_listing_for_the_asset(signed: Path) -> None:
    with c2pa.Reader(
        "application/octet-stream",
        io.BytesIO((signed / LISTING).read_bytes()),
        (signed / "pictures.c2pa").read_bytes(),
        context=c2pa.Context.from_dict(OFFLINE),
    ) as reader:
        assert reader.get_validation_state() == "Valid"


def test_strange_names_survive_the_listing(tmp_path: Path) -> None:
    names = ["a b.png", "é.png", " x.png", "back\\slash.png", "line\nbreak.png"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    digests = read_listing(write_listing(tmp_path))
    assert sorted(digests) == sorted(names)
    assert differences(tmp_path, digests) == []


@pytest.mark.parametrize("line", ["", "xx  a.png", f"{'0' * 64}  ../a.png", f"{'0' * 64} a.png"])
def test_what_is_no_listing_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / LISTING).write_text(f"{line}\n")
    with pytest.raises(UnderstudyError, match="line 1"):
        read_listing(tmp_path / LISTING)


def test_a_sequence_that_is_used_as_footage_keeps_its_credentials(
    signed: Path, clips: dict[str, Path], tmp_path: Path, origin: Origin
) -> None:
    again = replace(origin, project_id="fedcba9876543210", dst_clips=(signed,))
    Credentials(again, SigningSettings(), label=None).embed(clips[".mp4"], tmp_path / "again.mp4")
    result = verify(tmp_path / "again.mp4")
    assert result.ingredients[0] == "parentOf: merged, with credentials of its own"
    assert [manifest.mark.project for manifest in result.history if manifest.mark] == [
        "fedcba9876543210",
        origin.project_id,
    ]

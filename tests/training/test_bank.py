"""The bank shows each face as the network's crop has it, whatever crop the file has."""

import mmap
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from drawn_faces import draw_face, fill_faceset
from understudy.faces import align_face
from understudy.facesets import SourceFrame, write_face
from understudy.masks import eyes_mouth_mask, hull_mask
from understudy.project import Silent, UnderstudyError
from understudy.training import bank as bank_module
from understudy.training import bank_file
from understudy.training.augment import unaugmented
from understudy.training.bank import FaceBank, bank_pixels, load_bank
from understudy.training.bank_file import BankFile


def test_a_file_of_the_networks_crop_is_taken_over_pixel_for_pixel() -> None:
    frame, face = draw_face(1)
    aligned = align_face(frame, face, "full", 96)
    pixels = bank_pixels(aligned, face_type="full", resolution=96, margin=16)
    assert pixels.shape == (5, 128, 128)
    assert pixels.dtype == np.uint8
    crop = pixels[:, 16:112, 16:112]
    np.testing.assert_array_equal(crop[:3].transpose(1, 2, 0), aligned.image)
    expected = np.stack([hull_mask(aligned.landmarks, 96, 96), eyes_mouth_mask(aligned.landmarks, 96, 96)])
    np.testing.assert_allclose(crop[3:] / 255, expected, atol=0.003)


def test_beyond_the_file_edges_replicate_and_masks_are_zero() -> None:
    frame, face = draw_face(2)
    pixels = bank_pixels(align_face(frame, face, "half", 96), face_type="half", resolution=96, margin=16)
    np.testing.assert_array_equal(pixels[:3, :10, 16:112], np.broadcast_to(pixels[:3, 16:17, 16:112], (3, 10, 96)))
    assert pixels[3, 60, 16] > 200  # the hull reaches the edge of this tight crop
    assert not pixels[3:, :, :12].any()
    assert not pixels[3:, :, 116:].any()


@pytest.mark.parametrize("face_type", ["half", "full", "head"])
def test_another_crop_is_cut_again_as_from_the_frame(face_type: str) -> None:
    frame, face = draw_face(3)
    wide = align_face(frame, face, "whole_face", 256)
    pixels = bank_pixels(wide, face_type=face_type, resolution=64, margin=0)
    direct = align_face(frame, face, face_type, 64)
    inside = pixels[:3].transpose(1, 2, 0).astype(float)
    middle = slice(24, 40)  # what both pictures cover
    difference = np.abs(inside - direct.image)[middle, middle]
    assert difference.mean() < 2.5
    found, drawn = pixels[3] > 127, hull_mask(direct.landmarks, 64, 64) > 0.5
    assert (found & drawn).sum() > 0.89 * (found | drawn).sum()  # a hull drawn this small comes out half a pixel wider


def test_masks_of_a_large_file_are_those_of_a_small_one() -> None:
    frame, face = draw_face(5)
    large, small = (
        bank_pixels(align_face(frame, face, "full", size), face_type="full", resolution=128, margin=22)[3:] / 255
        for size in (512, 128)
    )
    assert np.abs(large - small).mean() < 0.005


def test_shrinking_averages() -> None:
    frame, face = draw_face(4)
    aligned = align_face(frame, face, "full", 256)
    aligned.image[:] = np.indices((256, 256)).sum(0)[:, :, None] % 2 * 255  # a checkerboard of single pixels
    pixels = bank_pixels(aligned, face_type="full", resolution=64, margin=0)
    assert np.abs(pixels[:3, 2:-2, 2:-2].astype(float) - 127.5).max() < 20


def test_load_bank_keeps_the_order_of_the_faceset(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    loaded = load_bank(tmp_path / "aligned", face_type="full", resolution=96, progress=Silent())
    assert len(loaded) == 3
    assert loaded.yaw.tolist() == pytest.approx([draw_face(seed)[1].pose.yaw for seed in range(3)])
    for index in range(3):
        crop = unaugmented(loaded.rows(torch.tensor([index]), torch.device("cpu")), resolution=96).image[0]
        frame, face = draw_face(index)
        expected = torch.from_numpy(align_face(frame, face, "full", 96).image).permute(2, 0, 1) / 255
        assert (crop - expected).abs().mean() < 0.02  # JPEG


def test_no_faces_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="understudy extract"):
        load_bank(tmp_path / "absent", face_type="full", resolution=96, progress=Silent())
    (tmp_path / "aligned").mkdir()
    with pytest.raises(UnderstudyError, match=r"no faces in .*aligned"):
        load_bank(tmp_path / "aligned", face_type="full", resolution=96, progress=Silent())


def opened(folder: Path, resolution: int = 96, *, ahead: bool = False) -> FaceBank:
    return load_bank(folder, face_type="full", resolution=resolution, progress=Silent(), ahead=ahead)


def all_rows(bank: FaceBank) -> torch.Tensor:
    return bank.rows(torch.arange(len(bank)), torch.device("cpu"))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one for every face that is decoded."""
    seen: list[int] = []

    def counting(*arguments: Any, **options: Any) -> Any:
        seen.append(1)
        return bank_pixels(*arguments, **options)

    monkeypatch.setattr(bank_module, "bank_pixels", counting)
    return seen


def test_what_is_drawn_does_not_depend_on_what_has_been_decoded(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(9))
    with opened(tmp_path / "aligned") as lazy:
        some = lazy.rows(torch.tensor([7, 2, 7]), torch.device("cpu"))
        lazy.expect(torch.tensor([3, 1]))
        others = lazy.rows(torch.tensor([3, 1]), torch.device("cpu"))
    with opened(tmp_path / "aligned", ahead=True) as whole:
        rows = all_rows(whole.complete())
    assert torch.equal(some, rows[[7, 2, 7]])
    assert torch.equal(others, rows[[3, 1]])


def test_a_face_is_decoded_once_whatever_it_is_called(tmp_path: Path, decoded: list[int]) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(5))
    with opened(folder, ahead=True) as bank:
        first = all_rows(bank.complete())
    assert len(decoded) == 5
    (folder / "00000_0.jpg").rename(folder / "zzz.jpg")
    with opened(folder) as bank:
        assert torch.equal(all_rows(bank), first[[1, 2, 3, 4, 0]])
    assert len(decoded) == 5
    fill_faceset(tmp_path / "more", range(5, 7))
    for path in (tmp_path / "more").iterdir():
        path.rename(folder / path.name)
    (folder / "00001_0.jpg").unlink()
    with opened(folder) as bank:
        rows = all_rows(bank)
    assert len(decoded) == 7
    assert torch.equal(rows[[0, 1, 2, 5]], first[[2, 3, 4, 0]])


def test_a_face_that_changed_is_decoded_anew(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(2))
    with opened(folder) as bank:
        before = all_rows(bank)
    frame, face = draw_face(9)
    write_face(
        folder / "00001_0.jpg",
        align_face(frame, face, "full", 96),
        SourceFrame.model_construct(clip="drawn", frame=1, time=0.0, width=300, height=300),
        quality=95,
    )
    with opened(folder) as bank:
        after = all_rows(bank)
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


@pytest.mark.parametrize("damage", ["pixel", "rows", "table"])
def test_a_damaged_bank_mends_itself(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(4))
    with opened(folder) as bank:
        before = all_rows(bank)
    rows, table = (next((tmp_path / ".bank").glob(f"*.{suffix}")) for suffix in ("rows", "table"))
    if damage == "pixel":
        content = bytearray(rows.read_bytes())
        content[len(content) // 3] ^= 255
        rows.write_bytes(content)
    else:
        path = rows if damage == "rows" else table
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 3])
    with opened(folder) as bank:
        assert torch.equal(all_rows(bank), before)


def test_a_killed_process_leaves_what_it_had_decoded(tmp_path: Path, decoded: list[int]) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(40))
    program = (
        "import os, sys, torch\n"
        "from pathlib import Path\n"
        "from understudy.project import Silent\n"
        "from understudy.training.bank import load_bank\n"
        "bank = load_bank(Path(sys.argv[1]), face_type='full', resolution=96, progress=Silent(), ahead=False)\n"
        "bank.rows(torch.arange(30), torch.device('cpu'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(folder)], check=False).returncode == -9
    with opened(folder) as bank:
        all_rows(bank)
    assert len(decoded) == 10


def test_a_full_disk_is_one_line_before_anything_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_faceset(tmp_path / "aligned", range(2))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=(1 << 30) + 1000))
    with pytest.raises(UnderstudyError, match=r"the faces need 0\.0 GB in .*\.bank.* free some space"):
        opened(tmp_path / "aligned")


def test_two_banks_stay_and_one_of_few_rows_in_use_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(5))
    for resolution in (32, 48, 64):
        with opened(folder, resolution) as bank:
            all_rows(bank)
    assert sorted(path.name for path in (tmp_path / ".bank").glob("*.table")) == [
        "aligned-full-48.table",
        "aligned-full-64.table",
    ]
    rows = tmp_path / ".bank" / "aligned-full-64.rows"
    size = rows.stat().st_size
    for seed in range(1, 5):
        (folder / f"{seed:05d}_0.jpg").unlink()
    with opened(folder, 64) as bank:
        all_rows(bank)
    assert rows.stat().st_size == size // 5


def test_a_damaged_face_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(4))
    content = (folder / "00002_0.jpg").read_bytes()
    (folder / "00002_0.jpg").write_bytes(content[: len(content) - len(content) // 3])
    with opened(folder) as bank:
        all_three = bank.rows(torch.tensor([0, 1, 3]), torch.device("cpu"))
        assert len(all_three) == 3
        with pytest.raises(UnderstudyError, match="00002_0"):
            all_rows(bank)


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="the system keeps the pages")
def test_resident_memory_does_not_grow_with_the_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_file, "_RESIDENT", 8 << 20)
    shape = (5, 512, 512)  # 1.3 MB
    keys = [bytes([count]) * 16 for count in range(100)]
    file = BankFile(tmp_path / "bank", keys, shape)
    row = np.zeros(shape, np.uint8)
    before = resident()
    for index in range(100):
        row[:] = index
        file.write(index, row)
    for start in range(0, 100, 4):
        found = file.read(np.arange(start, start + 4))
        assert (found[:, 0, 0, 0] == np.arange(start, start + 4)).all()
    assert resident() - before < 40 << 20  # of 131 MB


def test_two_that_open_a_new_bank_at_once_share_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[int]
) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    known, met = BankFile._known, threading.Barrier(2)

    def slowly(file: BankFile) -> dict[bytes, int]:
        found = known(file)
        with suppress(threading.BrokenBarrierError):
            met.wait(0.5)  # two that were let in together both know of no face now
        return found

    monkeypatch.setattr(BankFile, "_known", slowly)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: opened(tmp_path / "aligned"), range(2))
    with first, second:
        assert torch.equal(all_rows(first), all_rows(second))
    assert len(decoded) == 3
    table = tmp_path / ".bank" / "aligned-full-96.table"
    assert table.stat().st_size == 3 * bank_file._RECORD.itemsize


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


def test_the_hull_reaches_as_far_above_the_brows_as_the_face_says() -> None:
    frame, face = draw_face(1)
    aligned = align_face(frame, face, "full", 96)
    masks = [
        bank_pixels(replace(aligned, brow_expansion=expansion), face_type="full", resolution=64, margin=8)[3].sum()
        for expansion in (0.0, 1.0, 2.0)
    ]
    assert masks[0] < masks[1] < masks[2]

"""Thousands of mutated files: each is read, or refused in one line; nothing runs and nothing is written elsewhere."""

import io
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from PIL import Image

from drawn_faces import draw_face
from faceswap_faces import faceswap_header, faceswap_png
from understudy.faces import align_face
from understudy.facesets import FaceFile, SourceFrame, png_chunks, write_face
from understudy.facesets.exchange.dfl_face import read_record
from understudy.facesets.exchange.dfl_pak import write_pak
from understudy.facesets.exchange.dfl_record import make_record, parse_record
from understudy.facesets.exchange.import_faces import import_faces
from understudy.facesets.face_file import attach
from understudy.project import UnderstudyError
from understudy.project.plain_pickle import dump_plain

_PER_FOLDER = 16
_DANGEROUS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "subprocess.Popen", "exec", "pickle.find_class",
              "socket.connect", "ctypes.dlopen")  # fmt: skip
_PIECES = [
    b"cos\nsystem\nX\x05\x00\x00\x00touch\x85R",
    b"c__builtin__\neval\nX\x01\x00\x00\x001\x85R",
    b"numpy\nndarray\n",
    b"\x8e" + b"\xff" * 8,
    b"]" * 4000,
    b"(" * 4000,
    b"\x94h\x00" * 1000,
    b"h\x01\x86" * 500,
    b"\x80\x04",
    b".",
    b"G\x7f\xf0" + bytes(6),
    b"G\x7e\x37" + bytes(6),
    b"../../evil.jpg",
    b"..\\evil.jpg",
    b"00000_0.jpg",
    b"\0",
    b"\xff\xef\xff\xff",
    b"\xff\xda",
    b"\xff" * 64,
    b"<!ENTITY a 'b'>",
    b"[" * 3000,
    b"{'a':" * 500,
    b"1e999",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A damaged copy; the beginning, where the metadata is, is damaged most."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        reach = len(out) if chance.random() < 0.2 else min(len(out), 6000)
        at = chance.randrange(reach) if reach else 0
        match chance.randrange(7):
            case 0 | 1:
                if out:
                    out[at] ^= 1 << chance.randrange(8)
            case 2:
                if out:
                    out[at] = chance.randrange(256)
            case 3:
                del out[at : at + chance.choice((1, 2, 9, 300))]
            case 4:
                out[at:at] = chance.choice(_PIECES)
            case 5:
                piece = chance.choice(_PIECES)
                out[at : at + len(piece)] = piece
            case 6:
                if chance.random() < 0.3:
                    del out[at:]
                else:
                    out[at:at] = out[at // 2 : at // 2 + chance.choice((1, 50, 2000))]
    return bytes(out)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The dangerous things that happen meanwhile, by their audit events."""
    seen: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple) -> None:
        if watching and event.startswith(_DANGEROUS):
            seen.append(f"{event} {arguments!r:.200}")

    sys.addaudithook(hook)
    try:
        yield seen
    finally:
        watching = False


@pytest.fixture(scope="module")
def seeds(dfl_faceset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """Whole files of every kind that is read."""
    folder = tmp_path_factory.mktemp("seeds")
    jpegs = [path.read_bytes() for path in sorted(dfl_faceset.glob("*.jpg"))[:8]]
    png = io.BytesIO()
    Image.open(io.BytesIO(jpegs[1])).resize((64, 64)).save(png, "png")
    face = parse_record(read_record(jpegs[1]), 64)
    record = png_chunks.chunk(b"fcWp", dump_plain(make_record(face.metadata, None)))
    old_png = png.getvalue()[: png_chunks.HEADER_END] + record + png.getvalue()[png_chunks.HEADER_END :]
    frame, located = draw_face(0)
    aligned = align_face(frame, located, "full", 64)
    source = SourceFrame(clip="drawn", frame=0, time=0.0, width=300, height=300)
    noise = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    own = write_face(folder / "own.jpg", replace(aligned, mask=np.tile(noise, (4, 4))), source, quality=90)
    own_png = attach(png.getvalue(), own.metadata, b"\x89PNG", Path("own.png"))
    write_pak(folder / "faceset.pak", sorted(dfl_faceset.glob("*.jpg"))[:3])
    return {
        ".jpg": [*jpegs, own.path.read_bytes()],
        ".png": [old_png, faceswap_png(0, faceswap_header(0), 64), own_png],
        ".pak": [(folder / "faceset.pak").read_bytes()],
        ".dat": [(dfl_faceset / "meta.dat").read_bytes()],
    }


def _attack(seeds: dict[str, list[bytes]], count: int, root: Path) -> Counter[str]:
    chance = random.Random(20260101)  # noqa: S311
    outcomes: Counter[str] = Counter()
    files = 0
    slowest = 0.0
    while files < count:
        given, out = root / "given", root / "out"
        given.mkdir(parents=True)
        if chance.random() < 0.4:
            (given / "faceset.pak").write_bytes(mutated(seeds[".pak"][0], chance))
            files += 1
        else:
            for number in range(_PER_FOLDER):
                suffix = chance.choice((".jpg", ".jpg", ".png"))
                data = mutated(chance.choice(seeds[suffix]), chance)
                (given / f"{number:05d}_0{suffix}").write_bytes(data)
                files += 1
            if chance.random() < 0.3:
                (given / "meta.dat").write_bytes(mutated(seeds[".dat"][0], chance))
                files += 1
        begin = process_time()
        try:
            done = import_faces(given, out if chance.random() < 0.8 else None)
        except UnderstudyError as error:
            outcomes["refused"] += 1
            reasons = [str(error)]
        else:
            outcomes["imported"] += done.faces
            outcomes["skipped"] += len(done.skipped)
            reasons = [reason for _, reason in done.skipped]
        for path in sorted(p for folder in (given, out) if folder.is_dir() for p in folder.iterdir()):
            if path.suffix in (".jpg", ".png"):
                try:
                    face = FaceFile.read(path)
                    if face is not None:
                        face.aligned()
                        outcomes["decoded"] += 1
                except UnderstudyError as error:
                    reasons.append(str(error))
        assert all(reason and "\n" not in reason for reason in reasons)
        slowest = max(slowest, process_time() - begin)
        assert {path.name for path in root.iterdir()} <= {"given", "out"}
        assert not any(path.is_dir() for folder in (given, out) if folder.is_dir() for path in folder.rglob("*"))
        shutil.rmtree(given)
        shutil.rmtree(out, ignore_errors=True)
    assert slowest < 20, "seconds for one folder"
    outcomes["files"] = files
    return outcomes


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(1800)
def test_mutated_files_are_read_or_refused(seeds: dict[str, list[bytes]], tmp_path: Path, count: int) -> None:
    Image.init()  # runs the modules of Pillow's formats, as would the first damaged picture
    _attack(seeds, 40, tmp_path / "warm")
    root = tmp_path / "room" / "inner"
    with _watched() as seen:
        outcomes = _attack(seeds, count, root)
    assert seen == []
    assert [path.name for path in (tmp_path / "room").iterdir()] == ["inner"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["room", "warm"]
    assert outcomes["files"] >= count
    assert min(outcomes["imported"], outcomes["skipped"], outcomes["refused"], outcomes["decoded"]) > count // 200
    print(dict(outcomes))  # noqa: T201

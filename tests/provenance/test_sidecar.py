"""A file and its sidecar take the place of earlier ones together, wherever the process dies."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.provenance import Origin, SigningSettings, verify
from understudy.provenance.credentials import Credentials
from understudy.provenance.sidecar import making_folder, sidecar_path
from understudy.provenance.unsigned import clear, finish, unsigned_path

_KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from understudy.provenance import Origin, SigningSettings
from understudy.project import ConsentRecord, make_consent
from understudy.provenance.credentials import Credentials
from understudy.provenance.unsigned import clear, finish, unsigned_path
path, clip = map(Path, sys.argv[1:])
agreed = make_consent("src", basis="synthetic", reference="made up")
record = ConsentRecord(src=agreed, dst=agreed)
calls = 0
def counted(real):
    def call(*args, **kwargs):
        global calls
        calls -= 1
        if calls == 0:
            os._exit(9)
        return real(*args, **kwargs)
    return call
for owner, name in [(Path, "replace"), (Path, "unlink"), (Path, "mkdir"), (os, "fsync"), (shutil, "rmtree")]:
    setattr(owner, name, counted(getattr(owner, name)))
for step in range(1, 100):
    target = path / f"{step}" / path.name
    if os.fork() == 0:
        of_model = {"model": "m", "model_sha256": "ab" * 32, "settings_sha256": "cd" * 32}
        origin = Origin("0123456789abcdef", record, (), (clip,), **of_model)
        credentials = Credentials(origin, SigningSettings(), label=None)
        calls = step
        unsigned = unsigned_path(target)
        unsigned.write_bytes(b"new")
        finish(credentials, unsigned, target)
        clear(target)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.wait()[1])
    if code != 9:
        break
assert code == 0
print(step)
"""


def write(path: Path, content: bytes, credentials: Credentials) -> None:
    unsigned = unsigned_path(path)
    unsigned.write_bytes(content)
    finish(credentials, unsigned, path)
    clear(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("before", [b"old", None])
def test_wherever_the_process_dies_the_old_pair_or_the_new_one_is_there(
    tmp_path: Path, origin: Origin, before: bytes | None
) -> None:
    credentials = Credentials(origin, SigningSettings(), label=None)
    for step in range(1, 30):
        target = tmp_path / "film.mkv" / f"{step}" / "film.mkv"
        target.parent.mkdir(parents=True)
        if before is not None:
            write(target, before, credentials)
    words = [sys.executable, "-c", _KILLED, str(tmp_path / "film.mkv"), str(origin.dst_clips[0])]
    steps = int(subprocess.run(words, check=True, capture_output=True).stdout)
    contents = []
    for step in range(1, steps + 1):
        target = tmp_path / "film.mkv" / f"{step}" / "film.mkv"
        if target.exists():
            assert verify(target, watermark=False).exit_code == 0
        contents.append(target.read_bytes() if target.exists() else None)
        write(target, b"newer", credentials)
        assert verify(target, watermark=False).exit_code == 0
        assert sorted(path.name for path in target.parent.iterdir()) == ["film.c2pa", "film.mkv"]
    assert set(contents) == {before, b"new"}
    assert contents == sorted(contents, key=lambda content: content == b"new")


def test_a_sidecar_that_was_left_is_put_beside_its_file_by_the_next_run(tmp_path: Path, origin: Origin) -> None:
    credentials = Credentials(origin, SigningSettings(), label=None)
    target = tmp_path / "film.mkv"
    write(target, b"old", credentials)
    making_folder(target).mkdir()
    sidecar_path(target).rename(making_folder(target) / "film.c2pa")
    clear(target)  # as at the end of a run whose second step fails: on some systems an open file cannot be replaced
    assert verify(target, watermark=False).exit_code == 0
    unsigned_path(target)
    assert sidecar_path(target).exists()

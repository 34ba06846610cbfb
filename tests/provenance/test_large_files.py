"""Files larger than memory are signed and checked in pieces."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from understudy.project import ConsentRecord, make_consent
from understudy.provenance import Origin, SigningSettings, verify
from understudy.provenance.credentials import Credentials

large = Path(sys.argv[1])
agreed = make_consent("src", basis="synthetic", reference="made up")
origin = Origin("0" * 16, ConsentRecord(src=agreed, dst=agreed), (large,), (large,), "m", "ab" * 32, "cd" * 32)
credentials = Credentials(origin, SigningSettings(), label=None)
large.with_suffix(".c2pa").write_bytes(credentials.detached(large))
assert verify(large, watermark=False).state == "valid"
with large.open("r+b") as file:
    file.seek(4_200_000_000)
    file.write(b"x")
assert verify(large, watermark=False).state == "tampered"
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells the peak of memory in another way")
def test_a_file_of_more_than_four_gigabytes_is_never_whole_in_memory(tmp_path: Path) -> None:
    large = tmp_path / "large.mkv"
    with large.open("wb") as file:
        file.truncate(4_300_000_000)
    done = subprocess.run([sys.executable, "-c", _PROGRAM, large], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1200  # MB; the library hashes in pieces of 256 MB, and reads one while it hashes another

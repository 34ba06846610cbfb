"""Two bald performers, a few small frames: what the tests of scores share."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.evaluation import reference as references
from understudy.evaluation.reference import Reference
from understudy.evaluation.suite import SUITE, Case, Performer


@pytest.fixture(scope="session")
def case() -> Iterator[Case]:
    """A case like those of the suite, and as small as can be; the range of motion is short."""
    tiny = replace(
        SUITE["shape"],
        name="tiny",
        src=Performer(23),
        dst=Performer(12),
        others=(),
        src_frames=8,
        dst_frames=6,
        size=144,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(references, "DRILL", (7, 24))
        yield tiny


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the case's clips are kept."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def reference(case: Case, clips: Path) -> Reference:
    return case.film_reference(clips)

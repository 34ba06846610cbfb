from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def dfl_weights() -> Path:
    folder = Path(__file__).parents[3] / "shared" / "dfl-weights"
    if not folder.is_dir():
        pytest.skip("the reference weights are not beside this checkout")
    return folder

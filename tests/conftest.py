"""Fixtures that more than one room uses."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of licensed clips beside the checkout; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "footage"
    if not folder.is_dir():
        pytest.skip("the licensed footage is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def dfl_faceset() -> Path:
    """The folder of faces that DeepFaceLab itself wrote; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "dfl-faceset"
    if not folder.is_dir():
        pytest.skip("the faces written by DeepFaceLab are not beside this checkout")
    return folder

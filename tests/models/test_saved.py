"""A saved network comes back as the same function; a file that lies about itself is refused before it costs memory."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from reference_network import reference_images, reference_model
from understudy.models import SAEHD, Quick96, create_model, latest_model, load_model, save_model
from understudy.models.saved import HEADER_KEY
from understudy.project.errors import UnderstudyError


@pytest.mark.parametrize("archi", ["df-ud", "liae-udt"])
def test_round_trip(tmp_path: Path, archi: str) -> None:
    model, images = reference_model(archi), reference_images()
    save_model(model.to(memory_format=torch.channels_last), tmp_path / "w.safetensors")
    loaded = load_model(tmp_path / "w.safetensors")
    assert (loaded.kind, loaded.config(), loaded.training) == ("saehd", model.config(), False)
    with torch.inference_mode():
        for before, after in zip(vars(model.swap(images)).values(), vars(loaded.swap(images)).values(), strict=True):
            torch.testing.assert_close(after, before)


def test_kinds_come_from_entry_points() -> None:
    with torch.device("meta"):
        assert isinstance(create_model("quick96"), Quick96)
        assert isinstance(create_model("saehd", {"archi": "df", "resolution": 64}), SAEHD)
    with pytest.raises(UnderstudyError, match=r"unknown model kind 'vae': choose one of amp, .*quick96, saehd"):
        create_model("vae")
    with pytest.raises(UnderstudyError, match="quick96"):
        create_model("quick96", {"resolution": 128})


def rewrite(path: Path, *, header: dict | None = None, drop: str = "", reshape: str = "", half: bool = False) -> None:
    tensors = load_file(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    if header is not None:
        metadata[HEADER_KEY] = json.dumps({**json.loads(metadata[HEADER_KEY]), **header})
    tensors.pop(drop, None)
    if reshape:
        tensors[reshape] = tensors[reshape].flatten().contiguous()
    save_file({name: t.half() if half else t for name, t in tensors.items()}, path, metadata=metadata)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"drop": "inter.dense1.weight"}, "does not hold the weights"),
        ({"reshape": "inter.dense1.weight"}, "does not hold the weights"),
        ({"half": True}, "does not hold the weights"),
        ({"header": {"config": {"archi": "df-ud", "ae_dims": 2048, "resolution": 1024}}}, "does not hold the weights"),
        ({"header": {"config": {"ae_dims": 10**12}}}, "ae_dims"),
        ({"header": {"config": {"surprise": 1}}}, "options"),
        ({"header": {"config": [1]}}, "not a swap model"),
        ({"header": {"kind": "os"}}, "unknown model kind"),
        ({"header": {"version": 99}}, "version 99"),
    ],
)
def test_a_lying_file_is_refused(tmp_path: Path, change: dict, word: str) -> None:
    path = tmp_path / "w.safetensors"
    save_model(reference_model("df-ud"), path)
    rewrite(path, **change)
    with pytest.raises(UnderstudyError, match=word):
        load_model(path)


def test_a_foreign_or_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with pytest.raises(UnderstudyError, match="cannot read"):
        load_model(path)
    save_model(reference_model("df-ud"), path)
    whole = path.read_bytes()
    for content in (b"", b"{}", whole[: len(whole) // 2], b"\xff" * 100, b"\xff\xff\xff\xff\xff\xff\xff\x7f{}"):
        path.write_bytes(content)
        with pytest.raises(UnderstudyError, match="cannot read"):
            load_model(path)
    save_file({"x": torch.zeros(2)}, path)
    with pytest.raises(UnderstudyError, match="not a swap model"):
        load_model(path)


def test_latest_model_is_the_highest_iteration(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="no trained model"):
        latest_model(tmp_path / "absent")
    for name in ("0000900", "0001000", "10000000", ".tmp", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights.safetensors").touch()
    (tmp_path / "99999999").mkdir()  # no weights in it
    assert latest_model(tmp_path) == tmp_path / "10000000" / "weights.safetensors"

import json

import pytest
import torch
from safetensors.torch import save_file

from understudy.models import XSeg, create_model, save_model, trained_last
from understudy.models.latest import checkpoints, latest_model
from understudy.models.saved_xseg import (
    XSEG_NAME,
    latest_xseg,
    load_xseg,
    save_xseg,
    xseg_checkpoints,
    xseg_options,
    xseg_state,
)
from understudy.project.errors import UnderstudyError

TINY = {"resolution": 64, "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}


def test_what_is_saved_comes_back(tmp_path):
    torch.manual_seed(3)
    network = XSeg(base=2)
    state = {"rmsprop.updates": torch.tensor(7), "losses": torch.rand(3, dtype=torch.float64)}
    save_xseg(network, tmp_path / "12", options={"face_type": "wf", "batch_size": 4}, state=state)
    found = load_xseg(tmp_path / "12")
    assert not found.training
    assert all(torch.equal(found.state_dict()[name], tensor) for name, tensor in network.state_dict().items())
    assert xseg_options(tmp_path / "12") == {"face_type": "wf", "batch_size": 4}
    kept = xseg_state(tmp_path / "12")
    assert kept.keys() == state.keys()
    assert all(torch.equal(kept[name], state[name]) for name in state)


def test_mask_and_swap_networks_are_not_taken_for_each_other(tmp_path):
    torch.manual_seed(0)
    save_model(create_model("saehd", TINY), tmp_path / "swap" / "1" / "weights.safetensors")
    for iteration in ("0000009", "0000010"):
        save_xseg(XSeg(base=1), tmp_path / "XSeg" / iteration, options={})
    assert trained_last(tmp_path) == "swap"
    assert latest_xseg(tmp_path) == tmp_path / "XSeg" / "0000010"
    assert (checkpoints(tmp_path / "XSeg"), xseg_checkpoints(tmp_path / "swap")) == ([], [])
    with pytest.raises(UnderstudyError, match="no trained model"):
        latest_model(tmp_path / "XSeg")


@pytest.mark.parametrize("base", [2, 10**9, "1", None, True])
def test_a_header_that_lies_costs_nothing(tmp_path, base):
    save_xseg(XSeg(base=1), tmp_path, options={})
    header = {"understudy.xseg": json.dumps({"version": 1, "base": base, "options": {}})}
    save_file({"a": torch.zeros(1)}, tmp_path / XSEG_NAME, metadata=header)
    with pytest.raises(UnderstudyError, match="restore it from a backup"):
        load_xseg(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}      ", b"x" * 100])
def test_damaged_files_are_one_line(tmp_path, content):
    (tmp_path / XSEG_NAME).write_bytes(content)
    for read in (load_xseg, xseg_options):
        with pytest.raises(UnderstudyError, match="restore it from a backup"):
            read(tmp_path)


def test_a_newer_format_asks_for_an_update(tmp_path):
    header = {"understudy.xseg": json.dumps({"version": 2, "base": 1, "options": {}})}
    save_file({"a": torch.zeros(1)}, tmp_path / XSEG_NAME, metadata=header)
    with pytest.raises(UnderstudyError, match="update Understudy"):
        load_xseg(tmp_path)

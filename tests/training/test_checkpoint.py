"""A checkpoint is whole or absent, and is believed only when every byte is as it was written."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from understudy.models import SAEHD, SwapNetwork, load_model
from understudy.project import UnderstudyError
from understudy.training import checkpoint
from understudy.training.checkpoint import TrainingState, is_finite, load_checkpoint, save_checkpoint


def network(seed: int = 0) -> SwapNetwork:
    torch.manual_seed(seed)
    return SAEHD(resolution=32, archi="df", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)


def state(iteration: int) -> TrainingState:
    tensors = {"m.x": torch.arange(4.0) + iteration, "random": torch.zeros(3, dtype=torch.uint8)}
    return TrainingState(iteration, 1.5, {"name": "x"}, (0.5, 0.25), tensors)


def weights_equal(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_round_trip_and_three_are_kept(tmp_path: Path) -> None:
    for iteration in (5, 10, 15, 20):
        save_checkpoint(tmp_path, network(iteration), state(iteration))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0000010", "0000015", "0000020"]
    loaded, found = load_checkpoint(tmp_path, pytest.fail)
    assert (found.iteration, found.seconds, found.settings, found.losses) == (20, 1.5, {"name": "x"}, (0.5, 0.25))
    assert torch.equal(found.tensors["m.x"], torch.arange(4.0) + 20)
    assert weights_equal(loaded, network(20))
    assert weights_equal(load_model(tmp_path / "0000015" / "weights.safetensors"), network(15))


@pytest.mark.parametrize("name", ["weights.safetensors", "training.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_a_damaged_checkpoint_is_passed_over_with_one_line(tmp_path: Path, name: str, damage: str) -> None:
    for iteration in (5, 10):
        save_checkpoint(tmp_path, network(iteration), state(iteration))
    path = tmp_path / "0000010" / name
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content if name != "state.json" else content.replace(b'"version"', b'"vrsn": 1, "'))
    lines: list[str] = []
    loaded, found = load_checkpoint(tmp_path, lines.append)
    if damage == "gone" and name == "weights.safetensors":
        assert not lines  # without weights it is no checkpoint at all
    else:
        assert len(lines) == 1
        assert "0000010" in lines[0]
    assert found.iteration == 5
    assert weights_equal(loaded, network(5))
    save_checkpoint(tmp_path, network(11), state(10))  # the damaged one is replaced when training gets there again
    assert load_checkpoint(tmp_path, pytest.fail)[1].iteration == 10


def test_all_damaged_is_an_error_and_none_is_a_new_model(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "absent", pytest.fail) is None
    save_checkpoint(tmp_path, network(), state(1))
    (tmp_path / "0000001" / "state.json").write_text("[]")
    with pytest.raises(UnderstudyError, match="every checkpoint"):
        load_checkpoint(tmp_path, lambda _: None)


def test_a_crash_while_saving_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path, network(1), state(1))

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", no_space)
        with pytest.raises(UnderstudyError, match="No space left"):
            save_checkpoint(tmp_path, network(2), state(2))
    assert [path.name for path in tmp_path.iterdir()] == ["0000001"]
    (tmp_path / ".unfinished-0123456789ab").mkdir()  # what a kill would leave
    assert load_checkpoint(tmp_path, pytest.fail)[1].iteration == 1
    assert [path.name for path in tmp_path.iterdir()] == ["0000001"]


def test_tensors_are_plain_safetensors(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, network(), state(3))
    assert set(load_file(tmp_path / "0000003" / "training.safetensors")) == {"m.x", "random"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_single_infinite_weight_is_seen(value: float) -> None:
    model = network()
    assert is_finite(model)
    with torch.no_grad():
        model.decoder_dst.color[1].conv2.weight[3, 2, 1, 0] = value
    assert not is_finite(model)

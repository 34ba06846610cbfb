"""`--auto` chooses what fits: it is measured, told, kept when named, and the same network goes on later."""

from collections.abc import Callable

import pytest
import torch

from understudy.models import latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings, train
from understudy.training import auto as auto_module
from understudy.training.auto import Trial, attempt, choose_batch, choose_sizes
from understudy.training.hardware import Hardware
from understudy.training.memory_in_use import measured_memory

MakeSettings = Callable[..., TrainSettings]
CPU = Hardware(torch.device("cpu"), half=False)
Told = list[str]


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, int], None]:
    """A device on which time and memory grow with the pixels of a batch."""

    def set_up(seconds: float, memory: int) -> None:
        def trial(settings: TrainSettings, _: Hardware) -> Trial | None:
            pixels = (settings.network.resolution or 96) ** 2 * settings.batch_size
            return Trial(seconds * pixels, memory * pixels)

        monkeypatch.setattr(auto_module, "attempt", trial)
        monkeypatch.setattr(auto_module, "free_memory", lambda _: 10**9)

    return set_up


SAEHD = TrainSettings(model="saehd", network=NetworkSettings(archi="df-ud", face_type="full"))


def test_the_largest_that_fits_the_memory(device: Callable[[float, int], None]) -> None:
    device(0, 8000)  # 850 MB hold 106,250 pixels: 4 faces of 160, no 6
    chosen = choose_sizes(SAEHD, CPU, lambda _: None)
    assert (chosen.network.resolution, chosen.batch_size) == (160, 4)
    assert (chosen.network.archi, chosen.network.face_type) == ("df-ud", "full")


def test_the_largest_that_is_fast_enough(device: Callable[[float, int], None]) -> None:
    device(auto_module.PATIENCE / (96 * 96 * 12), 0)
    chosen = choose_sizes(SAEHD, CPU, lambda _: None)
    assert (chosen.network.resolution, chosen.batch_size) == (160, 4)
    named = choose_sizes(SAEHD.model_copy(update={"network": NetworkSettings(resolution=96)}), CPU, lambda _: None)
    assert (named.network.resolution, named.batch_size) == (96, 12)


def test_a_kind_without_sizes_is_given_a_batch(device: Callable[[float, int], None]) -> None:
    device(0, 8000)
    assert choose_sizes(TrainSettings(), CPU, lambda _: None) == choose_batch(TrainSettings(), CPU, lambda _: None)


def test_nothing_fits(device: Callable[[float, int], None]) -> None:
    device(0, 10**9)
    with pytest.raises(UnderstudyError, match="not even a small network fits"):
        choose_sizes(SAEHD, CPU, lambda _: None)


def test_a_trial_is_a_real_training(tiny: MakeSettings) -> None:
    trial = attempt(tiny(), CPU)
    assert trial is not None
    assert trial.seconds > 0


def test_what_work_takes_is_seen() -> None:
    with measured_memory(torch.device("cpu")) as memory:
        held = torch.ones(60 << 20, dtype=torch.uint8)
        torch.ones(200_000_000).sum()
    assert memory() > held.numel()


def test_a_chosen_network_goes_on(project: Project, tiny: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    small = NetworkSettings(resolution=32, ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
    monkeypatch.setattr(auto_module, "SIZES", (small,))
    monkeypatch.setattr(auto_module, "_BATCHES", (6,))
    free = tiny(network=NetworkSettings(archi="df-ud"), iterations=2)
    assert train(project, free, Silent(), auto=True).iteration == 2
    assert load_model(latest_model(project.model_folder("tiny"))).resolution == 32
    assert train(project, free.model_copy(update={"iterations": 4}), Silent(), auto=True).iteration == 4

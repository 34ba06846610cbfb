"""Ways to train in less memory: they fit, they resume exactly, and they change the outcome as little as they say."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from understudy.models import create_model
from understudy.project import Project, Silent
from understudy.training import NetworkSettings, TrainSettings, train
from understudy.training.bank import FaceBank, margin_of
from understudy.training.hardware import Hardware
from understudy.training.packed_moments import EightBits, Half
from understudy.training.trainer import Trainer

MakeSettings = Callable[..., TrainSettings]


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of all tensors alive that operations within have made."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(found):
            if isinstance(leaf, Tensor):
                storage = leaf.untyped_storage()
                if storage.data_ptr() and id(storage) not in self._known and storage._cdata not in self._known:
                    self._count(storage)
        return found

    def _count(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        self._known.add(key)
        self.now += size
        self.peak = max(self.peak, self.now)

        def gone() -> None:
            self._known.discard(key)
            self.now -= size

        weakref.finalize(storage, gone)


def peak_of(settings: TrainSettings, *, steps: int = 2) -> int:
    """Bytes of tensors alive at most in making a trainer and training."""
    with LiveBytes() as counter:
        trainer = new_trainer(settings)
        for _ in range(steps):
            trainer.step()
    return counter.peak


def new_trainer(settings: TrainSettings) -> Trainer:
    torch.manual_seed(0)
    network = create_model(settings.model, settings.network.config())
    margin = margin_of(network.resolution)
    side = network.resolution + 2 * margin
    generator = torch.Generator().manual_seed(1)
    smooth = F.interpolate(torch.rand(8, 5, 4, 4, generator=generator), (side, side), mode="bilinear")
    pixels = (smooth * 255).byte()
    bank = FaceBank(pixels, torch.zeros(8), network.resolution, margin)
    return Trainer(network, bank, bank, settings=settings, hardware=Hardware.choose("cpu", settings.precision))


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    """The counter sees what its own thread does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("moments", "optimizer"), [("bf16", "adabelief"), ("8bit", "adam"), ("8bit", "rmsprop"), ("host", "adam")]
)
def test_ten_and_ten_are_twenty_bit_for_bit(project: Project, tiny: MakeSettings, moments: str, optimizer: str) -> None:
    options = {"moments": moments, "optimizer": optimizer}
    whole = train(project, tiny(name="whole", iterations=6, **options), Silent()).folder
    train(project, tiny(name="halves", iterations=3, **options), Silent())
    halves = train(project, tiny(name="halves", iterations=6, **options), Silent()).folder
    for name in ("weights.safetensors", "training.safetensors"):
        assert (whole / "0000006" / name).read_bytes() == (halves / "0000006" / name).read_bytes()


def losses(settings: TrainSettings, steps: int = 30) -> Tensor:
    trainer = new_trainer(settings)
    return torch.stack([trainer.step() for _ in range(steps)])


@pytest.mark.parametrize("optimizer", ["adabelief", "adam"])
@pytest.mark.parametrize(("moments", "allowed"), [("host", 0.0), ("bf16", 0.0025), ("8bit", 0.004)])
def test_losses_follow_those_of_full_moments(tiny: MakeSettings, optimizer: str, moments: str, allowed: float) -> None:
    options: dict[str, Any] = {"optimizer": optimizer, "learning_rate": 5e-4}
    full, packed = losses(tiny(**options)), losses(tiny(moments=moments, **options))
    assert full[-1].sum() < 0.96 * full[0].sum()
    # On average: a single batch may lie on either side of what two such trainings disagree about.
    assert ((full - packed).abs() / full).mean() <= allowed


def test_recomputing_changes_nothing(tiny: MakeSettings) -> None:
    for precision in ("fp32", "bf16"):
        kept, again = (losses(tiny(recompute=on, precision=precision), 4) for on in (False, True))
        assert torch.equal(kept, again)


def test_eight_bits() -> None:
    torch.manual_seed(0)
    moment = (torch.randn(7, 33, 3, 3) * torch.logspace(-6, 0, 33)[None, :, None, None]).contiguous(
        memory_format=torch.channels_last
    )
    packed = EightBits(moment, "m").unpack()
    assert packed.stride() == moment.stride()
    assert (packed - moment).abs().max() < 0.01 * moment.abs().max()
    assert torch.equal(EightBits(packed, "m").unpack(), packed)
    squares = EightBits(moment.square(), "v").unpack()
    assert torch.equal(EightBits(squares, "v").unpack(), squares)
    assert bool(((squares > 0) == (moment != 0)).all())
    assert not EightBits(torch.zeros(300), "v").unpack().any()


def test_a_moment_in_bf16_follows_what_fades() -> None:
    generator = torch.Generator().manual_seed(0)
    exact = torch.ones(4096)
    kept = Half(exact, "v")
    for _ in range(2000):
        square = 0.01 * torch.randn(4096, generator=generator).square()
        exact = 0.999 * exact + 0.001 * square
        kept = Half(0.999 * kept.unpack() + 0.001 * square, "v")
    assert exact.mean() < 0.2
    torch.testing.assert_close(kept.unpack().mean(), exact.mean(), rtol=0.01, atol=0.0)


def test_recomputing_and_packing_take_less() -> None:
    sizes = NetworkSettings(resolution=64, archi="df-ud", ae_dims=16, e_dims=16, d_dims=16, d_mask_dims=8)
    plain = TrainSettings(
        model="saehd", network=sizes, batch_size=32, optimizer="adabelief", device="cpu", precision="fp32"
    )
    peak = peak_of(plain)
    assert peak_of(plain.model_copy(update={"recompute": True})) < 0.85 * peak
    assert peak_of(plain.model_copy(update={"moments": "8bit"})) < peak


@pytest.mark.slow
def test_liae_ud_of_128_pixels_trains_in_two_gigabytes() -> None:
    sizes = NetworkSettings(resolution=128, archi="liae-ud", ae_dims=256, e_dims=64, d_dims=64, d_mask_dims=22)
    settings = TrainSettings(
        model="saehd", network=sizes, batch_size=4, optimizer="adabelief", device="cpu", precision="bf16"
    )
    with LiveBytes() as counter:
        trainer = new_trainer(settings.model_copy(update={"moments": "8bit", "recompute": True}))
        # Moments that a step would leave behind; read in half of its time, from a file of hardly any size.
        weights = trainer.network.named_parameters()
        nothing = {name: torch.zeros(()).expand(weight.shape) for name, weight in weights}
        moments = {f"adabelief.{kind}.{name}": moment for kind in "mv" for name, moment in nothing.items()}
        trainer.restore(1, {"adabelief.updates": torch.tensor(1), **moments}, random=False)
        before = counter.now
        trainer.step()
    assert counter.now >= before > 4.9e8  # weights in float32, and two moments in a byte each
    # Half a gigabyte is left for the driver, and for what kernels need for themselves.
    assert counter.peak < 1.5e9

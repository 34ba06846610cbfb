"""Batches added up are one large batch."""

from collections.abc import Callable

import pytest

from understudy.models import latest_model, load_model
from understudy.project import Project, Silent
from understudy.training import TrainSettings, train

MakeSettings = Callable[..., TrainSettings]


@pytest.mark.parametrize(
    "options",
    [
        {"random_warp": True, "random_dst_flip": True},
        {"clipgrad": True, "gan_power": 0.1, "gan_patch_size": 8, "gan_dims": 4},
        {"true_face_power": 0.1, "random_hsv_power": 0.1, "ct_mode": "sot"},
    ],
)
def test_as_one_batch_so_many_times_as_large(project: Project, tiny: MakeSettings, options: dict[str, object]) -> None:
    common = {"iterations": 3, "optimizer": "adabelief", **options}
    large = train(project, tiny(name="large", batch_size=6, **common), Silent())
    small = train(project, tiny(name="small", batch_size=2, accumulate=3, **common), Silent())
    assert (small.src_loss, small.dst_loss) == pytest.approx((large.src_loss, large.dst_loss), rel=1e-5)
    one, other = (load_model(latest_model(result.folder)).state_dict() for result in (large, small))
    for name in one:
        # Few weights have gradients that are all rounding, and so a direction that is.
        assert (one[name] - other[name]).abs().mean() < 2e-5  # they have moved by 1e-3


def test_equal_runs_are_equal_bit_for_bit(project: Project, tiny: MakeSettings) -> None:
    runs = [train(project, tiny(name=name, accumulate=3, batch_size=2, iterations=4), Silent()) for name in ("a", "b")]
    one, other = (latest_model(run.folder).read_bytes() for run in runs)
    assert one == other

"""The loss curve survives crashes and forgets what a checkpoint forgot."""

from pathlib import Path

from understudy.training import read_losses
from understudy.training.history import LossHistory


def test_lines_beyond_the_checkpoint_and_broken_lines_go(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    assert read_losses(path) == []
    history = LossHistory(path, iteration=0)
    for iteration in (10, 20, 30):
        history.append(iteration, 1 / iteration, 2 / iteration, iteration / 2)
    with path.open("a") as file:
        file.write("40,0.1")  # killed in the middle of a line
    assert read_losses(path) == [(10, 0.1, 0.2, 5), (20, 0.05, 0.1, 10), (30, 0.03333, 0.06667, 15)]
    LossHistory(path, iteration=20).append(25, 0.5, 0.6, 12)
    assert read_losses(path) == [(10, 0.1, 0.2, 5), (20, 0.05, 0.1, 10), (25, 0.5, 0.6, 12)]
    assert path.read_text().startswith("iteration,src_loss,dst_loss,seconds\n")

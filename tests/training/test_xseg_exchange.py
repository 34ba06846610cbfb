"""Mask networks of the old program come into a project and go back as they came."""

import json
from pathlib import Path

import pytest
import torch

from dfl_reader import unpickle_weights
from understudy.cli import main
from understudy.models import DflModel, XSeg, save_dfl
from understudy.models.dfl_model import GENERATOR
from understudy.models.dfl_moments import Moments
from understudy.models.saved_xseg import load_xseg, xseg_checkpoints
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import TrainSettings, train
from understudy.training.dfl_exchange import export_dfl, import_dfl


def old_model(folder: Path, *, moments: bool = False) -> XSeg:
    torch.manual_seed(5)
    network = XSeg()
    state = {f"a.{name}": torch.rand_like(tensor) for name, tensor in network.state_dict().items()}
    model = DflModel(
        name="XSeg",
        network=network,
        iteration=4321,
        options={"face_type": "head", "batch_size": 6, "pretrain": False},
        losses=((0.5,), (0.25,), (0.125,)),
        moments={GENERATOR: Moments("rmsprop", 4321, state)} if moments else {},
    )
    save_dfl(model, folder)
    return network


def test_a_mask_network_comes_in_is_listed_and_goes_back(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = old_model(tmp_path / "old")
    words = ["--project", str(project.root)]
    assert main(["model", "import", str(tmp_path / "old"), *words]) == 0
    assert "understudy merge --mask XSeg-dst" in capsys.readouterr().out
    assert main(["model", "list", "--json", *words]) == 0
    listed = json.loads(capsys.readouterr().out)["models"]
    assert listed == [{"name": "XSeg", "kind": "xseg", "config": {"face_type": "head"}, "iteration": 4321}]
    found = load_xseg(xseg_checkpoints(project.model_folder("XSeg"))[-1])
    assert all(torch.equal(found.state_dict()[name], tensor) for name, tensor in network.state_dict().items())

    files, notes = export_dfl(project, "XSeg", tmp_path / "new")
    assert [path.name for path in files] == ["XSeg_256.npy", "XSeg_data.dat"]
    assert notes == ["there is no optimizer state: DeepFaceLab starts from none"]
    for name in ("XSeg_256.npy", "XSeg_data.dat"):
        assert (tmp_path / "new" / name).read_bytes() == (tmp_path / "old" / name).read_bytes()

    with pytest.raises(UnderstudyError, match="already"):
        import_dfl(project, tmp_path / "old")
    with pytest.raises(UnderstudyError, match="already"):
        export_dfl(project, "XSeg", tmp_path / "new")
    with pytest.raises(UnderstudyError, match="leave out --to"):
        export_dfl(project, "XSeg", tmp_path / "other", to="mine")
    with pytest.raises(UnderstudyError, match="holds a mask network"):
        train(project, TrainSettings(name="XSeg"), Silent())


@pytest.mark.slow
def test_the_optimizer_goes_along(project: Project, tmp_path: Path) -> None:
    old_model(tmp_path / "old", moments=True)
    imported = import_dfl(project, tmp_path / "old", to="faces")
    assert (imported.folder.name, imported.kind, imported.iteration, imported.notes) == ("faces", "xseg", 4321, ())
    files, notes = export_dfl(project, "faces", tmp_path / "new")
    assert (len(files), notes) == (3, [])
    for path in files:
        if path.suffix == ".npy":
            old, new = (unpickle_weights((tmp_path / side / path.name).read_bytes()) for side in ("old", "new"))
            assert list(new) == list(old)
            assert all(new[key].tobytes() == array.tobytes() for key, array in old.items())

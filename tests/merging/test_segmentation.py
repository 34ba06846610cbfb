import numpy as np
import pytest
import torch

from understudy.merging.prediction import Prediction
from understudy.merging.predictor import Predictor
from understudy.merging.segmentation import Segmenter, asked_of_network, segmenter_for
from understudy.merging.settings import MergeSettings
from understudy.models import SwapOutput, XSeg
from understudy.models.saved_xseg import save_xseg
from understudy.project import Project, UnderstudyError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return XSeg(base=1).eval()


@pytest.fixture
def crops():
    return list(np.random.default_rng(0).random((3, 64, 64, 3), dtype=np.float32))


class Negative:
    resolution = 64
    face_type = "whole_face"

    def swap(self, images, *, morph=1.0):
        return SwapOutput(1 - images, torch.ones_like(images[:, :1]), torch.ones_like(images[:, :1]))


def by_hand(network, picture):
    found = network.probability(torch.from_numpy(picture).permute(2, 0, 1)[None])
    return found[0, 0].numpy()


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({}, set()),
        ({"mask": "XSeg-prd"}, {"XSeg-prd"}),
        ({"mask": "learned-prd*learned-dst*XSeg-prd*XSeg-dst"}, {"XSeg-prd", "XSeg-dst"}),
        ({"occluder": "hull - XSeg-dst"}, {"XSeg-dst"}),
    ],
)
def test_only_masks_that_a_formula_names_are_asked_for(settings, asked):
    assert asked_of_network(MergeSettings(**settings)) == asked


@pytest.mark.parametrize("asked", [{"XSeg-prd"}, {"XSeg-dst"}, {"XSeg-prd", "XSeg-dst"}])
def test_the_predictor_adds_what_the_network_finds_before_and_after_the_swap(network, crops, asked):
    segmenter = Segmenter(network, CPU, frozenset(asked))
    predictions = Predictor(Negative(), CPU, batch_size=2, segmenter=segmenter).predict(crops)
    for crop, prediction in zip(crops, predictions, strict=True):
        for name, mask, picture in (
            ("XSeg-prd", prediction.xseg, 1 - crop),
            ("XSeg-dst", prediction.xseg_dst, crop),
        ):
            if name in asked:
                assert np.allclose(mask, by_hand(network, picture), atol=1e-5)
            else:
                assert mask is None


def test_without_a_segmenter_nothing_is_added(crops):
    assert all(each.xseg is None for each in Predictor(Negative(), CPU, batch_size=2).predict(crops))


class Film(Project):
    def __init__(self, root):
        self.root = root


def test_the_youngest_mask_network_of_the_project_is_asked(network, crops, tmp_path):
    film = Film(tmp_path)
    for name in ("older", "younger"):
        torch.manual_seed(len(name))
        save_xseg(network if name == "younger" else XSeg(base=1), film.models / name / "0000005", options={})
    segmenter = segmenter_for(film, [MergeSettings(), MergeSettings(mask="XSeg-dst")], CPU)
    found = segmenter.segment([Prediction(crops[0], crops[0], crops[0][..., 0], crops[0][..., 0])])
    assert np.allclose(found[0].xseg_dst, by_hand(network, crops[0]), atol=1e-5)


def test_a_mask_that_asks_for_an_absent_network_is_refused_in_one_line(tmp_path):
    assert segmenter_for(Film(tmp_path), [MergeSettings()], CPU) is None
    with pytest.raises(UnderstudyError, match="XSeg-prd needs a mask network") as fault:
        segmenter_for(Film(tmp_path), [MergeSettings(mask="XSeg-prd")], CPU)
    assert "\n" not in str(fault.value)
    assert "understudy model import" in str(fault.value)


def test_a_broken_network_is_named(crops):
    broken = XSeg(base=1).eval()
    with torch.no_grad():
        broken.out_conv.bias.fill_(torch.nan)
    segmenter = Segmenter(broken, CPU, frozenset({"XSeg-dst"}))
    with pytest.raises(UnderstudyError, match="mask network finds values that are not numbers"):
        segmenter.segment([Prediction(crops[0], crops[0], crops[0][..., 0], crops[0][..., 0])])

"""One prediction for each crop, whatever the batch, the number format and the other faces in it."""

import numpy as np
import pytest
import torch

from understudy.merging.predictor import Predictor, ready_to_swap
from understudy.models import create_model

CPU = torch.device("cpu")
SMALL = {"resolution": 64, "ae_dims": 16, "e_dims": 8, "d_dims": 8, "d_mask_dims": 8}


def network(kind, **sizes):
    torch.manual_seed(3)
    return create_model(kind, {**SMALL, **sizes}).eval()


@pytest.fixture
def crops():
    return list(np.random.default_rng(0).random((5, 64, 64, 3), dtype=np.float32))


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [("saehd", {"archi": "liae-udt"}), ("saehd", {"archi": "df-c"}), ("dfhd", {}), ("amp", {"inter_dims": 32})],
)
def test_bf16_differs_by_less_than_a_level(kind, sizes, crops):
    exact = Predictor(network(kind, **sizes), CPU, batch_size=8).predict(crops)
    half = Predictor(ready_to_swap(network(kind, **sizes), half=True), CPU, batch_size=8, half=True).predict(crops)
    for one, other in zip(exact, half, strict=True):
        assert one.face.dtype == other.face.dtype == np.float32
        for part in ("face", "mask", "dst_mask"):
            assert np.abs(getattr(one, part) - getattr(other, part)).max() < 1 / 255


def test_each_face_has_a_morph_of_its_own(crops):
    predictor = Predictor(network("amp", inter_dims=32), CPU, batch_size=4)
    morphs = [0.0, 0.5, 1.0, 0.25, 0.75]
    together = predictor.predict(crops, morphs)
    for crop, morph, found in zip(crops, morphs, together, strict=True):
        (alone,) = predictor.predict([crop], [morph])
        assert np.allclose(alone.face, found.face, atol=1e-5)
    (other,) = predictor.predict(crops[2:3], [0.0])
    assert not np.allclose(other.face, together[2].face, atol=1e-3)

import numpy as np
import pytest

from understudy.faces.template import MEAN_FACE
from understudy.masks import combine_masks, hull_mask


@pytest.fixture
def masks():
    random = np.random.default_rng(0)
    return random.random((2, 64, 64), dtype=np.float32)


@pytest.fixture
def landmarks():
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    return (np.concatenate([jaw, MEAN_FACE]) * 30 + 15).astype(np.float32)


def test_modes_combine_as_their_names_say(masks, landmarks):
    prd, dst = masks
    expected = {
        "learned-prd": prd,
        "learned-dst": dst,
        "learned-prd*learned-dst": prd * dst,
        "learned-prd+learned-dst": np.minimum(prd + dst, 1),
        "dst": hull_mask(landmarks, 64, 64),
        "full": np.ones((64, 64)),
    }
    for mode, mask in expected.items():
        combined = combine_masks(mode, prd=prd, dst=dst, landmarks=landmarks)
        assert combined.dtype == np.float32
        assert np.allclose(combined, mask), mode

"""What a face is told by its neighbours in time."""

from dataclasses import replace

import numpy as np
import pytest

from understudy.merging.color_pool import ColorGrid
from understudy.merging.grain import Grain
from understudy.merging.neighbours import Reach, Sight
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim
from understudy.merging.steadied import steadied
from understudy.merging.texture import Texture

REACH = Reach(mask=2, color=4, least=1)


def sight(level, *, light=0.5):
    """With grain and detail of a `level`."""
    picture = np.full((32, 32, 3), light, np.float32)
    mask = np.ones((32, 32), np.float32)
    return Sight(
        PlacedFace("face.jpg", np.zeros((68, 2), np.float32), 0),
        Prediction(picture, picture, mask, mask),
        colors=ColorGrid(picture, picture, mask),
        rim=Rim(picture, mask),
        texture=Texture(Grain(np.full(3, level), np.full(3, level / 2)), np.full(2, level)),
    )


def told(own, others):
    assert isinstance(own.outcome, Prediction)
    _, moment = steadied(7, own, own.outcome, others, REACH)
    return moment


@pytest.fixture
def around():
    return [(distance, sight(1.0 + distance)) for distance in (-1, 1, -2, 2, -3, 3)]


def test_a_texture_is_the_mean_of_those_around(around):
    """Of levels that rise evenly that is its own; one frame that stands out counts by its share."""
    assert np.allclose(told(sight(1.0), around).texture.grain.detail, 1.0)
    shares = np.exp(-2.0 * (np.array([0, 1, 1, 2, 2, 3, 3]) / 5) ** 2)
    assert np.allclose(told(sight(2.0), around).texture.energies, 1.0 + shares[0] / shares.sum())


def test_frames_under_another_light_and_farther_away_have_no_say(around):
    others = [*around, (-4, sight(90.0, light=0.6)), (5, sight(90.0))]
    moment, alone = told(sight(1.0), others), told(sight(1.0), around)
    assert np.allclose(moment.texture.energies, alone.texture.energies)
    assert len(moment.rims) == len(alone.rims) == 6


def test_what_was_not_asked_for_is_not_told(around):
    bare = replace(sight(1.0), rim=None, texture=None)
    assert told(bare, [(distance, replace(other, rim=None)) for distance, other in around]).rims == []
    assert told(bare, around).texture is None
    moment = told(replace(bare, colors=None), around)
    assert (moment.colors, moment.texture, list(moment.rims)) == (None, None, [])

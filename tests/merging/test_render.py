from fractions import Fraction

import numpy as np
import pytest
import torch

from understudy.media import Frame
from understudy.merging.plan import PlacedFace
from understudy.merging.predictor import Predictor
from understudy.merging.render import Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import SwapOutput
from understudy.project import UnderstudyError

SIZE = 96


class Negative:
    """A swap model whose swapped face is the negative of the face; it has room for `room` faces at once."""

    resolution = SIZE
    face_type = "whole_face"

    def __init__(self, room=1000):
        self.room = room
        self.batches = []

    def swap(self, images, *, morph=1.0):
        self.batches.append(len(images))
        if len(images) > self.room:
            raise torch.OutOfMemoryError
        mask = torch.ones_like(images[:, :1])
        return SwapOutput(1 - images, mask, mask)


@pytest.fixture
def frames(textured):
    pixels = (textured * 255).astype(np.uint8)
    return [Frame(np.roll(pixels, index, axis=1), index, Fraction(index, 25)) for index in range(13)]


@pytest.fixture
def plan(place_face):
    """Faces in all frames but the first and the fifth; two in the seventh."""
    plan = {i: [PlacedFace(f"{i}.jpg", place_face(120 + i, 120, 40))] for i in range(13) if i not in (0, 4)}
    plan[6].append(PlacedFace("6b.jpg", place_face(260, 100, 50)))
    return plan


def render(frames, plan, model=None, **settings):
    chosen = MergeSettings(**settings)
    model = model or Negative()
    failures = []
    renderer = Renderer(
        Predictor(model, torch.device("cpu"), batch_size=chosen.batch_size),
        plan,
        lambda _index, _face: chosen,
        resolution=model.resolution,
        face_type=model.face_type,
        report=lambda index, face, error: failures.append((index, face.name, str(error))),
    )
    return list(renderer.render(iter(frames))), failures


def test_the_morph_value_reaches_the_model():
    class Mixed(Negative):
        def swap(self, images, *, morph=1.0):
            output = super().swap(images)
            return SwapOutput(morph * output.face, output.mask, output.dst_mask)

    crops = [np.zeros((SIZE, SIZE, 3), np.float32)] * 2
    for morph in (0.25, 1.0):
        for prediction in Predictor(Mixed(), torch.device("cpu"), batch_size=2, morph=morph).predict(crops):
            assert (prediction.face == morph).all()


def test_frames_come_out_in_order_and_those_without_faces_untouched(frames, plan):
    rendered, failures = render(frames, plan, batch_size=4)
    assert [result.frame.index for result in rendered] == list(range(13))
    assert [len(result.swapped) for result in rendered] == [0, 1, 1, 1, 0, 1, 2, 1, 1, 1, 1, 1, 1]
    assert rendered[0].composite.pixels is frames[0].pixels
    assert not rendered[4].composite.changed.any()
    assert all((r.composite.pixels != f.pixels).any() for r, f in zip(rendered, frames, strict=True) if r.swapped)
    assert not failures


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_the_batch_size_changes_nothing(frames, plan, batch_size):
    expected, _ = render(frames, plan, batch_size=8)
    rendered, _ = render(frames, plan, batch_size=batch_size)
    for one, other in zip(rendered, expected, strict=True):
        assert np.array_equal(one.composite.pixels, other.composite.pixels)
        assert np.array_equal(one.composite.alpha, other.composite.alpha)


def test_faces_are_gathered_over_frames_into_full_batches(frames, plan):
    model = Negative()
    render(frames, {index: faces for index, faces in plan.items() if index > 6}, model, batch_size=3)
    assert model.batches[-2:] == [3, 1]


def test_a_batch_that_does_not_fit_is_halved_until_it_does(frames, plan):
    expected, _ = render(frames, plan)
    rendered, failures = render(frames, plan, Negative(room=2), batch_size=8)
    assert not failures
    assert all(np.array_equal(a.composite.pixels, b.composite.pixels) for a, b in zip(rendered, expected, strict=True))


def test_a_model_that_never_fits_is_one_clear_fault(frames, plan):
    with pytest.raises(UnderstudyError, match="does not fit into the memory"):
        render(frames, plan, Negative(room=0))


def test_a_face_that_fails_is_reported_and_the_others_are_swapped(frames, plan):
    plan[6][1] = PlacedFace("broken.jpg", np.full((68, 2), np.nan, np.float32))
    plan[8] = [PlacedFace("point.jpg", np.zeros((68, 2), np.float32))]
    rendered, failures = render(frames, plan)
    assert [(index, name) for index, name, _ in failures] == [(6, "broken.jpg"), (8, "point.jpg")]
    assert [len(result.swapped) for result in rendered][6:9] == [1, 1, 0]
    assert np.array_equal(rendered[8].composite.pixels, frames[8].pixels)


def test_predictions_that_are_not_numbers_leave_the_frame_as_it_was(frames, plan):
    class Broken(Negative):
        def swap(self, images, *, morph=1.0):
            output = super().swap(images)
            output.face[:, :, 0, 0] = torch.nan
            return output

    rendered, failures = render(frames, plan, Broken())
    assert len(failures) == 12
    assert all(np.array_equal(r.composite.pixels, f.pixels) for r, f in zip(rendered, frames, strict=True))


def test_a_fault_of_the_source_is_passed_on(frames, plan):
    def damaged():
        yield from frames[:5]
        raise UnderstudyError("clip.mp4 is damaged after frame 5")

    with pytest.raises(UnderstudyError, match="damaged after frame 5"):
        render(damaged(), plan)


def test_raw_predict_shows_nothing_but_the_largest_face(frames, plan):
    rendered, _ = render(frames, plan, mode="raw-predict")
    assert rendered[0].composite.pixels.max() == 0
    assert rendered[0].composite.changed.all()
    assert len(rendered[6].swapped) == 1
    assert (rendered[6].composite.pixels[:, :36] == 0).all()

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from understudy.media import Frame
from understudy.merging.neighbours import NONE, Reach
from understudy.merging.plan import PlacedFace
from understudy.merging.plate import degrade_colors, plate_of
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


class Restless(Negative):
    """Masks and colours follow the mean of the crop, which is another in each frame."""

    def swap(self, images, *, morph=1.0):
        self.batches.append(len(images))
        level = images.mean(dim=(1, 2, 3), keepdim=True)
        mask = (0.3 + 20 * (level % 0.03)) * torch.ones_like(images[:, :1])
        return SwapOutput((images * 0.5 + level * 20 % 0.5), mask, torch.ones_like(mask))


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


def render(frames, plan, model=None, *, reach=NONE, wanted=None, **settings):
    chosen = MergeSettings(**settings)
    model = model or Negative()
    failures = []
    renderer = Renderer(
        Predictor(model, torch.device("cpu"), batch_size=chosen.batch_size),
        plan,
        lambda _index, _face: chosen,
        reach=reach,
        report=failures.append,
    )
    return list(renderer.render(iter(frames), wanted)), failures


def test_the_morph_value_reaches_the_model():
    class Mixed(Negative):
        def swap(self, images, *, morph=1.0):
            output = super().swap(images)
            return SwapOutput(morph * output.face, output.mask, output.dst_mask)

    crops = [np.zeros((SIZE, SIZE, 3), np.float32)] * 2
    predictor = Predictor(Mixed(), torch.device("cpu"), batch_size=2)
    for morph in (0.25, 1.0):
        for prediction in predictor.predict(crops, [morph, morph]):
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


def test_faces_are_gathered_over_frames_into_full_batches(frames, plan, monkeypatch):
    predict, batches = Predictor.predict, []

    def watched(self, crops, morphs=None):
        batches.append(len(crops))
        return predict(self, crops, morphs)

    monkeypatch.setattr(Predictor, "predict", watched)
    render(frames, {index: faces for index, faces in plan.items() if index > 6}, batch_size=3)
    assert batches[-2:] == [3, 1]


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
    assert [(failure.index, failure.face.name) for failure in failures] == [(6, "broken.jpg"), (8, "point.jpg")]
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


def test_the_plate_is_softened_once_for_all_faces(frames, plan):
    """Outside of the masks it is the softened frame, however many faces there are, and if there is none."""
    asked = MergeSettings(bicubic_degrade=70.0)
    rendered, _ = render(frames, plan, bicubic_degrade=70.0)
    for index in (0, 3, 6):
        plate = plate_of(frames[index].pixels, asked).pixels
        result = rendered[index].composite
        assert result.changed.all()
        assert np.array_equal(result.pixels[result.alpha == 0], plate[result.alpha == 0])
    assert (rendered[6].composite.alpha > 0).sum() > 1.5 * (rendered[3].composite.alpha > 0).sum()


def test_colours_are_degraded_with_the_faces(frames, plan):
    plain, _ = render(frames, plan)
    rendered, _ = render(frames, plan, color_degrade=100.0)
    for before, after in zip(plain, rendered, strict=True):
        expected = degrade_colors(before.composite, MergeSettings(color_degrade=100.0))
        assert np.array_equal(after.composite.pixels, expected.pixels)
        assert np.array_equal(after.composite.alpha, before.composite.alpha)


def test_grain_differs_from_frame_to_frame_and_not_from_run_to_run(frames, plan):
    noise = np.random.default_rng(0).integers(-9, 9, frames[1].pixels.shape)
    noisy = (frames[1].pixels + noise).clip(0, 255).astype(np.uint8)
    frozen = [Frame(noisy, index, Fraction(index, 25)) for index in (1, 2)]
    first, again = (render(frozen, {1: plan[1], 2: plan[1]}, match_grain=100.0)[0] for _ in range(2))
    assert np.array_equal(first[0].composite.pixels, again[0].composite.pixels)
    assert not np.array_equal(first[0].composite.pixels, first[1].composite.pixels)


@pytest.mark.parametrize(
    "settings", [{}, {"mode": "seamless"}, {"match_grain": 100.0, "match_sharpness": 100.0, "light": 50.0}]
)
def test_a_range_gives_the_pixels_of_the_whole(frames, plan, settings):
    """Whatever the masks and colours of neighbouring frames do, it does not matter where rendering began."""
    tracked = {i: [replace(face, track=k) for k, face in enumerate(faces)] for i, faces in plan.items()}
    reach = Reach(mask=1, color=3)
    whole, _ = render(frames, tracked, Restless(), reach=reach, **settings)
    part, _ = render(frames[2:12], tracked, Restless(), reach=reach, wanted=range(5, 9), batch_size=3, **settings)
    assert [result.frame.index for result in part] == [5, 6, 7, 8]
    for one, other in zip(part, whole[5:9], strict=True):
        assert np.array_equal(one.composite.pixels, other.composite.pixels)
    alone, _ = render(frames, tracked, Restless(), **settings)
    assert any((a.composite.pixels != b.composite.pixels).any() for a, b in zip(whole, alone, strict=True))


def test_a_face_without_a_prediction_is_shown_as_in_the_nearest_frame(frames, plan):
    tracked = {i: [replace(face, track=7) for face in faces[:1]] for i, faces in plan.items() if i >= 5}
    tracked[8] = [replace(tracked[8][0], landmarks=np.zeros((68, 2), np.float32))]
    rendered, failures = render(frames, tracked, reach=Reach(mask=1, color=1))
    assert [(failure.index, failure.stand_in) for failure in failures] == [(8, 7)]
    assert all(result.composite.changed.any() for result in rendered[5:])
    assert "is shown as in frame 8" in str(failures[0])


def test_nothing_is_taken_over_a_cut(frames, plan):
    dark = [replace(frame, pixels=frame.pixels // 8) if frame.index >= 8 else frame for frame in frames]
    tracked = {i: [replace(face, track=7) for face in faces[:1]] for i, faces in plan.items()}
    reach = Reach(mask=4, color=4)
    whole, _ = render(dark, tracked, Restless(), reach=reach)
    first, _ = render(dark[:8], tracked, Restless(), reach=reach)
    second, _ = render(dark[8:], tracked, Restless(), reach=reach)
    for one, other in zip(whole, [*first, *second], strict=True):
        assert np.array_equal(one.composite.pixels, other.composite.pixels)


def test_each_person_is_swapped_by_the_model_that_is_theirs(frames, plan):
    named = {6: [replace(face, person=name) for face, name in zip(plan[6], ("a", "b"), strict=True)]}
    other = Negative()
    mine = Negative()
    predictors = [Predictor(model, torch.device("cpu"), batch_size=8) for model in (mine, other)]
    renderer = Renderer(
        predictors[0],
        named,
        lambda _index, _face: MergeSettings(),
        of_person={"b": predictors[1]},
        report=lambda failure: pytest.fail(str(failure)),
    )
    assert len(list(renderer.render(frames))[6].swapped) == 2
    assert (mine.batches, other.batches) == ([1], [1])


def test_every_frame_is_composited_with_its_own_settings(frames, plan):
    settings = [MergeSettings(mode="original" if index % 2 else "overlay") for index in range(len(frames))]
    renderer = Renderer(
        Predictor(Negative(), torch.device("cpu"), batch_size=4),
        plan,
        lambda index, _face: settings[index],
        report=lambda failure: pytest.fail(str(failure)),
    )
    for rendered in renderer.render(frames):
        index = rendered.frame.index
        assert rendered.composite.changed.any() == (index in plan and index % 2 == 0), index
        assert (rendered.composite.alpha > 0).any() == (index in plan)


def test_motion_blur_follows_the_face_through_its_neighbours(frames, plan):
    """A face of a known track is blurred where it moves; one that is known in no other frame is not."""
    way = {i: [replace(faces[0], landmarks=faces[0].landmarks + 5 * i - 30)] for i, faces in plan.items()}
    tracked = {i: [replace(face, track=3) for face in faces] for i, faces in way.items()}
    still, blurred, unknown = (
        render(frames, placed, reach=Reach(least=1), motion_blur=blur)[0]
        for placed, blur in ((tracked, 0.0), (tracked, 50.0), (way, 50.0))
    )
    for index in (2, 6, 10):
        assert not np.array_equal(blurred[index].composite.pixels, still[index].composite.pixels)
        assert np.array_equal(unknown[index].composite.pixels, still[index].composite.pixels)

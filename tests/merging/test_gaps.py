"""A film in which a face is lost in the middle of a shot: its own face never comes through for a frame."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from understudy.faces import ExtractSettings, Face, Pose, align_face
from understudy.facesets import Faceset
from understudy.facesets.extract_record import ExtractRecord
from understudy.facesets.face_file import write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame, open_source, write_image
from understudy.merging.bridges import Bridges
from understudy.merging.neighbours import Reach
from understudy.merging.plan import plan_faces
from understudy.merging.predictor import Predictor
from understudy.merging.render import Renderer
from understudy.merging.settings import MergeSettings
from understudy.models import SwapOutput
from understudy.project import Silent

RATE = 25
COUNT = 62
SHORT, LONG = range(10, 18), range(30, 50)  # 0.3 and 0.8 seconds
ISLAND = 14  # the one frame in the middle of the shorter gap in which the face is seen, in some films


class Green:
    """A swap model whose swapped face is green, and nothing in these films is."""

    resolution = 64
    face_type = "whole_face"

    def swap(self, images, *, morph=1.0):
        face = torch.zeros_like(images)
        face[:, 1] = 1.0
        mask = torch.ones_like(images[:, :1])
        return SwapOutput(face, mask, mask)


def place(place_face, index):
    """Sways, comes nearer and tilts."""
    time = index / RATE
    x, y = 160 + 45 * np.sin(2.2 * time), 120 + 8 * np.cos(3 * time)
    return place_face(x, y, 55 + 4 * time, 0.2 * np.sin(1.7 * time))


def centre(composite):
    """(x, y) of the middle of the mask."""
    places = np.indices(composite.alpha.shape).reshape(2, -1)[::-1]
    return np.average(places, axis=1, weights=composite.alpha.reshape(-1))


@pytest.fixture(params=[(), (ISLAND,)], ids=["lost throughout", "seen for one frame"])
def film(request, tmp_path, textured, place_face):
    """The source, the aligned faces and the record of an extraction that lost the face twice."""
    pixels = (textured * 255).astype(np.uint8)
    pixels[..., 1] = pixels[..., 0]
    for index in range(COUNT):
        write_image(tmp_path / "clip" / f"{index:03d}.png", pixels)
    source = open_source([tmp_path / "clip"])
    rate = float(source.info.rate)
    seen = [k for k in range(COUNT) if (k not in SHORT and k not in LONG) or k in request.param]
    record, track = ExtractRecord(settings=ExtractSettings(), clips=[]), 0
    for index in range(COUNT):
        record.add(1 if index in seen else 0)
    frame = Frame(pixels, 0, Fraction(0))
    for index in seen:
        track = track if index - 1 in seen else 1000 * index
        landmarks = place(place_face, index)
        face = Face(
            np.concatenate([landmarks.min(0), landmarks.max(0)]), landmarks, Pose(0, 0, 0), 1.0, "drawn", track=track
        )
        where = SourceFrame(clip="clip", frame=index, time=index / rate, width=320, height=240)
        write_face(tmp_path / "aligned" / f"{index:05d}_0.jpg", align_face(frame, face, "full", 32), where, quality=80)
    return source, Faceset(tmp_path / "aligned"), record


def shown(film, seconds):
    """For each frame the alpha over the whole picture, and the pixels."""
    source, faces, record = film
    longest = seconds * RATE / float(source.info.rate)  # a folder of pictures has a rate of its own
    bridges = Bridges.find(faces, source, record, longest, Silent())
    plan = plan_faces(faces, smooth=1.0, bridges=bridges.bridges)
    renderer = Renderer(
        Predictor(Green(), torch.device("cpu"), batch_size=8),
        plan,
        lambda _index, _face: MergeSettings(color_transfer="none"),
        reach=Reach(2, 6, 1),
        report=lambda failure: pytest.fail(str(failure)),
    )
    return [rendered.composite for rendered in renderer.render(source.frames())]


def test_no_frame_shows_the_face_that_was_there(film, place_face):
    for index, composite in enumerate(shown(film, 1.0)):
        features = place(place_face, index)[[30, 33, 36, 39, 42, 45, 51, 57]]
        for x, y in features.round().astype(int):
            red, green, blue = composite.pixels[y, x].astype(int)
            assert composite.alpha[y, x] > 0.95, index
            assert green > max(red, blue) + 200, index


def test_a_gap_that_is_longer_than_allowed_shows_the_footage_in_all_of_its_frames_and_in_no_other(film):
    empty = [index for index, composite in enumerate(shown(film, 0.5)) if not composite.alpha.any()]
    assert empty == list(LONG)


def test_the_face_lies_where_it_is_and_does_not_leap(film, place_face):
    """Least of all where a gap begins or ends."""
    truth = np.array([place(place_face, index).mean(axis=0) for index in range(COUNT)])
    apart = np.array([centre(composite) for composite in shown(film, 1.0)]) - truth
    apart -= apart[0]
    assert np.abs(apart).max() < 5.0  # pixels, of a face of 55 to 65
    assert np.abs(np.diff(apart, axis=0)).max() < 1.5

from fractions import Fraction

import numpy as np

from understudy.faces.align import face_matrix
from understudy.media import Frame
from understudy.merging.contact_sheet import ContactSheet
from understudy.merging.crops import face_crop
from understudy.merging.paste import Composite
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.render import RenderedFrame

SIZE = 240


def test_people_take_turns_and_are_shown_as_their_own_networks_see_them(textured, place_face):
    pixels = (textured * 255).astype(np.uint8)
    kinds = {"person:1": "half", "person:2": "head"}
    faces = [PlacedFace("", place_face(x, 120, 60), person=person) for x, person in zip((90, 230), kinds, strict=True)]
    blank = Prediction(*(np.zeros((16, 16, 3), np.float32),) * 2, *(np.zeros((16, 16), np.float32),) * 2)
    swapped = tuple((face, blank) for face in faces)
    sheet = ContactSheet([0, 1], lambda face: kinds[face.person])
    for index in range(2):
        frame = Frame(pixels, index, Fraction(index, 25))
        sheet.add(RenderedFrame(frame, Composite.untouched(pixels), swapped))
    picture = sheet.picture() / 255
    left = round(pixels.shape[1] * SIZE / pixels.shape[0]) + 4
    for row, face in enumerate(reversed(faces)):
        shown = picture[row * (SIZE + 4) :][:SIZE, left : left + SIZE]
        seen = face_crop(pixels, face_matrix(face.landmarks, kinds[face.person], SIZE), SIZE)
        assert np.abs(shown - seen).max() <= 1 / 255

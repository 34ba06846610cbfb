"""A small film to merge: drawn frames, aligned faces for most of them, and a network of random weights."""

from fractions import Fraction

import numpy as np
import torch

from understudy.faces import Face, Pose, align_face
from understudy.facesets.face_file import write_face
from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame, write_image
from understudy.models import create_model, save_model
from understudy.project import Consent, ConsentRecord, Project, make_consent

FRAMES = 7
WITHOUT_FACE = {0, 4}


def make_project(root, footage, textured, place_face, *, consent=True):
    """Seven frames as pictures, and faces in five of them; `textured` and `place_face` are fixtures."""
    pixels = (textured * 255).astype(np.uint8)
    for side in ("src", "dst"):
        for index in range(FRAMES):
            write_image(footage / side / f"shot_{index:03d}.png", np.roll(pixels, 2 * index, axis=1))
    agreed = make_consent("src", basis="synthetic", reference="drawn by the test")
    record = ConsentRecord(src=agreed, dst=Consent(**{**agreed.model_dump(), "name": "dst"}))
    project = Project.create(root, src=[footage / "src"], dst=[footage / "dst"], consent=record if consent else None)
    for index in set(range(FRAMES)) - WITHOUT_FACE:
        frame = Frame(np.roll(pixels, 2 * index, axis=1), index, Fraction(index, 25))
        face = Face(np.zeros(4, np.float32), place_face(140 + 2 * index, 120, 60), Pose(0, 0, 0), 1.0, "drawn", track=0)
        source = SourceFrame(clip="dst", frame=index, time=index / 25, width=320, height=240)
        write_face(
            project.aligned("dst") / f"{index:05d}_0.jpg", align_face(frame, face, "full", 64), source, quality=90
        )
    save(project)
    return project


def save(project, *, broken=False):
    torch.manual_seed(0)
    sizes = {"resolution": 64, "archi": "df-ud", "ae_dims": 16, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}
    network = create_model("saehd", sizes)
    if broken:
        with torch.no_grad():
            next(network.parameters()).fill_(torch.nan)
    path = project.model_folder("m") / "1" / "weights.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(network, path)

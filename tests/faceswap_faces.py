"""Drawn faces as faceswap would have extracted them: its PNG pictures and their headers."""

import zlib

import cv2
import numpy as np

from drawn_faces import draw_face
from understudy.faces import warp
from understudy.facesets.exchange.faceswap_png import head_matrix
from understudy.facesets.png_chunks import HEADER_END, chunk


def faceswap_header(seed: int) -> dict:
    frame, face = draw_face(seed)
    x, y, right, bottom = (int(v) for v in face.box)
    mask = np.zeros((128, 128), np.uint8)
    mask[32:96, 32:96] = 255
    to_mask = head_matrix(np.asarray(face.landmarks, np.float64), 128)
    stored = {"stored_size": 128, "stored_centering": "head", "interpolator": 3, "affine_matrix": to_mask.tolist()}
    masks = {"components": {**stored, "mask": b"not looked at"}, "bisenet": {**stored, "mask": zlib.compress(mask)}}
    return {
        "alignments": {"x": x, "y": y, "w": right - x, "h": bottom - y, "landmarks_xy": face.landmarks.tolist(),
                       "mask": masks, "identity": {}},
        "source": {"alignments_version": 2.3, "original_filename": f"shot_{seed:06d}_0.png", "face_index": 0,
                   "source_filename": f"shot_{seed:06d}.png", "source_is_video": False,
                   "source_frame_dims": frame.pixels.shape[:2]},
    }  # fmt: skip


def faceswap_png(seed: int, header: object, size: int = 512) -> bytes:
    frame, face = draw_face(seed)
    image = warp(frame.pixels, head_matrix(np.asarray(face.landmarks, np.float64), size), size)
    plain = bytes(cv2.imencode(".png", image[..., ::-1])[1])
    return plain[:HEADER_END] + chunk(b"iTXt", b"faceswap\0\0\0\0\0" + str(header).encode()) + plain[HEADER_END:]

"""Sharper faces: by super-resolution, or by undoing the blur of lens and enlargement, which invents nothing.

The latter is Richardson-Lucy deconvolution of the luma with a Gaussian blur (Richardson, JOSA 62(1), 1972; Lucy,
Astron. J. 79, 1974), damped where the picture is flat, so that noise is not sharpened, and kept near what the
neighbourhood holds, so that no halo appears.
"""

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.facesets import super_resolution
from understudy.facesets.enhance_settings import EnhanceSettings, Method
from understudy.facesets.face_file import FaceFile, encode_picture, write_picture
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.picture_pixels import decode_picture
from understudy.media.relay import ahead
from understudy.project import Progress, Silent, UnderstudyError

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_OVERSHOOT = 0.25  # of the neighbourhood's range, beyond its darkest and brightest
_NOISE_LEVEL = 2.0  # eight-bit steps of local contrast below which nothing is sharpened
_QUALITY = 98
_WORKERS, _DEPTH = 2, 8


def enhance_picture(image: NDArray[np.uint8], settings: EnhanceSettings, *, blur: float) -> NDArray[np.uint8]:
    """Undo a Gaussian blur.

    Args:
        image: (H, W, 3) RGB.
        blur: sigma in pixels.

    Returns:
        (H, W, 3) RGB; colours change by the luma alone.
    """
    pixels = image.astype(np.float32)
    luma: NDArray[Any] = pixels @ _LUMA  # (H, W)
    sharp = luma + 1.0
    observed = luma + 1.0  # never 0, by which it would be divided
    for _ in range(settings.iterations):
        blurred = cv2.GaussianBlur(sharp, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
        sharp = sharp * cv2.GaussianBlur(observed / blurred, (0, 0), blur, borderType=cv2.BORDER_REFLECT)
    sharp -= 1.0
    reach = 2 * math.ceil(blur) + 1
    around = np.ones((reach, reach), np.uint8)
    dark, bright = cv2.erode(luma, around), cv2.dilate(luma, around)
    margin = _OVERSHOOT * (bright - dark)
    sharp = np.clip(sharp, dark - margin, bright + margin)
    contrast = cv2.GaussianBlur(np.square(luma - cv2.GaussianBlur(luma, (0, 0), 2 * blur)), (0, 0), 2 * blur)
    weight = settings.strength * contrast / (contrast + np.float32(_NOISE_LEVEL**2))
    change = (weight * (sharp - luma))[..., None]
    return np.asarray(np.clip(np.rint(pixels + change), 0, 255), np.uint8)


def expected_blur(metadata: FaceMetadata) -> float:
    """Sigma in pixels of the blur to expect in a face: that of its frame's optics, enlarged as the face was."""
    return min(8.0, max(0.6, 0.5 * enlargement(metadata)))


def enlargement(metadata: FaceMetadata) -> float:
    """By which factor a face's frame was enlarged to make its picture."""
    return math.sqrt(abs(float(np.linalg.det(np.asarray(metadata.matrix)[:, :2]))))


def method_in_use(method: Method) -> Method:
    """What `auto` stands for on this computer."""
    if method != "auto":
        return method
    return "deconvolution" if zoo.path(super_resolution.MODEL) is None else "real-esrgan"


def enhance_faces(
    faces: Sequence[FaceFile],
    out: Path,
    settings: EnhanceSettings | None = None,
    *,
    progress: Progress | None = None,
) -> None:
    """Write sharper faces, of the same size and with the same metadata.

    Args:
        out: a folder that holds no files of these names.

    Raises:
        UnderstudyError: there is no face, a file is in the way, one cannot be read or written, or the network that is
            asked for cannot be had.
    """
    settings = settings or EnhanceSettings()
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to enhance: check the folder")
    if present := next((face.path.name for face in faces if (out / face.path.name).exists()), None):
        raise UnderstudyError(f"{out / present} exists already: name another folder")
    settings = settings.model_copy(update={"method": method_in_use(settings.method)})
    if settings.method == "real-esrgan":
        super_resolution.load_network()  # its faults are told before the work begins
    progress.begin(f"enhancing by {settings.method}", len(faces))
    jobs = (partial(_enhance, face, out / face.path.name, settings) for face in faces)
    for _ in ahead(jobs, workers=_WORKERS, depth=_DEPTH):
        progress.advance()


def _enhance(face: FaceFile, target: Path, settings: EnhanceSettings) -> None:
    try:
        image = decode_picture(face.picture())
    except ValueError as error:
        raise UnderstudyError(f"{face.path}: {error}") from error
    if settings.method == "real-esrgan":
        network, enlarged = super_resolution.load_network(), enlargement(face.metadata)
        sharper = super_resolution.restore_detail(image, network, enlarged=enlarged, strength=settings.strength)
    else:
        sharper = enhance_picture(image, settings, blur=settings.blur or expected_blur(face.metadata))
    picture = encode_picture(sharper, target.suffix, _QUALITY)
    write_picture(target, picture, face.metadata, face.mask_picture())

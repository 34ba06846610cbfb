import shutil
import signal
import subprocess
import sys

import av
import cv2
import numpy as np
import pytest
import tomlkit

from small_film import FRAMES, WITHOUT_FACE, make_project, save
from understudy.media import EncodeSettings, open_source, write_image
from understudy.media.exr import read_channels
from understudy.merging import MergeSettings, merge, partition
from understudy.merging.edits import EditFile
from understudy.merging.edits.changes import set_key, set_values, shots_between
from understudy.project import Project, Silent, UnderstudyError
from understudy.provenance import LabelSettings, verify

NO_LABEL = LabelSettings(enabled=False)
LOSSLESS = EncodeSettings(codec="ffv1")


@pytest.fixture(autouse=True)
def _keys(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def project(tmp_path, textured, place_face):
    """Seven frames as pictures, aligned faces for five of them, and a small network of random weights."""
    return make_project(tmp_path / "film", tmp_path, textured, place_face)


def pixels_of(path):
    return [frame.pixels for frame in open_source([path]).frames()]


def test_a_lossless_merge_changes_nothing_but_the_faces(project):
    settings = MergeSettings(mask="dst", masks=True)
    output = project.root / "result.mkv"
    result = merge(project, settings, model="m", encode=LOSSLESS, label=NO_LABEL, output=output)
    assert (result.path, result.frames, result.faces) == (output, FRAMES, FRAMES - len(WITHOUT_FACE))
    before = pixels_of(project.clips("dst")[0])
    masks = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted(project.merged_mask.iterdir())]
    assert len(masks) == FRAMES
    for index, (one, other, mask) in enumerate(zip(before, pixels_of(output), masks, strict=True)):
        assert np.array_equal(one[mask == 0], other[mask == 0])
        assert (index in WITHOUT_FACE) == np.array_equal(one, other) == (mask.max() == 0)


def test_the_result_is_marked_and_names_model_and_consent(project):
    mark = verify(merge(project, model="m").path).mark
    assert mark is not None
    assert (mark.project, mark.model, mark.consent_sha256) == (project.id, "m", project.consent().digest())
    assert mark.label is not None


def test_without_consent_nothing_is_merged(tmp_path, textured, place_face):
    project = make_project(tmp_path / "film", tmp_path, textured, place_face, consent=False)
    with pytest.raises(UnderstudyError, match="no consent record"):
        merge(project, model="m")
    assert not project.result().exists()


def test_a_deleted_aligned_face_stays_as_it_is_in_the_footage(project):
    (project.aligned("dst") / "00003_0.jpg").unlink()
    output = project.root / "result.mkv"
    result = merge(project, model="m", encode=LOSSLESS, label=NO_LABEL, output=output)
    assert result.faces == FRAMES - len(WITHOUT_FACE) - 1
    assert np.array_equal(pixels_of(output)[3], pixels_of(project.clips("dst")[0])[3])


def test_a_merge_that_fails_leaves_the_earlier_result_and_nothing_else(project):
    merge(project, MergeSettings(masks=True), model="m")
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    save(project, broken=True)
    with pytest.raises(UnderstudyError, match=r"not one face could be swapped.*not numbers"):
        merge(project, MergeSettings(masks=True), model="m")
    after = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    weights = project.model_folder("m") / "1" / "weights.safetensors"
    assert {path for path in before if before[path] != after.get(path)} == {weights}
    assert after.keys() == before.keys()


def test_merging_again_gives_the_same_pictures(project):
    first, second = (
        merge(project, model="m", encode=LOSSLESS, output=project.root / name).path for name in ("a.mkv", "b.mkv")
    )
    assert all(np.array_equal(one, other) for one, other in zip(pixels_of(first), pixels_of(second), strict=True))


def test_frames_are_also_written_as_marked_pictures(project):
    merge(project, MergeSettings(pictures=True), model="m")
    pictures = sorted(project.merged.glob("*.png"))
    assert [path.stem for path in pictures] == [f"shot_{index:03d}" for index in range(FRAMES)]
    assert verify(pictures[3]).marked


def test_faces_of_other_footage_are_refused(project, textured):
    for index in range(FRAMES):
        write_image(project.clips("dst")[0] / f"shot_{index:03d}.png", np.zeros((120, 160, 3), np.uint8))
    with pytest.raises(UnderstudyError, match=r"320x240.*160x120"):
        merge(project, model="m")


def test_the_comparison_shows_footage_and_result_side_by_side_and_is_marked(project):
    result = merge(
        project,
        MergeSettings(comparison=True),
        model="m",
        encode=LOSSLESS,
        label=NO_LABEL,
        output=project.root / "result.mkv",
    )
    comparison = project.root / "comparison.mp4"
    assert verify(comparison).exit_code == 0
    pairs = pixels_of(comparison)
    footage, swapped = pixels_of(project.clips("dst")[0]), pixels_of(result.path)
    assert len(pairs) == FRAMES
    for pair, left, right in zip(pairs, footage, swapped, strict=True):
        assert np.abs(pair.astype(int) - np.hstack([left, right])).mean() < 2.5  # what encoding costs


@pytest.fixture
def short_parts(monkeypatch):
    """Parts of two frames at most, so that seven frames are several."""
    monkeypatch.setattr(partition, "LONGEST", 2)


def pictures(path):
    """The compressed pictures of a video, byte for byte."""
    with av.open(path) as container:
        return [(packet.pts, packet.dts, bytes(packet)) for packet in container.demux(video=0) if packet.size]


def edit(project, how):
    file = EditFile(project)
    file.change(how(file.read()), "test")


@pytest.mark.usefixtures("short_parts")
def test_only_what_changed_is_rendered_and_the_result_is_that_of_a_fresh_merge(project):
    first = merge(project, model="m", encode=LOSSLESS, output=project.root / "a.mkv")
    assert first.rendered == FRAMES
    again = merge(project, model="m", encode=LOSSLESS, output=project.root / "b.mkv")
    assert (again.rendered, again.frames, again.faces) == (0, first.frames, first.faces)
    assert pictures(again.path) == pictures(first.path)
    steady = {"steady_mask": 0.0, "steady_color": 0.0}  # so that a frame draws on no other
    plain = MergeSettings(**steady)
    merge(project, plain, model="m", encode=LOSSLESS, output=project.root / "c.mkv")
    edit(project, lambda edits: set_key(set_key(edits, "blur", 3, 12), "blur", 4, 60))
    edited = merge(project, plain, model="m", encode=LOSSLESS, output=project.root / "d.mkv")
    assert 0 < edited.rendered < FRAMES
    shutil.rmtree(project.cache)
    fresh = merge(project, plain, model="m", encode=LOSSLESS, output=project.root / "e.mkv")
    assert fresh.rendered == FRAMES
    assert pictures(fresh.path) == pictures(edited.path) != pictures(project.root / "c.mkv")


@pytest.mark.usefixtures("short_parts")
def test_a_face_that_is_taken_away_is_noticed(project):
    settings = MergeSettings(steady_mask=0, steady_color=0, smooth=0)
    first, second = project.root / "a.mkv", project.root / "b.mkv"
    merge(project, settings, model="m", encode=LOSSLESS, label=NO_LABEL, output=first)
    (project.aligned("dst") / "00003_0.jpg").unlink()
    result = merge(project, settings, model="m", encode=LOSSLESS, label=NO_LABEL, output=second)
    assert 0 < result.rendered < FRAMES
    footage = pixels_of(project.clips("dst")[0])[3]
    assert np.array_equal(pixels_of(second)[3], footage)
    assert not np.array_equal(pixels_of(first)[3], footage)


def test_every_one_of_the_pictures_that_are_clips_counts(project, textured):
    pictures = sorted(project.clips("dst")[0].iterdir())
    file = project.root / "understudy.toml"
    document = tomlkit.parse(file.read_text())
    document["dst"]["clips"] = [str(path) for path in pictures]
    file.write_text(tomlkit.dumps(document))
    merge(Project(project.root), model="m", output=project.root / "a.mkv")
    write_image(pictures[-1], (textured * 200).astype(np.uint8))
    assert merge(Project(project.root), model="m", output=project.root / "b.mkv").rendered > 0


class Said(Silent):
    def __init__(self):
        self.lines = []

    def say(self, line):
        self.lines.append(line)


@pytest.mark.usefixtures("short_parts")
def test_damaged_parts_are_rendered_again_with_a_line_each(project):
    result = merge(project, model="m", encode=LOSSLESS, output=project.root / "result.mkv").path
    before = pictures(result)
    one, two, three, whole = sorted((project.cache / "merge").glob("*.mkv"))
    one.write_bytes(one.read_bytes()[:-1000])
    flipped = bytearray(two.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    two.write_bytes(flipped)
    three.write_bytes(whole.read_bytes())  # pictures of another part, or another number of them
    said = Said()
    unchanged = merge(project, model="m", encode=LOSSLESS, output=result, progress=said)
    assert (unchanged.rendered, said.lines) == (0, [])  # nothing is made of them
    again = merge(project, model="m", encode=LOSSLESS, output=project.root / "again.mkv", progress=said)
    assert len([line for line in said.lines if "damaged" in line]) == 3
    assert 0 < again.rendered < FRAMES
    assert pictures(again.path) == before


def test_settings_that_leave_the_pictures_alone_leave_the_parts_alone(project):
    settings = MergeSettings()
    first = merge(project, settings, model="m", encode=LOSSLESS, output=project.root / "a.mkv").path
    other = settings.model_copy(update={"longest_gap": 3.0, "steady_mask": 0.21, "steady_color": 0.51, "sheet": True})
    again = merge(project, other, model="m", encode=LOSSLESS, output=project.root / "b.mkv")
    assert again.rendered == 0
    assert pictures(again.path) == pictures(first)
    each = settings.model_copy(update={"steady_color": 0.0})  # every frame for itself
    assert merge(project, each, model="m", encode=LOSSLESS, output=project.root / "c.mkv").rendered > 0


def test_a_range_is_a_piece_of_the_whole(project):
    whole = merge(project, model="m", encode=LOSSLESS, label=NO_LABEL, output=project.root / "whole.mkv")
    part = merge(project, MergeSettings(masks=True), model="m", frames=range(2, 6))
    assert part.path.name == "result_3-6.mp4"
    assert not project.result().exists()
    assert len(list((project.data("dst") / "merged_mask_3-6").iterdir())) == 4
    part = merge(
        project, model="m", encode=LOSSLESS, label=NO_LABEL, frames=range(2, 6), output=project.root / "part.mkv"
    )
    shown = pixels_of(whole.path)[2:6]
    assert all(np.array_equal(one, other) for one, other in zip(shown, pixels_of(part.path), strict=True))
    with pytest.raises(UnderstudyError, match="frames 1 to 7, not 6 to 8"):
        merge(project, model="m", frames=range(5, 8))


def test_a_preview_is_small_and_marked_and_leaves_the_result_alone(project):
    result = merge(project, model="m").path.read_bytes()
    preview = merge(project, model="m", preview=True).path
    assert project.result().read_bytes() == result
    assert preview.name == "preview.mp4"
    assert pixels_of(preview)[0].shape == (120, 160, 3)
    assert verify(preview).exit_code == 0


def test_a_glance_at_one_frame_leaves_the_parts_of_the_film_alone(project):
    merge(project, model="m", encode=LOSSLESS, output=project.root / "a.mkv")
    merge(project, model="m", frames=range(2, 3), preview=True)
    assert merge(project, model="m", encode=LOSSLESS, output=project.root / "b.mkv").rendered == 0


def test_a_mask_that_is_cut_off_is_told_again_without_rendering_again(project):
    settings = MergeSettings(mask="1")
    first, again = (merge(project, settings, model="m") for _ in range(2))
    assert again.rendered == 0
    for result in (first, again):
        assert [line for line in result.notes if "the mask reaches the border" in line]


def test_two_things_under_one_name_are_refused_before_the_work(project):
    with pytest.raises(UnderstudyError, match="is the name of two things"):
        merge(project, MergeSettings(comparison=True), model="m", output=project.root / "comparison.mp4")
    assert not (project.cache / "merge").exists()


def test_earlier_results_are_kept_under_a_number(project):
    merge(project, MergeSettings(pictures=True), model="m")
    first = project.result().read_bytes()
    pictures_before = sorted(path.read_bytes() for path in project.merged.glob("*.png"))
    unchanged = merge(project, MergeSettings(pictures=True), model="m")
    assert unchanged.kept is None
    assert project.result().read_bytes() == first
    second = merge(project, MergeSettings(blur=40, pictures=True), model="m")
    assert second.kept == project.root / "result.1.mp4"
    assert second.kept.read_bytes() == first != project.result().read_bytes()
    kept_pictures = project.data("dst") / "merged.1"
    assert sorted(path.read_bytes() for path in kept_pictures.glob("*.png")) == pictures_before
    assert merge(project, MergeSettings(blur=50), model="m").kept == project.root / "result.2.mp4"
    for name in ("result.1.mp4", "result.2.mp4", "result.mp4"):
        assert verify(project.root / name).exit_code == 0
    assert verify(kept_pictures).exit_code == 0


def test_the_parts_on_disk_are_marked(project):
    merge(project, model="m")
    (part,) = (project.cache / "merge").glob("*.mp4")
    mark = verify(part).mark
    assert mark is not None
    assert mark.project == project.id


def test_a_format_that_there_is_not_is_refused_before_the_work(project):
    with pytest.raises(UnderstudyError, match=r"\.webm is no output format"):
        merge(project, model="m", output=project.root / "result.webm")
    assert not (project.cache / "merge").exists()


def test_flags_win_over_the_edit_list(project):
    merge(project, model="m", encode=LOSSLESS, output=project.root / "plain.mkv")
    edit(project, lambda edits: set_values(edits, [1], {"face_scale": 20}))
    edited = merge(project, model="m", encode=LOSSLESS, output=project.root / "edited.mkv").path
    fixed = merge(project, model="m", encode=LOSSLESS, output=project.root / "fixed.mkv", fixed={"face_scale"}).path
    assert pictures(fixed) == pictures(project.root / "plain.mkv") != pictures(edited)


def test_an_edit_list_of_other_footage_is_refused(project):
    EditFile(project).begin(shots_between([3], FRAMES + 1))
    with pytest.raises(UnderstudyError, match=rf"merge\.json: shot 2 lasts until frame {FRAMES + 1}"):
        merge(project, model="m")


def test_what_was_edited_by_hand_is_not_overwritten(project):
    text = '{"version": 1, "shots": [{"first": 1, "last": 3, "settings": {"erode": 1}}]}'
    (project.root / "merge.json").write_text(text)
    merge(project, model="m")
    assert (project.root / "merge.json").read_text() == text


_KILLED = """
import os, signal, sys
from pathlib import Path
from understudy.media import EncodeSettings
from understudy.merging import merge, partition, part_rendering, part_store
from understudy.project import Project
partition.LONGEST = 2
root, place, calls = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
owner = {"write": part_rendering._Open, "finish": part_rendering._Open, "keep": part_store.PartStore,
         "note_joined": part_store.PartStore}[place]
real = getattr(owner, place)
def counted(*args):
    global calls
    calls -= 1
    if calls < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args)
setattr(owner, place, counted)
merge(Project(root), model="m", output=root / "result.mkv", encode=EncodeSettings(codec="ffv1"))
"""


def killed(project, place, calls):
    """Merge into result.mkv in another process, which dies when it comes to a place for the last of so many times."""
    words = [sys.executable, "-c", _KILLED, str(project.root), place, str(calls)]
    return subprocess.run(words, check=False).returncode == -signal.SIGKILL


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize(("place", "calls", "rendered"), [("keep", 1, FRAMES - 1), ("note_joined", 0, 0)])
def test_a_killed_merge_goes_on_behind_the_last_part(project, place, calls, rendered):
    whole = merge(project, model="m", output=project.root / "whole.mkv", encode=LOSSLESS).path
    shutil.rmtree(project.cache)
    assert killed(project, place, calls)
    result = merge(project, model="m", output=project.root / "result.mkv", encode=LOSSLESS)
    assert result.rendered == rendered
    assert pictures(result.path) == pictures(whole)
    assert not [path for path in (project.cache / "merge").iterdir() if path.name.startswith(".")]


@pytest.mark.slow
@pytest.mark.usefixtures("short_parts")
def test_a_merge_killed_again_and_again_ends_as_if_it_had_not_been(project):
    """Twenty deaths at random places, each further on or not; the result is that of a merge nobody killed."""
    whole = merge(project, model="m", output=project.root / "whole.mkv", encode=LOSSLESS).path
    random = np.random.default_rng(11)
    for _ in range(10):
        shutil.rmtree(project.cache)
        for _ in range(2):
            place = ("write", "finish", "keep")[random.integers(3)]
            killed(project, place, int(random.integers(4)))
        result = merge(project, model="m", output=project.root / "result.mkv", encode=LOSSLESS)
        assert pictures(result.path) == pictures(whole)


def test_a_person_is_swapped_by_the_model_that_the_project_names_and_both_are_in_the_credentials(project):
    shutil.copytree(project.model_folder("m"), project.model_folder("n"))
    settings = project.root / "understudy.toml"
    settings.write_text(settings.read_text() + '\n[[person]]\nname = "person:1"\nmodel = "n"\n')
    mark = verify(merge(Project(project.root), model="m").path).mark
    assert (mark.model, [model.name for model in mark.further_models]) == ("m", ["n"])
    settings.write_text(settings.read_text().replace('model = "n"', "swap = false"))
    with pytest.raises(UnderstudyError, match="nothing is left to swap"):
        merge(Project(project.root), model="m")
    settings.write_text(settings.read_text().replace("person:1", "person:9"))
    with pytest.raises(UnderstudyError, match="no person:9"):
        merge(Project(project.root), model="m")


def test_the_report_shows_every_shot_and_its_pictures_are_marked(project):
    EditFile(project).begin(shots_between([4], FRAMES))
    result = merge(project, MergeSettings(longest_gap=0), model="m", report=True)
    assert result.report == project.root / "report" / "index.html"
    page = result.report.read_text()
    assert "shot 1: 1<" in page  # the frames without a face
    assert "shot 2: 5<" in page
    assert page.count("<svg") == 9  # no three frames in a row of the second shot have a face, so it has no jitter
    pictures_shown = sorted(result.report.parent.glob("*.jpg"))
    assert [path.name for path in pictures_shown] == ["shot_001.jpg", "shot_002.jpg"]
    assert all(verify(path).exit_code == 0 for path in pictures_shown)
    again = merge(project, MergeSettings(longest_gap=0), model="m", report=True)
    assert again.rendered == 0
    assert again.report.read_text() == page


@pytest.mark.parametrize(
    ("name", "encode"), [("a.mkv", {}), ("a.mov", {}), ("a", {"image_format": "tiff", "bits": 16})]
)
def test_a_result_with_alpha_over_the_footage_is_the_result(project, name, encode):
    settings = EncodeSettings(**encode)
    plain = merge(project, model="m", encode=LOSSLESS, label=NO_LABEL, output=project.root / "plain.mkv")
    element = merge(
        project,
        MergeSettings(alpha=True, mask_video=True),
        model="m",
        encode=settings,
        label=NO_LABEL,
        output=project.root / name,
    )
    assert verify(element.path).exit_code == 0
    masks = pixels_of(project.root / ("a_mask" + (element.path.suffix or ".mkv")))
    found = open_source([element.path]).frames()
    for frame, mask, below, wanted in zip(
        found, masks, pixels_of(project.clips("dst")[0]), pixels_of(plain.path), strict=True
    ):
        alpha = frame.alpha[..., None] / np.float32(np.iinfo(frame.alpha.dtype).max)
        over = alpha * frame.unit() + (1 - alpha) * (below / np.float32(255))
        error = np.abs(over - wanted / np.float32(255))
        assert error.mean() < 0.004  # prores is lossy, and marked otherwise
        assert np.abs(alpha[..., 0] - mask[..., 0] / np.float32(np.iinfo(mask.dtype).max)).mean() < 0.004


def test_layers_are_written_marked_and_without_a_label(project):
    plain = merge(project, MergeSettings(layers="float"), model="m", encode=LOSSLESS, output=project.root / "a.mkv")
    assert verify(plain.path).mark.label is not None
    pictures = sorted(project.merged_layers.glob("*.exr"))
    assert [path.stem for path in pictures] == [f"shot_{index:03d}" for index in range(FRAMES)]
    checked = verify(pictures[3])
    assert (checked.exit_code, checked.mark.label) == (0, None)
    for index, path in enumerate(pictures):
        channels = read_channels(path)
        assert {name.partition(".")[0] for name in channels} == {"R", "G", "B", "A", "plate", "face", "mask", "st"}
        assert (index in WITHOUT_FACE) == (channels["A"].max() == 0) == (channels["st.R"].max() == 0)
        over = channels["face.G"] + (1 - channels["face.A"]) * channels["plate.G"]
        np.testing.assert_allclose(over, channels["G"], atol=1e-5)


def test_a_container_without_alpha_is_refused_before_the_work(project):
    with pytest.raises(UnderstudyError, match=r"result\.mp4: \.mp4 holds no alpha"):
        merge(project, MergeSettings(alpha=True), model="m")
    assert not project.result().exists()

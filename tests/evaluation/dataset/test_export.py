import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from understudy.cli import main
from understudy.evaluation.dataset import DatasetSettings, export_dataset, read_manifest, repeat_dataset
from understudy.evaluation.dataset.composition import compose
from understudy.media import open_source, read_image
from understudy.project import Project, UnderstudyError
from understudy.provenance import verify

ALL = DatasetSettings(compression=("raw", "c23", "c40"), every=3)
PERFORMER = "Wilhelmina"


@pytest.fixture
def project(make_project) -> Project:
    """One that sets how it is merged: the mask of a network that has learned nothing is no mask."""
    made = make_project("film", src="headpose_f.mp4", dst="headpose_m.mp4", names=(PERFORMER, f"{PERFORMER} II"))
    settings = made.root / "understudy.toml"
    settings.write_text(settings.read_text() + '\n[merge]\nmask = "dst"\n')
    return Project(made.root)


def _rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_frame_is_labelled_and_what_is_said_of_it_is_so(project, tmp_path):
    made = export_dataset([project], tmp_path / "set", ALL)
    rows = _rows(made.folder)
    count = open_source(project.clips("dst")).info.frame_count
    for compression, frames in (("raw", len(range(0, count, 3))), ("c23", count), ("c40", count)):
        for side in ("real", "fake"):
            some = [row for row in rows if row["compression"] == compression and f"/{side}/" in row["file"]]
            assert len(some) == frames
            assert {row["label"] for row in some} == {side}  # a face is in every frame of this clip
    assert {row["split"] for row in rows} == {"train"}
    for row in rows:
        assert len(row["faces"]) == 1
        assert np.shape(row["faces"][0]["landmarks"]) == (68, 2)
        path = made.folder / row["file"]
        assert path.is_file()
        assert (row["src"] is None) == (row["label"] == "real")


def test_the_mask_shows_what_was_replaced_and_real_frames_are_the_footage(project, tmp_path):
    made = export_dataset([project], tmp_path / "set", DatasetSettings(every=2))
    footage = [frame.pixels for frame in open_source(project.clips("dst")).frames()]
    fakes = [row for row in _rows(made.folder) if row["label"] == "fake"]
    assert fakes
    for row in fakes:
        real, _ = read_image(made.folder / row["file"].replace("/fake/", "/real/"))
        fake, _ = read_image(made.folder / row["file"])
        mask = read_image(made.folder / row["mask"])[0][..., 0]
        assert np.array_equal(real, footage[row["frame"]])
        left, top, right, bottom = row["mask_box"]
        assert mask[top:bottom, left:right].any(axis=0).all()
        assert mask.sum() == mask[top:bottom, left:right].sum()
        difference = np.abs(fake.astype(int) - real).mean(axis=-1)
        assert difference[mask > 200].mean() > 10 * (difference[mask == 0].mean() + 0.1)
        points = np.array(row["faces"][0]["landmarks"])
        assert (points > (left, top)).mean() > 0.7
        assert (points < (right, bottom)).mean() > 0.7


def test_every_fake_is_marked_and_no_performer_or_place_is_named(project, tmp_path):
    made = export_dataset([project], tmp_path / "set", ALL)
    for name, path in _files(made.folder).items():
        if "/fake/" in name:
            assert verify(path).marked, name
        if path.suffix in (".json", ".jsonl", ".md"):
            text = path.read_text()
            assert PERFORMER.casefold() not in text.casefold()
            assert str(tmp_path) not in text
            assert "headpose" not in text


def test_from_its_manifest_the_same_comes_again(project, tmp_path, capsys):
    first = export_dataset([project], tmp_path / "set", ALL).folder
    assert (
        main(["dataset", "export", "--manifest", str(first / "manifest.json"), "--out", str(tmp_path / "again")]) == 0
    )
    assert "labels, masks and pixels are those of the manifest" in capsys.readouterr().err
    before, after = _files(first), _files(tmp_path / "again")
    assert before.keys() == after.keys()
    for name in before:
        if name.endswith((".jsonl", "manifest.json")) or "/mask/" in name:
            assert before[name].read_bytes() == after[name].read_bytes(), name
        elif name.endswith(".png"):
            assert np.array_equal(read_image(before[name])[0], read_image(after[name])[0]), name


def test_a_difference_is_told(project, tmp_path):
    first = export_dataset([project], tmp_path / "set", DatasetSettings()).folder
    manifest = json.loads((first / "manifest.json").read_text())
    manifest["pairs"][0]["written"]["pixels"] = "0" * 64
    manifest["made_with"] |= {"torch": "1.0", "retired": "3"}
    other = tmp_path / "other.json"
    other.write_text(json.dumps(manifest))
    notes = repeat_dataset(other, tmp_path / "again", [project]).notes
    assert "pair-001: other pixels than in the manifest" in notes
    assert any(note.startswith("torch was 1.0, is 2") for note in notes)
    assert "retired was 3, is not used" in notes


def test_faces_or_weights_of_another_day_and_forged_manifests_are_refused(project, tmp_path):
    first = export_dataset([project], tmp_path / "set", DatasetSettings()).folder
    weights = project.model_folder("m") / "1" / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-4] + b"\0\0\0\1")
    with pytest.raises(UnderstudyError, match="has no model with the weights"):
        repeat_dataset(first / "manifest.json", tmp_path / "a", [project])
    weights.write_bytes(content)
    next(project.aligned("dst").glob("*.jpg")).unlink()
    with pytest.raises(UnderstudyError, match="the faces are not those"):
        repeat_dataset(first / "manifest.json", tmp_path / "b", [project])
    manifest = json.loads((first / "manifest.json").read_text())
    manifest["pairs"] *= 2
    (tmp_path / "twice.json").write_text(json.dumps(manifest))
    with pytest.raises(UnderstudyError, match="two pairs have one name"):
        repeat_dataset(tmp_path / "twice.json", tmp_path / "c", [project])
    manifest["pairs"] = manifest["pairs"][:1]
    (tmp_path / "unfinished.json").write_text(
        json.dumps(manifest | {"pairs": [manifest["pairs"][0] | {"written": None}]})
    )
    with pytest.raises(UnderstudyError, match="unfinished data set"):
        repeat_dataset(tmp_path / "unfinished.json", tmp_path / "e", [project])
    manifest["pairs"][0]["name"] = "../../pair-001"
    (tmp_path / "outside.json").write_text(json.dumps(manifest))
    with pytest.raises(UnderstudyError, match="not a data set's manifest"):
        repeat_dataset(tmp_path / "outside.json", tmp_path / "d", [project])


def test_without_consent_nothing_is_written(make_project, tmp_path, capsys):
    project = make_project("film", src="headpose_f.mp4", dst="headpose_m.mp4", consent=False)
    assert main(["dataset", "export", str(project.root), "--out", str(tmp_path / "set")]) == 2
    assert "no consent record" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()


def test_an_interrupted_export_goes_on_and_another_one_does_not_mix_with_it(make_project, tmp_path, monkeypatch):
    names = (("f", "m"), ("a", "b"))
    clips = (("headpose_f.mp4", "headpose_m.mp4"), ("signer_a_no.mkv", "signer_b_milk.mkv"))
    projects = [
        make_project(f"film{n}", src=src, dst=dst, names=who)
        for n, ((src, dst), who) in enumerate(zip(clips, names, strict=True))
    ]
    out = tmp_path / "set"
    export = importlib.import_module("understudy.evaluation.dataset.export")
    real = export.write_pair

    def broken(pair, *rest):
        if pair.name == "pair-002":
            raise KeyboardInterrupt
        return real(pair, *rest)

    monkeypatch.setattr(export, "write_pair", broken)
    with pytest.raises(KeyboardInterrupt):
        export_dataset(projects, out)
    assert not (out / "manifest.json").exists()
    monkeypatch.setattr(export, "write_pair", real)
    with pytest.raises(UnderstudyError, match="unfinished data set of other projects"):
        export_dataset(projects, out, DatasetSettings(every=2))
    done = {name: path.stat().st_mtime_ns for name, path in _files(out).items() if "pair-001" in name}
    assert done
    made = export_dataset(projects, out)
    assert {name: path.stat().st_mtime_ns for name, path in _files(out).items() if "pair-001" in name} == done
    pairs = read_manifest(out / "manifest.json").pairs
    assert pairs == made.manifest.pairs
    assert len({pair.split for pair in pairs}) == 2
    assert {pair.src for pair in pairs}.isdisjoint({pair.dst for pair in pairs})
    with pytest.raises(UnderstudyError, match="exists already"):
        export_dataset(projects, out)


def test_performers_who_share_a_name_or_a_clip_stay_together(make_project):
    first = make_project("one", src="headpose_f.mp4", dst="headpose_m.mp4", names=("Ann", "Ben"))
    second = make_project("two", src="headpose_m.mp4", dst="signer_a_no.mkv", names=("src", "dst"))
    third = make_project("three", src="signer_b_milk.mkv", dst="signer_c_book.mkv", names=("ANN", "Cleo"))
    pairs = compose([first, second, third], DatasetSettings(), None)
    assert [(pair.src, pair.dst) for pair in pairs] == [
        ("performer-001", "performer-002"),
        ("performer-002", "performer-003"),
        ("performer-001", "performer-004"),
    ]
    assert len({pair.split for pair in pairs}) == 1


@pytest.mark.parametrize("text", ["", "{}", '{"format": "understudy-dataset", "version": 2}', "\0"])
def test_what_is_no_manifest_is_refused_in_a_line(text, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(UnderstudyError, match="manifest") as refusal:
        repeat_dataset(path, tmp_path / "out")
    assert "\n" not in str(refusal.value)

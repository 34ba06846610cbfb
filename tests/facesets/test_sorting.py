"""Every order is the one that its definition says, no face is lost, and likeness scales."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drawn_faces import draw_face, fill_faceset
from understudy.faces import align_face
from understudy.facesets import Faceset, SourceFrame, write_face
from understudy.facesets.sorting import METHODS, arrange, number, sort_faces
from understudy.facesets.sorting.best import YAW_BINS, best_faces, level
from understudy.facesets.sorting.chain import dissimilar_chain, similar_chain
from understudy.facesets.sorting.likeness import ColorLikeness, Likeness, PixelLikeness
from understudy.facesets.sorting.unlikeness import likeness_groups, mean_unlikeness
from understudy.project import Silent, UnderstudyError

_SCALARS = {
    "motion-blur": "detail",
    "yaw": "yaw",
    "pitch": "pitch",
    "source-rect-size": "rect_size",
    "brightness": "brightness",
    "black": "black",
}


@pytest.fixture(scope="module")
def faceset(tmp_path_factory: pytest.TempPathFactory) -> Faceset:
    folder = tmp_path_factory.mktemp("sorting") / "aligned"
    fill_faceset(folder, range(30))
    return Faceset(folder)


def _descriptors(count: int, *, seed: int = 0) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Colours and thumbnails that vary in a dozen ways, as those of faces do."""
    random = np.random.default_rng(seed)
    ways = random.normal(size=(count, 12))
    shares = np.exp(0.3 * ways @ random.normal(size=(12, 768))).reshape(count, 3, 256)
    thumbnails = np.clip(128 + 20 * ways @ random.normal(size=(12, 768)), 0, 255)
    colors = np.sqrt(shares / shares.sum(axis=2, keepdims=True))
    return colors.astype(np.float16), thumbnails.astype(np.uint8).reshape(count, 16, 16, 3)


@pytest.mark.parametrize("by", _SCALARS)
def test_measures_sort(faceset: Faceset, by: str) -> None:
    value = dict(zip(faceset.names, faceset.columns(_SCALARS[by])[_SCALARS[by]], strict=True))
    natural = [value[name] for name in arrange(faceset, by).names]
    assert natural == sorted(natural, reverse=METHODS[by].natural == "descending")
    assert [value[name] for name in arrange(faceset, by, direction="ascending").names] == sorted(natural)
    assert [value[name] for name in arrange(faceset, by, direction="descending").names] == sorted(natural)[::-1]


@pytest.mark.parametrize("by", METHODS)
def test_every_order_keeps_or_names_every_face(faceset: Faceset, by: str) -> None:
    order = arrange(faceset, by, target=7)
    assert sorted([*order.names, *order.dropped]) == list(faceset.names)
    assert arrange(faceset, by, target=7) == order
    assert all(order.dropped.values())
    for alias in METHODS[by].aliases:
        assert arrange(faceset, alias, target=7) == order


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("by", METHODS)
def test_sets_of_next_to_nothing_sort(tmp_path: Path, by: str, count: int) -> None:
    fill_faceset(tmp_path / "aligned", range(count))
    order = sort_faces(Faceset(tmp_path / "aligned"), by)
    assert len(order.names) == count


def test_sharp_faces_come_first_and_soft_ones_are_kept(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for place, sigma in enumerate((3.0, 0.8, 9.0, 1.6)):
        frame, face = draw_face(0)
        aligned = align_face(frame, face, "full", 128)
        skin = np.clip(aligned.image + random.normal(0, 40, aligned.image.shape), 0, 255).astype(np.uint8)
        aligned.image[:] = cv2.GaussianBlur(skin, (0, 0), sigma)
        source = SourceFrame(clip="drawn", frame=place, time=0, width=300, height=300)
        write_face(tmp_path / f"{place}.jpg", aligned, source, quality=98)
    for by in ("blur", "motion-blur"):
        assert arrange(Faceset(tmp_path), by).names == ["1.jpg", "3.jpg", "0.jpg", "2.jpg"]


def test_hue_is_cut_where_it_is_rarest(faceset: Faceset, monkeypatch: pytest.MonkeyPatch) -> None:
    hue = np.linspace(0, 40, len(faceset)) + 340  # reds on both sides of 360
    monkeypatch.setattr(faceset, "columns", lambda *_: {"hue": hue % 360})
    assert arrange(faceset, "hue").names == list(faceset.names)[::-1]


def test_the_first_frames_come_first_under_whatever_name(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(12))
    faceset = Faceset(tmp_path / "aligned")
    first = list(faceset.names)
    sort_faces(faceset, "brightness")
    assert list(faceset.names) == list(number(first).values())
    sort_faces(faceset, "origname")
    assert [file.metadata.original_name for file in faceset] == first
    assert [file.frame for file in faceset] == list(range(12))


def test_frames_with_several_faces_are_dropped_whole(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(5))
    (tmp_path / "aligned" / "second.jpg").write_bytes((tmp_path / "aligned" / "00003_0.jpg").read_bytes())
    order = sort_faces(Faceset(tmp_path / "aligned"), "oneface")
    assert order.names == [f"{k:05d}_0.jpg" for k in (0, 1, 2, 4)]
    assert sorted(order.dropped) == ["00003_0.jpg", "second.jpg"]


@pytest.mark.parametrize("by", ["best", "hist"])
def test_sorting_by_renaming_loses_nothing(tmp_path: Path, by: str) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(20))
    holiday = folder / "holiday.png"
    cv2.imwrite(str(holiday), np.zeros((8, 8, 3), np.uint8))
    faceset = Faceset(folder)
    frames = {file.path.name: file.frame for file in faceset}
    order = sort_faces(faceset, by, target=6)
    assert [file.frame for file in Faceset(folder)] == [frames[name] for name in order.names]
    assert list(faceset.names) == [f"{k:05d}.jpg" for k in range(len(order.names))]
    assert {face.was: face.reason for face in faceset.trashed()} == order.dropped
    faceset.restore(faceset.trashed())
    assert sorted(file.frame for file in faceset) == list(range(20))
    assert holiday.exists()


def test_damaged_files_go_to_the_trash(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    (tmp_path / "aligned" / "00001_0.jpg").write_bytes(b"no picture")
    order = sort_faces(Faceset(tmp_path / "aligned", skip_damaged=True), "yaw")
    faceset = Faceset(tmp_path / "aligned")
    assert (list(faceset.names), list(order.dropped)) == (["00000.jpg", "00001.jpg"], ["00001_0.jpg"])
    assert [face.reason for face in faceset.trashed()] == ["damaged: neither a JPEG nor a PNG file"]


def test_a_name_in_the_way_is_refused_before_anything_is_renamed(tmp_path: Path) -> None:
    fill_faceset(tmp_path / "aligned", range(3))
    cv2.imwrite(str(tmp_path / "aligned" / "00001.jpg"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(UnderstudyError, match=r"00001\.jpg is in the way"):
        sort_faces(Faceset(tmp_path / "aligned"), "yaw")
    assert list(Faceset(tmp_path / "aligned").names) == ["00000_0.jpg", "00001_0.jpg", "00002_0.jpg"]


@pytest.mark.parametrize("wrong", [{"by": "beauty"}, {"by": "best", "target": 0}, {"by": "yaw", "direction": "up"}])
def test_what_cannot_be_sorted_is_one_line(faceset: Faceset, wrong: dict[str, str]) -> None:
    with pytest.raises(UnderstudyError) as fault:
        arrange(faceset, **wrong)  # type: ignore[arg-type]
    assert "\n" not in str(fault.value)


def _chain(faces: NDArray[np.float32], likeness: Likeness, *, farthest: bool) -> list[int]:
    """The definition, all compared with all."""
    order, left = [0], list(range(1, len(faces)))
    while left:
        distance = likeness.distances(faces[order[-1]], likeness.packed(faces[left]))
        order.append(left.pop(int(distance.argmax() if farthest else distance.argmin())))
    return order


def test_chains_are_the_exact_ones() -> None:
    for faces, likeness in zip(_descriptors(300), (ColorLikeness(), PixelLikeness()), strict=True):
        assert dissimilar_chain(faces, likeness, Silent()).tolist() == _chain(faces, likeness, farthest=True)
        # Euclidean neighbors of another distance stand in for its own: nearly always the same, seldom the next best.
        ours = similar_chain(faces, likeness, Silent())
        steps = [
            np.mean([likeness.distances(faces[a], likeness.packed(faces[[b]]))[0] for a, b in pairwise(order)])
            for order in (ours, _chain(faces, likeness, farthest=False))
        ]
        assert sorted(ours) == list(range(300))
        assert steps[0] <= 1.02 * steps[1]


def test_distances_are_opencvs_and_plain_sums() -> None:
    colors, thumbnails = _descriptors(2)
    histograms = np.square(colors.astype(np.float32))
    expected = sum(cv2.compareHist(a, b, cv2.HISTCMP_BHATTACHARYYA) for a, b in zip(*histograms, strict=True))
    likeness = ColorLikeness()
    assert likeness.distances(colors[0], likeness.packed(colors[1:]))[0] == pytest.approx(expected, abs=2e-3)
    pixels = PixelLikeness()
    found = pixels.distances(thumbnails[0], pixels.packed(thumbnails[1:]))[0]
    assert found == np.abs(thumbnails[0].astype(int) - thumbnails[1]).sum()


def test_large_sets_are_chained_nearly_as_well() -> None:
    faces, likeness = _descriptors(4000)[0], ColorLikeness()
    order = similar_chain(faces, likeness, Silent())
    assert sorted(order) == list(range(4000))
    assert order.tolist() == similar_chain(faces, likeness, Silent()).tolist()
    place = np.random.default_rng(1).choice(1500, 40, replace=False)  # most are still to be placed after these
    missed = 0
    for at in place:
        distance = likeness.distances(faces[order[at]], likeness.packed(faces[order[at + 1 :]]))
        missed += distance.argmin() != 0
    assert missed <= 4


def test_unlikeness_is_the_mean_distance() -> None:
    colors, likeness = _descriptors(60)[0], ColorLikeness()
    expected = [np.delete(likeness.distances(face, likeness.packed(colors)), k).mean() for k, face in enumerate(colors)]
    assert mean_unlikeness(colors, Silent()) == pytest.approx(np.array(expected), rel=1e-4)


def test_groups_are_cut_where_colours_jump() -> None:
    colors = _descriptors(2)[0][np.repeat([0, 1], 5)]
    assert [group.tolist() for group in likeness_groups(colors, np.arange(10))] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(0, 900))
def test_quotas_are_level_and_exact(available: list[int], total: int) -> None:
    quotas = level(np.array(available), total)
    assert quotas.sum() == min(total, sum(available))
    assert (quotas <= available).all()
    limited = quotas < available
    if limited.any():
        assert quotas[limited].min() >= quotas.max() - 1
        assert np.ptp(quotas[limited]) <= 1


@pytest.mark.parametrize("target", [1, 2, 10, 63, 64, 65, 191, 500, 2000, 99999])
def test_best_keeps_exactly_the_target_of_all_directions(target: int) -> None:
    random = np.random.default_rng(target)
    count = 700
    yaw, pitch, quality = random.uniform(-1.4, 1.4, count), random.normal(0, 0.3, count), random.random(count)
    chosen, dropped = best_faces(quality, yaw, pitch, _descriptors(count)[0], target)
    assert len(chosen) == min(target, count)
    assert sorted([*chosen, *dropped]) == list(range(count))
    bins = np.clip(np.digitize(-yaw, np.linspace(-1.2, 1.2, YAW_BINS)) - 1, 0, YAW_BINS - 1)
    assert (np.diff(bins[chosen]) >= 0).all()
    if target >= YAW_BINS:
        assert set(bins[chosen]) == set(bins)


def test_best_prefers_quality() -> None:
    count = 400
    quality = np.arange(count, dtype=float)
    chosen, _ = best_faces(quality, np.zeros(count), np.zeros(count), _descriptors(count)[0], 10)
    assert min(chosen) >= count - 100  # the ten times as many of highest quality compete

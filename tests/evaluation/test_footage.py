from dataclasses import replace
from pathlib import Path

import numpy as np

from understudy.actors import ActorSource, Identity, Scene
from understudy.evaluation.footage import film
from understudy.evaluation.suite import Case


def test_what_is_kept_is_what_was_rendered_and_is_not_rendered_again(case: Case, tmp_path: Path) -> None:
    who, performance, scene = Identity.from_seed(23), case.dst_take.performance(2), Scene(background=1)
    first = film(who, performance, scene, size=64, folder=tmp_path, name="a")
    rendered = list(ActorSource(who, performance, scene, size=64).rendered())
    assert np.array_equal(first.frames, [frame.pixels for frame, _ in rendered])
    assert np.array_equal(first.landmarks, [truth.face.landmarks for _, truth in rendered])
    assert np.array_equal(first.parts, [truth.parts for _, truth in rendered])
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = film(Identity.from_seed(23), performance, Scene(background=1), size=64, folder=tmp_path, name="a")
    assert np.array_equal(again.frames, first.frames)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written
    other = film(who, performance, replace(scene, exposure=0.5), size=64, folder=tmp_path, name="a")
    assert other.path != first.path
    assert other.frames.mean() < first.frames.mean()

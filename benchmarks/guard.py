"""What the content guard says of footage that holds nothing explicit, and what it costs: python benchmarks/guard.py

Clips are checked as before a merge, then with every frame a sample; performers at so many moments each, in a scene of
their own, every frame a sample. Results are appended to --out, one JSON line a clip or performer; what stands there is
not done again.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors import Identity, Performance, Scene, render
from understudy.facesets import extract
from understudy.media import EncodeSettings, open_source, write_image
from understudy.media.transcode import transcode
from understudy.merging import merge
from understudy.models import create_model, save_model
from understudy.project import ConsentRecord, Project, make_consent
from understudy.provenance.guard import ExposureDetector, check_project, check_source, guard_version
from understudy.provenance.guard.network import Part
from understudy.provenance.guard.rules import Level, judge, level_of
from understudy.provenance.origin import clip_digest

LEVELS: tuple[Level, ...] = get_args(Level)  # the least serious first


def clip(path: Path, detector: ExposureDetector) -> dict[str, Any]:
    """As before a merge."""
    started = time.process_time()
    source = open_source([path])
    check = check_source(source, detector, clip=clip_digest(path))
    cost = {"seconds": float(source.info.duration), "cpu": time.process_time() - started}
    return tally([sighting.level for sighting in check.sightings], check.samples, check.highest) | cost


def every_frame(path: Path, detector: ExposureDetector) -> dict[str, Any]:
    return look((frame.eight_bit() for frame in open_source([path]).frames()), detector)


def performer(seed: int, moments: int, size: int, detector: ExposureDetector) -> dict[str, Any]:
    identity, scene = Identity.from_seed(seed), Scene.from_seed(seed)
    performance = Performance.from_seed(seed, 60.0)
    indices = np.linspace(0, len(performance) - 1, moments).round()
    return look((render(identity, performance[int(index)], scene, size).pixels for index in indices), detector)


def look(pictures: Iterable[NDArray[np.uint8]], detector: ExposureDetector) -> dict[str, Any]:
    """Every picture as a sample."""
    levels: list[Level] = []
    highest: dict[Part, float] = {}
    for picture in pictures:
        seen = detector.detect(picture)
        for exposure in seen:
            highest[exposure.part] = max(highest.get(exposure.part, 0.0), exposure.score)
        levels.append(max((level_of(exposure) for exposure in seen), key=LEVELS.index))
    return tally(levels, len(levels), highest)


def tally(levels: Sequence[Level], samples: int, highest: dict[Part, float]) -> dict[str, Any]:
    verdict = judge(levels)
    counts = {level: levels.count(level) for level in LEVELS[1:]}
    return {"samples": samples, "refused": verdict.refused, "warned": verdict.warned, **counts, "highest": highest}


def share(path: Path, folder: Path) -> str:
    """What the guard costs of a merge: ten seconds at 1280x720, a face in every frame, quick96, defaults throughout."""
    footage = folder / "ten-seconds.mp4"
    frames = list(open_source([path]).frames())
    pictures = [cv2.resize(frame.eight_bit(), (1280, 720), interpolation=cv2.INTER_CUBIC) for frame in frames]
    for number in range(250):
        write_image(folder / "frames" / f"{number:04d}.png", pictures[number % len(pictures)])
    transcode(open_source([folder / "frames"]), footage, EncodeSettings())
    consent = make_consent("src", basis="licensed-footage", reference="of the clip")
    project = Project.create(
        folder / "film", src=[footage], dst=[footage], consent=ConsentRecord(src=consent, dst=consent)
    )
    extract(project, "dst")
    weights = project.model_folder("random") / "1" / "weights.safetensors"
    weights.parent.mkdir(parents=True)
    save_model(create_model("quick96"), weights)
    clocks = [(time.process_time(), time.perf_counter())]
    for step in (check_project, check_project, merge):
        step(project)
        clocks.append((time.process_time(), time.perf_counter()))
    (first, first_wall), (again, _), (rest, rest_wall) = (
        (after[0] - before[0], after[1] - before[1]) for before, after in pairwise(clocks)
    )
    spent, taken = first / (first + rest), first_wall / (first_wall + rest_wall)
    return "\n".join(
        (
            "a merge of ten seconds at 1280x720 whose one clip has not been checked:",
            f"  guard {first:.2f} s of CPU, {first_wall:.2f} s on the clock; a second time {again:.3f} s of CPU",
            f"  merge {rest:.1f} s of CPU, {rest_wall:.1f} s on the clock",
            f"  share {spent:.1%} of the CPU, {taken:.1%} of the time",
        )
    )


def tell(what: str, rows: Sequence[dict[str, Any]]) -> None:
    totals = {key: sum(row[key] for row in rows) for key in ("samples", "refused", "warned", *LEVELS[1:])}
    print(f"{len(rows)} {what}:", ", ".join(f"{count} {key}" for key, count in totals.items()))
    for part in rows[0]["highest"]:
        row = max(rows, key=lambda row: row["highest"][part])
        print(f"  {part:<18} highest {row['highest'][part]:.3f} in {row['name']}")
    if "cpu" in rows[0]:
        cpu, seconds = (sum(row[key] for row in rows) for key in ("cpu", "seconds"))
        print(f"  {cpu / seconds * 1000:.0f} ms of CPU per second of footage")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--performers", type=int, default=40)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--share", type=Path, help="a clip with one face: also measure the guard's share of a merge")
    parser.add_argument("--out", type=Path, default=Path("guard.jsonl"))
    arguments = parser.parse_args()
    detector, version = ExposureDetector(), guard_version()
    size, moments = arguments.size, arguments.moments
    kinds: dict[str, dict[str, Callable[[], dict[str, Any]]]] = {
        "clips, as before a merge": {path.name: partial(clip, path, detector) for path in arguments.clips},
        "clips, every frame": {path.name: partial(every_frame, path, detector) for path in arguments.clips},
        f"performers of {size} pixels, {moments} moments each": {
            f"performer {seed}": partial(performer, seed, moments, size, detector)
            for seed in range(arguments.performers)
        },
    }
    lines = arguments.out.read_text().splitlines() if arguments.out.exists() else []
    done = {(row["version"], row["kind"], row["name"]): row for row in map(json.loads, lines)}
    for kind, jobs in kinds.items():
        for name, job in jobs.items():
            if (version, kind, name) not in done:
                row = {"version": version, "kind": kind, "name": name, **job()}
                with arguments.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                done[version, kind, name] = row
        if jobs:
            tell(kind, [done[version, kind, name] for name in jobs])
    if arguments.share:
        with tempfile.TemporaryDirectory() as folder:
            print(share(arguments.share, Path(folder)))


if __name__ == "__main__":
    main()

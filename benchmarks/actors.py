"""How fast performers are rendered, truth included: python benchmarks/actors.py

Each line is a clip of one performer at 512x512, as `understudy actors render` makes it, without encoding. The baseline
renders the same frames one after another on one core.
"""

import argparse
import time
from collections.abc import Iterable

import cv2

from understudy.actors import ActorSource, Identity, Performance, Scene, render


def seconds_for(frames: Iterable[object]) -> float:
    started = time.perf_counter()
    for _ in frames:
        pass
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 55, 0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=40)
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        identity, scene = Identity.from_seed(seed), Scene.from_seed(seed)
        performance = Performance.from_seed(seed, arguments.frames / 25)
        render(identity, performance[0], scene, 64)  # builds the body
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        alone = seconds_for(render(identity, frame, scene, arguments.size) for frame in performance)
        cv2.setNumThreads(threads)
        source = ActorSource(identity, performance, scene, size=arguments.size)
        together = seconds_for(source.rendered())
        rate, baseline = len(performance) / together, len(performance) / alone
        print(
            f"performer {seed:3d} ({identity.hair:6s})  baseline {baseline:5.2f} frames/s"
            f"  understudy {rate:5.2f} frames/s  {rate / baseline:.2f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()

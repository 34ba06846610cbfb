"""`understudy bench`: the benchmarks on rendered performers."""

from dataclasses import dataclass
from typing import Annotated

from tyro.conf import arg, subcommand

from understudy.cli import bench_extract, bench_swap
from understudy.cli.console import Display

_Benchmark = (
    Annotated[bench_swap.Command, subcommand("swap", prefix_name=False)]
    | Annotated[bench_extract.Command, subcommand("extract", prefix_name=False)]
)


@dataclass
class Command:
    """swap: how near swaps come to the truth; extract: how well faces are found and described."""

    benchmark: Annotated[_Benchmark, arg(name="")]

    def run(self, display: Display) -> int:
        return self.benchmark.run(display)

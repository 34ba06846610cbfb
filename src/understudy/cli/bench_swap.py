"""`understudy bench swap`: swaps of rendered performers, held against the truth."""

from dataclasses import dataclass, field
from pathlib import Path

from understudy.cli.console import Display
from understudy.evaluation.budgets import BUDGETS, Budget
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Swap the performers of a fixed suite within a budget, and score the results against the truth.

    The same command goes on where it was broken off; what is finished is not made again. With --result, frames that
    another program merged from the clips of --export are scored on the same suite.
    """

    models: list[str] = field(default_factory=lambda: ["quick96"])
    """Models that are trained: quick96, saehd, mime; with and without an option saehd-coarse, mime-plain, mime-ema."""
    budget: Budget = "small"
    """Training iterations: small 250, large 2500."""
    iterations: int | None = None
    """Train so many iterations instead of a budget's, for experiments."""
    cases: list[str] = field(default_factory=list)
    """Cases of the suite; all when not given."""
    equal_time: bool = False
    """Give every model the time that the first one needs for its iterations, instead of as many iterations."""
    seed: int = 0
    """Of the training; equal seeds give equal numbers."""
    out: Path = Path("bench")
    """Folder of clips, results and of report.html and report.json."""
    export: Path | None = None
    """Only write the cases' clips here, as data_src and data_dst folders of pictures."""
    result: Path | None = None
    """Only score this video or folder of merged frames; needs --case."""
    case: str | None = None
    """The case that --result was merged from."""
    name: str | None = None
    """What the report calls --result; the name of its file or folder when not given."""

    def run(self, display: Display) -> int:
        from understudy.evaluation.report import write_report
        from understudy.evaluation.scores import METRICS
        from understudy.evaluation.suite import SUITE, cases
        from understudy.evaluation.swapbench import Bench, Entry

        bench = Bench(self.out, display)
        if self.result is not None:
            if self.case is None:
                raise UnderstudyError(f"which case is {self.result}? Give --case, one of {', '.join(SUITE)}")
            bench.score(cases([self.case])[0], self.result, self.name or self.result.stem)
        elif self.export is not None:
            for case in cases(self.cases):
                bench.export(case, self.export)
            display.result(f"{self.export}: the suite's clips", {"path": str(self.export)})
            return 0
        else:
            if self.iterations is not None and self.iterations < 1:
                raise UnderstudyError(f"--iterations {self.iterations}: give 1 or more")
            if not self.models:
                raise UnderstudyError("--models: name at least one")
            entries = [Entry(model, self.iterations or BUDGETS[self.budget], self.seed) for model in self.models]
            if self.equal_time:
                entries = bench.in_equal_time(entries)
            for case in cases(self.cases):
                bench.run(case, entries)
        report = write_report(bench)
        shown = [metric for metric in METRICS if metric.name in ("psnr", "ssim", "perceptual", "identity", "temporal")]
        width = max(map(len, report.means))
        lines = [" " * width + "".join(f"{metric.label:>12}" for metric in shown)]
        for name, values in report.means.items():
            lines.append(f"{name:<{width}}" + "".join(f"{m.shown(values[m.name]):>12}" for m in shown))
        lines += ["", f"{report.page}, {report.document}"]
        display.result(
            "\n".join(lines), {"page": str(report.page), "document": str(report.document), "means": report.means}
        )
        return 0

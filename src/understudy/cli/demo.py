"""`understudy demo`: the whole path on two performers who do not exist."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.demo import FULL, QUICK


@dataclass
class Command:
    """Render two performers, swap one for the other, verify, score, and write a page about it."""

    out: Path = Path("demo")
    """The folder."""
    quick: bool = False
    """Less than four minutes on two cores instead of a quarter of an hour; the face stays soft."""

    def run(self, display: Display) -> int:
        from understudy.demo import demo

        made = demo(self.out, QUICK if self.quick else FULL, progress=display)
        display.say(made.verification.describe())
        document = {
            "page": str(made.page),
            "video": str(made.video),
            "seconds": round(made.seconds, 1),
            "scores": {name: scores.document()["clip"] for name, scores in made.scores.items()},
            "verification": made.verification.to_document(),
        }
        display.result(f"{made.page}: open it in a browser", document)
        return made.verification.exit_code

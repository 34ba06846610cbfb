"""`understudy dataset export`: real and fake pairs for research on detecting forgeries."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.evaluation.dataset import DatasetSettings
from understudy.project import Project
from understudy.provenance import SigningSettings


@dataclass
class Command:
    """Write the projects' footage and their swaps in pairs, marked as what they are, with exact truth of every frame.

    An export that was broken off goes on where it was.
    """

    projects: tyro.conf.Positional[list[Path]] = field(default_factory=list)
    """Project folders, each with a trained model and a consent record."""
    out: Path = Path("dataset")
    """The data set's folder."""
    manifest: Path | None = None
    """Make the data set of this manifest.json again; its settings count, not those given here."""
    model: str | None = None
    """Name of the model in every project; the one trained last when not given."""
    settings: tyro.conf.OmitArgPrefixes[DatasetSettings] = field(default_factory=DatasetSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)

    def run(self, display: Display) -> int:
        from understudy.evaluation.dataset import export_dataset, repeat_dataset

        projects = [Project(folder) for folder in self.projects]
        if self.manifest is not None:
            made = repeat_dataset(self.manifest, self.out, projects, signing=self.signing, progress=display)
        else:
            made = export_dataset(
                projects, self.out, self.settings, model=self.model, signing=self.signing, progress=display
            )
        for note in made.notes:
            display.say(note)
        pairs = made.manifest.pairs
        performers = {who for pair in pairs for who in (pair.src, pair.dst)}
        splits = {split: sum(pair.split == split for pair in pairs) for split in ("train", "val", "test")}
        text = f"{made.folder}: {len(pairs)} pairs of {len(performers)} performers, " + ", ".join(
            f"{count} in {split}" for split, count in splits.items()
        )
        document = {
            "path": str(made.folder),
            "pairs": len(pairs),
            "performers": len(performers),
            "splits": splits,
            "notes": made.notes,
        }
        display.result(text, document)
        return 0

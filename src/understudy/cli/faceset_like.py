"""`understudy faceset like`: only the faces that are like a picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.faces.identity import load_embedder
from understudy.facesets import Faceset
from understudy.facesets.identity import distances_from, like_threshold
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Keep the faces of the person in a picture; the others go to the trash, which `faceset restore` undoes."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    pictures: tyro.conf.Positional[tuple[Path, ...]]
    """Face files, or any pictures of the person, in which the largest face counts. Several: it is enough to be like
    one of them."""
    threshold: float | None = None
    """Distance up to which a face is like the picture; nine tenths of the embedder's own when not given."""
    embedder: str = "auto"
    """Tells people apart: sface or dlib (networks), frontal-hog (none), or auto, the best that is here without a
    download."""
    list: bool = False
    """List the faces and their distances, the most like first; touch no file."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        if not self.pictures:
            raise UnderstudyError("name at least one picture of the person whose faces are to stay")
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        embedder = load_embedder(self.embedder)
        limit = like_threshold(embedder) if self.threshold is None else self.threshold
        distance = distances_from(faceset, embedder, self.pictures)
        order = [int(at) for at in np.argsort(distance, kind="stable")]
        faces = [{"name": faceset.names[at], "distance": float(distance[at])} for at in order]
        document = {"embedder": embedder.name, "threshold": limit, "faces": faces}
        if self.list:
            lines = [f"{face['name']}  {face['distance']:.3f}" for face in faces]
            border = int((distance <= limit).sum())
            display.result("\n".join([*lines[:border], f"-- beyond {limit:.3g}:", *lines[border:]]), document)
            return 0
        unlike = [faceset.names[at] for at in np.flatnonzero(distance > limit).tolist()]
        shown = ", ".join(picture.name for picture in self.pictures)
        faceset.trash_for(dict.fromkeys(unlike, f"not like {shown} (over {limit:.3g} by {embedder.name})"))
        text = f"{len(faceset)} faces kept, {len(unlike)} in the trash: {faceset.folder}\ntold apart by {embedder.name}"
        display.result(text, document | {"trashed": unlike})
        return 0

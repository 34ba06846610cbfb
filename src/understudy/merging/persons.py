"""Several people in one film: who is who, who is swapped by which model, and who lies above whom."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from understudy.faces.identity import load_embedder
from understudy.facesets import Faceset
from understudy.facesets.identity import find_persons
from understudy.merging.plan import PlacedFace
from understudy.project import Project, UnderstudyError
from understudy.project.folder import SETTINGS_FILE, one_line


class PersonSettings(BaseModel):
    """What a `[[person]]` table of `understudy.toml` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^person:[1-9][0-9]*$", description="As `faceset persons dst` calls the person.")
    model: str | None = Field(default=None, description="The trained model; that of everybody else when not given.")
    layer: int = Field(
        default=0, ge=-100, le=100, description="Of two faces that overlap, the one in the higher layer is on top."
    )
    swap: bool = Field(default=True, description="false: this person is left as they are in the footage.")

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.model is not None and not self.swap:
            raise ValueError(f"{self.name} has a model and is not to be swapped: leave one of them out")
        return self


def read_persons(project: Project) -> tuple[PersonSettings, ...]:
    """The people whom the project names.

    Raises:
        UnderstudyError: what it says of them is not valid, or it names somebody twice.
    """
    file = project.root / SETTINGS_FILE
    try:
        persons = tuple(PersonSettings.model_validate(table) for table in project.persons())
    except ValidationError as error:
        raise UnderstudyError(f"{file}, [[person]]: {one_line(error)}") from error
    names = [person.name for person in persons]
    for name in names:
        if names.count(name) > 1:
            raise UnderstudyError(f"{file}, [[person]]: {name} is there twice; leave one")
    return persons


def tell_persons(faceset: Faceset, wanted: Sequence[str]) -> dict[str, str]:
    """Whose face each file shows, by file name.

    Args:
        wanted: who has to be among them.

    Raises:
        UnderstudyError: one of `wanted` is not.
    """
    persons = find_persons(faceset, load_embedder())
    labels = [person.label for person in persons]
    for name in wanted:
        if name not in labels:
            raise UnderstudyError(f"no {name} in {faceset.folder}; there are {', '.join(labels)}")
    return {name: person.label for person in persons for name in person.names}


def without_left_alone(
    plan: Mapping[int, list[PlacedFace]], persons: Sequence[PersonSettings]
) -> dict[int, list[PlacedFace]]:
    """The plan's faces but for those of people who are left as they are; frames that have no other are not in it."""
    alone = {person.name for person in persons if not person.swap}
    kept = ((frame, [face for face in faces if face.person not in alone]) for frame, faces in plan.items())
    return {frame: faces for frame, faces in kept if faces}

"""Several people in one film: who is who, who is swapped by which model, and who lies above whom."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.faces.identity import load_embedder
from understudy.facesets import Faceset
from understudy.facesets.identity import find_persons
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

"""The project on disk: one folder with the names that the field knows, and `understudy.toml`."""

import datetime
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.project.atomic import write_text
from understudy.project.consent import Basis, Consent, ConsentRecord
from understudy.project.errors import UnderstudyError

Side = Literal["src", "dst"]
"""src: the performer whose face is wanted; dst: the footage whose face is replaced."""

SIDES: tuple[Side, ...] = get_args(Side)

SETTINGS_FILE = "understudy.toml"
_BASES = ", ".join(get_args(Basis))
_VERSION = 2  # 1: consent without titles, territories, expiry and revocation


class _SideFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clips: list[str] = Field(min_length=1)
    consent: Consent | None = None


class _ProjectFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1, 2]
    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    title: str | None = Field(default=None, min_length=1, max_length=200)
    src: _SideFile
    dst: _SideFile
    extract: dict[str, Any] = {}
    train: dict[str, Any] = {}
    merge: dict[str, Any] = {}
    person: list[dict[str, Any]] = Field(default=[], max_length=100)


class Project:
    """One replacement job: its clips, its consent record and the folders of its stages.

    Attributes:
        root: the project folder.
    """

    def __init__(self, root: Path) -> None:
        """Open the project in `root`.

        Raises:
            UnderstudyError: no readable `understudy.toml` there.
        """
        self.root = root
        path = root / SETTINGS_FILE
        try:
            document = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
            _refuse_newer(path, document.get("version"))
            self._file = _ProjectFile.model_validate(document)
        except FileNotFoundError:
            raise UnderstudyError(
                f"{root} is not a project: it has no {SETTINGS_FILE}; make one with 'understudy init'"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise UnderstudyError(f"cannot read {path}: {error}") from error
        except tomlkit.exceptions.ParseError as error:
            raise UnderstudyError(f"{path} is not valid TOML: {error}") from error
        except ValidationError as error:
            raise UnderstudyError(f"{path}: {one_line(error)}") from error

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        src: Sequence[Path],
        dst: Sequence[Path],
        consent: ConsentRecord | None = None,
        title: str | None = None,
        id: str | None = None,  # noqa: A002 (the field's own name)
    ) -> "Project":
        """Make the project folder; the clips stay where they are and are referred to.

        Args:
            title: of the production; `Project.title` when None.
            id: sixteen hexadecimal digits, for projects that are made again and must give the same; else drawn.

        Raises:
            UnderstudyError: a clip is missing, `root` already holds a project, the title is empty or too long, or the
                folder cannot be written.
        """
        if (root / SETTINGS_FILE).exists():
            raise UnderstudyError(f"{root} already holds a project; choose another folder or go on with that one")
        for clip in (*src, *dst):
            if not clip.exists():
                raise UnderstudyError(f"no such clip: {clip}")
        sides = {"src": src, "dst": dst}
        document: dict[str, Any] = {"version": _VERSION, "id": id or uuid.uuid4().hex[:16]}
        if title is not None:
            document["title"] = title
        for side, clips in sides.items():
            document[side] = {"clips": [_reference(clip, root) for clip in clips]}
            if consent is not None:
                document[side]["consent"] = _table(getattr(consent, side))
        try:
            _ProjectFile.model_validate(document)
        except ValidationError as error:
            raise UnderstudyError(f"cannot make a project in {root}: {one_line(error)}") from error
        write_text(root / SETTINGS_FILE, tomlkit.dumps(document))
        return cls(root)

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name this project in credentials."""
        return self._file.id

    def clips(self, side: Side) -> tuple[Path, ...]:
        """The clips of one side, in the order in which they are played."""
        return tuple(Path(os.path.normpath(self.root / clip)) for clip in self._side(side).clips)

    @property
    def title(self) -> str:
        """The production's title; the folder's name where none is set."""
        return self._file.title or self.root.resolve().name

    def recorded_consent(self, side: Side) -> Consent | None:
        """One performer's agreement, in force or not; None where there is none."""
        return self._side(side).consent

    def consent(self) -> ConsentRecord:
        """The consent record, in force today and for this title.

        Raises:
            UnderstudyError: one of the performers has none, or one that was revoked, has expired or is given for other
                titles; the message says what to do.
        """
        missing = [side for side in SIDES if self._side(side).consent is None]
        if missing:
            sides = " and ".join(missing)
            flags = " ".join(f"--{side}-basis BASIS" for side in missing)
            raise UnderstudyError(
                f"no consent record for {sides} in {self.root / SETTINGS_FILE}; "
                f"add it with 'understudy consent add {flags} --reference TEXT' (BASIS: {_BASES})"
            )
        record = ConsentRecord.model_validate({side: self._side(side).consent for side in SIDES})
        record.require_in_force()
        record.require_title(self.title)
        return record

    def record_consent(self, side: Side, consent: Consent) -> None:
        """Write one performer's consent into `understudy.toml`; the rest of the file stays as it is.

        Raises:
            UnderstudyError: the agreement of that reference was revoked, or the file cannot be written.
        """
        before = self._side(side).consent
        if before is not None and before.revoked is not None and before.reference == consent.reference:
            raise UnderstudyError(
                f"the consent of {side} under '{consent.reference}' was revoked on {before.revoked}: a new agreement "
                f"has a reference of its own"
            )
        self._write_consent(side, consent)

    def revoke_consent(self, side: Side) -> Consent:
        """Mark one performer's consent as withdrawn today, for good; nothing is rendered under it from now on.

        Raises:
            UnderstudyError: there is none, or the file cannot be written.
        """
        consent = self._side(side).consent
        if consent is None:
            raise UnderstudyError(f"no consent of {side} in {self.root / SETTINGS_FILE}: there is nothing to revoke")
        if consent.revoked is None:
            consent = consent.model_copy(update={"revoked": datetime.date.today()})
            self._write_consent(side, consent)
        return consent

    def _write_consent(self, side: Side, consent: Consent) -> None:
        path = self.root / SETTINGS_FILE
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        document["version"] = _VERSION
        document[side]["consent"] = _table(consent)
        write_text(path, tomlkit.dumps(document))
        self._side(side).consent = consent

    def settings(self, stage: Literal["extract", "train", "merge"]) -> dict[str, Any]:
        """What the table of that name in `understudy.toml` sets; it takes the place of the built-in defaults."""
        return dict(getattr(self._file, stage))

    def persons(self) -> list[dict[str, Any]]:
        """What the `[[person]]` tables in `understudy.toml` say of the people in dst, one each."""
        return [dict(table) for table in self._file.person]

    def data(self, side: Side) -> Path:
        return self.root / f"data_{side}"

    def aligned(self, side: Side) -> Path:
        return self.data(side) / "aligned"

    def aligned_debug(self, side: Side) -> Path:
        return self.data(side) / "aligned_debug"

    @property
    def models(self) -> Path:
        return self.root / "model"

    def model_folder(self, name: str) -> Path:
        """The folder of one trained model.

        Raises:
            UnderstudyError: the name would leave the project's folder.
        """
        if name in ("", ".", "..") or any(mark in name for mark in "/\\\0:"):
            raise UnderstudyError(f"'{name}' cannot name a model: use letters, digits, spaces, '-' and '_'")
        return self.models / name

    @property
    def merged(self) -> Path:
        return self.data("dst") / "merged"

    @property
    def merged_mask(self) -> Path:
        return self.data("dst") / "merged_mask"

    @property
    def cache(self) -> Path:
        """What can be made again; it may be deleted at any time."""
        return self.root / "cache"

    @property
    def merged_layers(self) -> Path:
        return self.data("dst") / "merged_layers"

    def result(self, suffix: str = ".mp4") -> Path:
        return self.root / f"result{suffix}"

    def _side(self, side: Side) -> _SideFile:
        return self._file.src if side == "src" else self._file.dst


def make_consent(
    side: Side,
    *,
    basis: Basis,
    reference: str,
    name: str | None = None,
    titles: Sequence[str] = (),
    territories: Sequence[str] = (),
    expires: datetime.date | None = None,
) -> Consent:
    """A consent record of today; without a name the performer is called by the side.

    Raises:
        UnderstudyError: an unknown basis, or an empty reference.
    """
    try:
        return Consent(
            name=name or side,
            basis=basis,
            reference=reference.strip(),
            date=datetime.date.today(),
            titles=tuple(titles),
            territories=tuple(territories),
            expires=expires,
        )
    except ValidationError as error:
        raise UnderstudyError(f"consent for {side}: {one_line(error)}") from error


def one_line(error: ValidationError) -> str:
    """The first fault that pydantic found, as 'field: what is wrong'."""
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    wrong = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {wrong}" if place else wrong


def _table(consent: Consent) -> dict[str, Any]:
    """A consent as TOML holds it: without what was left open."""
    table = consent.model_dump(exclude_defaults=True)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in table.items()}


def _refuse_newer(path: Path, version: Any) -> None:
    if isinstance(version, int) and version > _VERSION:
        raise UnderstudyError(f"{path} was written by a newer Understudy (version {version}): update this one")


def _reference(clip: Path, root: Path) -> str:
    """The clip's path relative to the project where both lie on one drive, so that they can be moved together."""
    absolute, base = clip.resolve(), root.resolve()
    try:
        return Path(os.path.relpath(absolute, base)).as_posix()
    except ValueError:
        return absolute.as_posix()

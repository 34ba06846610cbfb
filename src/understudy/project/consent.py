"""Who agreed to the replacement, on what basis, for what: the record without which nothing is merged."""

import datetime
import hashlib
import json
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.project.errors import UnderstudyError

Basis = Literal["self", "written-release", "licensed-footage", "synthetic"]

_WITHDRAWAL = {"revoked"}  # what happened to an agreement later is no part of what was agreed


class Consent(BaseModel):
    """One performer's agreement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="Name or pseudonym of the performer.")
    basis: Basis = Field(description="Why the footage may be used.")
    reference: str = Field(min_length=1, max_length=1000, description="Contract, release or licence that says so.")
    date: datetime.date = Field(description="Day on which the record was made.")
    titles: tuple[str, ...] = Field(
        default=(), max_length=100, description="Titles that it is given for; none: any title."
    )
    territories: tuple[str, ...] = Field(
        default=(), max_length=300, description="Where results may be shown; none: anywhere."
    )
    expires: datetime.date | None = Field(default=None, description="Last day on which results may be rendered.")
    revoked: datetime.date | None = Field(default=None, description="Day on which it was withdrawn.")

    def restates(self, earlier: "Consent") -> bool:
        """Whether it says nothing that `earlier` does not say; the day on which it is said does not count."""
        said = self.model_dump(exclude_defaults=True, exclude={"date"})
        return said.items() <= {key: value for key, value in earlier if key not in _WITHDRAWAL}.items()

    def obstacle(self, today: datetime.date) -> str | None:
        """Why nothing may be rendered under it on that day, in a few words; None where it is in force."""
        if self.revoked is not None:
            return f"was revoked on {self.revoked}"
        if self.expires is not None and self.expires < today:
            return f"expired on {self.expires}"
        return None

    def covers(self, title: str) -> bool:
        """Whether it is given for a production of that title; case and outer spaces do not count."""
        return not self.titles or _plain(title) in map(_plain, self.titles)

    def terms(self) -> dict[str, Any]:
        """What was agreed, as plain JSON values, without what was left open."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude=_WITHDRAWAL)


class ConsentRecord(BaseModel):
    """Both performers' agreements; its digest is carried by everything the project writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    src: Consent
    dst: Consent

    def digest(self) -> str:
        """SHA-256 of the agreed terms' canonical JSON (sorted keys, no spaces, UTF-8), in hexadecimal.

        A later revocation leaves it as it is, so that what was made under a revoked record can still be found by it.
        """
        terms = {"src": self.src.terms(), "dst": self.dst.terms()}
        document = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(document.encode()).hexdigest()

    def require_in_force(self, today: datetime.date | None = None) -> None:
        """Nothing is rendered under an agreement that has lapsed.

        Raises:
            UnderstudyError: an agreement was revoked, or expired before `today` (None: the computer's own).
        """
        for side, consent in self._sides():
            if why := consent.obstacle(today or datetime.date.today()):
                raise UnderstudyError(
                    f"the consent of {side} ({consent.reference}) {why}: nothing can be rendered under it; record a "
                    f"new agreement with 'understudy consent add'"
                )

    def require_title(self, title: str) -> None:
        """Nothing is rendered for a title that an agreement does not name.

        Raises:
            UnderstudyError: an agreement is given for other titles.
        """
        for side, consent in self._sides():
            if not consent.covers(title):
                named = ", ".join(f"'{one}'" for one in consent.titles)
                raise UnderstudyError(
                    f"the consent of {side} is given for {named}, and this project's title is '{title}': set title in "
                    f"understudy.toml, or record an agreement that covers it"
                )

    def _sides(self) -> Iterator[tuple[str, Consent]]:
        yield "src", self.src
        yield "dst", self.dst


def _plain(title: str) -> str:
    return title.strip().casefold()

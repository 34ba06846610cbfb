"""The flags that carry a consent record, and the questions that ask for it."""

import datetime
import sys
from dataclasses import dataclass, field
from typing import get_args

from understudy.project import SIDES, Basis, Consent, ConsentRecord, Project, Side, UnderstudyError, make_consent


@dataclass
class ConsentFlags:
    """Who agreed to the replacement, and on what basis."""

    src_basis: Basis | None = None
    """Why the src footage may be used."""
    dst_basis: Basis | None = None
    """Why the dst footage may be used."""
    reference: str | None = None
    """The contract, release or licence for both; see --src-reference for one each."""
    src_reference: str | None = None
    """The contract, release or licence of the src performer."""
    dst_reference: str | None = None
    """The contract, release or licence of the dst performer."""
    src_name: str | None = None
    """Name or pseudonym of the src performer."""
    dst_name: str | None = None
    """Name or pseudonym of the dst performer."""
    titles: list[str] = field(default_factory=list)
    """Titles that the agreements are given for; any title when not given."""
    territories: list[str] = field(default_factory=list)
    """Where results may be shown; anywhere when not given."""
    expires: datetime.date | None = None
    """Last day on which results may be rendered."""

    def given(self, side: Side) -> Consent | None:
        """The record that the flags give for one side, or None.

        Raises:
            UnderstudyError: a basis without a reference, or a side's name or reference without its basis.
        """
        basis: Basis | None = getattr(self, f"{side}_basis")
        if basis is None:
            for flag in ("name", "reference"):
                if getattr(self, f"{side}_{flag}") is not None:
                    raise UnderstudyError(f"--{side}-{flag} needs --{side}-basis ({', '.join(get_args(Basis))})")
            return None
        reference: str | None = getattr(self, f"{side}_reference") or self.reference
        if reference is None:
            raise UnderstudyError(f"--{side}-basis {basis} needs --reference TEXT: the contract, release or licence")
        return self._consent(side, basis, reference, getattr(self, f"{side}_name"))

    def record(self) -> ConsentRecord | None:
        """Both sides' records: from the flags, else asked for where somebody sits at the terminal, else None."""
        if sys.stdin.isatty() and sys.stderr.isatty():
            src, dst = (
                self._asked(side) if getattr(self, f"{side}_basis") is None else self.given(side) for side in SIDES
            )
        else:
            src, dst = self.given("src"), self.given("dst")
        return ConsentRecord(src=src, dst=dst) if src and dst else None

    def write(self, project: Project) -> list[Side]:
        """Write what the flags give into the project; returns the sides that they gave."""
        given = {side: consent for side in SIDES if (consent := self.given(side))}
        for side, consent in given.items():
            project.record_consent(side, consent)
        return list(given)

    def _asked(self, side: Side) -> Consent:
        """Ask for what the flags leave open of one side."""
        whose = "the performer whose face is used" if side == "src" else "the performer whose face is replaced"
        sys.stderr.write(f"\nConsent of {side}, {whose}.\n")
        bases: dict[str, Basis] = {basis: basis for basis in get_args(Basis)}
        try:
            name: str = getattr(self, f"{side}_name") or input(f"  name or pseudonym [{side}]: ").strip()
            answer = ""
            while answer not in bases:
                answer = input(f"  basis ({', '.join(bases)}): ").strip()
            reference: str = getattr(self, f"{side}_reference") or self.reference or ""
            while not reference:
                reference = input("  contract, release or licence: ").strip()
        except EOFError:
            raise UnderstudyError(f"no consent of {side} was given; see --{side}-basis") from None
        return self._consent(side, bases[answer], reference, name)

    def _consent(self, side: Side, basis: Basis, reference: str, name: str | None) -> Consent:
        return make_consent(
            side,
            basis=basis,
            reference=reference,
            name=name,
            titles=self.titles,
            territories=self.territories,
            expires=self.expires,
        )

"""Who agreed to the replacement, on what basis: the record without which nothing is merged."""

import datetime
import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Basis = Literal["self", "written-release", "licensed-footage", "synthetic"]


class Consent(BaseModel):
    """One performer's agreement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="Name or pseudonym of the performer.")
    basis: Basis = Field(description="Why the footage may be used.")
    reference: str = Field(min_length=1, max_length=1000, description="Contract, release or licence that says so.")
    date: datetime.date = Field(description="Day on which the record was made.")


class ConsentRecord(BaseModel):
    """Both performers' agreements; its digest is carried by everything the project writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    src: Consent
    dst: Consent

    def digest(self) -> str:
        """SHA-256 of the record's canonical JSON (sorted keys, no spaces, UTF-8), in hexadecimal."""
        document = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(document.encode()).hexdigest()

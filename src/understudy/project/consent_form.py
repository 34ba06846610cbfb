"""The words in which each kind of consent is given: a starting point for a lawyer, not legal advice."""

from typing import Literal

from understudy.project.consent import Basis, Consent

_BLANK = "____________________"

_USE = {
    "src": "that the likeness of the performer, as seen in this footage, is learned by a model and shown in the place "
    "of another performer's face",
    "dst": "that the face of the performer in this footage is replaced by another's",
}

_TITLES: dict[Basis, str] = {
    "self": "Declaration of one's own use",
    "written-release": "Release for face replacement",
    "licensed-footage": "Statement of licensed footage",
    "synthetic": "Statement of a synthetic performer",
}

_WORDS: dict[Basis, str] = {
    "self": "I, {name}, am the person in the footage described below. I agree {use}.",
    "written-release": """
        I, {name}, the performer, agree {use}, in the production and on the terms stated below. I have been told how the
        replacement is made and shown what it looks like. The results are marked as made with a trained model, in signed
        metadata and invisibly in the picture, and the marks are not removed. Neither the results nor the trained model
        are used for intimate or sexual content, to deceive about what I said or did, or beyond the terms below. I may
        withdraw this release in writing for everything that has not been rendered by then.""",
    "licensed-footage": """
        The footage described below, which shows {name}, is used under the licence or contract named below, which
        permits {use}. Whoever signs has read that licence and answers for this statement.""",
    "synthetic": """
        The performer called {name} does not exist. The footage described below was generated and knowingly resembles no
        living person. It is used so {use}.""",
}


def form_title(basis: Basis) -> str:
    """What a form of that kind is called."""
    return _TITLES[basis]


def form_text(basis: Basis, side: Literal["src", "dst"], consent: Consent | None = None) -> list[str]:
    """The paragraphs of the form for one performer, filled in from `consent`, or with blanks to fill in by hand."""
    name = consent.name if consent else _BLANK
    dates = [consent.date.isoformat(), _until(consent)] if consent else [_BLANK, _BLANK]
    text = [
        " ".join(_WORDS[basis].split()).format(name=name, use=_USE[side]),
        f"Contract, release or licence: {consent.reference if consent else _BLANK}",
        f"Titles: {_listed(consent.titles, 'any') if consent else _BLANK}",
        f"Territories: {_listed(consent.territories, 'worldwide') if consent else _BLANK}",
        f"Recorded on: {dates[0]}",
        f"Results may be rendered until: {dates[1]}",
    ]
    if consent is not None and consent.revoked is not None:
        text.append(f"REVOKED on {consent.revoked}: nothing may be rendered under it since.")
    if consent is None or basis in ("self", "written-release"):
        text.append(f"Date and signature: {_BLANK}{_BLANK}")
    return text


def _listed(values: tuple[str, ...], otherwise: str) -> str:
    return ", ".join(values) or otherwise


def _until(consent: Consent) -> str:
    return consent.expires.isoformat() if consent.expires else "no date is set"

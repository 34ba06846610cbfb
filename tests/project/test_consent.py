"""A consent record says who agreed to what, is found by its digest, and lapses."""

import datetime
import hashlib
from pathlib import Path

import pytest

from understudy.project import Consent, ConsentRecord, Project, UnderstudyError, make_consent

DAY = datetime.date(2026, 11, 1)
RELEASE = Consent(name="Ada", basis="written-release", reference="release 17", date=DAY)
OWN = Consent(name="Bob", basis="self", reference="me", date=DAY)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "a.mkv").touch()
    clip = [tmp_path / "a.mkv"]
    return Project.create(tmp_path / "film", src=clip, dst=clip, consent=ConsentRecord(src=RELEASE, dst=OWN))


def changed(consent: Consent, **changes: object) -> Consent:
    return Consent.model_validate(consent.model_dump() | changes)


def test_a_record_without_terms_keeps_the_digest_that_it_had_before_there_were_terms() -> None:
    document = (
        '{"dst":{"basis":"self","date":"2026-11-01","name":"Bob","reference":"me"},'
        '"src":{"basis":"written-release","date":"2026-11-01","name":"Ada","reference":"release 17"}}'
    )
    assert ConsentRecord(src=RELEASE, dst=OWN).digest() == hashlib.sha256(document.encode()).hexdigest()


@pytest.mark.parametrize(
    "changes", [{"titles": ("A",)}, {"territories": ("DE",)}, {"expires": DAY}, {"name": "Eve"}, {"reference": "x"}]
)
def test_every_term_is_in_the_digest(changes: dict[str, object]) -> None:
    plain = ConsentRecord(src=RELEASE, dst=OWN).digest()
    assert ConsentRecord(src=changed(RELEASE, **changes), dst=OWN).digest() != plain
    assert ConsentRecord(src=RELEASE, dst=changed(OWN, **changes)).digest() != plain


def test_a_revoked_record_is_still_found_by_its_digest() -> None:
    revoked = ConsentRecord(src=changed(RELEASE, revoked=DAY), dst=OWN)
    assert revoked.digest() == ConsentRecord(src=RELEASE, dst=OWN).digest()


def test_an_agreement_holds_on_its_last_day_and_not_after() -> None:
    record = ConsentRecord(src=RELEASE, dst=changed(OWN, expires=DAY))
    record.require_in_force(DAY)
    with pytest.raises(UnderstudyError, match=r"consent of dst \(me\) expired on 2026-11-01") as refusal:
        record.require_in_force(DAY + datetime.timedelta(days=1))
    assert "\n" not in str(refusal.value)


def test_what_was_revoked_is_refused_and_cannot_be_recorded_again(project: Project) -> None:
    project.consent()
    project.revoke_consent("src")
    for opened in (project, Project(project.root)):
        with pytest.raises(UnderstudyError, match=r"consent of src \(release 17\) was revoked"):
            opened.consent()
        with pytest.raises(UnderstudyError, match="reference of its own"):
            opened.record_consent("src", RELEASE)
    project.record_consent("src", changed(RELEASE, reference="release 18"))
    assert Project(project.root).consent().src.reference == "release 18"


def test_an_agreement_for_other_titles_is_refused(project: Project) -> None:
    project.record_consent("src", changed(RELEASE, titles=("The Long Day", "FILM ")))
    assert project.title == "film"
    project.consent()
    project.record_consent("src", changed(RELEASE, titles=("The Long Day",)))
    with pytest.raises(UnderstudyError, match="given for 'The Long Day', and this project's title is 'film'"):
        project.consent()
    path = project.root / "understudy.toml"
    path.write_text('title = "the long day"\n' + path.read_text())
    assert Project(project.root).consent().src.titles == ("The Long Day",)


def test_terms_survive_the_file(project: Project) -> None:
    full = changed(RELEASE, titles=("Ä", "B"), territories=("DE",), expires=datetime.date(2099, 1, 1))
    project.record_consent("dst", full)
    assert Project(project.root).recorded_consent("dst") == full


def test_a_project_of_the_first_version_opens(project: Project) -> None:
    path = project.root / "understudy.toml"
    path.write_text(path.read_text().replace("version = 2", "version = 1"))
    assert Project(project.root).consent() == ConsentRecord(src=RELEASE, dst=OWN)
    path.write_text(path.read_text().replace("version = 1", "version = 3"))
    with pytest.raises(UnderstudyError, match="newer Understudy"):
        Project(project.root)


def test_saying_the_same_again_is_no_new_agreement() -> None:
    limited = changed(RELEASE, expires=datetime.date(2099, 1, 1))
    later = make_consent("src", basis="written-release", reference="release 17", name="Ada")
    assert later.restates(limited)
    assert not limited.restates(later)
    assert not changed(later, name="Eve").restates(limited)

import pytest

from understudy.merging.persons import PersonSettings, read_persons, without_left_alone
from understudy.merging.plan import PlacedFace
from understudy.project import Project, UnderstudyError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "clip").mkdir()
    return Project.create(tmp_path / "film", src=[tmp_path / "clip"], dst=[tmp_path / "clip"])


def with_tables(project, text):
    file = project.root / "understudy.toml"
    file.write_text(file.read_text() + text)
    return Project(project.root)


def test_people_are_read_from_the_projects_file(project):
    assert read_persons(project) == ()
    changed = with_tables(
        project, '\n[[person]]\nname = "person:2"\nmodel = "bob"\n[[person]]\nname = "person:1"\nlayer = 3\n'
    )
    assert read_persons(changed) == (
        PersonSettings(name="person:2", model="bob"),
        PersonSettings(name="person:1", layer=3),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('\n[[person]]\nname = "bob"\n', r"\[\[person\]\]: name"),
        ('\n[[person]]\nname = "person:1"\nweight = 3\n', r"\[\[person\]\]: weight"),
        ('\n[[person]]\nname = "person:1"\nmodel = "bob"\nswap = false\n', "has a model and is not to be swapped"),
        ('\n[[person]]\nname = "person:1"\n[[person]]\nname = "person:1"\n', "person:1 is there twice"),
    ],
)
def test_what_is_not_valid_is_refused(project, text, fault):
    with pytest.raises(UnderstudyError, match=fault):
        read_persons(with_tables(project, text))


def test_who_is_left_alone_is_in_no_frames_plan(place_face):
    one, two = (PlacedFace("", place_face(160, 120, 60), person=f"person:{number}") for number in (1, 2))
    plan = {0: [one, two], 1: [two], 2: [one]}
    persons = [PersonSettings(name="person:1"), PersonSettings(name="person:2", swap=False)]
    assert without_left_alone(plan, persons) == {0: [one], 2: [one]}

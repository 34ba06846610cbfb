import pytest

from understudy.masks.expression import MASK_MODES, parse_mask
from understudy.project import UnderstudyError


@pytest.mark.parametrize(
    ("formula", "place", "what"),
    [
        ("", 1, "missing"),
        ("learned-prd *", 14, "missing"),
        ("learned-prd learned-dst", 13, "does not belong here"),
        ("min(learned-prd", 16, "is missing"),
        ("(hull", 6, "is missing"),
        ("hull)", 5, "does not belong here"),
        ("min hull", 5, "is missing"),
        ("hull - learnt-prd", 8, "'learnt-prd' is no mask"),
        ("hull2", 1, "'hull2' is no mask"),
        ("1.5.2", 4, "is no mask"),
        ("-hull", 1, "missing"),
        ("hull / 2", 6, "'/' is no mask"),
        ("__import__('os')", 1, "is no mask"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(formula, place, what):
    with pytest.raises(UnderstudyError) as fault:
        parse_mask(formula)
    text = str(fault.value)
    assert f"character {place}:" in text
    assert what in text
    assert "\n" not in text


@pytest.mark.parametrize("formula", ["(" * 5000 + "hull" + ")" * 5000, "hull" + "+hull" * 5000])
def test_endless_formulas_are_refused(formula):
    with pytest.raises(UnderstudyError, match="500 are the most"):
        parse_mask(formula)


def test_deep_formulas_are_refused():
    with pytest.raises(UnderstudyError, match="inside one another"):
        parse_mask("(" * 40 + "hull" + ")" * 40)


def test_names_are_those_of_masks_and_weights():
    assert parse_mask("a*min(learned-prd, hull) - XSeg-dst").names == {"a", "learned-prd", "hull", "XSeg-dst"}
    assert all(parse_mask(mode).names for mode in MASK_MODES)

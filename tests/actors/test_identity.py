import pytest

from understudy.actors import Identity
from understudy.actors.identity import RANGES, trait_range
from understudy.actors.shape import TRAITS


@pytest.mark.parametrize("first", range(0, 2000, 500))
def test_every_parameter_is_in_its_range(first: int) -> None:
    for seed in range(first, first + 500):
        identity = Identity.from_seed(seed)
        assert identity.traits.keys() == TRAITS.keys()
        assert identity.measures.keys() == RANGES.keys()
        for name, value in identity.traits.items():
            low, high = trait_range(name)
            assert low <= value <= high, (seed, name)
        for name, value in identity.measures.items():
            low, high = RANGES[name]
            assert low <= value <= high, (seed, name)


def test_the_same_seed_is_the_same_person_and_another_is_not() -> None:
    assert Identity.from_seed(5) == Identity.from_seed(5)
    assert Identity.from_seed(5) != Identity.from_seed(6)
    assert Identity.from_seed(5).traits != Identity.from_seed(6).traits


def test_every_style_occurs() -> None:
    crowd = [Identity.from_seed(seed) for seed in range(400)]
    assert len({one.hair for one in crowd}) == 10
    assert len({one.beard for one in crowd}) == 5
    assert len({one.glasses for one in crowd}) == 3

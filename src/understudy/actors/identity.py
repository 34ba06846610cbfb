"""Who a performer is: every number that tells one from another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeVar, get_args

import numpy as np

from understudy.actors.shape import ONE_SIDED, TRAITS

HairStyle = Literal["bald", "buzz", "crop", "parted", "swept", "curly", "afro", "bob", "long", "bun"]
BeardStyle = Literal["none", "stubble", "moustache", "goatee", "full"]
GlassesStyle = Literal["none", "round", "square"]

_Style = TypeVar("_Style", bound=str)

TRAIT_LIMIT = 2.2
"""Largest strength of a trait of shape, in standard deviations."""

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "tone": (0.0, 1.0),
        "undertone": (-1.0, 1.0),
        "redness": (0.0, 1.0),
        "oiliness": (0.0, 1.0),
        "pores": (0.0, 1.0),
        "wrinkles": (0.0, 1.0),
        "freckles": (0.0, 1.0),
        "moles": (0.0, 1.0),
        "shadow": (0.0, 1.0),
        "lip_red": (0.0, 1.0),
        "brow_thickness": (0.0, 1.0),
        "brow_arch": (-1.0, 1.0),
        "brow_darkness": (0.0, 1.0),
        "iris_melanin": (0.0, 1.0),
        "iris_green": (0.0, 1.0),
        "pupil": (0.26, 0.46),
        "lashes": (0.0, 1.0),
        "aperture": (0.78, 1.1),
        "teeth": (0.0, 1.0),
        "hair_melanin": (0.0, 1.0),
        "hair_red": (0.0, 1.0),
        "hair_grey": (0.0, 1.0),
        "hairline": (0.0, 1.0),
        "ear_size": (0.86, 1.14),
        "ear_angle": (-0.12, 0.28),
        "garment_hue": (0.0, 1.0),
        "garment_value": (0.0, 1.0),
    }
)
"""Least and greatest value of each measure that is not a trait of shape."""


def trait_range(name: str) -> tuple[float, float]:
    """Least and greatest strength of a trait of shape; marks that only come with age have no opposite."""
    return (0.0 if name in ONE_SIDED else -TRAIT_LIMIT), TRAIT_LIMIT


@dataclass(frozen=True)
class Identity:
    """A performer.

    Attributes:
        seed: what the details (freckles, hairs, pores) are drawn from.
        traits: strength of each of `shape.TRAITS`.
        lopsided: by how much a trait is stronger on the image's right.
        measures: a value for each of `RANGES`.
        hair, beard, glasses: styles.
    """

    seed: int
    traits: Mapping[str, float] = field(hash=False)
    lopsided: Mapping[str, float] = field(hash=False)
    measures: Mapping[str, float] = field(hash=False)
    hair: HairStyle
    beard: BeardStyle
    glasses: GlassesStyle

    @staticmethod
    def from_seed(seed: int) -> "Identity":
        """The performer with this number, always the same; neighbours have nothing in common."""
        rng = np.random.default_rng([seed, 0x1D])
        masculine = float(np.clip(rng.normal(0.5, 0.42), 0, 1) > 0.5) * 0.6 + rng.uniform(0, 0.4)
        age = float(rng.beta(1.4, 2.2))
        tone = float(np.clip(rng.beta(1.0, 1.25), 0, 1))
        traits = _traits(rng, masculine, age, tone)
        lopsided = {name: float(np.clip(rng.normal(0, 0.16), -0.4, 0.4)) for name in TRAITS}
        measures = _measures(rng, masculine, age, tone)
        hair, beard, glasses = _styles(rng, masculine, age, tone)
        return Identity(
            seed=seed,
            traits=MappingProxyType(traits),
            lopsided=MappingProxyType(lopsided),
            measures=MappingProxyType(measures),
            hair=hair,
            beard=beard,
            glasses=glasses,
        )


def _traits(rng: np.random.Generator, masculine: float, age: float, tone: float) -> dict[str, float]:
    m = masculine * 2 - 1
    mean = {
        "mouth_width": 0.3,
        "brow_ridge": 0.9 * m,
        "jaw_width": 0.5 * m,
        "jaw_square": 0.45 * m,
        "chin_length": 0.4 * m,
        "chin_width": 0.7 * m,
        "chin_forward": 0.3 * m,
        "cheekbones": -0.3 * m,
        "cheek_fullness": -0.4 * m - 0.4 * age,
        "face_length": 0.5 * m,
        "face_width": 0.3 * m - 0.1,
        "nose_length": 0.4 * m + 0.4 * age,
        "nose_width": 0.4 * m + 1.0 * tone - 0.3,
        "nose_height": 0.3 * m - 0.7 * tone,
        "nose_hump": 0.3 * m,
        "nose_tip_up": -0.4 * m,
        "upper_lip": -0.4 * m + 1.1 * tone - 0.8 * age,
        "lower_lip": -0.3 * m + 1.0 * tone - 0.5 * age,
        "mouth_forward": 0.8 * tone - 0.2,
        "eye_depth": 0.4 * m,
        "forehead_slope": 0.5 * m,
        "neck_width": 1.0 * m,
        "eye_bags": 1.2 * age - 0.3,
        "age": 2.2 * age - 0.7,
        "skull_width": 0.1 * m,
        "chin_cleft": 0.3 * m,
        "lid_fold": 1.3 - 0.3 * tone,
    }
    return {name: float(np.clip(rng.normal(mean.get(name, 0.0), 0.8), *trait_range(name))) for name in TRAITS}


def _measures(rng: np.random.Generator, masculine: float, age: float, tone: float) -> dict[str, float]:
    dark = float(np.clip(0.95 * tone + rng.normal(0.36, 0.3), 0, 1))
    values = {
        "tone": tone,
        "undertone": rng.normal(0, 0.45),
        "redness": rng.beta(2, 2.5) * (1 - 0.5 * tone),
        "oiliness": rng.beta(2, 2.5),
        "pores": rng.beta(2, 3) * (0.7 + 0.3 * masculine),
        "wrinkles": np.clip(age * 1.1 + rng.normal(0, 0.1), 0, 1),
        "freckles": max(0.0, rng.normal(-0.1, 0.5)) * (1 - tone),
        "moles": rng.beta(1.2, 2.5),
        "shadow": max(0.0, masculine - 0.6) * rng.uniform(0.5, 2.2),
        "lip_red": rng.beta(2, 2) * (1 - 0.55 * masculine),
        "brow_thickness": rng.beta(2.2, 2.2) * 0.65 + 0.35 * masculine,
        "brow_arch": rng.normal(0.25 - 0.5 * masculine, 0.4),
        "brow_darkness": 0.35 + 0.65 * dark,
        "iris_melanin": np.clip(1.15 * tone + rng.normal(0.25, 0.33), 0, 1),
        "iris_green": rng.beta(0.9, 1.6),
        "pupil": rng.uniform(0.28, 0.42),
        "lashes": rng.uniform(0.2, 0.7) + 0.3 * (1 - masculine),
        "aperture": rng.normal(0.95 - 0.08 * age, 0.07),
        "teeth": rng.beta(2.5, 2) * (1 - 0.4 * age),
        "hair_melanin": dark,
        "hair_red": rng.beta(0.8, 3.5) * (1 - tone),
        "hair_grey": np.clip((age - 0.5) * 2.3 + rng.normal(0, 0.15), 0, 1) if age > 0.5 else 0.0,
        "hairline": np.clip(masculine * age * 1.5 + rng.normal(0.12, 0.15), 0, 1),
        "ear_size": rng.normal(1.0 + 0.05 * age, 0.06),
        "ear_angle": rng.normal(0.03, 0.1),
        "garment_hue": rng.uniform(),
        "garment_value": rng.beta(1.2, 1.6),
    }
    return {name: float(np.clip(values[name], *RANGES[name])) for name in RANGES}


def _styles(
    rng: np.random.Generator, masculine: float, age: float, tone: float
) -> tuple[HairStyle, BeardStyle, GlassesStyle]:
    if masculine > 0.5:
        hair = {
            "bald": 0.5 + age,
            "buzz": 1.2,
            "crop": 2.0,
            "parted": 1.6,
            "swept": 1.5,
            "curly": 1.0,
            "afro": 1.6 * tone,
            "long": 0.3,
        }
        beard = {"none": 2.2, "stubble": 1.6, "moustache": 0.4, "goatee": 0.7, "full": 1.3}
    else:
        hair = {"crop": 0.4, "parted": 0.6, "curly": 1.2, "afro": 1.6 * tone, "bob": 2.0, "long": 2.4, "bun": 1.5}
        beard = {"none": 1.0}
    glasses = {"none": 3.0, "round": 0.7, "square": 0.7}
    return (
        _drawn(rng, hair, get_args(HairStyle)),
        _drawn(rng, beard, get_args(BeardStyle)),
        _drawn(rng, glasses, get_args(GlassesStyle)),
    )


def _drawn(rng: np.random.Generator, odds: dict[str, float], among: tuple[_Style, ...]) -> _Style:
    weights = np.array([odds.get(name, 0.0) for name in among])
    return among[int(rng.choice(len(among), p=weights / weights.sum()))]

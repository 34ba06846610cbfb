"""The architecture string of the autoencoder family, such as `liae-ud`: what each letter switches on."""

from dataclasses import dataclass
from typing import Literal, cast

from understudy.project.errors import UnderstudyError

Wiring = Literal["df", "liae"]


@dataclass(frozen=True)
class Archi:
    """A parsed architecture string: `df` or `liae`, then optionally `-` and letters of `u d t c` in any order.

    Attributes:
        wiring: `df`: one inter, a decoder for each performer; `liae`: two inters, one decoder for both.
        pixel_norm: letter u; the encoder's output has unit mean square (more likeness to src).
        double: letter d; inner maps at half the size, the colour output interleaved from four convolutions.
        deep: letter t; five downscales and two residual blocks in the encoder, four upscales in the decoder.
        cosine: letter c; every hidden activation is x cos x.
    """

    wiring: Wiring
    pixel_norm: bool = False
    double: bool = False
    deep: bool = False
    cosine: bool = False

    @classmethod
    def parse(cls, text: str) -> "Archi":
        """Read an architecture string.

        Raises:
            UnderstudyError: unknown wiring or letter, or a letter twice.
        """
        wiring, dash, letters = str(text).partition("-")  # a file's header may have anything there
        if wiring not in ("df", "liae") or bool(dash) != bool(letters) or not set(letters) <= set("udtc"):
            raise UnderstudyError(
                f"unknown architecture {text!r}: use df or liae, then - and letters of u d t c, as in liae-ud"
            )
        if len(set(letters)) != len(letters):
            raise UnderstudyError(f"architecture {text!r} names a letter twice: give each of u d t c at most once")
        return cls(cast(Wiring, wiring), "u" in letters, "d" in letters, "t" in letters, "c" in letters)

    @property
    def step(self) -> int:
        """The resolution must be a multiple of this many pixels."""
        return 32 if self.double or self.deep else 16

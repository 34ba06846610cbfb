"""The published figures that a swap of real footage is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

METRICS = ("ssim", "perceptual", "verification", "landmarks", "pose")
"""Of the protocol, in its order; SSIM rises, the others fall as a swap gets better."""

Figure = tuple[float, float]
"""Mean and deviation."""


@dataclass(frozen=True)
class Published:
    """A table.

    Attributes:
        source: where it was printed.
        rows: figures by method and metric.
    """

    source: str
    rows: Mapping[str, Mapping[str, Figure]]


_PAPER = (
    'Perov et al., "DeepFaceLab: Integrated, flexible and extensible face-swapping framework", 2020, on the first 500 '
    "videos of FaceForensics++, 100 frames of each"
)
_ABLATION = ("ssim", "verification", "landmarks", "pose")

TABLES = (
    Published(
        f"Table 1 of {_PAPER}",
        {
            name: dict(zip(METRICS, figures, strict=True))
            for name, figures in {
                "DeepFakes": ((0.71, 0.07), (0.41, 0.05), (0.69, 0.04), (1.15, 1.10), (4.75, 1.73)),
                "Nirkin et al.": ((0.65, 0.08), (0.50, 0.08), (0.66, 0.05), (0.35, 0.18), (6.01, 3.21)),
                "DeepFaceLab": ((0.73, 0.07), (0.39, 0.04), (0.61, 0.04), (0.73, 0.36), (1.12, 1.07)),
            }.items()
        },
    ),
    Published(
        f"Table 2 of {_PAPER}",
        {
            name: dict(zip(_ABLATION, figures, strict=True))
            for name, figures in {
                "DF": ((0.73, 0.07), (0.61, 0.04), (0.73, 0.36), (1.12, 1.07)),
                "DFHD": ((0.75, 0.09), (0.61, 0.04), (0.71, 0.37), (1.06, 0.97)),
                "DFHD + GAN": ((0.72, 0.11), (0.61, 0.04), (0.79, 0.40), (1.33, 1.21)),
                "DFHD + GAN + TrueFace": ((0.77, 0.06), (0.61, 0.04), (0.70, 0.35), (0.99, 1.02)),
                "LIAE": ((0.76, 0.06), (0.58, 0.03), (0.66, 0.32), (0.91, 0.86)),
                "LIAEHD": ((0.78, 0.06), (0.58, 0.03), (0.65, 0.32), (0.90, 0.88)),
                "LIAEHD + GAN": ((0.79, 0.05), (0.58, 0.03), (0.69, 0.34), (1.00, 0.97)),
                "LIAEHD + GAN + TrueFace": ((0.80, 0.04), (0.58, 0.03), (0.65, 0.33), (0.83, 0.81)),
            }.items()
        },
    ),
)

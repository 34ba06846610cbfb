"""How video and pictures are written: what a user may choose."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CodecName = Literal["h264", "h265", "av1", "prores", "ffv1"]
ProResProfile = Literal["proxy", "lt", "422", "hq", "4444", "4444xq"]

SUFFIXES: dict[CodecName, tuple[str, ...]] = {
    "h264": (".mp4", ".mov", ".mkv", ".avi"),
    "h265": (".mp4", ".mov", ".mkv"),
    "av1": (".mp4", ".mkv"),
    "prores": (".mov", ".mkv"),
    "ffv1": (".mkv", ".avi"),
}
VIDEO_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


class EncodeSettings(BaseModel):
    """How results are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codec: Literal["auto", "h264", "h265", "av1", "prores", "ffv1"] = Field(
        default="auto",
        description="Video codec. auto: h264 for 8-bit sources, h265 (in .avi ffv1) for deeper ones; where alpha is "
        "asked for, prores in .mov and ffv1 in .mkv and .avi. av1 goes into .mp4 and .mkv, prores into .mov and .mkv, "
        "ffv1, which is lossless, into .mkv and .avi.",
    )
    quality: int | None = Field(
        default=None,
        ge=0,
        le=63,
        description="Constant rate factor of h264, h265 (up to 51) and av1 (up to 63): lower is better and larger, "
        "0 (not of av1) is lossless. Unset: 16 (h264), 18 (h265), 22 (av1).",
    )
    bitrate: float | None = Field(
        default=None,
        gt=0,
        le=2000,
        description="Megabits per second of h264, h265 and av1 on average, instead of a quality.",
    )
    speed: Literal["ultrafast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"] = Field(
        default="veryfast", description="Effort of h264, h265 and av1: slower makes smaller files of the same quality."
    )
    encoder: Literal["software", "hardware", "auto"] = Field(
        default="software",
        description="Who encodes h264, h265 and av1. hardware: the GPU (NVENC, Quick Sync, VideoToolbox, AMF), faster "
        "but larger for the same quality; auto: the GPU where it can, else the CPU. understudy doctor says what works.",
    )
    bits: Literal[8, 10, 12, 16, 32] | None = Field(
        default=None,
        description="Bits a sample: 8 or 10 of h264, h265 (12, too) and av1, 10 of prores, 8 to 16 of ffv1, 8 or 16 "
        "of png and tiff, 16 (half) or 32 (float) of exr. Unset: as the source has it.",
    )
    chroma: Literal["420", "422", "444", "rgb"] | None = Field(
        default=None,
        description="How finely colour is stored: 444 and rgb (ffv1 alone) keep that of every pixel. Unset: as the "
        "source has it.",
    )
    profile: ProResProfile | None = Field(
        default=None, description="Kind of prores. Unset: 4444 where there is alpha or colour for every pixel, else hq."
    )
    copy_streams: bool = Field(
        default=True, description="Carry over sound, subtitles, chapters, titles and timecode from the source clips."
    )
    image_format: Literal["png", "tiff", "jpg", "exr"] = Field(
        default="png", description="Format of pictures where the output is a folder."
    )

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.quality is not None and self.bitrate is not None:
            raise ValueError("quality and bitrate are two ways to say the same: give one of them")
        if self.profile is not None and self.codec not in ("auto", "prores"):
            raise ValueError(f"profile is of prores, and the codec is {self.codec}: leave one of them out")
        return self

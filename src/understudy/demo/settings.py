"""Who performs in the demo, and how much of it is rendered and learned."""

from pydantic import BaseModel, ConfigDict, Field

from understudy.training import NetworkSettings
from understudy.training.duration import Seconds


class DemoSettings(BaseModel):
    """One demo; seeds are those of the `actors` room."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    src: int = Field(default=55, ge=0, description="The performer whose face is used.")
    dst: int = Field(default=103, ge=0, description="The performer whose face is replaced.")
    others: tuple[int, ...] = Field(default=(113, 39, 17), description="Performers that the result might be taken for.")
    src_performance: int = Field(default=32, ge=0, description="What src does.")
    dst_performance: int = Field(default=12, ge=0, description="What dst does.")
    src_scene: int = Field(default=6, ge=0, description="Where src is filmed: camera, light and room.")
    dst_scene: int = Field(default=5, ge=0, description="Where dst is filmed.")
    size: int = Field(ge=64, le=4096, description="Side of the pictures in pixels.")
    rate: float = Field(ge=1, le=240, description="Frames per second.")
    src_seconds: float = Field(gt=0, le=600, description="Length of src's clip.")
    dst_seconds: float = Field(gt=0, le=600, description="Length of dst's clip, and of the result.")
    network: NetworkSettings = Field(description="Sizes of the SAEHD network.")
    random_warp: bool = Field(description="Bend what the network sees; it learns to swap better, and takes longer.")
    training: Seconds = Field(gt=0, description="How long it learns.")


FULL = DemoSettings(
    size=512,
    rate=20,
    src_seconds=10,
    dst_seconds=8,
    network=NetworkSettings(
        resolution=96, face_type="full", archi="df-ud", ae_dims=128, e_dims=32, d_dims=32, d_mask_dims=16
    ),
    random_warp=True,
    training=480,
)
"""A quarter of an hour at most on two cores."""

QUICK = DemoSettings(
    size=256,
    rate=10,
    src_seconds=7,
    dst_seconds=6.5,
    network=NetworkSettings(
        resolution=64, face_type="full", archi="df-ud", ae_dims=128, e_dims=32, d_dims=32, d_mask_dims=16
    ),
    random_warp=False,
    training=105,
)
"""All of the same in under four minutes; the face stays soft."""

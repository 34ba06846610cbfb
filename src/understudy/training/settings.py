"""What a user chooses about training."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.faces.face import FaceType
from understudy.training.duration import Seconds
from understudy.training.optimizers import OptimizerName


class NetworkSettings(BaseModel):
    """Sizes of the network, fixed when a model is made; what is not given is the model kind's default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: int | None = Field(default=None, ge=32, le=1024, description="Side of the face in pixels.")
    face_type: FaceType | None = Field(default=None, description="Crop geometry: half, mid, full, whole_face or head.")
    archi: str | None = Field(default=None, description="Architecture: df or liae, then - and letters of u d t c.")
    ae_dims: int | None = Field(default=None, ge=8, le=2048, description="Numbers in the bottleneck.")
    e_dims: int | None = Field(default=None, ge=8, le=512, description="Channels per unit of the encoder.")
    d_dims: int | None = Field(default=None, ge=8, le=512, description="Channels per unit of the decoder.")
    d_mask_dims: int | None = Field(default=None, ge=4, le=512, description="Channels per unit of the mask decoder.")
    inter_dims: int | None = Field(default=None, ge=8, le=4096, description="amp: channels of the code.")
    morph_factor: float | None = Field(
        default=None, ge=0.1, le=0.5, description="amp: share of src's channels in the code of a src face."
    )

    def config(self) -> dict[str, int | str | float]:
        """Constructor arguments of the network: those that were given."""
        return self.model_dump(exclude_none=True)


class TrainSettings(BaseModel):
    """How a swap network is trained. The defaults are the `quick96` preset: a first picture after ten CPU minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="quick96", min_length=1, max_length=100, description="The model's folder name.")
    model: str = Field(
        default="quick96", description="Kind of network: quick96, saehd, amp, or one that another package brings."
    )
    network: NetworkSettings = Field(default=NetworkSettings(), description="Sizes of the network.")

    batch_size: int = Field(default=4, ge=1, le=1024, description="Faces of each performer per iteration.")
    iterations: int = Field(
        default=0, ge=0, description="Stop when the model has seen so many iterations in all; 0: never."
    )
    until: Seconds = Field(
        default=0.0, description="Stop when the model has trained so long in all (90s, 10m, 1h30m); 0: never."
    )

    optimizer: OptimizerName = Field(
        default="adam",
        description="Update rule. adabelief and rmsprop (the field's use-AdaBelief yes and no) have no bias correction "
        "and want a quarter of the step size.",
    )
    learning_rate: float = Field(default=2e-4, gt=0, le=0.1, description="Step size.")
    lr_dropout: Literal["n", "y", "cpu"] = Field(
        default="n",
        description="Learning rate dropout: in each step only three weights in ten move, and the step size swells and "
        "fades over 500 steps. For the end of a training, when nothing else improves it. y draws on the training "
        "device, cpu on the CPU.",
    )
    clipgrad: bool = Field(
        default=False, description="Scale each step's gradient to a norm of at most 1; steadier, slower."
    )

    random_warp: bool = Field(default=True, description="Bend the network's input; what makes the swap generalise.")
    random_src_flip: bool = Field(default=False, description="Mirror src faces at random.")
    random_dst_flip: bool = Field(default=False, description="Mirror dst faces at random.")
    random_scale: float = Field(default=0.05, ge=0, le=0.5, description="Resize faces by up to this share at random.")
    unwarped_every: int = Field(
        default=3,
        ge=0,
        description="Leave the input unbent in every so-manieth iteration, for sharpness; 0: never.",
    )

    masked_training: bool = Field(default=True, description="Judge colours within the face mask alone.")
    eyes_mouth_prio: bool = Field(default=False, description="Weigh eyes and mouth more.")

    precision: Literal["auto", "bf16", "fp32"] = Field(
        default="auto",
        description="Number format of the network's arithmetic; auto: bf16 where the processor is fast in it.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where to train; auto: a GPU if there is one."
    )
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="Start of all random numbers; equal seeds give equal models."
    )

    autosave: Seconds = Field(default=300.0, description="Time between checkpoints.")
    preview_every: Seconds = Field(default=30.0, description="Time between preview sheets; 0: only with checkpoints.")


PRESETS: Mapping[str, TrainSettings] = MappingProxyType(
    {
        "quick96": TrainSettings(),
        "saehd": TrainSettings(
            name="saehd",
            model="saehd",
            network=NetworkSettings(resolution=128, face_type="full", archi="df-ud", ae_dims=256, e_dims=64, d_dims=64),
            batch_size=8,
            optimizer="adabelief",
            learning_rate=5e-5,
            random_dst_flip=True,
            random_scale=0.15,
            unwarped_every=0,
        ),
    }
)
"""Starting points by name. `quick96` suits a CPU; `saehd` (128 pixels, df-ud) wants a GPU."""

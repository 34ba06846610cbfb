"""What a user chooses about training."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from understudy.faces.face import FaceType
from understudy.project.errors import UnderstudyError
from understudy.project.folder import one_line
from understudy.training.choices import ColorMode, CompileName, MomentsName, OptimizerName
from understudy.training.device_count import Devices
from understudy.training.duration import Seconds
from understudy.training.schedule import Phase, Schedule


def _switch(given: object) -> object:
    """Off, where a file of before this was a switch says nothing."""
    return False if given is None else given


class NetworkSettings(BaseModel):
    """Sizes of the network, fixed when a model is made; what is not given is the model kind's default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resolution: int | None = Field(
        default=None,
        ge=32,
        le=1024,
        description="Side of the face in pixels. A multiple of 16; of 32 with the letters d and t, and for amp.",
    )
    face_type: FaceType | None = Field(
        default=None,
        description="How much of the head a crop shows: half, mid, full, whole_face (with the forehead) or head "
        "(with the hair). More is harder to learn and leaves fewer pixels to the face.",
    )
    archi: str | None = Field(
        default=None,
        description="Architecture of saehd: df keeps the likeness of src, liae takes over more of dst's light; then - "
        "and letters: u more likeness, d twice the resolution at equal cost, t a deeper network, c another activation.",
    )
    ae_dims: int | None = Field(
        default=None, ge=8, le=2048, description="Numbers in the bottleneck; too few, and expressions are lost."
    )
    inter_dims: int | None = Field(
        default=None, ge=8, le=4096, description="Channels of amp's code; at least as many as ae_dims."
    )
    e_dims: int | None = Field(
        default=None, ge=8, le=512, description="Channels per unit of the encoder: how finely faces are read."
    )
    d_dims: int | None = Field(
        default=None, ge=8, le=512, description="Channels per unit of the decoder: how finely faces are drawn."
    )
    d_mask_dims: int | None = Field(default=None, ge=4, le=512, description="Channels per unit of the mask decoder.")
    morph_factor: float | None = Field(
        default=None,
        ge=0.1,
        le=0.5,
        description="Share of amp's code that is src's own in training; less makes a closer likeness to dst's shape.",
    )
    ca_weights: Annotated[bool, BeforeValidator(_switch)] = Field(
        default=False,
        description="Begin with convolution-aware weights, whose filters differ as much as they can; large networks "
        "take a minute to begin.",
    )

    def config(self) -> dict[str, int | str | float]:
        """Constructor arguments of the network: those that were given."""
        given = self.model_dump(exclude_none=True)
        return given if self.ca_weights else {key: value for key, value in given.items() if key != "ca_weights"}


FIXED = frozenset({"name", "model", "network", "device", "devices", "precision", "seed", "schedule"})
"""Settings that hold for a whole run."""


class TrainSettings(BaseModel):
    """How a swap network is trained. The defaults are the `quick96` preset: a first picture after ten CPU minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="quick96", min_length=1, max_length=100, description="The model's folder name.")
    model: str = Field(
        default="quick96",
        description="Kind of network: quick96, saehd, amp, dfhd, liaehd, mime, or one that another package brings.",
    )
    network: NetworkSettings = Field(default=NetworkSettings(), description="Sizes of the network.")

    batch_size: int = Field(
        default=4, ge=1, le=1024, description="Faces of each performer per iteration, on all devices together."
    )
    accumulate: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Batches whose gradients are added up for one update: as one batch so many times as large, in the "
        "memory of one.",
    )
    iterations: int = Field(
        default=0, ge=0, description="Stop when the model has seen so many iterations in all; 0: never."
    )
    until: Seconds = Field(
        default=0.0, description="Stop when the model has trained so long in all (90s, 10m, 1h30m); 0: never."
    )

    schedule: Schedule = Field(
        default=(), description="Phases with other options and their ends: a name, or [[train.schedule]] in the file."
    )

    optimizer: OptimizerName = Field(
        default="adam",
        description="Update rule. adabelief and rmsprop (the field's use-AdaBelief yes and no) have no bias correction "
        "and want a quarter of the step size.",
    )
    learning_rate: float = Field(default=2e-4, gt=0, le=0.1, description="Step size.")
    moments: MomentsName = Field(
        default="full",
        description="How the optimizer keeps its moments, two numbers for each weight: full (float32 beside the "
        "weights), bf16 (half of that), 8bit (a quarter), or on the host, which frees the device's memory and is slow.",
    )
    recompute: bool = Field(
        default=False,
        description="Keep no inner results for the backward pass but compute them again: a quarter slower, in a "
        "fraction of the memory at large sizes and batches. The outcome is the same.",
    )
    compile: CompileName = Field(
        default="off",
        description="Let torch.compile fuse the network's operations, which takes a minute or more at the start and "
        "needs a C++ compiler; on a CPU the result is no faster. graphs: replay them as CUDA graphs too.",
    )
    lr_dropout: Literal["n", "y", "cpu"] = Field(
        default="n",
        description="Learning rate dropout: in each step only three weights in ten move, and the step size swells and "
        "fades over 500 steps. For the end of a training, when nothing else improves it. y draws on the training "
        "device, cpu on the CPU.",
    )
    clipgrad: bool = Field(
        default=False,
        description="Scale each step's gradient to a norm of at most 1. Steadier and a little slower; against losses "
        "that jump, and advisable with any of the powers below.",
    )

    random_warp: bool = Field(
        default=True,
        description="Bend the network's input, never the target: what makes the swap generalise. Switch it off at the "
        "end, to sharpen; liae's inter_AB then keeps what it has learned.",
    )
    random_src_flip: bool = Field(
        default=False, description="Mirror src faces at random (4 of 10); for a src that lacks directions of view."
    )
    random_dst_flip: bool = Field(default=False, description="Mirror dst faces at random (4 of 10).")
    random_scale: float = Field(default=0.05, ge=0, le=0.5, description="Resize faces by up to this share at random.")
    random_hsv_power: float = Field(
        default=0.0,
        ge=0,
        le=0.3,
        description="Shift hue, saturation and brightness of the network's src input by up to this much at random: "
        "steadier under light that src has not seen. The target keeps its colours.",
    )
    uniform_yaw: bool = Field(
        default=False,
        description="Draw faces of every direction of view equally often, however rare they are in the faceset.",
    )
    ct_mode: ColorMode = Field(
        default="none",
        description="Give each src face the colours of a random dst face while training: rct (mean and contrast in "
        "Lab), lct and mkl (mean and covariance), idt and sot (the whole distribution; slow). Once for input and "
        "target alike, where the field's program draws idt and sot twice.",
    )
    ct_masked: bool = Field(
        default=True,
        description="Compare only the colours of the faces in ct_mode; off: of the whole squares with their "
        "backgrounds, as the field's program does.",
    )
    unwarped_every: int = Field(
        default=3,
        ge=0,
        description="Leave the input unbent in every so-manieth iteration, for sharpness; 0: never.",
    )

    train_inters: bool = Field(
        default=False,
        description="Let amp's inter_src and inter_dst learn too, which keep their first random values otherwise.",
    )
    masked_training: bool = Field(
        default=True,
        description="Judge colours within the face mask alone, so that nothing is spent on the background. Always on "
        "for amp.",
    )
    eyes_mouth_prio: bool = Field(
        default=False, description="Weigh eyes and mouth more, where gaze or teeth lag behind. Always on for amp."
    )
    coarse_structure_power: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="Weight of structural similarity at half and at a quarter of the size beside that at full size "
        "(multi-scale SSIM): where features lie is learned sooner; around 5.",
    )
    blur_out_mask: bool = Field(
        default=False,
        description="Blur the targets outside of their masks, for a smoother edge. Background is divided by its own "
        "blurred share of the picture, which the field's program gets wrong along the border.",
    )

    gan_power: float = Field(
        default=0.0,
        ge=0,
        le=5,
        description="Weight of a discriminator that looks for what tells a decoded src face from a photo; makes skin "
        "and hair crisp. For the very end, when the face is learned and the warp is off; around 0.1. Earlier it does "
        "harm.",
    )
    gan_patch_size: int | None = Field(
        default=None,
        ge=3,
        le=640,
        description="Side in pixels of what the GAN's discriminator judges at once: larger costs memory and looks at "
        "larger structure. None: an eighth of the resolution. A change begins its discriminator anew.",
    )
    gan_dims: int = Field(
        default=16,
        ge=4,
        le=512,
        description="Channels of the GAN's discriminator: more finds more, slower. A change begins it anew.",
    )
    true_face_power: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Weight of a discriminator that draws src's codes towards dst's, for a closer likeness to src; df "
        "only; around 0.01. Off while pretraining, where the field's program leaves half of it on.",
    )
    face_style_power: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="Draw the colours of the swapped face towards those of the dst face. In the middle of a training, "
        "0.001 to 10; too much undoes it: make a backup before.",
    )
    bg_style_power: float = Field(
        default=0.0,
        ge=0,
        le=100,
        description="Draw what surrounds the swapped face towards dst's background and the outline with it. Around is "
        "where neither predicted mask is; the field's program takes the mask of an unrelated src face.",
    )

    pretrain: bool = Field(
        default=False,
        description="Learn faces in general, from the faceset in pretrain_folder for both sides, before learning two. "
        "While it is on: no warp, GAN, colour options, style or true face, faces flipped and of every direction of "
        "view. When it ends, iterations count from 0 and the inter starts anew.",
    )
    pretrain_folder: Path | None = Field(
        default=None, description="Folder of the many different faces that pretraining learns from."
    )

    ema: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Show and merge with the mean of the weights over the last iterations, in which weights count half "
        "as much as those so many iterations younger; 0: with the last weights.",
    )

    precision: Literal["auto", "bf16", "fp32"] = Field(
        default="auto",
        description="Number format of the network's arithmetic; auto: bf16 where the processor is fast in it.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where to train; auto: a GPU if there is one."
    )
    devices: Devices = Field(
        default=1,
        description="How many of this computer's devices to train on; all (or 0): every GPU. On a CPU, so many "
        "processes. What torchrun starts takes its number from there.",
    )
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="Start of all random numbers; equal seeds give equal models."
    )

    autosave: Seconds = Field(default=300.0, description="Time between checkpoints.")
    preview_every: Seconds = Field(default=30.0, description="Time between preview sheets; 0: only with checkpoints.")
    write_preview_history: bool = Field(default=False, description="Keep every preview sheet, in the folder history.")
    autobackup_hour: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="Copy the model to the folder backups every so many hours; 0: never.",
    )
    tensorboard: bool = Field(default=False, description="Write losses and previews for TensorBoard too.")

    def during(self, phase: Phase) -> Self:
        """The settings in one phase of the schedule.

        Raises:
            ValidationError: the phase sets something that there is not, or that does not fit the rest.
        """
        return self.model_validate(self.model_dump() | phase.options | {"schedule": ()})

    @model_validator(mode="after")
    def _phases_fit(self) -> Self:
        for number, phase in enumerate(self.schedule, 1):
            if fixed := FIXED & phase.options.keys():
                raise ValueError(f"phase {phase.name!r}: {sorted(fixed)[0]} cannot change during a training")
            if number < len(self.schedule) and not phase.ends:
                raise ValueError(f"phase {phase.name!r} never ends: give it iterations, time or plateau")
            try:
                self.during(phase)
            except ValidationError as error:
                raise ValueError(f"phase {phase.name!r}: {one_line(error)}") from None
        return self

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        if self.compile != "off" and self.recompute:
            raise ValueError("compile decides itself what is computed again: leave recompute off")
        if self.pretrain and self.pretrain_folder is None:
            raise ValueError("pretrain needs faces to learn from: give pretrain_folder")
        if self.true_face_power and self.model == "saehd" and (self.network.archi or "liae").startswith("liae"):
            raise ValueError(
                "true_face_power compares codes of one inter, and liae has two: choose a df architecture, or 0"
            )
        if self.model == "amp" and (self.face_style_power or self.bg_style_power or self.true_face_power):
            raise ValueError("amp knows neither style nor true face: set those powers to 0")
        resolution, patch = self.network.resolution, self.gan_patch_size
        if self.gan_power and patch is not None and resolution is not None and patch > resolution:
            raise ValueError(f"gan_patch_size {patch} is larger than the face: give at most {resolution}")
        return self


def check_shares(settings: TrainSettings, devices: int) -> None:
    """Whether every batch of the training has a face of each performer for every device.

    Raises:
        UnderstudyError: one has not.
    """
    smallest = min((settings.during(phase).batch_size for phase in settings.schedule), default=settings.batch_size)
    if smallest < devices:
        raise UnderstudyError(
            f"batches of {smallest} cannot be shared by {devices} devices: give --batch-size {devices} or more, "
            "or fewer --devices"
        )

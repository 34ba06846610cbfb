"""Starting points for a training."""

from collections.abc import Mapping
from types import MappingProxyType

from understudy.training.settings import NetworkSettings, TrainSettings

_FIELD = TrainSettings(
    batch_size=8,
    optimizer="adabelief",
    learning_rate=5e-5,
    random_dst_flip=True,
    random_scale=0.15,
    unwarped_every=0,
)

PRESETS: Mapping[str, TrainSettings] = MappingProxyType(
    {
        "quick96": TrainSettings(),
        "saehd": _FIELD.model_copy(
            update={
                "name": "saehd",
                "model": "saehd",
                "network": NetworkSettings(
                    resolution=128, face_type="full", archi="liae-ud", ae_dims=256, e_dims=64, d_dims=64, d_mask_dims=22
                ),
            }
        ),
        "mime": TrainSettings(
            name="mime",
            model="mime",
            network=NetworkSettings(resolution=128, face_type="full", ae_dims=256, e_dims=32, d_dims=32, d_mask_dims=8),
            batch_size=8,
            learning_rate=1e-3,
            coarse_structure_power=5.0,
            random_dst_flip=True,
            random_scale=0.15,
        ),
        "amp": _FIELD.model_copy(
            update={
                "name": "amp",
                "model": "amp",
                "network": NetworkSettings(
                    resolution=224,
                    face_type="whole_face",
                    ae_dims=256,
                    inter_dims=1024,
                    e_dims=64,
                    d_dims=64,
                    d_mask_dims=22,
                    morph_factor=0.5,
                ),
                "eyes_mouth_prio": True,
            }
        ),
    }
)
"""Settings by name. `quick96` suits a CPU, and so does `mime` (128 pixels); `saehd` (128 pixels, liae-ud) and `amp`
(224 pixels) are the field's own defaults and want a GPU."""

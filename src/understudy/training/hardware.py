"""On which device, and in which number format, a network is trained."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

from understudy.project import UnderstudyError


@dataclass(frozen=True)
class Hardware:
    """A device and the number format of the network's arithmetic on it.

    Attributes:
        device: where weights and batches are.
        half: convolutions run in bf16; weights, losses and the update stay float32.
    """

    device: torch.device
    half: bool

    @classmethod
    def choose(
        cls,
        device: Literal["auto", "cpu", "cuda"],
        precision: Literal["auto", "bf16", "fp32"],
        *,
        number: int | None = None,
    ) -> "Hardware":
        """What the settings ask for; `auto` is a GPU if there is one, and bf16 where it is fast.

        Args:
            number: of this process among those of its host, which have a GPU each; None: it is the only one.

        Raises:
            UnderstudyError: a GPU is asked for and there is none.
        """
        gpu = torch.cuda.is_available()
        if device == "cuda" and not gpu:
            raise UnderstudyError("no CUDA device is available: train with --device cpu, or mend the driver")
        chosen = torch.device("cuda" if gpu and device != "cpu" else "cpu")
        if number is not None and chosen.type == "cuda":
            if number >= torch.cuda.device_count():
                raise UnderstudyError(f"process {number + 1} of this host finds no GPU of its own: start fewer")
            chosen = torch.device("cuda", number)
        return cls(chosen, precision == "bf16" or (precision == "auto" and is_fast_in_bf16(chosen)))

    @property
    def name(self) -> str:
        """What makes of device it is."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type

    def autocast(self) -> AbstractContextManager[object]:
        """Within, convolutions run in the chosen number format."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.half)


def is_fast_in_bf16(device: torch.device) -> bool:
    """Whether the device has bf16 arithmetic: compute capability 8.0; AVX-512 BF16 or AMX."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))

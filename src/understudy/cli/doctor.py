"""`understudy doctor`: what this machine offers and what it lacks."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from understudy import __version__, zoo
from understudy.cli.console import Display

_PACKAGES = (
    "torch",
    "av",
    "opencv-python-headless",
    "numpy",
    "ai-edge-litert",
    "onnxruntime",
    "c2pa-python",
    "safetensors",
)
_ENCODERS = {
    "libx264": "H.264",
    "libx265": "H.265",
    "libsvtav1": "AV1",
    "prores_ks": "ProRes",
    "ffv1": "FFV1",
    "aac": "AAC audio",
}


@dataclass
class Command:
    """Print device, versions, codecs and model files, and what is missing."""

    def run(self, display: Display) -> int:
        import av

        from understudy.media.hardware import hardware_encoders

        versions = {name: _version(name) for name in _PACKAGES}
        hardware = hardware_encoders()
        encoders = {label: name in av.codecs_available for name, label in _ENCODERS.items()}
        models = {file.name: zoo.path(file.name) is not None for file in zoo.catalogue() if not file.optional}
        missing = [f"package {name}" for name, found in versions.items() if found is None]
        missing += [f"{label} encoder" for label, found in encoders.items() if not found]
        fetchable = [name for name, cached in models.items() if not cached]
        device = _device()
        guard = zoo.path(zoo.GUARD) is not None
        lines = [
            f"understudy {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"device     {device}",
            "packages   " + ", ".join(f"{name} {found or 'MISSING'}" for name, found in versions.items()),
            "encoders   " + ", ".join(label for label, found in encoders.items() if found),
            "on the GPU " + (", ".join(_with_depths(hardware)) or "no encoder works: video is encoded by the CPU"),
            f"models     {sum(models.values())} of {len(models)} fetched, in {zoo.cache_folder()}",
            f"guard      {'ready' if guard else 'fetched with the face detector'}; it is always on",
            "licences   " + "; ".join(f"{licence}: {', '.join(names)}" for licence, names in _licences().items()),
            "missing    " + (", ".join(missing) or "nothing"),
        ]
        if fetchable:
            lines.append(f"to fetch   {', '.join(fetchable)}: at first use, or now by 'understudy models fetch'")
        document = {
            "version": __version__,
            "python": platform.python_version(),
            "device": device,
            "packages": versions,
            "encoders": encoders,
            "hardware_encoders": hardware,
            "models": models,
            "guard": guard,
            "licences": _licences(),
            "missing": missing,
        }
        display.result("\n".join(lines), document)
        return 1 if missing else 0


def _with_depths(encoders: dict[str, tuple[str, ...]]) -> list[str]:
    """`hevc_nvenc (8 and 10 bits)` for each encoder and the formats that it takes."""
    from understudy.media.rgb import bit_depth

    depths = {name: " and ".join(str(bit_depth(each)) for each in formats) for name, formats in encoders.items()}
    return [f"{name} ({bits} bits)" for name, bits in depths.items()]


def _device() -> str:
    """The device that will be used, and why."""
    import torch

    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        count = torch.cuda.device_count()
        return f"CUDA, {count} x {properties.name}, {properties.total_memory / 2**30:.0f} GiB each"
    why = "this PyTorch is a CPU build" if torch.version.cuda is None else "PyTorch finds no NVIDIA driver or device"
    bf16 = getattr(torch.cpu, "_is_amx_tile_supported", bool)()
    return f"CPU, {os.cpu_count()} cores{', bf16 matrix units' if bf16 else ''}; no GPU: {why}"


def _licences() -> dict[str, list[str]]:
    """Names of the model files that are fetched unasked, by licence."""
    licences: dict[str, list[str]] = {}
    for file in zoo.catalogue():
        if not file.optional:
            licences.setdefault(file.licence, []).append(file.name)
    return licences


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

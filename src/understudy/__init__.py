"""Face replacement for film, VFX and research, with provenance on every output."""

__version__ = "0.1.0"

"""How long every model of a benchmark trains."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Budget = Literal["small", "large"]

BUDGETS: Mapping[Budget, int] = MappingProxyType({"small": 250, "large": 2500})
"""Training iterations."""

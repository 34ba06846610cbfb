"""The whole path on two synthetic performers, with a page that shows what came of it."""

from typing import TYPE_CHECKING

from understudy.demo.settings import FULL, QUICK, DemoSettings
from understudy.project.late import late

if TYPE_CHECKING:
    from understudy.demo.run import DemoResult, demo
else:
    __getattr__ = late(__name__, {"run": ("DemoResult", "demo")})

__all__ = ["FULL", "QUICK", "DemoResult", "DemoSettings", "demo"]

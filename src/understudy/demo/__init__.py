"""The whole path on two synthetic performers, with a page that shows what came of it."""

from understudy.demo.run import DemoResult, demo
from understudy.demo.settings import FULL, QUICK, DemoSettings

__all__ = ["FULL", "QUICK", "DemoResult", "DemoSettings", "demo"]

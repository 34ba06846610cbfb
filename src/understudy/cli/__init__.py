"""The command line: one thin module per verb over the package's functions."""

from understudy.cli.main import main

__all__ = ["main"]

"""Help comes at once, and ends quietly when nobody reads on."""

import os
import subprocess
import sys

from understudy.cli import main

_EVERY_HELP = """
import contextlib, importlib, io, sys
from understudy.cli import main as cli

def leaves(verbs, before=()):
    for name, entry in verbs.items():
        module = importlib.import_module(f"understudy.cli.{entry.module}")
        if hasattr(module, "VERBS"):
            yield from leaves(module.VERBS, (*before, name))
        else:
            yield *before, name

count = 0
for words in [*leaves(sys.modules["understudy.cli.main"]._VERBS), ("bench", "swap"), ("bench", "extract")]:
    with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
        cli([*words, "--help"])
    assert shown.getvalue().startswith(f"usage: understudy {' '.join(words)}"), words
    assert "torch" not in sys.modules, words
    count += 1
print(count)
"""


def test_no_verbs_help_loads_the_networks_library() -> None:
    shown = subprocess.run([sys.executable, "-c", _EVERY_HELP], check=True, capture_output=True, text=True)
    assert int(shown.stdout) > 50


def test_help_that_is_not_read_to_its_end_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        words = [sys.executable, "-m", "understudy", "edit", "--help"]
        ended = subprocess.run(words, check=False, stdout=pipe, stderr=subprocess.PIPE)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_positional_words_are_called_what_they_are(capsys) -> None:
    for words, usage in {
        ("edit", "key"): "SETTING FRAME [VALUE]",
        ("edit", "set"): "SETTING=VALUE [SETTING=VALUE ...]",
        ("edit", "preset"): "NAME [SETTING=VALUE ...]",
    }.items():
        try:
            main([*words, "--help"])
        except SystemExit:
            assert usage in capsys.readouterr().out.splitlines()[0]

"""`crowd doctor`: look at this installation and say what is wrong with it."""

from __future__ import annotations

import argparse

from crowd.cli.checks import CHECKS
from crowd.cli.errors import CommandError
from crowd.settings import BadSetting, load_settings

HELP = "Check this installation: key, Redis, database, ffmpeg."


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    """Print one line per check; 1 when something is wrong."""
    settings = load_settings()
    is_well = True
    for name, check in CHECKS.items():
        try:
            print(f"ok     {name}: {check(settings)}")
        except (CommandError, BadSetting) as error:
            print(f"WRONG  {name}: {error}")
            is_well = False
    return 0 if is_well else 1

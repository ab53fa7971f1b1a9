"""`crowd serve`: the real marketplace."""

from __future__ import annotations

import argparse

from crowd.cli.supervisor import supervise
from crowd.settings import load_settings

HELP = "Open the marketplace; it starts empty."


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    return supervise(load_settings())

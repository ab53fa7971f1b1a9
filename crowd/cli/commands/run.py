"""`crowd run`: the demo marketplace."""

from __future__ import annotations

import argparse
import os

from crowd.cli.supervisor import supervise
from crowd.settings import load_settings

HELP = "Open the demo marketplace on this machine."
DATA_DIR = "var/demo"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    """Run the demo until Ctrl-C; its data lies apart from the real marketplace's."""
    if "CROWD_DATA_DIR" in os.environ:
        return supervise(load_settings(demo=True))
    return supervise(load_settings(demo=True, data_dir=DATA_DIR))

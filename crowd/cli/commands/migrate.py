"""`crowd migrate`: bring the database to this version's form."""

from __future__ import annotations

import argparse

from crowd.cli.checks import opened_database
from crowd.cli.data_dir import open_data_dir
from crowd.settings import load_settings
from crowd.storage.migrations import migrate

HELP = "Bring the database to this version's form. Starting does it too."


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    """Migrate."""
    settings = load_settings()
    open_data_dir(settings)
    with opened_database(settings) as engine:
        migrate(engine)
    print("The database is up to date.")
    return 0

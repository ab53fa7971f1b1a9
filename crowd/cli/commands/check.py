"""`crowd check`: count everything anew and say what does not fit."""

from __future__ import annotations

import argparse

from crowd.cli.checks import opened_database
from crowd.services.check import Finding, check
from crowd.settings import load_settings
from crowd.storage.database import open_store

HELP = (
    "Check the data: over-assignment, double answers, ledger, orphans, audit chain. 1 when anything is found."
)


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    """Print one line per rule with its figures; 1 when anything is wrong."""
    settings = load_settings()
    with opened_database(settings):
        store = open_store(settings.database_address, settings.data_path)
    is_well = True
    try:
        for finding in check(store):
            print(line_of(finding))
            for example in finding.examples:
                print(f"         {example}")
            if finding.wrong_count > len(finding.examples):
                print(f"         and {finding.wrong_count - len(finding.examples)} more")
            is_well = is_well and not finding.wrong_count
    finally:
        store.engine.dispose()
    print("Nothing was found." if is_well else "Something was found; see the lines that begin with WRONG.")
    return 0 if is_well else 1


def line_of(finding: Finding) -> str:
    """One rule in one line."""
    word = "WRONG" if finding.wrong_count else "ok"
    return f"{word:6} {finding.wrong_count:>6} of {finding.seen_count:<9} {finding.rule}: {finding.says}"

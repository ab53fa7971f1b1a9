"""Logs: one line per event on standard error, in one form for every process."""

from __future__ import annotations

import logging

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def write_logs() -> None:
    """Begin to log. Called once by each process when it starts."""
    logging.basicConfig(format=FORM, level=logging.INFO)

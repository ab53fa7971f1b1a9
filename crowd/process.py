"""This process: how it logs, and that it must not outlive the one that started it."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys

LOG_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_PR_SET_PDEATHSIG = 1


def write_logs() -> None:
    """Begin to log on standard error, one line per event. Each process calls it once, when it starts."""
    logging.basicConfig(format=LOG_FORM, level=logging.INFO)


def end_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent dies. Linux only; elsewhere nothing happens.

    With the parent's id, a parent that died before the kernel was asked is noticed too.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)

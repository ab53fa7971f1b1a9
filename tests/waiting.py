"""Waiting for another process, with a generous end so that a hanging test fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def await_until(look: Callable[[], T], *, within: float = 60.0) -> T:
    """Look until something is there, and return it."""
    until = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < until, f"it did not happen within {within} s"
        time.sleep(0.05)
    return found

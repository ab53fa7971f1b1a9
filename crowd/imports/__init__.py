"""File formats a dataset comes in: every module here with a `FORMAT` is one, and is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from crowd.imports.rows import BadMedia, Detected, Format, ImportLimits, Reader, Refused, Row, Unreadable

__all__ = [
    "BadMedia",
    "Detected",
    "Format",
    "ImportLimits",
    "Reader",
    "Refused",
    "Row",
    "Unreadable",
    "detect_format",
    "formats",
    "open_reader",
]

HEAD_BYTES = 1 << 16


@cache
def formats() -> dict[str, Format]:
    """Every format by name, in the order in which they are asked whether a file is theirs."""
    found: list[Format] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        member = getattr(importlib.import_module(module.name), "FORMAT", None)
        if isinstance(member, Format):
            found.append(member)
    return {one.name: one for one in sorted(found, key=lambda one: -one.rank)}


def detect_format(path: Path, filename: str) -> str:
    """The name of the format of the file at `path`, by what is in it."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return next(one.name for one in formats().values() if one.sniff(head, filename))


def open_reader(path: Path, filename: str, limits: ImportLimits | None = None) -> Reader:
    """A reader of the file stored at `path` that the requester calls `filename`; raises Unreadable.

    Use it as a context manager and iterate once; rows come in the order of the file, in constant memory.
    """
    one = formats()[detect_format(path, filename)]
    return one.open(path, filename, limits or ImportLimits())

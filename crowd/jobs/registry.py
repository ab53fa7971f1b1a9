"""The kinds of jobs: every module of this package that has a KIND."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from crowd.jobs.work import Work

Run = Callable[[Work], None]


@cache
def kinds() -> dict[str, Run]:
    """What to call for each kind."""
    package = import_module("crowd.jobs")
    found: dict[str, Run] = {}
    for entry in iter_modules(package.__path__):
        module = import_module(f"crowd.jobs.{entry.name}")
        kind = getattr(module, "KIND", None)
        if kind is None:
            continue
        if kind in found:
            raise ValueError(f"crowd.jobs.{entry.name}: another module is already of the kind '{kind}'")
        found[kind] = module.run
    return found

"""Finds the members of a folder that is its own registry: one file, one member."""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TypeVar

Member = TypeVar("Member")


def members(
    package: str, path: Iterable[str], attribute: str, member_type: type[Member]
) -> Mapping[str, Member]:
    """Every module of `package` that does not start with an underscore, by the name its member bears.

    Each module must hold its member under `attribute`, and the member's `name` must be the file's name, so
    that whoever knows the name knows the file.
    """
    found: dict[str, Member] = {}
    for module_info in sorted(pkgutil.iter_modules(list(path)), key=lambda one: one.name):
        if module_info.name.startswith("_"):
            continue
        module = import_module(f"{package}.{module_info.name}")
        member = getattr(module, attribute, None)
        if not isinstance(member, member_type):
            raise TypeError(f"{module.__name__} must hold a {member_type.__name__} named {attribute}")
        name = getattr(member, "name", None)
        if name != module_info.name:
            raise TypeError(f"{module.__name__}.{attribute}.name is {name!r}; it must be the file's name")
        found[module_info.name] = member
    return MappingProxyType(found)

"""Reads a manifest's tables key by key; every complaint names the file and the key."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

Kind = TypeVar("Kind", bound=StrEnum)


class ManifestError(Exception):
    """A manifest, or a file beside it, cannot be used; the message says where and why."""


def text_of(path: Path) -> str:
    """The text of a file that must exist, be UTF-8 and not be empty."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ManifestError(f"{path}: the file is missing.") from None
    except UnicodeDecodeError:
        raise ManifestError(f"{path}: the file is not UTF-8.") from None
    if not text.strip():
        raise ManifestError(f"{path}: the file is empty.")
    return text


class Table:
    """One table of a manifest. A reader takes a key and gives its checked value, or raises ManifestError."""

    def __init__(self, path: Path, values: Mapping[str, object], prefix: str = "") -> None:
        self._path = path
        self._values = values
        self._prefix = prefix
        self._read: set[str] = set()

    @classmethod
    def parsed(cls, path: Path, text: str) -> "Table":
        """The outermost table of a TOML text; `path` is only named in complaints."""
        try:
            return cls(path, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ManifestError(f"{path}: not TOML: {error}.") from None

    def error(self, key: str, complaint: str) -> ManifestError:
        return ManifestError(f"{self._path}: {self._prefix}{key} {complaint}.")

    def has(self, key: str) -> bool:
        return key in self._values

    def _value(self, key: str) -> object:
        self._read.add(key)
        if key not in self._values:
            raise self.error(key, "is missing")
        return self._values[key]

    def text(self, key: str, *, may_be_empty: bool = False) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not (value.strip() or may_be_empty):
            raise self.error(key, "must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(key, "must be a list of texts")
        if len(set(value)) != len(value):
            raise self.error(key, "must not name anything twice")
        return tuple(value)

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.error(key, f"must look like {pattern.pattern}, not {value!r}")
        return value

    def number(self, key: str) -> int:
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, "must be a whole number of 1 or more")
        return value

    def flag(self, key: str) -> bool:
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def one_of(self, key: str, kind: type[Kind]) -> Kind:
        value = self.text(key)
        if value not in {member.value for member in kind}:
            raise self.error(key, f"must be one of {', '.join(kind)}, not {value!r}")
        return kind(value)

    def table(self, key: str) -> "Table":
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Table(self._path, value, f"{self._prefix}{key}.")

    def tables(self, key: str) -> list["Table"]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            raise self.error(key, "must be one or more [[tables]]")
        prefix = f"{self._prefix}{key}"
        return [Table(self._path, entry, f"{prefix}[{index}].") for index, entry in enumerate(value)]

    def refuse_unknown(self) -> None:
        unknown = sorted(set(self._values) - self._read)
        if unknown:
            raise self.error(unknown[0], "is not a known key")

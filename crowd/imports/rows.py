"""What a reader takes and gives: limits in, rows and refusals out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from crowd.imports.members import MediaMember


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """How much a file may ask of us; sizes in bytes."""

    max_rows: int = 5_000_000
    max_columns: int = 1_000
    max_name_length: int = 200
    max_field_bytes: int = 1 << 20
    max_line_bytes: int = 4 << 20
    max_depth: int = 32
    max_members: int = 200_000
    max_member_bytes: int = 512 << 20
    max_archive_bytes: int = 20 << 30
    max_manifest_bytes: int = 1 << 30
    max_compression_ratio: int = 200
    ratio_free_bytes: int = 8 << 20


class Row(NamedTuple):
    """One item: the line it starts on (1-based), its input, and its picture or recording if it has one."""

    line: int
    input: dict[str, object]
    media: MediaMember | None = None


class Refused(NamedTuple):
    """One row that could not be kept: where it is and why, in a sentence a requester can act on."""

    line: int
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Detected:
    """What the file was taken for, to be shown to the requester before she goes on."""

    format: str
    columns: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    media_column: str | None = None
    media_count: int = 0
    junk_count: int = 0


class Unreadable(ValueError):
    """The file as a whole cannot be imported; the message says what to do about it."""


class BadMedia(ValueError):
    """One picture or recording that cannot be used; the message says why."""


class Reader:
    """A file being read: iterate once for `Row | Refused`; `progress` runs from 0 to 1 meanwhile."""

    def __init__(
        self,
        detected: Detected,
        rows: Iterator[Row | Refused],
        progress: Callable[[], float],
        close: Callable[[], None],
    ) -> None:
        self.detected = detected
        self._rows = rows
        self._progress = progress
        self._close = close

    @property
    def progress(self) -> float:
        """Share of the source read so far, 0..1."""
        return min(1.0, max(0.0, self._progress()))

    def __iter__(self) -> Iterator[Row | Refused]:
        return self._rows

    def close(self) -> None:
        with suppress(OSError):
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: `sniff(head, filename)` says whether it is one, `open` reads it."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    rank: int
    sniff: Callable[[bytes, str], bool]
    open: Callable[[Path, str, ImportLimits], Reader]


def checked_columns(names: list[str], limits: ImportLimits) -> tuple[str, ...]:
    """The column names as a mapping can use them, or a sentence saying which of them cannot be used."""
    if len(names) > limits.max_columns:
        raise Unreadable(
            f"The file has {len(names):,} columns; at most {limits.max_columns:,} can be imported. "
            "Remove the columns that the tasks do not need."
        )
    cleaned = [" ".join(name.split()) for name in names]
    seen: dict[str, int] = {}
    for position, name in enumerate(cleaned, start=1):
        if not name:
            raise Unreadable(f"Column {position} has no name. Give every column a name in the first line.")
        reason = bad_name(name, limits)
        if reason is not None:
            raise Unreadable(f"The name of column {position} {reason}.")
        if name in seen:
            raise Unreadable(
                f'Columns {seen[name]} and {position} are both named "{name}". Give each column its own name.'
            )
        seen[name] = position
    return tuple(cleaned)


def too_many_rows(limits: ImportLimits) -> Unreadable:
    return Unreadable(f"The file has more than {limits.max_rows:,} rows. Split it into several datasets.")


def bad_name(name: str, limits: ImportLimits) -> str | None:
    """Why this cannot be a column's name, as the end of a sentence, or None."""
    if len(name) > limits.max_name_length:
        return f"is {len(name):,} characters long; at most {limits.max_name_length} are allowed"
    if not name.isprintable():
        return "holds an invisible character"
    return None

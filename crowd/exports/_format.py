"""What the export formats share: a format's card, and values brought into their one exported form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

Columns = Sequence[str]
Row = Mapping[str, object]
DIGITS = 9


class Encode(Protocol):
    """The column names, then a row at a time -> the file, a piece at a time. Holds one row at once."""

    def __call__(self, columns: Columns, rows: Iterable[Row], /) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Format:
    """One export format. Equal rows give equal bytes: nothing of the export itself goes into the file."""

    name: str
    title: str
    hint: str
    extension: str
    media_type: str
    encode: Encode


def plain(value: object) -> object:
    """A value in its exported form: moments as UTC in ISO 8601 with milliseconds, floats rounded.

    Numbers that are whole keep their point, so that a column has one kind. Raises TypeError for what has
    no exported form.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0  # never -0.0
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no exported form")

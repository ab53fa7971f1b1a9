"""CSV that a spreadsheet opens without running anything in it.

Text is always quoted, numbers never. A text that a spreadsheet could take for a formula (it begins, behind
any blanks, with = + - @ a tab, a carriage return, or a full-width = + - @) gets an apostrophe in front; so
does a text that begins with an apostrophe already. The way back is therefore exact: where a quoted text
begins with an apostrophe, drop that one. `true_text` does it. An empty cell without quotes is "no value".

Lists and objects are JSON with sorted keys. Lines end in "\\n", the encoding is UTF-8 without a mark.
"""

from collections.abc import Iterable, Iterator

from crowd.domain.strict_json import dump_canonical
from crowd.exports._format import Columns, Format, Row, plain

GUARD = "'"
STARTERS = frozenset("=+-@\t\r＝＋－﹣＠﹢﹦﹫")
# Blanks and invisible letters that a spreadsheet may drop before it looks for a formula.
INVISIBLE = " \n\v\f\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u3000\ufeff\x00"


def safe_text(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet could run it, or where it has one already."""
    first = text.lstrip(INVISIBLE)[:1]
    return GUARD + text if first in STARTERS or text.startswith(GUARD) else text


def true_text(cell: str) -> str:
    """The way back: what `safe_text` was given."""
    return cell.removeprefix(GUARD)


def _encode(columns: Columns, rows: Iterable[Row], /) -> Iterator[bytes]:
    yield _line(columns)
    for row in rows:
        yield _line([row.get(column) for column in columns])


def _line(values: Iterable[object]) -> bytes:
    return (",".join(_cell(plain(value)) for value in values) + "\n").encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else dump_canonical(value)
    return '"' + safe_text(text).replace('"', '""') + '"'


FORMAT = Format(
    name="csv",
    title="CSV",
    hint="For spreadsheets and pandas. Texts that a spreadsheet could run as a formula begin with '.",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    encode=_encode,
)

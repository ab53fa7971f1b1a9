"""JSON Lines: one object per row, keys sorted, every text exactly as it was given."""

from collections.abc import Iterable, Iterator

from crowd.domain.strict_json import dump_canonical
from crowd.exports._format import Columns, Format, Row, plain


def _encode(columns: Columns, rows: Iterable[Row], /) -> Iterator[bytes]:
    for row in rows:
        values = {column: plain(row.get(column)) for column in columns}
        yield (dump_canonical(values) + "\n").encode()


FORMAT = Format(
    name="jsonl",
    title="JSON Lines",
    hint="For programs. Every text is exactly as it was given.",
    extension="jsonl",
    media_type="application/x-ndjson",
    encode=_encode,
)

"""JSON Lines: one object per line, its names are the columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from crowd.domain.strict_json import JsonRefused, load_strict
from crowd.imports.lines import Line, TextFile
from crowd.imports.rows import (
    Detected,
    Format,
    ImportLimits,
    Reader,
    Refused,
    Row,
    Unreadable,
    bad_name,
    too_many_rows,
)

SUFFIXES = (".jsonl", ".ndjson", ".json")
SAMPLE_ROWS = 100


def sniff(head: bytes, filename: str) -> bool:
    """Whether the first line with something in it is a JSON object, or the beginning of one."""
    first, line_end, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return filename.lower().endswith(SUFFIXES)
    if filename.lower().endswith(SUFFIXES):
        return first.startswith((b"{", b"["))
    if not first.startswith(b"{"):
        return False
    if not line_end and first[1:].lstrip().startswith(b'"'):
        return True  # longer than what we were shown
    try:
        load_strict(first, len(first))
    except JsonRefused:
        return False
    return True


def open_jsonl(path: Path, filename: str, limits: ImportLimits) -> Reader:  # noqa: ARG001
    """A reader of the file's objects; raises Unreadable where it is one document and not lines."""
    columns, encoding = _columns(path, limits)
    file = TextFile(path, limits.max_line_bytes)
    detected = Detected("jsonl", columns, encoding=encoding)
    return Reader(detected, _rows(file.lines(), limits), file.progress, file.close)


def _columns(path: Path, limits: ImportLimits) -> tuple[tuple[str, ...], str]:
    """The names used in the first rows, in the order of their first use."""
    file = TextFile(path, limits.max_line_bytes)
    try:
        names: dict[str, None] = {}
        rows = islice(_rows(file.lines(), limits), SAMPLE_ROWS)
        first = next(rows, None)
        if isinstance(first, Refused) and _looks_like_one_document(path):
            raise Unreadable(
                "The file is one JSON document over several lines. "
                "Write one object per line, without a list around them (JSON Lines)."
            )
        for row in (first, *rows):
            if isinstance(row, Row):
                names.update(dict.fromkeys(row.input))
        if not names:
            why = f" Line {first.line}: {first.reason}" if isinstance(first, Refused) else ""
            raise Unreadable(f"None of the first lines is a JSON object that can be used.{why}")
        return tuple(names), file.encoding
    finally:
        file.close()


def _looks_like_one_document(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(256).removeprefix(b"\xef\xbb\xbf").strip()
    return head.startswith(b"[") or head.split(b"\n", 1)[0].strip() == b"{"


def _rows(lines: Iterator[Line], limits: ImportLimits) -> Iterator[Row | Refused]:
    room = limits.max_rows
    for line in lines:
        if line.fault is None and line.text.isspace():
            continue
        room -= 1
        if room < 0:
            raise too_many_rows(limits)
        yield _row(line, limits)


def _row(line: Line, limits: ImportLimits) -> Row | Refused:
    if line.fault is not None:
        return Refused(line.number, None, line.fault)
    try:
        value = load_strict(line.text.rstrip(), 4 * limits.max_line_bytes, max_depth=limits.max_depth)
    except JsonRefused as error:
        return Refused(line.number, None, str(error).replace("at line 1, column", "at character"))
    if not isinstance(value, dict):
        return Refused(line.number, None, "The line is not a JSON object: write it as {…}.")
    if not value:
        return Refused(line.number, None, "The object is empty.")
    if "\\u0000" in line.text and _holds_nul(value):
        return Refused(line.number, None, "A text holds a NUL (\\u0000), which is not text.")
    return _fault_of(value, line.number, limits) or Row(line.number, value)


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(_holds_nul(inner) for inner in value)


def _fault_of(value: dict[str, object], number: int, limits: ImportLimits) -> Refused | None:
    if len(value) > limits.max_columns:
        return Refused(
            number, None, f"The object has {len(value):,} names; at most {limits.max_columns:,} are allowed."
        )
    for name, field in value.items():
        reason = "is empty" if not name.strip() else bad_name(name, limits)
        if reason is not None:
            return Refused(number, name[:80], f"A name {reason}.")
        if isinstance(field, str) and len(field) > limits.max_field_bytes:
            return Refused(
                number,
                name,
                f"The field has {len(field):,} characters; at most {limits.max_field_bytes:,} are allowed.",
            )
    return None


FORMAT = Format(
    name="jsonl",
    title="JSON Lines",
    suffixes=SUFFIXES,
    rank=1,
    sniff=sniff,
    open=open_jsonl,
)

"""CSV, TSV and their cousins with semicolons or bars: one row per record, the first names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from crowd.imports.lines import Line, TextFile
from crowd.imports.rows import (
    Detected,
    Format,
    ImportLimits,
    Reader,
    Refused,
    Row,
    Unreadable,
    checked_columns,
    too_many_rows,
)

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_ROWS = 200
SAMPLE_CHARACTERS = 1 << 18


class RecordLines:
    """Feeds the csv module line by line, and knows where the record began and what is wrong with it.

    A faulty line is still fed, for the parser has to see its quotes to find the end of the record.
    """

    def __init__(self, lines: Iterator[Line], max_record: int) -> None:
        self._lines = lines
        self._max_record = max_record
        self._number = 0
        self.start = 0
        self.size = 0
        self.fault: str | None = None

    def begin(self) -> None:
        self.start = self._number + 1
        self.size = 0
        self.fault = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, text, fault = next(self._lines)
        self._number = number
        self.size += len(text)
        if fault is not None and self.fault is None:
            self.fault = fault if number == self.start else f"{fault[:-1]} (in line {number:,})."
        if self.size > self._max_record:
            self.fault = self.fault or (
                f"The row is longer than {self._max_record:,} characters. Is a quote left open?"
            )
            return '"\n' if text.count('"') % 2 else ""
        return text


def detect_dialect(lines: list[str], filename: str) -> tuple[str, str | None]:
    """(delimiter, quote character or None) under which most sampled rows are as wide as the header."""
    preferred = "\t" if filename.lower().endswith((".tsv", ".tab")) else ","
    best = (0.0, 0.0, 0, 0.0, False)
    found: tuple[str, str | None] = (preferred, '"')
    for delimiter in (preferred, *(one for one in DELIMITERS if one != preferred)):
        for quote in ('"', None) if delimiter == "\t" else ('"',):
            share, width = _fit(lines, delimiter, quote)
            several = float(width > 1 and share >= 0.5)
            if quote is None and not several:
                continue
            score = (several, min(share, 0.9), width, share, quote is not None)
            if score > best:
                best, found = score, (delimiter, quote)
    return found


def _fit(lines: list[str], delimiter: str, quote: str | None) -> tuple[float, int]:
    """Share of records as wide as the first, and that width."""
    parser = _parser(iter(lines), delimiter, quote)
    widths: list[int] = []
    faults = 0
    while True:
        try:
            record = next(parser)
        except StopIteration:
            break
        except csv.Error:
            faults += 1
            continue
        if record:
            widths.append(len(record))
    if not widths:
        return 0.0, 0
    return widths.count(widths[0]) / (len(widths) + faults), widths[0]


def _parser(lines: Iterator[str], delimiter: str, quote: str | None) -> Iterator[list[str]]:
    if quote is None:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def open_delimited(path: Path, filename: str, limits: ImportLimits) -> Reader:
    """A reader of the file's records; raises Unreadable where it has no usable header."""
    lines, encoding = _sample(path, limits)
    delimiter, quote = detect_dialect(lines, filename)
    csv.field_size_limit(2 * limits.max_line_bytes)  # one limit per process; RecordLines keeps ours
    file = TextFile(path, limits.max_line_bytes)
    try:
        feed = RecordLines(file.lines(), limits.max_line_bytes)
        parser = _parser(feed, delimiter, quote)
        columns = _header(feed, parser, limits)
    except BaseException:
        file.close()
        raise
    detected = Detected("delimited", columns, encoding=encoding, delimiter=delimiter, quote=quote)
    return Reader(detected, _rows(feed, parser, columns, limits), file.progress, file.close)


def _sample(path: Path, limits: ImportLimits) -> tuple[list[str], str]:
    file = TextFile(path, limits.max_line_bytes)
    try:
        lines: list[str] = []
        room = SAMPLE_CHARACTERS
        for line in islice(file.lines(), SAMPLE_ROWS):
            lines.append(line.text)
            room -= len(line.text)
            if room < 0:
                break
        return lines, file.encoding
    finally:
        file.close()


def _header(feed: RecordLines, parser: Iterator[list[str]], limits: ImportLimits) -> tuple[str, ...]:
    while True:
        feed.begin()
        try:
            record = next(parser)
        except StopIteration:
            raise Unreadable("The file has no header line. Name the columns in its first line.") from None
        except csv.Error as error:
            raise Unreadable(f"The header in line {feed.start}: {_quote_fault(error)}") from None
        if feed.fault is not None:
            raise Unreadable(f"The header in line {feed.start}: {feed.fault}")
        if record:
            return checked_columns(record, limits)


def _rows(
    feed: RecordLines, parser: Iterator[list[str]], columns: tuple[str, ...], limits: ImportLimits
) -> Iterator[Row | Refused]:
    width, max_field = len(columns), limits.max_field_bytes
    room = limits.max_rows
    while True:
        feed.begin()
        try:
            record = next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(feed.start, None, feed.fault or _quote_fault(error))
            continue
        if feed.fault is None and not record:
            continue  # an empty line
        room -= 1
        if room < 0:
            raise too_many_rows(limits)
        if feed.fault is not None or len(record) != width or feed.size > max_field:
            refused = _refusal(feed, record, columns, max_field)
            if refused is not None:
                yield refused
                continue
        yield Row(feed.start, dict(zip(columns, record, strict=True)))


def _refusal(
    feed: RecordLines, record: list[str], columns: tuple[str, ...], max_field: int
) -> Refused | None:
    if feed.fault is not None:
        return Refused(feed.start, None, feed.fault)
    if len(record) != len(columns):
        return Refused(
            feed.start, None, f"The row has {len(record):,} fields, the header has {len(columns):,}."
        )
    for column, field in zip(columns, record, strict=True):
        if len(field) > max_field:
            return Refused(
                feed.start, column, f"The field has {len(field):,} characters; at most {max_field:,} may be."
            )
    return None


def _quote_fault(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "A quote is opened in this row and never closed. Close it, or double it within the text."
    return (
        "A closing quote is followed by more text. Double the quotes that are part of the text, "
        "and quote the whole field."
    )


FORMAT = Format(
    name="delimited",
    title="CSV, TSV or another delimited table",
    suffixes=(".csv", ".tsv", ".tab", ".txt"),
    rank=0,
    sniff=lambda head, filename: True,  # noqa: ARG005  whatever is nothing else
    open=open_delimited,
)

"""Physical lines of a text file with their numbers, never more than a bounded piece in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crowd.imports.encoding import decoding_errors, detect_encoding
from crowd.imports.rows import Unreadable

BUFFER_BYTES = 1 << 18


class Line(NamedTuple):
    """A line's 1-based number and its text with its line end; `fault` says why it cannot be used.

    Of a line too long to hold, only its quote is left where it opens or closes one: `"` and a line end.
    """

    number: int
    text: str
    fault: str | None = None


class TextFile:
    """An open text file: its encoding, its lines, and how much of it has been read."""

    def __init__(self, path: Path, max_line_bytes: int) -> None:
        self.encoding = detect_encoding(path)
        self.max_line_bytes = max_line_bytes
        self._size = path.stat().st_size
        self._raw = path.open("rb", buffering=0)
        self._text = io.TextIOWrapper(
            io.BufferedReader(self._raw, BUFFER_BYTES),
            encoding=self.encoding,
            errors=decoding_errors(self.encoding),
            newline="",
        )

    def progress(self) -> float:
        """Share of the bytes handed out, to the nearest buffer."""
        return 1.0 if self._raw.closed or not self._size else self._raw.tell() / self._size

    def close(self) -> None:
        self._text.close()

    def lines(self) -> Iterator[Line]:
        """Every line; one that is too long or broken comes with a fault."""
        limit = self.max_line_bytes
        readline = self._text.readline
        number = 0
        try:
            while text := readline(limit):
                number += 1
                if len(text) >= limit:
                    skeleton = '"\n' if self._skip_rest(text) % 2 else "\n"
                    yield Line(number, skeleton, f"The line is longer than {limit:,} characters.")
                    continue
                yield Line(number, text, None if _is_sound(text) else self._why(text))
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"Line {number + 1} is broken off in the middle of a character ({self.encoding}). "
                "Save the file as UTF-8 and upload it again."
            ) from error

    def _skip_rest(self, piece: str) -> int:
        """Read to the end of this line, a piece at a time; how many quotes it held."""
        quote_count = piece.count('"')
        while piece and not piece.endswith(("\n", "\r")):
            piece = self._text.readline(BUFFER_BYTES)
            quote_count += piece.count('"')
        return quote_count

    def _why(self, text: str) -> str:
        if "\0" in text:
            return f"Character {text.index(chr(0)) + 1} is a NUL, which is not text."
        at = next(at for at, character in enumerate(text) if "\ud800" <= character <= "\udfff")
        if "\udc80" <= text[at] <= "\udcff" and not self.encoding.startswith(("utf-16", "utf-32")):
            byte = ord(text[at]) - 0xDC00
            return f"Character {at + 1} is the byte 0x{byte:02X}, which is not {self.encoding}."
        return f"Character {at + 1} is half a character (a lone surrogate)."


def _is_sound(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""JSON from outside, read strictly: one meaning for every document, and no document that costs too much."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

MAX_DEPTH = 64
MAX_INTEGER = 2**63 - 1
_STRING_OR_BRACKET = re.compile(r"""\"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]""", re.DOTALL)


class NotStrictJson(ValueError):
    """The document is not JSON, or JSON that two readers could understand differently."""


def load_strict(source: str | bytes, max_bytes: int, *, max_depth: int = MAX_DEPTH) -> object:
    """Parse one JSON document of at most `max_bytes` bytes of UTF-8; raises NotStrictJson with a sentence.

    Refused beyond what the standard library refuses: NaN and infinities, 1e400, names given twice, integers
    that do not fit 64 bits, nesting deeper than `max_depth`, lone surrogates and NUL characters.
    """
    text = _text(source, max_bytes)
    _check_depth(text, max_depth)
    try:
        value: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"Not valid JSON at character {error.pos + 1}: {error.msg}.") from None
    except RecursionError:
        raise NotStrictJson(f"Nested deeper than {max_depth} levels.") from None
    if "\\u" in text:
        _check_strings(value)
    return value


def _text(source: str | bytes, max_bytes: int) -> str:
    if len(source) > max_bytes:
        raise NotStrictJson(f"Longer than {max_bytes:,} bytes.")
    try:
        if isinstance(source, bytes):
            return source.decode("utf-8")
        if not source.isascii() and len(source.encode("utf-8")) > max_bytes:
            raise NotStrictJson(f"Longer than {max_bytes:,} bytes.")
    except UnicodeDecodeError as error:
        raise NotStrictJson(f"Byte {error.start + 1} is not UTF-8.") from None
    except UnicodeEncodeError as error:
        raise NotStrictJson(f"Character {error.start + 1} is half a character (a lone surrogate).") from None
    return source


def _check_depth(text: str, max_depth: int) -> None:
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match.group()
        if token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        if depth > max_depth:
            raise NotStrictJson(f"Nested deeper than {max_depth} levels.")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise NotStrictJson(f'The name "{name[:80]}" is given twice in one object.')
            seen.add(name)
    return made


def _constant(name: str) -> object:
    raise NotStrictJson(f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > MAX_INTEGER:
        raise NotStrictJson(f"The integer {digits[:20]}… is too large for 64 bits; write it as a string.")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise NotStrictJson(f"The number {digits[:20]} is too large.")
    return value


def _check_strings(value: object) -> None:
    for text in _strings(value):
        if "\0" in text:
            raise NotStrictJson("A NUL character (\\u0000) is not text.")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise NotStrictJson("Half a character (a lone surrogate) is not text.") from None


def _strings(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            pending.extend(one.keys())
            pending.extend(one.values())

"""Reads JSON that strangers send without believing any of it, and writes JSON in one canonical form."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import NoReturn

MAX_NUMBER_LENGTH = 300  # digits: keeps every integer within a float's range, and parsing linear
_TOO_LARGE = 10**MAX_NUMBER_LENGTH
DEFAULT_MAX_DEPTH = 64

# A string, closed or cut short, or one bracket. Possessive, so that no input makes it look twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


class JsonRefused(ValueError):
    """The text is not JSON that we accept; the message says why in one sentence."""


def load_strict(text: str | bytes, max_bytes: int, *, max_depth: int = DEFAULT_MAX_DEPTH) -> object:
    """The value of a JSON text of at most `max_bytes` bytes of UTF-8.

    Raises JsonRefused for: too many bytes, bytes that are not UTF-8, a syntax error, a repeated key, NaN or
    Infinity, a number beyond a float's range or longer than 300 characters, nesting deeper than `max_depth`,
    and half of a surrogate pair. Never RecursionError, whatever comes in.
    """
    decoded = _decode(text, max_bytes)
    _check_nesting(decoded, max_depth)
    try:
        value: object = json.loads(
            decoded,
            object_pairs_hook=_object_without_repeats,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            parse_int=_bounded_int,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonRefused(f"This is not JSON: {error.msg} at {where}.") from None
    check_value(value, max_depth=max_depth)
    return value


def dump_canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no spaces, no escapes that are not needed.

    Raises JsonRefused for anything that JSON cannot say or that `load_strict` would not read back.
    """
    check_value(value, max_depth=DEFAULT_MAX_DEPTH)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def check_value(value: object, *, max_depth: int) -> None:
    """Refuses a value that is not plain JSON: other types, NaN, lone surrogates, text keys only, too deep."""
    waiting = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, dict | list):
            if depth >= max_depth:
                raise JsonRefused(f"The JSON is nested deeper than {max_depth} levels.")
            if isinstance(one, dict):
                waiting += [(key, depth + 1) if isinstance(key, str) else _refuse_key(key) for key in one]
                waiting += [(inner, depth + 1) for inner in one.values()]
            else:
                waiting += [(inner, depth + 1) for inner in one]
        else:
            _check_leaf(one)


def _check_leaf(one: object) -> None:
    if isinstance(one, str):
        _utf8(one)
    elif isinstance(one, float):
        if not math.isfinite(one):
            raise JsonRefused("The JSON holds a number that is not finite.")
    elif isinstance(one, int):
        if abs(one) >= _TOO_LARGE:
            raise JsonRefused(f"The JSON holds a number of more than {MAX_NUMBER_LENGTH} digits.")
    elif one is not None:
        raise JsonRefused(f"JSON cannot hold a {type(one).__name__}.")


def _decode(text: str | bytes, max_bytes: int) -> str:
    if len(text) > max_bytes:
        raise JsonRefused(f"The JSON is larger than {max_bytes} bytes.")
    if isinstance(text, str):
        if len(_utf8(text)) > max_bytes:
            raise JsonRefused(f"The JSON is larger than {max_bytes} bytes.")
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise JsonRefused(f"The JSON is not UTF-8: byte {error.start + 1} is wrong.") from None


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise JsonRefused("The JSON holds half of a surrogate pair, which is not text.") from None


def _check_nesting(text: str, max_depth: int) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match.group()
        if bracket in ("[", "{"):
            depth += 1
            if depth > max_depth:
                raise JsonRefused(f"The JSON is nested deeper than {max_depth} levels.")
        elif bracket in ("]", "}"):
            depth -= 1


def _object_without_repeats(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise JsonRefused(f"The JSON names {repeated[:60]!r} twice in one object.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefused(f"{name} is not a JSON number.")


def _refuse_key(key: object) -> NoReturn:
    raise JsonRefused(f"A JSON object's key must be text, not a {type(key).__name__}.")


def _finite_float(digits: str) -> float:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise JsonRefused(f"The JSON holds a number of more than {MAX_NUMBER_LENGTH} characters.")
    number = float(digits)
    if not math.isfinite(number):
        raise JsonRefused(f"The number {digits} is too large.")
    return number


def _bounded_int(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_NUMBER_LENGTH:
        raise JsonRefused(f"The JSON holds a number of more than {MAX_NUMBER_LENGTH} characters.")
    return int(digits)

"""The strict JSON reader: what it refuses, and that what it writes it reads back."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.strict_json import JsonRefused, dump_canonical, load_strict

plain_text = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4),
    max_leaves=12,
)


def test_plain_json_is_read():
    assert load_strict(b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}', 100) == {"a": [1, 2.5, None, True, "é"]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,"a":2}', "twice"),
        ('{"a":{"b":1,"b":1}}', "twice"),
        ("NaN", "NaN"),
        ("[Infinity]", "Infinity"),
        ("-Infinity", "Infinity"),
        ("1e400", "too large"),
        ("-1e400", "too large"),
        ("9" * 10_001, "characters"),
        ("-" + "9" * 301, "characters"),
        ("0." + "9" * 5000, "characters"),
        ("[" * 100_000, "deeper"),
        ('{"a":' * 100_000, "deeper"),
        ("[" * 65 + "]" * 65, "deeper"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udc00": 1}', "surrogate"),
        ('"\ud800"', "surrogate"),
        (b'"\xff"', "UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"a":1,}', "not JSON"),
        ("", "not JSON"),
        ("{} {}", "not JSON"),
        ('"unclosed', "not JSON"),
        ('"a\nb"', "not JSON"),
    ],
)
def test_hostile_json_is_refused_with_its_reason(text, reason):
    with pytest.raises(JsonRefused, match=reason):
        load_strict(text, 1_000_000)


def test_size_is_counted_in_bytes_not_characters():
    assert load_strict('"éé"', 6) == "éé"
    with pytest.raises(JsonRefused, match="larger"):
        load_strict('"éé"', 5)
    with pytest.raises(JsonRefused, match="larger"):
        load_strict(b'"aaaaaaa"', 5)


def test_brackets_inside_strings_do_not_nest():
    assert load_strict('"' + "[" * 1000 + '\\"{"', 2000) == "[" * 1000 + '"{'


def test_many_siblings_are_not_deep():
    assert load_strict("[" + ",".join(["[]"] * 10_000) + "]", 100_000) == [[]] * 10_000


def test_an_unclosed_string_of_escapes_is_refused_in_one_pass():
    with pytest.raises(JsonRefused):
        load_strict('"' + '\\"' * 400_000, 1_000_000)


def test_surrogate_pairs_are_text():
    assert load_strict('"\\ud83d\\ude00"', 100) == "😀"


@given(json_values)
def test_what_is_written_is_read_back(value):
    assert load_strict(dump_canonical(value), 10**6) == value


@given(st.dictionaries(plain_text, st.integers(), max_size=5))
def test_canonical_text_does_not_depend_on_the_order_of_keys(mapping):
    assert dump_canonical(mapping) == dump_canonical(dict(reversed(mapping.items())))


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_anything_is_read_or_refused_and_nothing_else(text):
    with contextlib.suppress(JsonRefused):
        load_strict(text, 150)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, {1: "a"}, {"a": {1, 2}}, object(), b"a", "\ud800", 10**300]
)
def test_a_value_that_json_cannot_say_is_not_written(value):
    with pytest.raises(JsonRefused):
        dump_canonical({"value": value})


def test_a_value_that_holds_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(JsonRefused, match="deeper"):
        dump_canonical(endless)

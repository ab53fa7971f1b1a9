"""JSON Lines: texts untouched, keys sorted."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from crowd.exports import FORMATS

JSONL = FORMATS["jsonl"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_exactly_without_anything_in_front(text: str) -> None:
    (line,) = JSONL.encode(["text"], [{"text": text}])
    assert json.loads(line) == {"text": text}
    assert line.count(b"\n") == 1


def test_keys_are_sorted_and_missing_values_are_null() -> None:
    assert list(JSONL.encode(["b", "a"], [{"b": 1, "x": 2}])) == [b'{"a":null,"b":1}\n']

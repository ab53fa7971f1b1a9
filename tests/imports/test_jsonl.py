"""JSON Lines: one strict object per line, and a line number for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowd.imports import ImportLimits, Row, Unreadable, open_reader
from tests.imports.conftest import Read, inputs, refusals

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
NAME = st.text("abcdefghij_é", min_size=1, max_size=8)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=8,
)


OBJECT = st.dictionaries(NAME, VALUE, min_size=1, max_size=4)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(OBJECT, min_size=1, max_size=5), escaped=st.booleans())
def test_objects_are_read_back_unchanged(
    rows: list[dict[str, object]], escaped: bool, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_text("".join(json.dumps(row, ensure_ascii=escaped) + "\n" for row in rows), encoding="utf-8")
    with open_reader(path, "x.jsonl") as reader:
        assert inputs(list(reader)) == rows


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": 1e400}', "large"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": ' + "[" * 100_000, "nested"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested"),
        ('{"a": ' + "9" * 10_000 + "}", "300"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"a": ["x", {"b": "\\u0000"}]}', "NUL"),
        ('{"a": 1', "character 8"),
        ("[1, 2]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("{}", "empty"),
        ('{"": 1}', "name is empty"),
        ('{"a\\u0007": 1}', "invisible"),
        (json.dumps({f"n{n}": 1 for n in range(1001)}), "1,001 names"),
        ('{"a": "nul \0"}', "NUL"),
    ],
)
def test_line_that_is_not_one_strict_object_is_refused_with_its_number(
    line: str, word: str, read: Read
) -> None:
    found = read('{"a": 0}\n' + line + '\n\n{"a": 3}\n', "x.jsonl")
    assert [one.line for one in refusals(found)] == [2]
    assert word in refusals(found)[0].reason
    assert [one.line for one in found if isinstance(one, Row)] == [1, 4]


def test_line_over_the_limit_is_refused_and_the_next_is_read(read: Read) -> None:
    limits = ImportLimits(max_line_bytes=1000, max_field_bytes=100)
    found = read(
        '{"a": 1}\n{"a": "' + "x" * 5000 + '"}\n{"a": "' + "y" * 101 + '"}\n{"a": 2}\n', "x.jsonl", limits
    )
    assert [(one.line, one.column) for one in refusals(found)] == [(2, None), (3, "a")]
    assert len(inputs(found)) == 2


def test_columns_are_those_of_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text('{"b": 1}\n{"a": 1, "b": 2}\n')
    with open_reader(path, "x.jsonl") as reader:
        assert reader.detected.columns == ("b", "a")
        assert (reader.detected.format, reader.detected.encoding) == ("jsonl", "utf-8")


@pytest.mark.parametrize("content", ['[\n{"a": 1},\n{"a": 2}\n]\n', '{\n  "a": 1\n}\n', '[{"a": 1}]'])
def test_one_document_over_many_lines_is_refused_with_what_to_do(content: str, read: Read) -> None:
    with pytest.raises(Unreadable, match="one object per line"):
        read(content, "x.json")


def test_utf16_objects_are_read(read: Read) -> None:
    assert inputs(read('{"a": "é"}\n'.encode("utf-16"), "x.jsonl")) == [{"a": "é"}]

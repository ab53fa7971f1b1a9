"""CSV: safe in a spreadsheet, and exactly reversible."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.exports import FORMATS
from crowd.exports.csv import INVISIBLE, STARTERS, true_text

CSV, JSONL = FORMATS["csv"], FORMATS["jsonl"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
RISKY = st.builds(
    lambda blanks, start, rest: blanks + start + rest,
    st.text(st.sampled_from(INVISIBLE), max_size=3),
    st.sampled_from([*sorted(STARTERS), "'", "''"]),
    TEXTS,
)


def cells_of(*values: object) -> list[str]:
    names = [f"c{place}" for place in range(len(values))]
    written = b"".join(CSV.encode(names, [dict(zip(names, values, strict=True))])).decode()
    return list(csv.reader(io.StringIO(written, newline="")))[1]


@given(st.lists(TEXTS | RISKY, min_size=1, max_size=4))
def test_every_text_comes_back_exactly(texts: list[str]) -> None:
    assert [true_text(cell) for cell in cells_of(*texts)] == texts


@given(TEXTS | RISKY)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    (cell,) = cells_of(text)
    assert cell.lstrip(INVISIBLE)[:1] not in STARTERS or cell.startswith("'")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_could_run_gets_an_apostrophe_in_front(start: str) -> None:
    attack = f"{start}cmd|' /C calc'!A0"
    assert cells_of(attack) == ["'" + attack]
    assert cells_of("  " + attack) == ["'  " + attack]
    (line,) = JSONL.encode(["x"], [{"x": attack}])
    assert json.loads(line) == {"x": attack}


def test_a_separator_of_another_country_opens_no_cell_inside_a_text() -> None:
    written = b"".join(CSV.encode(["x"], [{"x": "a;=1+1\t=2"}])).decode()
    assert written == '"x"\n"a;=1+1\t=2"\n'


def test_a_column_named_like_a_formula_is_safe_too() -> None:
    assert b"".join(CSV.encode(["=1+1"], [])) == b'"\'=1+1"\n'


def test_numbers_stay_numbers_and_no_value_differs_from_an_empty_text() -> None:
    written = b"".join(CSV.encode(["a", "b", "c", "d"], [{"a": -1.5, "b": 7, "c": None, "d": ""}]))
    assert written.splitlines()[1] == b'-1.5,7,,""'

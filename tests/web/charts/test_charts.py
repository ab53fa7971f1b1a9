"""Charts: well-formed, named, without styles, hostile words escaped, and the figures right."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from crowd.domain.agreement import confusion_matrix
from crowd.web.charts.bars import Bar, bars
from crowd.web.charts.confusion import confusion
from crowd.web.charts.distribution import distribution, spans_of, trust_spans
from crowd.web.charts.interval import EDGE, WIDTH, interval

HOSTILE = '<script>alert("x")</script> & "quotes"'
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


def parsed(markup: Markup) -> ET.Element:
    """The chart as XML; malformed markup fails here."""
    root = ET.fromstring(str(markup))
    svgs = list(root.iter("svg"))
    for svg in svgs:
        assert svg.get("role") == "img"
        assert (svg.findtext("title") or "") and svg.findtext("desc")
    for one in root.iter():
        assert "style" not in one.attrib and one.tag not in {"script", "style"}
        assert not any(name.startswith("on") for name in one.attrib)
        assert not any(value in {"nan", "inf", "-inf"} for value in one.attrib.values())
    return root


def table(root: ET.Element) -> list[list[str]]:
    """The figures below the chart."""
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")][1:]


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(0, 0.99))
def test_every_trust_falls_into_one_column(trusts: list[float], minimum: float) -> None:
    spans = trust_spans(trusts, minimum)
    assert sum(span.count for span in spans) == len(trusts)
    root = parsed(distribution("Trust", spans, unit="Trust", counted="workers"))
    assert sum(int(count) for _name, count in table(root)) == len(trusts)


def test_a_trust_on_an_edge_belongs_to_the_column_above_and_1_to_the_last() -> None:
    counts = [span.count for span in trust_spans([0.0, 0.1, 0.5, 0.99, 1.0], 0.5)]
    assert counts == [1, 1, 0, 0, 0, 1, 0, 0, 0, 2]
    assert [span.is_quiet for span in trust_spans([], 0.5)] == [True] * 5 + [False] * 5


def test_values_beyond_the_edges_are_not_lost() -> None:
    assert [span.count for span in spans_of([-5.0, 500.0], [0, 1, 2], ["low", "high"])] == [1, 1]


@given(st.lists(st.tuples(words, st.floats(0, 1e6)), max_size=12))
def test_bars_are_never_longer_than_the_picture(rows: list[tuple[str, float]]) -> None:
    root = parsed(bars("Bars", [Bar(name, value, f"{value:.2f}") for name, value in rows], head=("A", "B")))
    for box in root.iter("rect"):
        assert 0 <= float(box.get("width", "0")) <= 340
    assert [cells[1] for cells in table(root)] == [f"{value:.2f}" for _name, value in rows]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.none() | st.floats(0, 1))
def test_an_interval_lies_within_its_picture(a: float, b: float, c: float, threshold: float | None) -> None:
    low, mean, high = sorted((a, b, c))
    root = parsed(interval(mean, low, high, threshold=threshold))
    circle, band = next(root.iter("circle")), next(root.iter("rect"))
    assert EDGE <= float(circle.get("cx", "0")) <= WIDTH - EDGE
    start, width = float(band.get("x", "0")), float(band.get("width", "0"))
    assert start >= EDGE and start + width <= WIDTH - EDGE + 1.01
    assert start - 0.02 <= float(circle.get("cx", "0")) <= start + width + 0.02


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), max_size=60))
def test_the_confusion_table_holds_every_pair(pairs: list[tuple[str, str]]) -> None:
    root = parsed(confusion("Confusion", confusion_matrix(pairs, list("ABC"))))
    rows = table(root)
    assert [row[0] for row in rows] == list("ABC")
    for row, truth in zip(rows, "ABC", strict=True):
        assert [int(cell) for cell in row[1:]] == [pairs.count((truth, said)) for said in "ABC"]


def test_beyond_a_dozen_labels_the_table_alone_is_shown() -> None:
    labels = [f"label {number}" for number in range(30)]
    root = parsed(confusion("Confusion", confusion_matrix([("label 1", "label 2")], labels)))
    assert not list(root.iter("svg"))
    assert len(table(root)) == 30


@pytest.mark.parametrize(
    "markup",
    [
        bars(HOSTILE, [Bar(HOSTILE, 1.0, HOSTILE)], head=(HOSTILE, HOSTILE)),
        confusion(HOSTILE, confusion_matrix([(HOSTILE, "b")], [HOSTILE, "b"])),
        distribution(HOSTILE, spans_of([1.0], [0, 1], [HOSTILE]), unit=HOSTILE, counted=HOSTILE),
    ],
)
def test_hostile_words_stay_words(markup: Markup) -> None:
    assert "<script" not in markup
    parsed(markup)

"""The progress chart: shares as heights, names for those who do not see it, no style of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from crowd.storage.progress import RecentAnswer
from crowd.web.charts.lines import Line, line_chart
from crowd.web.charts.shares import share_bar
from crowd.web.standing_of_project import speed_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SHARES = st.lists(st.floats(-1, 2, allow_nan=False), min_size=1, max_size=30)


@given(st.lists(SHARES, max_size=4), st.text(max_size=20))
def test_chart_is_whole_named_and_within_its_frame(lines: list[list[float]], name: str) -> None:
    name = "".join(letter for letter in name if letter.isprintable())
    drawn = str(line_chart("c", f"<{name}>", "words", [Line(name, line) for line in lines], ["a", "b"]))
    root = ElementTree.fromstring(drawn)
    assert root.find("title") is not None
    assert root.find("desc") is not None
    assert "style=" not in drawn
    for line in root.iter("polyline"):
        for point in line.attrib["points"].split():
            assert all(0 <= float(number) <= 100 for number in point.split(","))


@given(st.floats(-1, 2, allow_nan=False))
def test_share_bar_never_leaves_its_frame(share: float) -> None:
    bars = list(ElementTree.fromstring(str(share_bar(share))).iter("rect"))
    assert 0 <= float(bars[1].attrib["width"]) <= 100


def recent(count: int, seconds: int = 10, pay: int = 50_000) -> list[RecentAnswer]:
    given_at = [NOW - timedelta(seconds=60 * place) for place in range(1, count + 1)]
    return [RecentAnswer(at - timedelta(seconds=seconds), at, pay) for at in given_at]


def test_speed_is_unknown_from_a_handful_of_answers() -> None:
    assert speed_of(recent(4), 100, NOW).median_seconds is None


def test_speed_tells_median_wage_and_finish() -> None:
    speed = speed_of(recent(10), 20, NOW)
    assert speed.median_seconds == 10
    assert speed.hourly_wage_micros == 18_000_000
    assert speed.finish_at == NOW + timedelta(minutes=20)


def test_nothing_wanted_has_no_finish() -> None:
    assert speed_of(recent(10), 0, NOW).finish_at is None

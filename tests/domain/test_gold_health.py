"""Gold health: shares with an honest interval, and an alarm that a wrong gold answer cannot silence."""

from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.gold_health import Scored, alarm, share_right


def good(score: float, others: int = 8) -> Scored:
    """A worker who was right on all her other gold answers."""
    return Scored(score, others + 1, others + score)


def test_nobody_tested_gives_no_share_and_no_alarm() -> None:
    assert share_right(0.0, 0) is None
    assert alarm([], 2.0, 1.0).share is None
    assert not alarm([], 2.0, 1.0).is_raised


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(scores: list[float]) -> None:
    share = share_right(sum(scores), len(scores))
    assert share is not None
    assert 0 <= share.low <= share.mean <= share.high <= 1


def test_more_answers_make_the_interval_narrower() -> None:
    few, many = share_right(3, 4), share_right(300, 400)
    assert few is not None and many is not None
    assert many.high - many.low < few.high - few.low


def test_the_alarm_is_raised_when_half_of_three_good_workers_fail() -> None:
    assert alarm([good(0.0), good(0.0), good(1.0)], 2.0, 1.0).is_raised
    assert not alarm([good(0.0), good(1.0), good(1.0)], 2.0, 1.0).is_raised
    assert not alarm([good(0.0), good(0.0)], 2.0, 1.0).is_raised


def test_bad_workers_raise_no_alarm() -> None:
    careless = Scored(0.0, 9, 2.0)
    assert alarm([careless] * 20, 2.0, 1.0).good_count == 0


def test_a_worker_without_other_gold_is_not_called_good() -> None:
    assert alarm([Scored(0.0, 2, 1.0)] * 5, 2.0, 1.0).good_count == 0


@given(st.integers(2, 30), st.integers(1, 10))
def test_failing_this_gold_never_makes_a_good_worker_bad_for_its_own_alarm(others: int, workers: int) -> None:
    found = alarm([good(0.0, others)] * workers, 2.0, 1.0)
    assert (found.good_count, found.failed_count) == (workers, workers)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 30), st.floats(0, 1)), max_size=30))
def test_never_more_failures_than_good_workers_and_never_more_of_those_than_workers(
    rows: list[tuple[float, int, float]],
) -> None:
    tested = [Scored(score, count, score + (count - 1) * share) for score, count, share in rows]
    found = alarm(tested, 2.0, 1.0)
    assert 0 <= found.failed_count <= found.good_count <= len(tested)

"""Deadlines, and gold mixed in so that nobody can tell where."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crowd.domain.assignment import due_at, wants_gold

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def gold_row(rate: float, length: int, seed: int) -> list[bool]:
    rng, row = Random(seed), []
    for answered_count in range(length):
        row.append(wants_gold(rng, rate, answered_count, sum(row)))
    return row


def test_moments_without_time_zone_and_limits_of_nothing_are_refused():
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        due_at(naive, timedelta(minutes=5))
    with pytest.raises(ValueError, match="above 0"):
        due_at(NOW, timedelta(0))


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1, 0.3, 0.5, 0.9])
def test_share_of_gold_stays_near_its_rate(rate):
    for seed in range(5):
        row = gold_row(rate, 2000, seed)
        assert abs(sum(row) - rate * 2000) <= 12
        assert abs(sum(row[:200]) - rate * 200) <= 12


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
def test_position_of_gold_is_not_periodic(rate):
    rows = [gold_row(rate, 60, seed) for seed in range(1500)]
    at_position = [sum(row[position] for row in rows) / len(rows) for position in range(60)]
    assert min(at_position) > rate / 2
    assert max(at_position) < rate * 1.7
    for row in (gold_row(rate, 4000, seed) for seed in range(2)):
        places = [place for place, is_gold in enumerate(row) if is_gold]
        gaps = Counter(later - earlier for earlier, later in itertools.pairwise(places))
        assert len(gaps) >= 6
        assert gaps.most_common(1)[0][1] / gaps.total() < max(0.2, 1.5 * rate)
        for period in range(2, 41):
            by_phase = Counter(place % period for place in places)
            assert max(by_phase.values()) < 2.2 * len(places) / period + 12


def test_gold_can_follow_gold_and_a_long_pause_does_not_make_it_certain():
    rng = Random(1)
    right_after = sum(wants_gold(rng, 0.1, 11, 2) for _ in range(4000)) / 4000
    long_behind = sum(wants_gold(rng, 0.1, 200, 0) for _ in range(4000)) / 4000
    assert 0.025 <= right_after < 0.1
    assert 0.3 < long_behind < 0.5


def test_rates_of_nothing_and_everything_are_exact():
    rng = Random(1)
    assert not any(wants_gold(rng, 0.0, count, 0) for count in range(200))
    assert all(wants_gold(rng, 1.0, count, count) for count in range(200))
    with pytest.raises(ValueError, match="gold rate"):
        wants_gold(rng, 1.1, 0, 0)

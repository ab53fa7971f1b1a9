"""Lending tasks: deadlines, and when the next task is a gold task."""

import math
from datetime import datetime, timedelta
from random import Random


def due_at(now: datetime, time_limit: timedelta) -> datetime:
    """The moment until which a task assigned `now` may be answered."""
    _check_aware(now)
    if time_limit <= timedelta(0):
        raise ValueError("The time limit must be above 0.")
    return now + time_limit


def wants_gold(rng: Random, gold_rate: float, answered_count: int, gold_seen_count: int) -> bool:
    """Whether the next task of this worker should be a gold task.

    `answered_count` counts all her answers, gold among them. The chance is the rate itself, raised or lowered
    by how far her share of gold is behind or ahead, so that the share stays near `gold_rate`; between rates
    0 and 1 it never comes near 0 or 1, so that no position in the row tells gold.
    """
    if not 0.0 <= gold_rate <= 1.0:
        raise ValueError("The gold rate must be between 0 and 1.")
    if gold_rate in (0.0, 1.0):
        return gold_rate == 1.0
    behind = gold_rate * answered_count - gold_seen_count
    least, most = gold_rate / 4.0, min(4.0 * gold_rate, (1.0 + gold_rate) / 2.0)
    chance = gold_rate * math.exp(max(-4.0, min(4.0, behind / 2.0)))
    return rng.random() < max(least, min(most, chance))


def _check_aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.utcoffset() is None:
            raise ValueError("Moments must know their time zone.")

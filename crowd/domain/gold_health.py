"""Whether a gold answer can be believed: how many answer it rightly, and whether good workers fail it."""

from collections.abc import Iterable
from dataclasses import dataclass

from crowd.domain.trust import posterior

GOOD_TRUST = 0.7
LEAST_GOOD_WORKERS = 3
LEAST_OTHER_GOLD = 2
ALARM_SHARE = 0.5
FAILED_BELOW = 0.5


@dataclass(frozen=True)
class Share:
    """A mean of scores 0..1 with its 95 % interval, and how many scores it stands on."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Alarm:
    """How many good workers answered a gold task, and how many of them failed it."""

    good_count: int
    failed_count: int

    @property
    def share(self) -> float | None:
        """The share of good workers who failed; None where none answered."""
        return self.failed_count / self.good_count if self.good_count else None

    @property
    def is_raised(self) -> bool:
        """Whether enough good workers answered, and too many of them failed."""
        share = self.share
        return share is not None and self.good_count >= LEAST_GOOD_WORKERS and share >= ALARM_SHARE


@dataclass(frozen=True)
class Scored:
    """One worker's score on a gold task, beside all her gold scores in the project, this one among them."""

    score: float
    gold_count: int
    score_sum: float


def share_right(score_sum: float, count: int) -> Share | None:
    """The mean of `count` scores with Jeffreys' interval; None where there is no score.

    At the ends the interval reaches 0 or 1, as L. D. Brown, T. T. Cai and A. DasGupta advise in "Interval
    estimation for a binomial proportion", Statistical Science 16(2), 2001.
    """
    if count < 1:
        return None
    spread = posterior(score_sum, count, 0.5, 0.5)
    mean = min(1.0, max(0.0, score_sum / count))
    return Share(mean, min(spread.low, mean), max(spread.high, mean), count)


def alarm(tested: Iterable[Scored], prior_right: float, prior_wrong: float) -> Alarm:
    """Count the good workers and the failures among them.

    A worker is good when her trust from all her *other* gold answers is at least 0.7, and there are two of
    them or more: a wrong gold answer must not hide itself by lowering the trust of those who see through it.
    """
    good = [
        one
        for one in tested
        if one.gold_count - 1 >= LEAST_OTHER_GOLD and _elsewhere(one, prior_right, prior_wrong) >= GOOD_TRUST
    ]
    return Alarm(len(good), sum(one.score < FAILED_BELOW for one in good))


def _elsewhere(one: Scored, prior_right: float, prior_wrong: float) -> float:
    others = one.gold_count - 1
    right = min(max(one.score_sum - one.score, 0.0), float(others))
    return (prior_right + right) / (prior_right + prior_wrong + others)

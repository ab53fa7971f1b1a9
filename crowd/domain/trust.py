"""How far a worker can be believed: a posterior over her accuracy, and what the thresholds make of it."""

import math
from dataclasses import dataclass
from enum import StrEnum

from crowd.domain.beta import beta_quantile

INTERVAL = 0.95


@dataclass(frozen=True)
class Trust:
    """The chance 0..1 that the next answer is right, its 95 % interval, and the gold answers behind it."""

    mean: float
    low: float
    high: float
    gold_count: int


class Decision(StrEnum):
    KEEP = "keep"
    PAUSE = "pause"


class Reason(StrEnum):
    TOO_FEW_GOLD = "too_few_gold"
    TRUST_REACHED = "trust_reached"
    TRUST_MISSED = "trust_missed"


@dataclass(frozen=True)
class Verdict:
    """What the thresholds say, with the figures it was said on, so that the worker can be told."""

    decision: Decision
    reason: Reason
    trust_mean: float
    minimum_trust: float
    gold_count: int
    pause_after: int


def posterior(score_sum: float, gold_count: int, prior_right: float, prior_wrong: float) -> Trust:
    """Trust after `gold_count` gold scores of 0..1 that sum to `score_sum`.

    A score is partial credit, counted as that share of a right answer: the posterior is Beta(prior_right +
    score_sum, prior_wrong + gold_count - score_sum), with its mean and its equal-tailed interval. A prior of
    K and K gives the skill that Toloka documents, (K + correct) / (2K + total).
    """
    if not (prior_right > 0.0 and prior_wrong > 0.0 and math.isfinite(prior_right + prior_wrong)):
        raise ValueError("The prior's two counts must be above 0.")
    slack = 1e-9 * max(gold_count, 1)
    if gold_count < 0 or not -slack <= score_sum <= gold_count + slack:
        raise ValueError("The sum of gold scores must lie between 0 and their count.")
    right_sum = min(max(score_sum, 0.0), float(gold_count))
    right = prior_right + right_sum
    wrong = prior_wrong + gold_count - right_sum
    tail = (1.0 - INTERVAL) / 2.0
    return Trust(
        mean=right / (right + wrong),
        low=beta_quantile(tail, right, wrong),
        high=beta_quantile(1.0 - tail, right, wrong),
        gold_count=gold_count,
    )


def verdict(trust: Trust, *, gold_count: int, pause_after: int, minimum_trust: float) -> Verdict:
    """PAUSE where at least `pause_after` gold answers are in and the mean is below `minimum_trust`.

    `gold_count` is the gold answers that count towards the pause: all of hers, or, for a worker who was let
    back in, those since then.
    """
    if gold_count < pause_after:
        decision, reason = Decision.KEEP, Reason.TOO_FEW_GOLD
    elif trust.mean >= minimum_trust:
        decision, reason = Decision.KEEP, Reason.TRUST_REACHED
    else:
        decision, reason = Decision.PAUSE, Reason.TRUST_MISSED
    return Verdict(decision, reason, trust.mean, minimum_trust, gold_count, pause_after)

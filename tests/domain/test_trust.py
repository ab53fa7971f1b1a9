"""Trust from gold scores, and what the thresholds make of it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.beta import beta_cdf
from crowd.domain.trust import Decision, Reason, posterior, verdict


@pytest.mark.parametrize(("correct", "total"), [(0, 0), (0, 7), (3, 4), (20, 20)])
@pytest.mark.parametrize("k", [0.5, 1.0, 5.0])
def test_equal_priors_give_tolokas_skill(correct, total, k):
    assert posterior(correct, total, k, k).mean == pytest.approx((k + correct) / (2 * k + total), abs=1e-15)


@given(st.integers(0, 300), st.floats(0, 1), st.floats(0.5, 20), st.floats(0.5, 20))
def test_interval_holds_the_middle_95_percent(gold_count, share, prior_right, prior_wrong):
    score_sum = share * gold_count
    trust = posterior(score_sum, gold_count, prior_right, prior_wrong)
    right, wrong = prior_right + score_sum, prior_wrong + gold_count - score_sum
    assert 0.0 <= trust.low < trust.high <= 1.0
    assert beta_cdf(trust.high, right, wrong) == pytest.approx(0.975, abs=1e-9)
    assert beta_cdf(trust.low, right, wrong) == pytest.approx(0.025, abs=1e-9)


def test_partial_credit_counts():
    assert posterior(2.5, 4, 1, 1).mean == pytest.approx(3.5 / 6)


def test_more_gold_narrows_the_interval_and_a_better_score_raises_trust():
    few, many = posterior(8, 10, 4, 1), posterior(80, 100, 4, 1)
    assert many.high - many.low < few.high - few.low
    assert posterior(9, 10, 4, 1).mean > few.mean
    assert posterior(9, 10, 4, 1).low > few.low


def test_interval_covers_the_true_accuracy_as_often_as_it_says():
    rng = random.Random(5)
    covered = 0
    for _ in range(600):
        accuracy = rng.betavariate(4, 1)
        score_sum = sum(rng.random() < accuracy for _ in range(30))
        trust = posterior(score_sum, 30, 4, 1)
        covered += trust.low <= accuracy <= trust.high
    assert 0.92 <= covered / 600 <= 0.98


@pytest.mark.parametrize(
    ("score_sum", "gold_count", "prior_right", "prior_wrong"),
    [
        (-1, 3, 1, 1),
        (4, 3, 1, 1),
        (0, -1, 1, 1),
        (float("nan"), 3, 1, 1),
        (1, 3, 0, 1),
        (1, 3, 1, float("nan")),
    ],
)
def test_impossible_scores_and_priors_are_refused(score_sum, gold_count, prior_right, prior_wrong):
    with pytest.raises(ValueError, match="must"):
        posterior(score_sum, gold_count, prior_right, prior_wrong)


def test_a_sum_of_floats_may_pass_its_count_by_rounding():
    assert posterior(sum([0.1] * 10) + 1e-12 + 9, 10, 1, 1).gold_count == 10


def test_worker_is_paused_only_after_enough_gold_and_below_the_threshold():
    bad = posterior(1, 5, 1, 1)
    early = verdict(bad, gold_count=5, pause_after=6, minimum_trust=0.7)
    assert (early.decision, early.reason) == (Decision.KEEP, Reason.TOO_FEW_GOLD)
    late = verdict(bad, gold_count=5, pause_after=5, minimum_trust=0.7)
    assert (late.decision, late.reason) == (Decision.PAUSE, Reason.TRUST_MISSED)
    assert (late.trust_mean, late.minimum_trust, late.gold_count, late.pause_after) == (bad.mean, 0.7, 5, 5)
    exact = verdict(bad, gold_count=5, pause_after=5, minimum_trust=bad.mean)
    assert (exact.decision, exact.reason) == (Decision.KEEP, Reason.TRUST_REACHED)

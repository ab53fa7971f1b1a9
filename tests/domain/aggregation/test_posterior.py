"""The trust-weighted posterior against the field's published figures and Bayes' rule written out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.aggregation.posterior import aggregate

LABELS = ["OK", "BAD", "MAYBE"]
TRUST = {"a": 0.7, "b": 0.9, "c": 0.8}


def test_two_skilled_workers_agree():
    consensus = aggregate([(1, "a", "OK"), (1, "b", "OK")], TRUST, LABELS)[1]
    assert (consensus.label, f"{consensus.confidence:.1%}") == ("OK", "97.7%")


def test_the_more_skilled_of_two_is_believed():
    consensus = aggregate([(1, "a", "OK"), (1, "b", "BAD")], TRUST, LABELS)[1]
    assert (consensus.label, f"{consensus.confidence:.1%}") == ("BAD", "76.1%")


def test_a_third_worker_tips_the_scale():
    consensus = aggregate([(1, "a", "OK"), (1, "b", "BAD"), (1, "c", "BAD")], TRUST, LABELS)[1]
    assert (consensus.label, f"{consensus.confidence:.1%}") == ("BAD", "96.2%")


@given(
    st.lists(st.tuples(st.sampled_from(LABELS), st.floats(0.35, 0.99)), min_size=1, max_size=8),
)
def test_posterior_is_bayes_rule_with_a_uniform_prior(answers):
    judgments = [(1, worker, label) for worker, (label, _) in enumerate(answers)]
    trust = {worker: q for worker, (_, q) in enumerate(answers)}
    chance = {
        truth: math.prod(q if label == truth else (1 - q) / 2 for label, q in answers) for truth in LABELS
    }
    posterior = aggregate(judgments, trust, LABELS)[1].posterior
    assert posterior == pytest.approx({label: one / sum(chance.values()) for label, one in chance.items()})


def test_one_trusted_worker_outweighs_two_that_guess():
    judgments = [(1, "a", "x"), (1, "b", "y"), (1, "c", "y")]
    assert aggregate(judgments, {"a": 0.95, "b": 0.55, "c": 0.55}, ["x", "y"])[1].label == "x"


def test_an_answer_never_counts_against_the_label_it_names():
    judgments = [(1, worker, "x") for worker in range(5)]
    consensus = aggregate(judgments, dict.fromkeys(range(5), 0.0), ["y", "x"])[1]
    assert consensus.label == "x"
    assert 0.5 < consensus.confidence < 0.6


def test_full_trust_is_never_certainty_and_can_be_outvoted():
    judgments = [(1, "a", "x"), (1, "b", "y"), (1, "c", "y")]
    consensus = aggregate(judgments, dict.fromkeys("abc", 1.0), ["x", "y"])[1]
    assert consensus.label == "y"
    assert consensus.confidence == pytest.approx(0.99)


def test_thousands_of_answers_neither_overflow_nor_vanish():
    judgments = [(1, worker, "x" if worker % 2 else "y") for worker in range(20_001)]
    consensus = aggregate(judgments, dict.fromkeys(range(20_001), 0.99), ["x", "y"])[1]
    assert consensus.label == "y"
    assert consensus.confidence == pytest.approx(0.99)


@pytest.mark.parametrize("trust", [-0.1, 1.1, math.nan])
def test_trust_that_is_no_probability_is_an_error(trust):
    with pytest.raises(ValueError, match="between 0 and 1"):
        aggregate([(1, "a", "OK")], {"a": trust}, LABELS)


def test_a_worker_without_trust_is_an_error():
    with pytest.raises(ValueError, match="'z' has no trust"):
        aggregate([(1, "z", "OK")], TRUST, LABELS)

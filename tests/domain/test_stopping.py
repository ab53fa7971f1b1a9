"""When a task is settled, and when it is disputed."""

import pytest

from crowd.domain.aggregation import Consensus
from crowd.domain.stopping import is_disputed, is_settled


def consensus_of(answer_count: int, confidence: float) -> Consensus:
    return Consensus("a", confidence, answer_count, {"a": confidence, "b": 1 - confidence}, "posterior")


def test_task_is_settled_when_all_its_answers_are_in():
    assert is_settled(consensus_of(3, 0.5), 3, 3)
    assert is_settled(None, 3, 3)
    assert not is_settled(consensus_of(2, 1.0), 2, 3)


@pytest.mark.parametrize(
    ("answer_count", "confidence", "expected"),
    [(1, 0.99, False), (2, 0.89, False), (2, 0.9, True), (4, 0.95, True)],
)
def test_task_may_stop_early_once_it_has_the_least_answers_and_is_sure_enough(
    answer_count, confidence, expected
):
    consensus = consensus_of(answer_count, confidence)
    assert is_settled(consensus, answer_count, 5, minimum_overlap=2, confidence_target=0.9) is expected


def test_task_stops_early_only_where_the_project_allows_it():
    sure = consensus_of(4, 1.0)
    assert not is_settled(sure, 4, 5, minimum_overlap=2)
    assert not is_settled(sure, 4, 5, confidence_target=0.9)


def test_a_consensus_that_lags_behind_the_answers_does_not_stop_a_task_early():
    assert not is_settled(consensus_of(2, 0.99), 3, 5, minimum_overlap=2, confidence_target=0.9)
    assert not is_settled(None, 3, 5, minimum_overlap=2, confidence_target=0.9)


def test_task_is_disputed_when_all_answers_leave_it_below_the_threshold():
    assert is_disputed(consensus_of(3, 0.6), 3, 3, 0.7)
    assert not is_disputed(consensus_of(3, 0.7), 3, 3, 0.7)
    assert not is_disputed(consensus_of(2, 0.6), 2, 3, 0.7)
    assert not is_disputed(None, 3, 3, 0.7)

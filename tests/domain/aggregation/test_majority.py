"""Majority counts heads."""

from crowd.domain.aggregation.majority import aggregate


def test_confidence_is_the_share_of_answers():
    consensus = aggregate([(1, 1, "a"), (1, 2, "a"), (1, 3, "b")], {}, ["a", "b", "c"])[1]
    assert consensus.label == "a"
    assert consensus.confidence == 2 / 3
    assert consensus.posterior == {"a": 2 / 3, "b": 1 / 3, "c": 0.0}


def test_tie_falls_to_the_first_of_the_label_set():
    tied = [(1, 1, "a"), (1, 2, "b")]
    assert aggregate(tied, {}, ["a", "b"])[1].label == "a"
    assert aggregate(tied, {}, ["b", "a"])[1].label == "b"

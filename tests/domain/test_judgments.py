"""Judgments as columns."""

import pytest

from crowd.domain.judgments import Judgments, as_judgments

TRIPLES = [("t1", 7, "cat"), ("t2", 8, "dog"), ("t1", 8, "dog")]


def test_triples_become_columns_in_the_order_of_their_first_row():
    columns = as_judgments(TRIPLES)
    assert (columns.tasks, columns.workers, columns.labels) == (["t1", "t2"], [7, 8], ["cat", "dog"])
    assert columns.task.tolist() == [0, 1, 0]
    assert columns.worker.tolist() == [0, 1, 1]
    assert columns.label.tolist() == [0, 1, 1]
    assert as_judgments(columns) is columns


def test_any_iterable_will_do_and_none_at_all_too():
    assert as_judgments(iter(TRIPLES)).labels == ["cat", "dog"]
    assert Judgments.from_triples([]).task.tolist() == []


def test_each_judgment_gets_the_value_of_its_worker():
    assert as_judgments(TRIPLES).worker_values({7: 0.7, 8: 0.8, 9: 0.9}).tolist() == [0.7, 0.8, 0.8]
    with pytest.raises(ValueError, match="Worker 8 has no trust"):
        as_judgments(TRIPLES).worker_values({7: 0.7})


def test_each_judgment_gets_the_place_of_its_label():
    assert as_judgments(TRIPLES).label_places(["dog", "cow", "cat"]).tolist() == [2, 0, 0]
    with pytest.raises(ValueError, match="'dog' is not in the set"):
        as_judgments(TRIPLES).label_places(["cat"])
    with pytest.raises(ValueError, match="twice"):
        as_judgments(TRIPLES).label_places(["cat", "dog", "cat"])

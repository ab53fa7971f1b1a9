"""Agreement between answers, and confusion with the truth."""

import pytest

from crowd.domain.agreement import confusion_matrix, mean_agreement, task_agreement


def test_agreement_is_the_share_of_equal_pairs():
    judgments = [
        *((1, worker, "a") for worker in range(3)),
        *((2, worker, label) for worker, label in enumerate("aab")),
        *((3, worker, label) for worker, label in enumerate("abc")),
        (4, 0, "a"),
    ]
    assert task_agreement(judgments) == {1: 1.0, 2: 1 / 3, 3: 0.0}
    assert mean_agreement(judgments) == pytest.approx(4 / 9)


def test_the_usual_worked_example_of_fleiss_agreement_comes_out():
    """Ten subjects, fourteen raters, five categories: mean agreement 0.378."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    judgments = [
        (subject, f"{subject}.{category}.{rater}", str(category))
        for subject, row in enumerate(counts)
        for category, count in enumerate(row)
        for rater in range(count)
    ]
    assert mean_agreement(judgments) == pytest.approx(0.378, abs=5e-4)


def test_without_two_answers_there_is_no_agreement():
    assert task_agreement([]) == {}
    assert mean_agreement([(1, 1, "a"), (2, 1, "b")]) is None


def test_confusion_matrix_has_truth_in_rows_and_answers_in_columns():
    pairs = [("a", "a"), ("a", "b"), ("a", "b"), ("b", "b"), ("b", "a")]
    matrix = confusion_matrix(pairs, ["b", "a", "c"])
    assert matrix.labels == ("b", "a", "c")
    assert matrix.counts.tolist() == [[1, 1, 0], [2, 1, 0], [0, 0, 0]]
    assert matrix.shares.tolist() == [[0.5, 0.5, 0.0], [2 / 3, 1 / 3, 0.0], [0.0, 0.0, 0.0]]
    assert matrix.right_share == 2 / 5


def test_an_empty_confusion_matrix_has_no_right_share():
    assert confusion_matrix([], ["a", "b"]).right_share is None


def test_a_label_outside_the_set_is_an_error():
    with pytest.raises(ValueError, match="'x' is not in the set"):
        confusion_matrix([("a", "x")], ["a", "b"])

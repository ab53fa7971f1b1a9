"""How far answers agree: with each other per task, and with the truth per label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crowd.domain.judgments import Task, Triples, Worker, as_judgments


@dataclass(frozen=True)
class ConfusionMatrix:
    """How often each true label (row) was answered with each label (column), in the order of `labels`."""

    labels: tuple[str, ...]
    counts: npt.NDArray[np.intp]

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Each row as shares that sum to 1; a label that never was the truth has a row of zeros."""
        totals = self.counts.sum(axis=1, keepdims=True)
        shares: npt.NDArray[np.float64] = self.counts / np.maximum(totals, 1)
        return shares

    @property
    def right_share(self) -> float | None:
        """The share of answers on the diagonal; None where there is no answer."""
        total = int(self.counts.sum())
        return int(np.trace(self.counts)) / total if total else None


def confusion_matrix(pairs: Iterable[tuple[str, str]], labels: Sequence[str]) -> ConfusionMatrix:
    """The matrix of (true label, answered label) pairs; truth is a gold answer or the consensus."""
    places = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.intp)
    for true_label, answered_label in pairs:
        for label in (true_label, answered_label):
            if label not in places:
                raise ValueError(f"The label {label[:60]!r} is not in the set of labels.")
        counts[places[true_label], places[answered_label]] += 1
    return ConfusionMatrix(tuple(labels), counts)


def task_agreement(judgments: Triples[Task, Worker]) -> dict[Task, float]:
    """The share of pairs of answers that are equal, per task with two answers or more.

    This is P_i of J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological
    Bulletin 76(5), 1971.
    """
    columns = as_judgments(judgments)
    counts = columns.answer_counts(columns.label, len(columns.labels))
    answers = counts.sum(axis=1)
    equal_pairs = (counts * (counts - 1)).sum(axis=1)
    return {
        task: equal / (count * (count - 1))
        for task, equal, count in zip(columns.tasks, equal_pairs.tolist(), answers.tolist(), strict=True)
        if count > 1
    }


def mean_agreement(judgments: Triples[Task, Worker]) -> float | None:
    """The mean of `task_agreement` over the tasks that have it; None where none has."""
    per_task = task_agreement(judgments)
    return sum(per_task.values()) / len(per_task) if per_task else None

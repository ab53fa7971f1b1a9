"""Judgments, the triples of task, worker and label, as columns of numbers that statistics can read."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

Task = TypeVar("Task", bound=Hashable)
Worker = TypeVar("Worker", bound=Hashable)
Column = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judgments(Generic[Task, Worker]):
    """One row per judgment: `task[i]` is a place in `tasks`, and so for workers and labels."""

    tasks: Sequence[Task]
    workers: Sequence[Worker]
    labels: Sequence[str]
    task: Column
    worker: Column
    label: Column

    @classmethod
    def from_triples(cls, triples: Iterable[tuple[Task, Worker, str]]) -> "Judgments[Task, Worker]":
        """Columns from triples; tasks, workers and labels in the order of their first row."""
        rows = list(triples)
        tasks, task = _numbered([row[0] for row in rows])
        workers, worker = _numbered([row[1] for row in rows])
        labels, label = _numbered([row[2] for row in rows])
        return cls(tasks, workers, labels, task, worker, label)

    def worker_values(self, values: Mapping[Worker, float]) -> Weights:
        """One number per judgment: that of its worker. ValueError where a worker has none."""
        try:
            per_worker = np.array([values[worker] for worker in self.workers], dtype=np.float64)
        except KeyError as error:
            raise ValueError(f"Worker {error.args[0]!r} has no trust.") from None
        return per_worker[self.worker]

    def label_places(self, labels: Sequence[str]) -> Column:
        """One number per judgment: its label's place in `labels`. ValueError where it has none."""
        places = {label: place for place, label in enumerate(labels)}
        if len(places) < len(labels):
            raise ValueError("The set of labels names a label twice.")
        outside = [label for label in self.labels if label not in places]
        if outside:
            raise ValueError(f"The label {outside[0][:60]!r} is not in the set of labels.")
        return np.array([places[label] for label in self.labels], dtype=np.intp)[self.label]

    def answer_counts(self, places: Column, label_count: int) -> Column:
        """How many answers each task has for each label: tasks x labels."""
        cells = self.task * label_count + places
        counted = np.bincount(cells, minlength=len(self.tasks) * label_count)
        return counted.reshape(len(self.tasks), label_count)


Triples = Iterable[tuple[Task, Worker, str]] | Judgments[Task, Worker]


def as_judgments(judgments: Triples[Task, Worker]) -> Judgments[Task, Worker]:
    """Columns as they are, triples as columns."""
    return judgments if isinstance(judgments, Judgments) else Judgments.from_triples(judgments)


_Value = TypeVar("_Value", bound=Hashable)


def _numbered(values: list[_Value]) -> tuple[list[_Value], Column]:
    places: dict[_Value, int] = {}
    numbers = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(numbers, dtype=np.intp)

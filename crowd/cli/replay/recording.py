"""A recorded crowd: who answered what, in which order, and what was right."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


class BadRecording(Exception):
    """A recording that cannot be played; the message names the file, the line and why."""


@dataclass
class Recording:
    """What every worker said: answers[worker][task] = label; the first of repeated rows counts."""

    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)  # in order of first appearance: number of answers
    labels: list[str] = field(default_factory=list)  # sorted
    repeated_count: int = 0

    @property
    def answer_count(self) -> int:
        """How many answers there are to play."""
        return sum(len(hers) for hers in self.answers.values())

    def part(self, number: int, count: int) -> Recording:
        """The number-th of `count` equal parts of the tasks, with the answers to them."""
        names = list(self.tasks)
        kept = names[number * len(names) // count : (number + 1) * len(names) // count]
        tasks = {task: self.tasks[task] for task in kept}
        answers = {
            worker: hers
            for worker, given in self.answers.items()
            if (hers := {task: label for task, label in given.items() if task in tasks})
        }
        return Recording(answers, tasks, self.labels)


def read_recording(path: Path) -> Recording:
    """Read `task,worker,label` rows. Raises BadRecording."""
    recording, labels = Recording(), set()
    for line, row in _rows(path, ("task", "worker", "label")):
        hers = recording.answers.setdefault(row["worker"], {})
        if row["task"] in hers:
            recording.repeated_count += 1
            continue
        if not row["label"]:
            raise BadRecording(f"{path}, line {line}: the label is empty.")
        hers[row["task"]] = row["label"]
        recording.tasks[row["task"]] = recording.tasks.get(row["task"], 0) + 1
        labels.add(row["label"])
    recording.labels = sorted(labels)
    if not recording.tasks:
        raise BadRecording(f"{path} holds no answers.")
    return recording


def read_gold(path: Path) -> dict[str, str]:
    """Read `task,label` rows: the right label of each task. Raises BadRecording."""
    return {row["task"]: row["label"] for _, row in _rows(path, ("task", "label"))}


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise BadRecording(f"{path} has no column '{missing[0]}'; it needs {', '.join(needed)}.")
            for row in reader:
                if any(row[name] is None for name in needed):
                    raise BadRecording(f"{path}, line {reader.line_num}: too few values.")
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRecording(f"{path} cannot be read: {error}") from error

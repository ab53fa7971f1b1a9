"""What the aggregation methods share: the consensus, a method's card, and the reach of a worker's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from crowd.domain.judgments import Judgments, Task, Triples, Weights, Worker

LEAST_TRUST, MOST_TRUST = 0.01, 0.99


@dataclass(frozen=True)
class Consensus:
    """The crowd's answer to one task, how sure it is (0..1), and what it stands on.

    `posterior` gives each label its probability; it is empty for methods that do not choose from a set.
    """

    label: str
    confidence: float
    answer_count: int
    posterior: dict[str, float]
    method: str


class Aggregate(Protocol):
    """judgments, each worker's trust (0..1), the set of labels -> the consensus of every task judged.

    The order of the judgments never matters. ValueError for a label outside the set, or a worker whose
    trust is needed and missing.
    """

    def __call__(
        self, judgments: Triples[Task, Worker], trust: Mapping[Worker, float], labels: Sequence[str], /
    ) -> dict[Task, Consensus]: ...


@dataclass(frozen=True)
class Method:
    """One aggregation method and the kinds of answer that it serves."""

    name: str
    kinds: frozenset[str]
    aggregate: Aggregate


def believed(trust: Weights) -> Weights:
    """Trust kept within 0.01..0.99: no worker's word is certain, none is worth nothing."""
    if not bool(np.all((trust >= 0.0) & (trust <= 1.0))):
        raise ValueError("Trust must be between 0 and 1.")
    return np.clip(trust, LEAST_TRUST, MOST_TRUST)


def consensus_of_rows(
    judgments: Judgments[Task, Worker],
    chances: npt.NDArray[np.float64],
    counts: npt.NDArray[np.intp],
    labels: Sequence[str],
    method: str,
) -> dict[Task, Consensus]:
    """Each task's likeliest label, from its row of chances per label (tasks x labels, rows sum to 1).

    A tie goes to the label with more answers, then to the one that comes first in `labels`.
    """
    best = chances.max(axis=1, keepdims=True, initial=0.0)
    winners = np.argmax(np.where(chances == best, counts, -1), axis=1) if len(chances) else []
    return {
        task: Consensus(
            label=labels[winner],
            confidence=row[winner],
            answer_count=answer_count,
            posterior=dict(zip(labels, row, strict=True)),
            method=method,
        )
        for task, winner, row, answer_count in zip(
            judgments.tasks, winners, chances.tolist(), counts.sum(axis=1).tolist(), strict=True
        )
    }

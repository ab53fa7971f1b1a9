"""Majority: every answer counts the same, and confidence is the winning label's share of the answers."""

from collections.abc import Mapping, Sequence

from crowd.domain.aggregation._method import Consensus, Method, consensus_of_rows
from crowd.domain.judgments import Task, Triples, Worker, as_judgments

NAME = "majority"


def aggregate(
    judgments: Triples[Task, Worker], _trust: Mapping[Worker, float], labels: Sequence[str]
) -> dict[Task, Consensus]:
    """The label with the most answers; between equals the one that comes first in `labels`."""
    columns = as_judgments(judgments)
    counts = columns.answer_counts(columns.label_places(labels), len(labels))
    shares = counts / counts.sum(axis=1, keepdims=True)
    return consensus_of_rows(columns, shares, counts, labels, NAME)


METHOD = Method(NAME, frozenset({"choice"}), aggregate)

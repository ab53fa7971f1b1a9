"""Posterior: answers weigh by their worker's trust, and confidence is the winning label's probability."""

from collections.abc import Mapping, Sequence

import numpy as np

from crowd.domain.aggregation._method import Consensus, Method, believed, consensus_of_rows
from crowd.domain.judgments import Task, Triples, Weights, Worker, as_judgments

NAME = "posterior"


def aggregate(
    judgments: Triples[Task, Worker], trust: Mapping[Worker, float], labels: Sequence[str]
) -> dict[Task, Consensus]:
    """Bayes' rule over the labels, each equally likely before any answer.

    A worker of trust q gives the true label with chance q and each of the Y - 1 others with (1 - q)/(Y - 1):
    the rule that Toloka documents as aggregation by skill.
    """
    columns = as_judgments(judgments)
    places = columns.label_places(labels)
    counts = columns.answer_counts(places, len(labels))
    evidence: Weights = np.zeros(counts.size)
    if len(labels) > 1:
        weights = log_odds(columns.worker_values(trust), len(labels))
        cells = columns.task * len(labels) + places
        order = np.lexsort((weights, cells))  # one order of summing, so that the order of rows never shows
        evidence = np.bincount(cells[order], weights[order], counts.size).astype(np.float64)
    per_task = evidence.reshape(counts.shape)
    chances: Weights = np.exp(per_task - per_task.max(axis=1, keepdims=True, initial=0.0))
    chances /= chances.sum(axis=1, keepdims=True)
    return consensus_of_rows(columns, chances, counts, labels, NAME)


def log_odds(trust: Weights, label_count: int) -> Weights:
    """What one answer adds to the log odds of the label it names: log(q / ((1 - q)/(Y - 1))).

    Never below that of a worker 0.01 of the way from guessing to knowing: an answer does not count against
    the label it names. To be worse than guessing on gold is a reason to pause a worker, not to believe the
    opposite of what she says.
    """
    guessing = 1.0 / label_count
    q = np.maximum(believed(trust), guessing + 0.01 * (1.0 - guessing))
    return np.log(q * (label_count - 1) / (1.0 - q))


METHOD = Method(NAME, frozenset({"choice"}), aggregate)

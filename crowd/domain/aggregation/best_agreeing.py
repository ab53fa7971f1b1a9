"""Best agreeing: of several texts the one most like the others, each counted by its worker's trust."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from crowd.domain.aggregation._method import Consensus, Method, believed
from crowd.domain.judgments import Judgments, Task, Triples, Weights, Worker, as_judgments
from crowd.domain.words import likeness, words

NAME = "best_agreeing"


def aggregate(
    judgments: Triples[Task, Worker], trust: Mapping[Worker, float], _labels: Sequence[str] = ()
) -> dict[Task, Consensus]:
    """The text with the highest trust-weighted mean likeness to the other answers: their medoid.

    Between equals the more trusted worker's text wins, then the first by alphabet. Confidence is that mean
    with the winner's own answer counted in, as sure as her trust: one answer alone is as sure as its worker.
    """
    columns = as_judgments(judgments)
    weights = believed(columns.worker_values(trust))
    return {task: _medoid(answers) for task, answers in _answers_by_task(columns, weights)}


def _answers_by_task(
    columns: Judgments[Task, Worker], weights: Weights
) -> Iterator[tuple[Task, list[tuple[str, float]]]]:
    answers: list[list[tuple[str, float]]] = [[] for _ in columns.tasks]
    for task, label, weight in zip(
        columns.task.tolist(), columns.label.tolist(), weights.tolist(), strict=True
    ):
        answers[task].append((columns.labels[label], weight))
    yield from zip(columns.tasks, (sorted(given) for given in answers), strict=True)


def _medoid(answers: list[tuple[str, float]]) -> Consensus:
    weights = np.array([weight for _, weight in answers])
    alike = _likeness_table([text for text, _ in answers])
    support = alike @ weights - weights  # of the others: each text is wholly like itself
    others = weights.sum() - weights
    agreement = np.divide(support, others, out=np.ones_like(support), where=others > 0.0)
    winner = max(range(len(answers)), key=lambda place: (round(agreement[place], 12), weights[place], -place))
    own = weights[winner]
    confidence = (own * own + support[winner]) / weights.sum()
    return Consensus(answers[winner][0], min(1.0, float(confidence)), len(answers), {}, NAME)


def _likeness_table(texts: Sequence[str]) -> Weights:
    """How like each text is to each other: a symmetric square with ones down its middle."""
    spoken = [words(text) for text in texts]
    table = np.ones((len(texts), len(texts)))
    known: dict[frozenset[tuple[str, ...]], float] = {}
    for one, other in combinations(range(len(texts)), 2):
        if spoken[one] != spoken[other]:
            pair = frozenset((spoken[one], spoken[other]))
            if pair not in known:
                known[pair] = likeness(spoken[one], spoken[other])
            table[one, other] = table[other, one] = known[pair]
    return table


METHOD = Method(NAME, frozenset({"text"}), aggregate)

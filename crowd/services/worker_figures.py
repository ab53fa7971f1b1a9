"""How each worker of a project works: trust, speed, agreement, and what she takes for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from crowd.domain.agreement import ConfusionMatrix, confusion_matrix
from crowd.domain.answers import KINDS, AnswerSchema
from crowd.domain.words import word_error_rate, words
from crowd.storage.assignments import median_seconds, seconds_of_worker
from crowd.storage.gold import scores_of_worker
from crowd.storage.projects import Project
from crowd.storage.results import agreement_counts, labels_beside_consensus
from crowd.storage.standings import Standing, standings_in


class Truth(StrEnum):
    """What a worker's answers are held against."""

    GOLD = "gold"
    CONSENSUS = "consensus"


class Sort(StrEnum):
    """The columns by which workers can be put in order; nothing else is."""

    PSEUDONYM = "worker"
    STATE = "state"
    TRUST = "trust"
    GOLD = "gold"
    ANSWERS = "answers"
    SECONDS = "seconds"
    AGREEMENT = "agreement"
    PLEA = "plea"


@dataclass(frozen=True)
class WorkerFigures:
    """One worker's line in the table. No name and no address: the pseudonym is all that is known here."""

    stands: Standing
    seconds: float | None
    agreement: float | None
    agreement_count: int

    @property
    def has_plea(self) -> bool:
        """Whether she asks to be let back in and nobody has answered yet."""
        return self.stands.plea_at is not None


@dataclass(frozen=True)
class Compared:
    """Her answers held against gold or consensus: a matrix of labels, or the mean word error of texts."""

    count: int
    matrix: ConfusionMatrix | None
    word_error: float | None


def worker_figures(
    session: Session, project: Project, schema: AnswerSchema, sort: Sort, *, descending: bool
) -> list[WorkerFigures]:
    """Every worker of a project in the order asked for; those without a figure come last."""
    seconds = median_seconds(session, project.id)
    agreement = _agreement(session, project, schema)
    found = [
        WorkerFigures(stands, seconds.get(stands.worker_id), *agreement.get(stands.worker_id, (None, 0)))
        for stands in standings_in(session, project.id)
    ]
    with_figure = [one for one in found if _key(one, sort) is not None]
    without = [one for one in found if _key(one, sort) is None]
    return sorted(with_figure, key=lambda one: _key(one, sort), reverse=descending) + without  # type: ignore[arg-type,return-value]


def compared(
    session: Session, project: Project, schema: AnswerSchema, worker_id: int, truth: Truth
) -> Compared:
    """One worker's answers against gold answers or against the consensus."""
    pairs = (
        _against_gold(session, project, worker_id)
        if truth == Truth.GOLD
        else [
            ((consensus,), label)
            for _worker, label, consensus in labels_beside_consensus(session, project.id, worker_id)
        ]
    )
    if schema.labels:
        known = [
            (label if label in right else right[0], label)
            for right, label in pairs
            if label in schema.labels and right[0] in schema.labels
        ]
        return Compared(len(known), confusion_matrix(known, schema.labels), None)
    errors = [min(word_error_rate(words(label), words(one)) for one in right) for right, label in pairs]
    return Compared(len(errors), None, sum(errors) / len(errors) if errors else None)


def answer_seconds(session: Session, project: Project, worker_id: int) -> list[float]:
    """How long each of her answers took."""
    return seconds_of_worker(session, project.id, worker_id)


def _against_gold(session: Session, project: Project, worker_id: int) -> Sequence[tuple[Sequence[str], str]]:
    rows = scores_of_worker(session, project.id, worker_id)
    return [(gold.labels, assignment.label or "") for assignment, _score, gold in rows]


def _agreement(
    session: Session, project: Project, schema: AnswerSchema
) -> dict[int, tuple[float | None, int]]:
    """Per worker the mean likeness of her answers to the consensus, and how many were compared."""
    if schema.labels:
        counts = agreement_counts(session, project.id)
        return {worker: (equal / total, total) for worker, (equal, total) in counts.items()}
    alike: dict[int, list[float]] = {}
    compare = KINDS[schema.kind].compare
    for worker, label, consensus in labels_beside_consensus(session, project.id):
        alike.setdefault(worker, []).append(compare(label, consensus))
    return {worker: (sum(found) / len(found), len(found)) for worker, found in alike.items()}


def _key(one: WorkerFigures, sort: Sort) -> str | float | None:
    keys: dict[Sort, str | float | None] = {
        Sort.PSEUDONYM: one.stands.pseudonym,
        Sort.STATE: one.stands.state,
        Sort.TRUST: one.stands.trust,
        Sort.GOLD: one.stands.gold_count,
        Sort.ANSWERS: one.stands.answer_count,
        Sort.SECONDS: one.seconds,
        Sort.AGREEMENT: one.agreement,
        Sort.PLEA: one.stands.plea_at.timestamp() if one.stands.plea_at else None,
    }
    return keys[sort]

"""What a release can hold: one row per item, or one row per answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from sqlmodel import Session

from crowd.domain.states import AssignmentState, TaskState
from crowd.storage.datasets import Dataset
from crowd.storage.export_rows import AnswerRow, ItemRow, answer_rows, export_count, item_rows
from crowd.storage.projects import Project

INPUT = "input."  # in front of a dataset's own columns, so that none can stand in for one of ours
# Where the imports keep the name of an item's file.
FILE_COLUMNS = ("file", "filename", "file_name", "path", "image", "audio")


class UnknownContent(Exception):
    """A release holds items or answers, nothing else."""


@dataclass(frozen=True)
class Content:
    """One kind of rows: their columns in order, the rows, and how many there are."""

    name: str
    columns: Callable[[Session, Project], list[str]]
    rows: Callable[[Session, Project], Iterator[dict[str, object]]]
    count: Callable[[Session, Project], int]


ITEM_COLUMNS = ["item", "task", "batch"]
CONSENSUS_COLUMNS = [
    "media_kind",
    "media_file",
    "media_sha256",
    "consensus",
    "confidence",
    "posterior",
    "answer_count",
    "is_settled",
    "is_disputed",
    "is_decided",
    "method",
    "is_gold",
    "gold_answers",
]
ANSWER_COLUMNS = [
    "item",
    "task",
    "answer_id",
    "worker",
    "state",
    "reason",
    "label",
    "answer",
    "trust",
    "is_gold",
    "gold_score",
    "duration_seconds",
    "assigned_at",
    "submitted_at",
    "decided_at",
    "pay_micros",
    "guidelines_version",
    "template",
    "template_sha256",
]


def _item_columns(session: Session, project: Project) -> list[str]:
    names = [INPUT + name for name in _dataset_columns(session, project)]
    return [*ITEM_COLUMNS, *names, *CONSENSUS_COLUMNS]


def _dataset_columns(session: Session, project: Project) -> list[str]:
    dataset = session.get(Dataset, project.dataset_id) if project.dataset_id else None
    return list(dataset.columns) if dataset else []


def _items(session: Session, project: Project) -> Iterator[dict[str, object]]:
    for row in item_rows(session, project):
        yield _item(row)


def _item(row: ItemRow) -> dict[str, object]:
    media, task, result = row.item.media or {}, row.task, row.result
    file_name = next((row.item.input[name] for name in FILE_COLUMNS if name in row.item.input), None)
    return {
        "item": row.item.public_id,
        "task": task.public_id if task else None,
        "batch": row.batch_number,
        **{INPUT + name: value for name, value in row.item.input.items()},
        "media_kind": media.get("kind"),
        "media_file": file_name if media else None,
        "media_sha256": media.get("blob"),
        "consensus": result.label if result else None,
        "confidence": result.confidence if result else None,
        "posterior": result.posterior if result else None,
        "answer_count": task.answer_count if task else 0,
        "is_settled": task is not None and task.state == TaskState.SETTLED,
        "is_disputed": result is not None and result.is_disputed,
        "is_decided": result is not None and result.is_decided,
        "method": result.method if result else None,
        "is_gold": row.gold is not None,
        "gold_answers": row.gold.labels if row.gold else None,
    }


def _answers(session: Session, project: Project) -> Iterator[dict[str, object]]:
    template = {"template": project.template_name, "template_sha256": project.template_hash}
    for row in answer_rows(session, project):
        yield _answer(row) | template


def _answer(row: AnswerRow) -> dict[str, object]:
    """A rejected answer is listed with its reason, without what it said: it was not paid for."""
    given = row.assignment
    is_rejected = given.state == AssignmentState.REJECTED
    took = (given.submitted_at - given.assigned_at) if given.submitted_at else None
    return {
        "item": row.item_public_id,
        "task": row.task_public_id,
        "answer_id": given.public_id,
        "worker": row.pseudonym,
        "state": given.state,
        "reason": given.reason or None,
        "label": None if is_rejected else given.label,
        "answer": None if is_rejected else given.answer,
        "trust": given.trust,
        "is_gold": row.is_gold,
        "gold_score": row.gold_score,
        "duration_seconds": took / timedelta(seconds=1) if took is not None else None,
        "assigned_at": given.assigned_at,
        "submitted_at": given.submitted_at,
        "decided_at": given.decided_at,
        "pay_micros": 0 if is_rejected else given.pay_micros,
        "guidelines_version": row.guidelines_version,
    }


def _item_count(session: Session, project: Project) -> int:
    return export_count(session, project, of_answers=False)


def _answer_count(session: Session, project: Project) -> int:
    return export_count(session, project, of_answers=True)


def _answer_columns(_session: Session, _project: Project) -> list[str]:
    return list(ANSWER_COLUMNS)


CONTENTS: Mapping[str, Content] = MappingProxyType(
    {
        "items": Content("items", _item_columns, _items, _item_count),
        "answers": Content("answers", _answer_columns, _answers, _answer_count),
    }
)

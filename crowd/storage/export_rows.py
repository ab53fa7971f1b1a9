"""What an export reads: a project's items and answers with all that hangs on them, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from crowd.storage.assignments import Assignment
from crowd.storage.batches import Batch
from crowd.storage.gold import Gold, GoldScore
from crowd.storage.guidelines import Guidelines
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.results import Result
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task

CHUNK = 1000


@dataclass(frozen=True)
class ItemRow:
    """One item with its task, consensus and gold answer, where it has them."""

    item: Item
    task: Task | None
    result: Result | None
    gold: Gold | None
    batch_number: int | None


@dataclass(frozen=True)
class AnswerRow:
    """One answer with its item, its task, the worker's pseudonym, its gold score, what she had been told."""

    assignment: Assignment
    item_public_id: str
    task_public_id: str
    is_gold: bool
    pseudonym: str
    gold_score: float | None
    guidelines_version: int


def one_snapshot(session: Session) -> None:
    """Make a fresh session see one state of the database for as long as it reads.

    SQLite's transactions always do.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def item_rows(session: Session, project: Project) -> Iterator[ItemRow]:
    """Every item of the project's dataset in file order, whether it has been answered or not."""
    query = (
        select(Item, Task, Result, Gold, col(Batch.number))
        .join(Task, (col(Task.item_id) == Item.id) & (col(Task.project_id) == project.id), isouter=True)
        .join(Result, col(Result.task_id) == Task.id, isouter=True)
        .join(Gold, (col(Gold.item_id) == Item.id) & (col(Gold.project_id) == project.id), isouter=True)
        .join(Batch, col(Batch.id) == Task.batch_id, isouter=True)
        .where(col(Item.dataset_id) == project.dataset_id)
        .order_by(col(Item.position))
    )
    for values in _in_chunks(session, query, col(Item.position), lambda row: row[0].position):
        yield ItemRow(*values)


def answer_rows(session: Session, project: Project) -> Iterator[AnswerRow]:
    """Every answer of a project, rejected ones too, in the order in which the tasks were lent."""
    query = (
        select(
            Assignment,
            col(Item.public_id),
            col(Task.public_id),
            col(Task.is_gold),
            col(Standing.pseudonym),
            col(GoldScore.score),
            col(Guidelines.version),
        )
        .join(Task, col(Task.id) == Assignment.task_id)
        .join(Item, col(Item.id) == Task.item_id)
        .join(
            Standing,
            (col(Standing.project_id) == col(Assignment.project_id))
            & (col(Standing.worker_id) == col(Assignment.worker_id)),
        )
        .join(Guidelines, col(Guidelines.id) == Assignment.guidelines_id)
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id, isouter=True)
        .where(col(Assignment.project_id) == project.id, col(Assignment.answer).is_not(None))
        .order_by(col(Assignment.id))
    )
    for values in _in_chunks(session, query, col(Assignment.id), lambda row: row[0].id):
        yield AnswerRow(*values)


def _in_chunks(session: Session, query: Select[*tuple[Any, ...]], key: Any, key_of: Any) -> Iterator[Any]:
    """The rows of an ordered query, each chunk from behind the last key; what was read is let go again."""
    after = -1
    while True:
        chunk = session.execute(query.where(key > after).limit(CHUNK)).all()
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = key_of(chunk[-1])
        session.expunge_all()


def export_count(session: Session, project: Project, *, of_answers: bool) -> int:
    """How many rows an export of items or of answers has."""
    if of_answers:
        query = (
            select(func.count())
            .select_from(Assignment)
            .where(col(Assignment.project_id) == project.id, col(Assignment.answer).is_not(None))
        )
    else:
        query = select(func.count()).select_from(Item).where(col(Item.dataset_id) == project.dataset_id)
    return int(session.execute(query).scalar_one())

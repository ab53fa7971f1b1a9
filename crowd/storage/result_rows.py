"""Results as rows of a table: each task with its item and consensus, page by page in the dataset's order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from crowd.domain.states import TaskState
from crowd.storage.assignments import Assignment
from crowd.storage.gold import GoldScore
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.results import Result
from crowd.storage.reviews import Review
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task
from crowd.storage.users import User

PAGE = 50
SHOWINGS = ("all", "settled", "unsettled", "disputed")


@dataclass(frozen=True)
class ResultRow:
    """One task with its item and, once answered, its consensus."""

    task: Task
    item: Item
    result: Result | None


@dataclass(frozen=True)
class ResultPage:
    """Some rows, and the positions behind which the neighbouring pages lie."""

    rows: list[ResultRow]
    next_after: int | None
    previous_before: int | None


def results_page(
    session: Session,
    project: Project,
    *,
    showing: str,
    label: str = "",
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> ResultPage:
    """Rows behind one position, or in front of another. `showing` is one of SHOWINGS."""
    query = _filtered(
        select(Task, Item, Result)
        .join(Item, col(Item.id) == Task.item_id)
        .join(Result, col(Result.task_id) == Task.id, isouter=True)
        .where(Item.dataset_id == project.dataset_id, Task.project_id == project.id),
        showing,
        label,
    )
    backwards = before is not None
    if before is not None:
        query = query.where(col(Item.position) < before)
    elif after is not None:
        query = query.where(col(Item.position) > after)
    order = col(Item.position).desc() if backwards else col(Item.position)
    found = [ResultRow(*row) for row in session.execute(query.order_by(order).limit(size + 1))]
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return ResultPage([], None, None)
    first, last = found[0].item.position, found[-1].item.position
    return ResultPage(
        rows=found,
        next_after=last if backwards or has_more else None,
        previous_before=first if (has_more if backwards else after is not None) else None,
    )


def showing_counts(session: Session, project_id: int) -> dict[str, int]:
    """How many tasks each showing holds."""
    states = {
        str(state): int(count)
        for state, count in session.execute(
            select(Task.state, func.count()).where(Task.project_id == project_id).group_by(col(Task.state))
        )
    }
    disputed = session.exec(
        select(func.count())
        .select_from(Result)
        .where(Result.project_id == project_id, col(Result.is_disputed).is_(True))
    ).one()
    return {
        "all": sum(states.values()),
        "settled": states.get(TaskState.SETTLED, 0),
        "unsettled": states.get(TaskState.OPEN, 0),
        "disputed": disputed,
    }


@dataclass(frozen=True)
class AnswerBehind:
    """One answer to a task, how its worker stands, and its gold score where the task is gold."""

    answer: Assignment
    stands: Standing | None
    score: float | None


def answers_behind(session: Session, task: Task) -> list[AnswerBehind]:
    """Every answer to a task, rejected ones included, first to last."""
    query = (
        select(Assignment, Standing, GoldScore.score)
        .join(
            Standing,
            (col(Standing.worker_id) == Assignment.worker_id) & (col(Standing.project_id) == task.project_id),
            isouter=True,
        )
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id, isouter=True)
        .where(Assignment.task_id == task.id, col(Assignment.answer).is_not(None))
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
    )
    return [AnswerBehind(*row) for row in session.execute(query)]


def decisions_of(session: Session, task_id: int) -> list[tuple[Review, str]]:
    """Each decision about a task with the name of the person who took it, newest first."""
    query = (
        select(Review, User.name)
        .join(User, col(User.id) == Review.reviewer_id)
        .where(Review.task_id == task_id)
        .order_by(col(Review.id).desc())
    )
    return [(review, name) for review, name in session.execute(query)]


def _filtered(query: Select[Task, Item, Result], showing: str, label: str) -> Select[Task, Item, Result]:
    if showing == "settled":
        query = query.where(col(Task.state) == TaskState.SETTLED)
    elif showing == "unsettled":
        query = query.where(col(Task.state) == TaskState.OPEN)
    elif showing == "disputed":
        query = query.where(col(Result.is_disputed).is_(True))
    if label:
        query = query.where(col(Result.label) == label)
    return query

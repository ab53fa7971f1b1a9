"""Launch batches: what they cost, their reserve, and the tasks made of the dataset's items."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import Session, col, func, select

from crowd.domain.pay import Tiers, hourly_wage, reserve
from crowd.domain.states import BatchState, DatasetState, ProjectState
from crowd.services import ledger
from crowd.services.ledger import Line, NotEnough
from crowd.storage import audit
from crowd.storage.batches import Batch, batches_of
from crowd.storage.columns import new_public_id
from crowd.storage.datasets import Dataset
from crowd.storage.gold import Gold
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.items import Item
from crowd.storage.jobs import add_job
from crowd.storage.ledger import AccountKind
from crowd.storage.projects import Project
from crowd.storage.tasks import Task

CHUNK = 2000
GOLD_SEPARATOR = "|"
POSITIONS = 1 << 40


class NotReady(Exception):
    """A project cannot be launched yet; the message says what is missing."""


@dataclass(frozen=True)
class Cost:
    """What launching some tasks means, in micro-units."""

    task_count: int
    answer_count: int
    least_micros: int  # every answer at the plain reward
    reserve_micros: int  # every answer at the highest tier: what is set aside
    hourly_wage_micros: int


def cost_of(project: Project, task_count: int) -> Cost:
    """What launching this many tasks costs at the project's rules."""
    tiers = Tiers.from_list(project.tiers)
    return Cost(
        task_count=task_count,
        answer_count=task_count * project.overlap,
        least_micros=task_count * project.overlap * project.reward_micros,
        reserve_micros=reserve(task_count, project.overlap, project.reward_micros, tiers),
        hourly_wage_micros=hourly_wage(project.reward_micros, project.estimated_seconds),
    )


def waiting_item_count(session: Session, project: Project) -> int:
    """How many items of the dataset are neither tasks of this project nor launched to become some."""
    items = session.exec(
        select(func.count()).select_from(Item).where(Item.dataset_id == project.dataset_id)
    ).one()
    return items - sum(batch.task_count for batch in batches_of(session, project.id))


def launch(
    session: Session, project: Project, *, by: int, now: datetime, pilot_size: int | None = None
) -> Batch:
    """Reserve the cost and start making tasks of what waits, or of a pilot's worth of it. Commits.

    Raises NotReady, or NotEnough when the requester's budget does not cover the reserve.
    """
    session.refresh(project, with_for_update=True)  # of two launches at once, the second sees the first
    _check_ready(session, project)
    waiting = waiting_item_count(session, project)
    task_count = min(waiting, pilot_size) if pilot_size else waiting
    if task_count < 1:
        raise NotReady("Every item of the dataset is a task already.")
    cost = cost_of(project, task_count)
    ledger.take(session, AccountKind.BUDGET, project.owner_id, cost.reserve_micros)
    batch = Batch(
        project_id=project.id,
        number=len(batches_of(session, project.id)) + 1,
        is_pilot=pilot_size is not None,
        task_count=task_count,
        reserved_micros=cost.reserve_micros,
        launched_by=by,
        launched_at=now,
    )
    session.add(batch)
    session.flush()
    if cost.reserve_micros:
        ledger.move(
            session,
            f"launch:{batch.id}",
            "reserve",
            [
                Line(AccountKind.BUDGET, project.owner_id, -cost.reserve_micros),
                Line(AccountKind.RESERVE, project.id, cost.reserve_micros),
            ],
            now=now,
            project_id=project.id,
            actor_id=by,
        )
    if project.state == ProjectState.DRAFT:
        project.state = ProjectState.OPEN
        project.launched_at = now
    audit.record(
        session,
        "batch.launched",
        f"project:{project.public_id}",
        actor_id=by,
        at=now,
        after={"batch": batch.number, "tasks": task_count, "reserve_micros": cost.reserve_micros},
    )
    add_job(session, "launch", {"batch_id": batch.id}, key=str(batch.id), now=now, is_slow=True)
    session.commit()
    return batch


def _check_ready(session: Session, project: Project) -> None:
    if project.state == ProjectState.CLOSED:
        raise NotReady("The project is closed.")
    dataset = session.get(Dataset, project.dataset_id) if project.dataset_id else None
    if dataset is None:
        raise NotReady("Choose a dataset first.")
    if dataset.state != DatasetState.READY:
        raise NotReady("The dataset is not imported yet.")
    if latest_guidelines(session, project.id) is None:
        raise NotReady("Write guidelines first.")


def make_tasks(session: Session, batch_id: int, now: datetime, progress: Callable[[int, int], None]) -> int:
    """Make the tasks of a batch, some thousand per transaction; may be run again after any interruption.

    Returns how many tasks the batch has. A pilot takes gold items first, up to a quarter of its size, so
    that workers are tested in it.
    """
    batch = session.get_one(Batch, batch_id)
    project = session.get_one(Project, batch.project_id)
    _make_gold(session, project, now)
    made = _made(session, batch_id)
    if batch.is_pilot:
        made += _add_tasks(session, project, batch, batch.task_count // 4 - made, is_gold=True, now=now)
    while made < batch.task_count:
        added = _add_tasks(
            session, project, batch, min(CHUNK, batch.task_count - made), is_gold=None, now=now
        )
        if not added:
            break
        made += added
        progress(made, batch.task_count)
    session.execute(
        update(Batch)
        .where(col(Batch.id) == batch_id, col(Batch.state) == BatchState.LAUNCHING)
        .values(state=BatchState.OPEN)
    )
    session.commit()
    return made


def _made(session: Session, batch_id: int) -> int:
    return session.exec(select(func.count()).select_from(Task).where(Task.batch_id == batch_id)).one()


def _make_gold(session: Session, project: Project, now: datetime) -> None:
    """Turn the gold column's answers into gold, once per item."""
    if not project.gold_column:
        return
    after = -1
    while True:
        items = session.exec(
            select(Item)
            .where(Item.dataset_id == project.dataset_id, Item.position > after)
            .order_by(col(Item.position))
            .limit(CHUNK)
        ).all()
        if not items:
            return
        after = items[-1].position
        known = set(
            session.exec(
                select(Gold.item_id).where(
                    Gold.project_id == project.id, col(Gold.item_id).in_([item.id for item in items])
                )
            )
        )
        for item in items:
            labels = gold_labels(item.input.get(project.gold_column))
            if labels and item.id not in known:
                session.add(
                    Gold(
                        project_id=project.id,
                        item_id=item.id,
                        labels=labels,
                        author_id=project.owner_id,
                        created_at=now,
                    )
                )
        session.commit()
        session.expunge_all()


def gold_labels(value: object) -> list[str]:
    """The right answers in a cell of the gold column: several are parted by a bar."""
    if value is None:
        return []
    return [part.strip() for part in str(value).split(GOLD_SEPARATOR) if part.strip()]


def _add_tasks(
    session: Session, project: Project, batch: Batch, limit: int, *, is_gold: bool | None, now: datetime
) -> int:
    """Make up to `limit` tasks of items that have none; all kinds, or gold only.

    Ordinary tasks are given out in an order of chance, as gold is, and a pilot is a sample of the file: in
    the file's order gold would stand out wherever texts, dates or numbers show that order.
    """
    if limit <= 0:
        return 0
    query = (
        select(Item.id, Item.position, Gold.id)
        .join(
            Gold, (col(Gold.item_id) == Item.id) & (col(Gold.project_id) == project.id), isouter=not is_gold
        )
        .where(
            Item.dataset_id == project.dataset_id,
            ~select(Task.id).where(Task.project_id == project.id, Task.item_id == Item.id).exists(),
        )
        .order_by(col(Item.public_id) if batch.is_pilot else col(Item.position))
        .limit(limit)
    )
    rows = [
        {
            "public_id": new_public_id(),
            "project_id": project.id,
            "batch_id": batch.id,
            "item_id": item_id,
            "is_gold": gold_id is not None,
            "position": position if gold_id is not None else secrets.randbelow(POSITIONS),
            "overlap": project.overlap if gold_id is None else project.gold_overlap,
            "created_at": now,
        }
        for item_id, position, gold_id in session.exec(query)
    ]
    if rows:
        session.execute(insert(Task), rows)
        _tie_gold(session, project)
    session.commit()
    return len(rows)


def _tie_gold(session: Session, project: Project) -> None:
    """Tell each gold answer which task it belongs to."""
    task_id = (
        select(Task.id)
        .where(Task.project_id == Gold.project_id, Task.item_id == Gold.item_id)
        .scalar_subquery()
    )
    session.execute(
        update(Gold)
        .where(col(Gold.project_id) == project.id, col(Gold.task_id).is_(None))
        .values(task_id=task_id)
        .execution_options(synchronize_session=False)
    )


__all__ = [
    "Cost",
    "NotEnough",
    "NotReady",
    "cost_of",
    "gold_labels",
    "launch",
    "make_tasks",
    "waiting_item_count",
]

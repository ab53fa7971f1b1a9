"""Set the stage for a recorded crowd: its workers' accounts, and a project of its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from crowd.domain.pay import Tiers, reserve
from crowd.domain.states import DatasetState, Role
from crowd.services.launch import launch, make_tasks
from crowd.services.ledger import deposit
from crowd.storage.columns import new_public_id
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import Guidelines
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.tasks import Task
from crowd.storage.users import User, UserRole, roles_of, user_by_email

DOMAIN = "replay.invalid"
REWARD_MICROS = 10_000


@dataclass(frozen=True)
class Play:
    """The tasks to be replayed, and what of them is known."""

    title: str
    tasks: Mapping[str, int]  # in recorded order, with the number of answers that each has
    labels: Sequence[str]
    gold: Mapping[str, str]  # hidden gold: task -> right label

    @property
    def overlap(self) -> int:
        """The most answers that any task has."""
        return max(self.tasks.values())


def simulated_user(session: Session, email: str, name: str, role: Role, password_hash: str = "") -> User:
    """An account that no person stands behind, made when it is first needed. Does not commit."""
    user = user_by_email(session, email)
    if user is None:
        user = User(email=email, name=name, is_simulated=True)
        session.add(user)
        session.flush()
    if role not in roles_of(session, user.id):
        session.add(UserRole(user_id=user.id, role=role.value))
    user.password_hash = password_hash or user.password_hash
    session.flush()
    return user


def recorded_workers(session: Session, names: Sequence[str], password_hash: str) -> dict[str, str]:
    """The e-mail address of every recorded worker's account. Commits."""
    emails = {name: f"worker-{name}@{DOMAIN}".lower() for name in names}
    for name, email in emails.items():
        simulated_user(session, email, f"Recorded worker {name}", Role.WORKER, password_hash)
    session.commit()
    return emails


def make_play(session: Session, play: Play, now: datetime) -> Project:
    """A dataset and an open project with one task per recorded task, in recorded order. Commits."""
    owner = simulated_user(session, f"requester@{DOMAIN}", "Recorded requester", Role.REQUESTER)
    cost = reserve(len(play.tasks), play.overlap, REWARD_MICROS, Tiers())
    deposit(session, owner, cost, reason="replay", key=new_public_id(), actor_id=owner.id, now=now)
    dataset = _dataset(session, owner, play, now)
    project = Project(
        owner_id=owner.id,
        dataset_id=dataset.id,
        title=play.title,
        summary="A recorded crowd answers again.",
        template_name="text-classification",
        parameters={"labels": list(play.labels)},
        mapping={"text": "task"},
        gold_column="gold",
        overlap=play.overlap,
        minimum_overlap=1,
        gold_overlap=play.overlap,
        gold_rate=0.1 if play.gold else 0.0,
        minimum_trust=0.0,
        put_back_limit=1_000_000,
        reward_micros=REWARD_MICROS,
        created_at=now,
    )
    session.add(project)
    session.flush()
    session.add(
        Guidelines(project_id=project.id, version=1, markdown="Recorded answers.", author_id=owner.id)
    )
    batch = launch(session, project, by=owner.id, now=now)
    make_tasks(session, batch.id, now, lambda _done, _total: None)
    _want_as_recorded(session, project, play)
    return project


def _want_as_recorded(session: Session, project: Project, play: Play) -> None:
    """Give tasks out in recorded order, and ask of each as many answers as were recorded. Commits."""
    place = select(Item.position).where(Item.id == Task.item_id).scalar_subquery()
    session.execute(
        update(Task)
        .where(col(Task.project_id) == project.id)
        .values(position=place)
        .execution_options(synchronize_session=False)
    )
    wanted = {place: count for place, count in enumerate(play.tasks.values()) if count != play.overlap}
    for position, count in wanted.items():
        session.execute(
            update(Task)
            .where(col(Task.project_id) == project.id, col(Task.position) == position)
            .values(overlap=count)
        )
    session.commit()


def _dataset(session: Session, owner: User, play: Play, now: datetime) -> Dataset:
    dataset = Dataset(
        owner_id=owner.id,
        name=play.title,
        state=DatasetState.READY,
        file_name="recording.csv",
        format="delimited",
        columns=["task", "gold"],
        read_count=len(play.tasks),
        kept_count=len(play.tasks),
        created_at=now,
        imported_at=now,
    )
    session.add(dataset)
    session.flush()
    session.add_all(
        Item(
            dataset_id=dataset.id,
            position=place,
            content_hash=f"recorded-{place}",
            input={"task": task, "gold": play.gold.get(task, "")},
        )
        for place, task in enumerate(play.tasks)
    )
    session.flush()
    return dataset


def task_keys(session: Session, project: Project, column: str) -> dict[int, tuple[int, str]]:
    """Of every task: its item's position, and what its item holds in a column; by the task's id."""
    query = (
        select(Task.id, Item.position, Item.input)
        .join(Item, Item.id == Task.item_id)  # type: ignore[arg-type]
        .where(Task.project_id == project.id)
    )
    return {
        task_id: (position, str(shown.get(column, ""))) for task_id, position, shown in session.exec(query)
    }

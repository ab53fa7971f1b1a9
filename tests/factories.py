"""Plain functions that make rows with fixed defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from crowd.domain.states import DatasetState, Role
from crowd.services.launch import launch, make_tasks
from crowd.services.ledger import deposit
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import Guidelines
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.users import User, UserRole


def make_user(session: Session, name: str, *roles: Role) -> User:
    """An account that cannot sign in by password."""
    user = User(email=f"{name.lower().replace(' ', '.')}@example.org", name=name)
    session.add(user)
    session.flush()
    session.add_all([UserRole(user_id=user.id, role=role.value) for role in roles])
    session.commit()
    return user


def make_dataset(
    session: Session, owner: User, rows: Sequence[dict[str, Any]], *, name: str = "Messages"
) -> Dataset:
    """A text dataset that is ready, with one item per row."""
    dataset = Dataset(
        owner_id=owner.id,
        name=name,
        state=DatasetState.READY,
        file_name="messages.csv",
        format="delimited",
        columns=list(rows[0]),
        read_count=len(rows),
        kept_count=len(rows),
    )
    session.add(dataset)
    session.flush()
    session.add_all(
        Item(dataset_id=dataset.id, position=place, content_hash=f"{place:064x}", input=row)
        for place, row in enumerate(rows)
    )
    session.commit()
    return dataset


def make_project(session: Session, owner: User, dataset: Dataset, **rules: Any) -> Project:
    """A draft that asks for one of three labels, ready to launch."""
    values: dict[str, Any] = {
        "title": "What is the mood?",
        "template_name": "text-classification",
        "parameters": {"labels": ["Positive", "Neutral", "Negative"]},
        "mapping": {"text": "text"},
        "gold_column": "gold",
        "gold_rate": 0.2,
    }
    project = Project(owner_id=owner.id, dataset_id=dataset.id, **(values | rules))
    session.add(project)
    session.flush()
    session.add(Guidelines(project_id=project.id, version=1, markdown="Choose the mood.", author_id=owner.id))
    session.commit()
    return project


def fund(session: Session, owner: User, amount_micros: int = 1_000_000_000) -> None:
    """Money for a requester's budget."""
    deposit(
        session, owner, amount_micros, reason="test", key=new_public_id(), actor_id=owner.id, now=now_utc()
    )


def launch_all(session: Session, project: Project) -> None:
    """Launch every item of a project and make its tasks at once, without a queue."""
    batch = launch(session, project, by=project.owner_id, now=now_utc())
    make_tasks(session, batch.id, now_utc(), lambda _done, _total: None)


def rows_with_gold(count: int, gold_every: int = 5) -> list[dict[str, Any]]:
    """Rows of a text dataset; every so-manieth one carries its right label."""
    return [
        {"text": f"sentence number {place}", "gold": "Positive" if place % gold_every == 0 else ""}
        for place in range(count)
    ]

"""Datasets: uploaded, versioned collections of items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, delete, update
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import DatasetState
from crowd.storage.columns import (
    STRICT,
    big,
    holds,
    id_column,
    json_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)
from crowd.storage.users import User


class Dataset(SQLModel, table=True):
    """An uploaded file and what its import found."""

    __tablename__ = "datasets"
    __table_args__ = (
        one_of("state", DatasetState),
        holds(
            "counts", "read_count >= 0 AND kept_count >= 0 AND refused_count >= 0 AND duplicate_count >= 0"
        ),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    owner_id: int = reference("users.id", index=True)
    name: str
    version: int = 1
    state: str = DatasetState.IMPORTING
    file_name: str
    upload_name: str = ""  # the uploaded file's name under data_dir/uploads until it is imported
    byte_count: int = big(default=0)
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    modality: str = "text"  # what the items show: text, image or audio
    columns: list[str] = json_column(default_factory=list)
    read_count: int = big(default=0)
    kept_count: int = big(default=0)
    refused_count: int = big(default=0)
    duplicate_count: int = big(default=0)
    error: str = ""
    created_at: datetime = moment(default_factory=now_utc)
    imported_at: datetime | None = moment(default=None)


class Refusal(SQLModel, table=True):
    """One row of an upload that was not kept, and why. Only the first thousand are kept."""

    __tablename__ = "refusals"
    __table_args__ = (UniqueConstraint("dataset_id", "number"), STRICT)

    id: int = id_column()
    dataset_id: int = reference("datasets.id")
    number: int
    line: int = big()
    column: str = ""
    reason: str


def dataset_by_public_id(session: Session, public_id: str) -> Dataset | None:
    """The dataset with this public id."""
    return session.exec(select(Dataset).where(Dataset.public_id == public_id)).one_or_none()


def next_version(session: Session, owner_id: int, name: str) -> int:
    """The version that the requester's next dataset of this name gets."""
    query = select(func.max(Dataset.version)).where(Dataset.owner_id == owner_id, Dataset.name == name)
    return (session.exec(query).one() or 0) + 1


def change_importing(session: Session, dataset_id: int, read_count: int, values: dict[str, Any]) -> bool:
    """Change a dataset that is being imported and has come as far as `read_count`.

    False when it is not: it was deleted, or another runner has taken the import over.
    """
    rows = session.execute(
        update(Dataset)
        .where(
            col(Dataset.id) == dataset_id,
            col(Dataset.state) == DatasetState.IMPORTING,
            col(Dataset.read_count) == read_count,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows.rowcount == 1)  # type: ignore[attr-defined]


def delete_dataset_row(session: Session, dataset_id: int) -> None:
    """Delete a dataset that has no items any more, with its refusals."""
    session.execute(delete(Refusal).where(col(Refusal.dataset_id) == dataset_id))
    session.execute(delete(Dataset).where(col(Dataset.id) == dataset_id))


def datasets_of(session: Session, owner_id: int) -> Sequence[Dataset]:
    """A requester's datasets, newest first."""
    query = select(Dataset).where(Dataset.owner_id == owner_id)
    return session.exec(query.order_by(col(Dataset.created_at).desc(), col(Dataset.id).desc())).all()


def refusals_of(session: Session, dataset_id: int, limit: int = 1000) -> Sequence[Refusal]:
    """The refused rows of an import, in file order."""
    query = select(Refusal).where(Refusal.dataset_id == dataset_id).order_by(col(Refusal.number))
    return session.exec(query.limit(limit)).all()


def all_datasets(session: Session) -> Sequence[tuple[Dataset, str]]:
    """Every dataset with its owner's e-mail address, newest first."""
    query = select(Dataset, User.email).join(User, col(User.id) == Dataset.owner_id)
    return session.exec(query.order_by(col(Dataset.id).desc())).all()

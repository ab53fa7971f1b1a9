"""Datasets: uploaded, versioned collections of items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

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


def datasets_of(session: Session, owner_id: int) -> Sequence[Dataset]:
    """A requester's datasets, newest first."""
    query = select(Dataset).where(Dataset.owner_id == owner_id)
    return session.exec(query.order_by(col(Dataset.created_at).desc(), col(Dataset.id).desc())).all()


def refusals_of(session: Session, dataset_id: int, limit: int = 1000) -> Sequence[Refusal]:
    """The refused rows of an import, in file order."""
    query = select(Refusal).where(Refusal.dataset_id == dataset_id).order_by(col(Refusal.number))
    return session.exec(query.limit(limit)).all()

"""Releases: immutable, numbered, hashed exports of a project's consensus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from crowd.storage.columns import (
    STRICT,
    big,
    id_column,
    moment,
    now_utc,
    public_id_column,
    reference,
)


class Release(SQLModel, table=True):
    """One export. `blob_sha256` is empty until its job has written the file."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("project_id", "number"), STRICT)

    id: int = id_column()
    public_id: str = public_id_column()
    project_id: int = reference("projects.id")
    number: int
    format: str
    content: str  # items or answers
    row_count: int = big(default=0)
    blob_sha256: str | None = Field(default=None, foreign_key="blobs.sha256")
    created_by: int = reference("users.id")
    created_at: datetime = moment(default_factory=now_utc)
    finished_at: datetime | None = moment(default=None)
    error: str = ""


def release_by_public_id(session: Session, public_id: str) -> Release | None:
    """The release with this public id."""
    return session.exec(select(Release).where(Release.public_id == public_id)).one_or_none()


def releases_of(session: Session, project_id: int) -> Sequence[Release]:
    """A project's releases, newest first."""
    query = select(Release).where(Release.project_id == project_id)
    return session.exec(query.order_by(col(Release.number).desc())).all()

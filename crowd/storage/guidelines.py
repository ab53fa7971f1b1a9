"""Guidelines: what workers are told; a version is never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

from crowd.storage.columns import STRICT, id_column, moment, now_utc, reference


class Guidelines(SQLModel, table=True):
    """One version of a project's guidelines, as Markdown."""

    __tablename__ = "guidelines"
    __table_args__ = (UniqueConstraint("project_id", "version"), STRICT)

    id: int = id_column()
    project_id: int = reference("projects.id")
    version: int
    markdown: str
    author_id: int = reference("users.id")
    created_at: datetime = moment(default_factory=now_utc)


def latest_guidelines(session: Session, project_id: int) -> Guidelines | None:
    """The version in force."""
    query = select(Guidelines).where(Guidelines.project_id == project_id)
    return session.exec(query.order_by(col(Guidelines.version).desc()).limit(1)).first()

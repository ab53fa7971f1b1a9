"""Releases: immutable, numbered, hashed exports of a project's consensus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, func, select

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


def last_number(session: Session, project_id: int) -> int:
    """The number of a project's newest release; 0 before the first."""
    query = select(func.max(Release.number)).where(Release.project_id == project_id)
    return session.exec(query).one() or 0


def unfinished_release(session: Session, project_id: int, format_name: str, content: str) -> Release | None:
    """The newest release of this kind that is still being written."""
    query = select(Release).where(
        Release.project_id == project_id,
        Release.format == format_name,
        Release.content == content,
        col(Release.finished_at).is_(None),
        Release.error == "",
    )
    return session.exec(query.order_by(col(Release.number).desc()).limit(1)).first()


def finish_release(session: Session, release_id: int, sha256: str, row_count: int, now: datetime) -> bool:
    """Give a release its file, once; False when it had one or had failed."""
    return _close(session, release_id, {"blob_sha256": sha256, "row_count": row_count, "finished_at": now})


def fail_release(session: Session, release_id: int, error: str) -> bool:
    """Note why a release got no file; False when it had one or had failed."""
    return _close(session, release_id, {"error": error})


def _close(session: Session, release_id: int, values: dict[str, object]) -> bool:
    rows = session.execute(
        update(Release)
        .where(col(Release.id) == release_id, col(Release.finished_at).is_(None), col(Release.error) == "")
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows.rowcount == 1)  # type: ignore[attr-defined]

"""Sign-in sessions: the browser holds a random token, the row holds its hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Field, Session, SQLModel, col

from crowd.storage.columns import STRICT, moment, reference


class SignInSession(SQLModel, table=True):
    """One signed-in browser. Deleting the row signs it out."""

    __tablename__ = "sessions"
    __table_args__ = (STRICT,)

    token_hash: str = Field(primary_key=True)
    user_id: int = reference("users.id", index=True)
    csrf_token: str
    created_at: datetime = moment()
    seen_at: datetime = moment()
    ends_at: datetime = moment()


def token_hash(token: str) -> str:
    """What is stored of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_by_token(session: Session, token: str) -> SignInSession | None:
    """The signed-in session behind a browser's token."""
    return session.get(SignInSession, token_hash(token))


def end_session(session: Session, token: str) -> None:
    """Sign one browser out."""
    session.execute(delete(SignInSession).where(col(SignInSession.token_hash) == token_hash(token)))


def mark_seen(session: Session, token: str, now: datetime) -> None:
    """Note that a signed-in browser was here."""
    row = col(SignInSession.token_hash) == token_hash(token)
    session.execute(update(SignInSession).where(row, col(SignInSession.seen_at) < now).values(seen_at=now))


def end_sessions_of(session: Session, user_id: int) -> None:
    """Sign a user out everywhere."""
    session.execute(delete(SignInSession).where(col(SignInSession.user_id) == user_id))


def end_old_sessions(session: Session, now: datetime) -> None:
    """Forget sessions whose time is over."""
    session.execute(delete(SignInSession).where(col(SignInSession.ends_at) < now))

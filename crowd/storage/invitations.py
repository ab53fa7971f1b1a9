"""One-time links that open an account with a role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col

from crowd.domain.states import Role
from crowd.storage.columns import STRICT, moment, now_utc, one_of, reference
from crowd.storage.sessions import token_hash


class Invitation(SQLModel, table=True):
    """An invitation; only the hash of its token is kept."""

    __tablename__ = "invitations"
    __table_args__ = (one_of("role", Role), STRICT)

    token_hash: str = Field(primary_key=True)
    role: str
    invited_by: int | None = reference("users.id", default=None)
    created_at: datetime = moment(default_factory=now_utc)
    ends_at: datetime = moment()
    used_at: datetime | None = moment(default=None)


def open_invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """The unused, unexpired invitation behind a token."""
    found = session.get(Invitation, token_hash(token))
    return found if found and found.used_at is None and found.ends_at > now else None


def use_invitation(session: Session, token: str, now: datetime) -> bool:
    """Use an invitation up; False when somebody was faster."""
    rows = session.execute(
        update(Invitation)
        .where(
            col(Invitation.token_hash) == token_hash(token),
            col(Invitation.used_at).is_(None),
            col(Invitation.ends_at) > now,
        )
        .values(used_at=now)
    )
    return bool(rows.rowcount == 1)  # type: ignore[attr-defined]


def withdraw_setup_links(session: Session, now: datetime) -> None:
    """Use up every link to the first admin's account that is still open."""
    still_open = (col(Invitation.invited_by).is_(None), col(Invitation.used_at).is_(None))
    session.execute(
        update(Invitation).where(*still_open, col(Invitation.role) == Role.ADMIN).values(used_at=now)
    )

"""Invitations: one-time links that open an account with a role, or add the role to an account."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from crowd.domain.states import Role
from crowd.services.sign_up import add_user, hash_new_password, subject_of
from crowd.storage.audit import record
from crowd.storage.invitations import (
    Invitation,
    open_invitation,
    use_invitation,
    withdraw_setup_links,
)
from crowd.storage.sessions import token_hash
from crowd.storage.users import User, has_admin, replace_roles, roles_of

INVITATION_LIFE = timedelta(days=7)
SETUP_LIFE = timedelta(days=1)


class InvitationRefused(Exception):
    """The link is unknown, used, withdrawn or too old."""


def invite(session: Session, role: Role, *, by: int, now: datetime) -> str:
    """Make an invitation and return its token, which is nowhere kept and cannot be shown again."""
    token = _add_invitation(session, role, by, now, INVITATION_LIFE)
    session.commit()
    return token


def setup_link_token(session: Session, now: datetime) -> str | None:
    """A token that opens the first admin's account; None once there is one. Older ones stop working."""
    if has_admin(session):
        session.rollback()
        return None
    withdraw_setup_links(session, now)
    token = _add_invitation(session, Role.ADMIN, None, now, SETUP_LIFE)
    session.commit()
    return token


def create_with_invitation(
    session: Session, token: str, name: str, email: str, password: str, *, now: datetime
) -> User:
    """Open an account with the invitation's role, once.

    Raises InvitationRefused, PasswordRefused or EmailTaken; nothing is used up then.
    """
    if open_invitation(session, token, now) is None:
        session.rollback()
        raise InvitationRefused
    password_hash = hash_new_password(session, password, name=name, email=email)
    invitation = _used(session, token, now)
    role = Role(invitation.role)
    user = add_user(session, name, email, password_hash, roles={role}, now=now)
    record(
        session,
        "user.signed_up",
        subject_of(user),
        actor_id=user.id,
        at=now,
        after={"roles": [role], "invitation": _short(invitation.token_hash)},
    )
    session.commit()
    return user


def accept_invitation(session: Session, token: str, user_id: int, *, now: datetime) -> Role:
    """Add the invitation's role to an account, once. Raises InvitationRefused."""
    invitation = _used(session, token, now)
    role, before = Role(invitation.role), roles_of(session, user_id)
    replace_roles(session, user_id, before | {role})
    record(
        session,
        "user.roles_changed",
        subject_of(session.get_one(User, user_id)),
        actor_id=user_id,
        at=now,
        before={"roles": sorted(before)},
        after={"roles": sorted(before | {role}), "invitation": _short(invitation.token_hash)},
    )
    session.commit()
    return role


def _used(session: Session, token: str, now: datetime) -> Invitation:
    """Use an invitation up; of several who try at once, one gets through."""
    if not use_invitation(session, token, now):
        session.rollback()
        raise InvitationRefused
    invitation = session.get_one(Invitation, token_hash(token))
    if invitation.invited_by is None and has_admin(session):
        session.rollback()  # a link to the first admin's account, and there is one already
        raise InvitationRefused
    return invitation


def _add_invitation(session: Session, role: Role, by: int | None, now: datetime, life: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(token_hash=token_hash(token), role=role, invited_by=by, created_at=now, ends_at=now + life)
    )
    record(
        session,
        "invitation.made",
        f"invitation:{_short(token_hash(token))}",
        actor_id=by,
        at=now,
        after={"role": role},
    )
    return token


def _short(full_hash: str) -> str:
    return full_hash[:16]

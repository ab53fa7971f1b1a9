"""Accounts: everything that a door may do with them. Every privileged act leaves one audit event."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlmodel import Session

from crowd.domain.states import Role
from crowd.services.attempts import TooManyAttempts, admit, allowances, give_back
from crowd.services.invitations import (
    InvitationRefused,
    accept_invitation,
    create_with_invitation,
    invite,
    setup_link_token,
)
from crowd.services.passwords import PasswordFlaw, PasswordRefused, is_password
from crowd.services.sign_in import (
    SignedIn,
    SignedInUser,
    SignInRefused,
    add_session,
    begin,
    note_seen,
    sign_in,
    sign_in_demo,
    sign_out,
    sign_out_everywhere,
    signed_in,
)
from crowd.services.sign_up import EmailTaken, hash_new_password, sign_up, sign_up_from, subject_of
from crowd.settings import Settings
from crowd.storage.audit import record
from crowd.storage.sessions import end_sessions_of
from crowd.storage.users import User, active_admins_locked, replace_roles, roles_of

__all__ = [
    "EmailTaken",
    "InvitationRefused",
    "LastAdmin",
    "PasswordFlaw",
    "PasswordRefused",
    "SignInRefused",
    "SignedIn",
    "SignedInUser",
    "TooManyAttempts",
    "WrongPassword",
    "accept_invitation",
    "begin",
    "change_password",
    "create_with_invitation",
    "deactivate",
    "invite",
    "note_seen",
    "reactivate",
    "rename",
    "set_roles",
    "setup_link_token",
    "sign_in",
    "sign_in_demo",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "sign_up_from",
    "signed_in",
]


class WrongPassword(Exception):
    """The present password was not the right one."""


class LastAdmin(Exception):
    """Without this account nobody could administer the house."""


def rename(session: Session, user_id: int, name: str, now: datetime) -> None:
    """Give an account another name."""
    user = _user(session, user_id)
    if user.name != name:
        user.name = name
        # Names are personal: the trail, which never forgets, notes the act and not the name.
        record(session, "user.renamed", subject_of(user), actor_id=user_id, at=now)
    session.commit()


def change_password(
    session: Session, user_id: int, old: str, new: str, address: str, now: datetime, settings: Settings
) -> SignedIn:
    """Change a password, end every session and open a new one.

    Raises WrongPassword, PasswordRefused, or TooManyAttempts: a stolen session is no way to guess faster.
    """
    limits = allowances("password", address, settings, account=str(user_id))
    admit(session, limits, now, settings)
    user = _user(session, user_id)
    old_hash = user.password_hash
    session.commit()  # nobody waits for the write lock while passwords are being hashed
    if not is_password(old_hash, old):
        raise WrongPassword
    new_hash = hash_new_password(session, new, name=user.name, email=user.email)
    session.refresh(user, with_for_update=True)
    if user.password_hash != old_hash:
        session.rollback()
        raise WrongPassword
    user.password_hash = new_hash
    end_sessions_of(session, user_id)
    opened = add_session(session, user, now, settings)
    give_back(session, limits, now, settings)
    record(session, "user.password_changed", subject_of(user), actor_id=user_id, at=now)
    session.commit()
    return opened


def set_roles(session: Session, user_id: int, roles: AbstractSet[Role], *, by: int, now: datetime) -> None:
    """Give an account these roles and no others; one that is taken away ends all its sessions.

    Raises LastAdmin rather than leave the house without an admin.
    """
    admins = active_admins_locked(session)
    before = roles_of(session, user_id)
    if before == roles:
        session.rollback()
        return
    if Role.ADMIN not in roles:
        _keep_an_admin(session, admins, user_id)
    replace_roles(session, user_id, roles)
    if before - roles:
        end_sessions_of(session, user_id)
    record(
        session,
        "user.roles_changed",
        subject_of(_user(session, user_id)),
        actor_id=by,
        at=now,
        before={"roles": sorted(before)},
        after={"roles": sorted(roles)},
    )
    session.commit()


def deactivate(session: Session, user_id: int, *, by: int, reason: str, now: datetime) -> None:
    """Close an account: all its sessions end, nobody can sign in to it. Raises LastAdmin."""
    _keep_an_admin(session, active_admins_locked(session), user_id)
    user = _user(session, user_id)
    if user.is_active:
        user.is_active = False
        end_sessions_of(session, user_id)
        record(session, "user.deactivated", subject_of(user), actor_id=by, at=now, reason=reason)
    session.commit()


def reactivate(session: Session, user_id: int, *, by: int, now: datetime) -> None:
    """Open a closed account again; its sessions stay ended."""
    user = _user(session, user_id)
    if not user.is_active:
        user.is_active = True
        end_sessions_of(session, user_id)
        record(session, "user.reactivated", subject_of(user), actor_id=by, at=now)
    session.commit()


def _user(session: Session, user_id: int) -> User:
    return session.get_one(User, user_id, populate_existing=True)


def _keep_an_admin(session: Session, admins: frozenset[int], leaving: int) -> None:
    if admins == {leaving}:
        session.rollback()
        raise LastAdmin

"""Opening an account: the checks, the slow hash outside of the transaction, the row and its event."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from crowd.domain.states import Role
from crowd.services.attempts import admit, allowances, give_back
from crowd.services.passwords import check_new_password, hash_password
from crowd.settings import Settings
from crowd.storage.audit import record
from crowd.storage.users import User, replace_roles, user_by_email


class EmailTaken(Exception):
    """Another account has this address."""


def sign_up(
    session: Session,
    name: str,
    email: str,
    password: str,
    *,
    roles: AbstractSet[Role] = frozenset({Role.WORKER}),
    now: datetime,
) -> User:
    """Open an account. Raises PasswordRefused or EmailTaken; a taken address takes as long as a free one."""
    password_hash = hash_new_password(session, password, name=name, email=email)
    user = add_user(session, name, email, password_hash, roles=roles, now=now)
    record(
        session,
        "user.signed_up",
        subject_of(user),
        actor_id=user.id,
        at=now,
        after={"roles": sorted(roles)},
    )
    session.commit()
    return user


def sign_up_from(
    session: Session,
    address: str,
    name: str,
    email: str,
    password: str,
    *,
    now: datetime,
    settings: Settings,
) -> User:
    """Open a worker's account for a stranger at a network address.

    Raises TooManyAttempts too: whoever tries addresses to learn who has an account is soon not heard.
    """
    limits = allowances("sign-up", address, settings)
    admit(session, limits, now, settings)
    user = sign_up(session, name, email, password, now=now)
    give_back(session, limits, now, settings)
    session.commit()
    return user


def hash_new_password(session: Session, password: str, *, name: str, email: str) -> str:
    """Check and hash a new password, outside of any transaction: hashing is slow on purpose."""
    session.commit()
    check_new_password(password, name=name, email=email)
    return hash_password(password)


def add_user(
    session: Session,
    name: str,
    email: str,
    password_hash: str,
    *,
    roles: AbstractSet[Role],
    now: datetime,
) -> User:
    """Add an account in the caller's transaction, or end that transaction and raise EmailTaken."""
    address = email.strip().lower()
    if user_by_email(session, address) is not None:
        session.rollback()
        raise EmailTaken
    user = User(email=address, name=name.strip(), password_hash=password_hash, created_at=now)
    session.add(user)
    try:
        session.flush()
    except IntegrityError:  # somebody took it since we looked
        session.rollback()
        raise EmailTaken from None
    replace_roles(session, user.id, roles)
    return user


def subject_of(user: User) -> str:
    """How the audit trail calls an account."""
    return f"user:{user.public_id}"

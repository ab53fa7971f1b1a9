"""Signing in and out: sessions that live in the database, so that ending one ends it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from crowd.domain.states import Role
from crowd.services.attempts import admit, allowances, give_back
from crowd.services.passwords import hash_password, is_outdated, is_password
from crowd.settings import Settings
from crowd.storage.sessions import (
    SignInSession,
    end_session,
    end_sessions_of,
    mark_seen,
    session_by_token,
    token_hash,
)
from crowd.storage.users import User, roles_of, user_by_email

SEEN_EVERY = timedelta(minutes=5)
DEMO_DOMAIN = "demo.invalid"


class SignInRefused(Exception):
    """No: the same answer for an unknown address, a wrong password and a closed account."""


@dataclass(frozen=True)
class SignedIn:
    """A new session; the browser gets its token, the database keeps the token's hash."""

    token: str


@dataclass(frozen=True)
class SignedInUser:
    """The person behind a session. `is_stale`: her being here has not been noted for a while."""

    user: User
    roles: frozenset[Role]
    csrf_token: str
    is_stale: bool


def sign_in(
    session: Session, email: str, password: str, address: str, now: datetime, settings: Settings
) -> SignedIn:
    """Open a session for the right password.

    Raises SignInRefused, or TooManyAttempts when the account or the address has used up its attempts.
    """
    limits = allowances("sign-in", address, settings, account=email.strip().lower())
    admit(session, limits, now, settings)
    user = user_by_email(session, email)
    session.commit()  # nobody waits for the write lock while the password is being hashed
    known_hash = user.password_hash if user is not None else ""
    is_right = is_password(known_hash, password)
    if not is_right or user is None or not user.is_active:
        raise SignInRefused
    fresh_hash = hash_password(password) if is_outdated(known_hash) else known_hash
    still = select(User).where(User.id == user.id, User.password_hash == known_hash, col(User.is_active))
    if session.exec(still.with_for_update()).first() is None:  # changed while we were hashing
        session.rollback()
        raise SignInRefused
    user.password_hash = fresh_hash
    give_back(session, limits, now, settings)
    return begin(session, user, now, settings)


def sign_in_demo(session: Session, role: Role, now: datetime, settings: Settings) -> SignedIn:
    """Open a session as the demo person of a role; refused wherever this is not the demo on loopback."""
    if not (settings.demo and settings.is_loopback):
        raise SignInRefused
    user = user_by_email(session, f"{role}@{DEMO_DOMAIN}")
    if user is None or not user.is_active:
        session.rollback()
        raise SignInRefused
    return begin(session, user, now, settings)


def begin(session: Session, user: User, now: datetime, settings: Settings) -> SignedIn:
    """Open a session for somebody who has just proved who she is."""
    signed_in_now = add_session(session, user, now, settings)
    session.commit()
    return signed_in_now


def add_session(session: Session, user: User, now: datetime, settings: Settings) -> SignedIn:
    """Add a session with new tokens; the caller commits."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
            ends_at=now + timedelta(days=settings.session_days),
        )
    )
    return SignedIn(token)


def signed_in(session: Session, token: str, now: datetime, settings: Settings) -> SignedInUser | None:
    """The person behind a token, with her roles as they are now; only reads."""
    found = session_by_token(session, token)
    if found is None or found.ends_at <= now:
        return None
    if now - found.seen_at >= timedelta(hours=settings.session_idle_hours):
        return None
    user = session.get(User, found.user_id)
    if user is None or not user.is_active:
        return None
    is_stale = now - found.seen_at >= SEEN_EVERY
    return SignedInUser(user, roles_of(session, user.id), found.csrf_token, is_stale)


def note_seen(session: Session, token: str, now: datetime) -> None:
    """Start the idle time anew."""
    mark_seen(session, token, now)
    session.commit()


def sign_out(session: Session, token: str) -> None:
    """End one session, for good."""
    end_session(session, token)
    session.commit()


def sign_out_everywhere(session: Session, user_id: int) -> None:
    """End every session of one person."""
    end_sessions_of(session, user_id)
    session.commit()

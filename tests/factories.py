"""Plain functions that make rows with fixed defaults."""

from __future__ import annotations

from sqlmodel import Session

from crowd.domain.states import Role
from crowd.storage.users import User, UserRole


def make_user(session: Session, name: str, *roles: Role) -> User:
    """An account that cannot sign in by password."""
    user = User(email=f"{name.lower().replace(' ', '.')}@example.org", name=name)
    session.add(user)
    session.flush()
    session.add_all([UserRole(user_id=user.id, role=role.value) for role in roles])
    session.commit()
    return user

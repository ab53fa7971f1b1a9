"""Users and their roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, or_, select

from crowd.domain.states import Role
from crowd.storage.columns import (
    STRICT,
    holds,
    id_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)


class User(SQLModel, table=True):
    """An account. The password is an argon2id hash, or empty for accounts that cannot sign in by password."""

    __tablename__ = "users"
    __table_args__ = (
        holds("email_lower", "email = lower(email)"),
        holds("name_length", "length(name) BETWEEN 1 AND 200"),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    email: str = Field(unique=True)
    name: str
    password_hash: str = ""
    is_active: bool = True
    is_simulated: bool = False
    created_at: datetime = moment(default_factory=now_utc)


class UserRole(SQLModel, table=True):
    """One role that a user holds."""

    __tablename__ = "user_roles"
    __table_args__ = (one_of("role", Role), STRICT)

    user_id: int = reference("users.id", primary_key=True)
    role: str = Field(primary_key=True)


def user_by_email(session: Session, email: str) -> User | None:
    """The account with this address, whatever its case."""
    return session.exec(select(User).where(User.email == email.strip().lower())).one_or_none()


def user_by_public_id(session: Session, public_id: str) -> User | None:
    """The account with this public id."""
    return session.exec(select(User).where(User.public_id == public_id)).one_or_none()


def roles_of(session: Session, user_id: int) -> frozenset[Role]:
    """Every role of one user."""
    rows = session.exec(select(UserRole.role).where(UserRole.user_id == user_id))
    return frozenset(Role(role) for role in rows)


def is_quality_manager(session: Session, user_id: int) -> bool:
    """Whether a user looks after quality, and so sees the gold of every launched project."""
    return session.get(UserRole, (user_id, Role.QUALITY_MANAGER.value)) is not None


def has_admin(session: Session) -> bool:
    """Whether any account is an admin."""
    return session.exec(select(UserRole).where(UserRole.role == Role.ADMIN).limit(1)).first() is not None


def users_with_role(session: Session, role: Role) -> Sequence[User]:
    """Every user who holds a role, by name."""
    query = select(User).join(UserRole, col(UserRole.user_id) == User.id)
    return session.exec(query.where(UserRole.role == role).order_by(User.name, col(User.id))).all()


def roles_of_users(session: Session, user_ids: Iterable[int]) -> Mapping[int, frozenset[Role]]:
    """The roles of several users."""
    found: defaultdict[int, set[Role]] = defaultdict(set)
    for row in session.exec(select(UserRole).where(col(UserRole.user_id).in_(list(user_ids)))):
        found[row.user_id].add(Role(row.role))
    return {user_id: frozenset(roles) for user_id, roles in found.items()}


def users_page(
    session: Session, *, sought: str = "", before: int | None = None, limit: int = 50
) -> Sequence[User]:
    """Accounts, the newest first; those whose name or address holds some text."""
    query = select(User)
    if sought:
        wanted = sought.lower()
        query = query.where(
            or_(
                col(User.email).contains(wanted, autoescape=True),
                col(User.name).icontains(wanted, autoescape=True),
            )
        )
    if before is not None:
        query = query.where(col(User.id) < before)
    return session.exec(query.order_by(col(User.id).desc()).limit(limit)).all()


def names_of_users(session: Session, user_ids: Iterable[int]) -> Mapping[int, str]:
    """The names of several users."""
    rows = session.exec(select(User.id, User.name).where(col(User.id).in_(list(user_ids))))
    return dict(rows.all())


def active_admins_locked(session: Session) -> frozenset[int]:
    """Who is an active admin; on PostgreSQL their rows stay locked until this transaction ends."""
    query = select(User.id).join(UserRole, col(UserRole.user_id) == User.id)
    query = query.where(UserRole.role == Role.ADMIN, col(User.is_active)).order_by(col(User.id))
    return frozenset(session.exec(query.with_for_update()).all())


def replace_roles(session: Session, user_id: int, roles: Iterable[Role]) -> None:
    """Give a user these roles and no others."""
    session.execute(delete(UserRole).where(col(UserRole.user_id) == user_id))
    session.add_all([UserRole(user_id=user_id, role=role.value) for role in sorted(set(roles))])

"""The ledger: accounts, transfers and entries; append-only, every transfer sums to zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, func, select

from crowd.storage.columns import STRICT, big, holds, id_column, moment, now_utc, one_of, reference


class AccountKind(StrEnum):
    """Whose money an account counts."""

    WORLD = "world"  # outside; the only kind whose balance may be negative
    BUDGET = "budget"  # a requester's free money
    RESERVE = "reserve"  # set aside for a project's answers
    PENDING = "pending"  # a worker's, until approval
    PAYABLE = "payable"  # a worker's, to be paid out
    SENDING = "sending"  # a worker's, in an exported payout file
    PAID = "paid"  # a worker's, paid out


class Account(SQLModel, table=True):
    """One account; `owner_id` is a user or a project by kind, 0 for the world."""

    __tablename__ = "accounts"
    __table_args__ = (one_of("kind", AccountKind), UniqueConstraint("kind", "owner_id"), STRICT)

    id: int = id_column()
    kind: str
    owner_id: int = big()


class Transfer(SQLModel, table=True):
    """One movement of money. `key` makes it happen once, whatever is repeated."""

    __tablename__ = "transfers"
    __table_args__ = (STRICT,)

    id: int = id_column()
    key: str = Field(unique=True)
    kind: str
    reason: str = ""
    project_id: int | None = reference("projects.id", default=None, index=True)
    assignment_id: int | None = reference("assignments.id", default=None, index=True)
    actor_id: int | None = reference("users.id", default=None)
    created_at: datetime = moment(default_factory=now_utc)


class Entry(SQLModel, table=True):
    """One line of a transfer. Never changed, never deleted: triggers refuse it."""

    __tablename__ = "ledger_entries"
    __table_args__ = (holds("amount", "amount_micros <> 0"), STRICT)

    id: int = id_column()
    transfer_id: int = reference("transfers.id", index=True)
    account_id: int = reference("accounts.id", index=True)
    amount_micros: int = big()


_ACCOUNT = text(
    "INSERT INTO accounts (kind, owner_id) VALUES (:kind, :owner) ON CONFLICT (kind, owner_id) DO NOTHING"
)


def account(session: Session, kind: AccountKind, owner_id: int) -> int:
    """The id of an account, opened when it is first needed."""
    query = select(Account.id).where(Account.kind == kind, Account.owner_id == owner_id)
    found = session.exec(query).one_or_none()
    if found is None:
        session.execute(_ACCOUNT, {"kind": kind.value, "owner": owner_id})
        found = session.exec(query).one()
    return found


def lock_account(session: Session, account_id: int) -> None:
    """Keep others from spending from an account until this transaction ends."""
    session.exec(select(Account.id).where(Account.id == account_id).with_for_update()).one()


def balance(session: Session, kind: AccountKind, owner_id: int) -> int:
    """What an account holds, in micro-units."""
    query = (
        select(func.coalesce(func.sum(Entry.amount_micros), 0))
        .join(Account, col(Account.id) == Entry.account_id)
        .where(Account.kind == kind, Account.owner_id == owner_id)
    )
    return int(session.exec(query).one())


def has_transfer(session: Session, key: str) -> bool:
    """Whether this movement has happened."""
    return session.exec(select(Transfer.id).where(Transfer.key == key)).one_or_none() is not None


def entries_of(
    session: Session,
    kinds: Sequence[AccountKind],
    owner_id: int,
    *,
    before: int | None = None,
    limit: int = 100,
) -> Sequence[tuple[Entry, Transfer, Account]]:
    """Lines of an owner's accounts with their transfers, newest first."""
    query = (
        select(Entry, Transfer, Account)
        .join(Transfer, col(Transfer.id) == Entry.transfer_id)
        .join(Account, col(Account.id) == Entry.account_id)
        .where(col(Account.kind).in_([kind.value for kind in kinds]), Account.owner_id == owner_id)
    )
    if before is not None:
        query = query.where(col(Entry.id) < before)
    return session.exec(query.order_by(col(Entry.id).desc()).limit(limit)).all()

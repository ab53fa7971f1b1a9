"""Move money: every movement happens once, sums to zero, and never overdraws a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from crowd.domain import pay
from crowd.storage import audit
from crowd.storage.ledger import AccountKind, Entry, Transfer, account, balance, has_transfer, lock_account
from crowd.storage.users import User


class NotEnough(Exception):
    """An account holds less than is to be taken from it."""

    def __init__(self, available_micros: int, needed_micros: int) -> None:
        super().__init__(f"{needed_micros} needed, {available_micros} there")
        self.available_micros = available_micros
        self.needed_micros = needed_micros


class AmountOutOfRange(Exception):
    """An amount is zero, negative or beyond what the ledger holds."""


@dataclass(frozen=True)
class Line:
    """An amount into (positive) or out of (negative) the account of an owner."""

    kind: AccountKind
    owner_id: int
    amount_micros: int


def move(
    session: Session,
    key: str,
    kind: str,
    lines: Sequence[Line],
    *,
    now: datetime,
    reason: str = "",
    project_id: int | None = None,
    assignment_id: int | None = None,
    actor_id: int | None = None,
) -> None:
    """Write one transfer in the caller's transaction. The key's uniqueness makes a repetition fail.

    Raises TransferRefused when the lines do not sum to zero.
    """
    pay.Transfer(kind, tuple(pay.Line(f"{line.kind}:{line.owner_id}", line.amount_micros) for line in lines))
    transfer = Transfer(
        key=key,
        kind=kind,
        reason=reason,
        project_id=project_id,
        assignment_id=assignment_id,
        actor_id=actor_id,
        created_at=now,
    )
    session.add(transfer)
    session.flush()
    session.add_all(
        Entry(
            transfer_id=transfer.id,
            account_id=account(session, line.kind, line.owner_id),
            amount_micros=line.amount_micros,
        )
        for line in lines
        if line.amount_micros
    )
    session.flush()


def take(session: Session, kind: AccountKind, owner_id: int, amount_micros: int) -> None:
    """Make sure that an account can spare an amount, and keep it so until the transaction ends.

    Raises NotEnough.
    """
    lock_account(session, account(session, kind, owner_id))
    available = balance(session, kind, owner_id)
    if available < amount_micros:
        raise NotEnough(available, amount_micros)


def deposit(
    session: Session,
    requester: User,
    amount_micros: int,
    *,
    reason: str,
    key: str,
    actor_id: int,
    now: datetime,
) -> None:
    """Put money into a requester's budget; the same key again does nothing. Commits.

    Raises AmountOutOfRange.
    """
    if not 0 < amount_micros <= 10**15:
        raise AmountOutOfRange(str(amount_micros))
    if has_transfer(session, f"deposit:{key}"):
        session.rollback()
        return
    lines = [
        Line(AccountKind.WORLD, 0, -amount_micros),
        Line(AccountKind.BUDGET, requester.id, amount_micros),
    ]
    try:
        move(session, f"deposit:{key}", "deposit", lines, now=now, reason=reason, actor_id=actor_id)
    except IntegrityError:  # the same form came twice at once, and the other was first
        session.rollback()
        return
    audit.record(
        session,
        "budget.deposited",
        f"user:{requester.public_id}",
        actor_id=actor_id,
        at=now,
        after={"amount_micros": amount_micros},
        reason=reason,
    )
    session.commit()

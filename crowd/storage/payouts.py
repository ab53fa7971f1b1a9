"""Payouts: what was exported to be paid, to whom, and whether it has been."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import PayoutState
from crowd.storage.columns import (
    STRICT,
    big,
    holds,
    id_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)
from crowd.storage.users import User


class Payout(SQLModel, table=True):
    """One payout file."""

    __tablename__ = "payouts"
    __table_args__ = (one_of("state", PayoutState), STRICT)

    id: int = id_column()
    public_id: str = public_id_column()
    state: str = PayoutState.EXPORTED
    created_by: int = reference("users.id")
    created_at: datetime = moment(default_factory=now_utc)
    paid_by: int | None = reference("users.id", default=None)
    paid_at: datetime | None = moment(default=None)


class PayoutLine(SQLModel, table=True):
    """What one worker gets from a payout."""

    __tablename__ = "payout_lines"
    __table_args__ = (holds("amount", "amount_micros > 0"), STRICT)

    payout_id: int = reference("payouts.id", primary_key=True)
    worker_id: int = reference("users.id", primary_key=True)
    amount_micros: int = big()


def payouts(session: Session) -> Sequence[Payout]:
    """Every payout, newest first."""
    return session.exec(select(Payout).order_by(col(Payout.id).desc())).all()


def payout_by_public_id(session: Session, public_id: str) -> Payout | None:
    """The payout with this public id."""
    return session.exec(select(Payout).where(Payout.public_id == public_id)).one_or_none()


def lines_of(session: Session, payout_id: int) -> Sequence[PayoutLine]:
    """Who gets what from a payout."""
    query = select(PayoutLine).where(PayoutLine.payout_id == payout_id)
    return session.exec(query.order_by(col(PayoutLine.worker_id))).all()


def paid_lines(session: Session, payout_id: int) -> Sequence[tuple[PayoutLine, User]]:
    """Who gets what from a payout, with their accounts."""
    query = (
        select(PayoutLine, User)
        .join(User, col(User.id) == PayoutLine.worker_id)
        .where(PayoutLine.payout_id == payout_id)
    )
    return session.exec(query.order_by(col(PayoutLine.worker_id))).all()


def payout_sums(session: Session, payout_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(how many workers, how much together) of each payout."""
    query = (
        select(PayoutLine.payout_id, func.count(), func.sum(PayoutLine.amount_micros))
        .where(col(PayoutLine.payout_id).in_(payout_ids))
        .group_by(col(PayoutLine.payout_id))
    )
    return {payout_id: (int(count), int(total)) for payout_id, count, total in session.exec(query)}

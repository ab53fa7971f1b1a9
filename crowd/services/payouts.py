"""Payouts: take what is payable into a file, then say once that it was paid, or that it was not.

A payout whose fate is unknown stays exported: nothing here ever sends or frees it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from crowd.domain.pay import decimal_amount
from crowd.domain.states import PayoutState
from crowd.exports import FORMATS
from crowd.services import ledger
from crowd.services.ledger import Line
from crowd.storage import audit
from crowd.storage.ledger import Account, AccountKind, Entry
from crowd.storage.payouts import Payout, PayoutLine, lines_of, paid_lines
from crowd.storage.users import User

LONGEST_REASON = 1000
COLUMNS = ("payee", "email", "name", "amount", "currency", "reference")


class NothingPayable(Exception):
    """No worker has anything to be paid out."""


class PayoutDecided(Exception):
    """The payout is paid or cancelled already."""


class ReasonNeeded(Exception):
    """Cancelling needs a written reason of at most a thousand characters."""


def export_payout(session: Session, *, by: int, now: datetime) -> Payout:
    """Take everything that is payable now into one payout: PAYABLE -> SENDING. Commits.

    Of several calls at once, one takes it all. Raises NothingPayable.
    """
    amounts = _payable_locked(session)
    if not amounts:
        session.rollback()
        raise NothingPayable
    payout = Payout(created_by=by, created_at=now)
    session.add(payout)
    session.flush()
    session.add_all(
        PayoutLine(payout_id=payout.id, worker_id=worker_id, amount_micros=amount)
        for worker_id, amount in amounts
    )
    _move(session, payout, "payout", AccountKind.PAYABLE, AccountKind.SENDING, amounts, by=by, now=now)
    _record(session, payout, "payout.exported", amounts, by=by, now=now)
    session.commit()
    return payout


def _payable_locked(session: Session) -> list[tuple[int, int]]:
    """(worker, amount) of every account with anything payable, kept from others until this ends."""
    accounts = session.exec(
        select(Account).where(Account.kind == AccountKind.PAYABLE).order_by(col(Account.id)).with_for_update()
    ).all()
    query = (
        select(Entry.account_id, func.sum(Entry.amount_micros))
        .where(col(Entry.account_id).in_([account.id for account in accounts]))
        .group_by(col(Entry.account_id))
    )
    sums = {account_id: int(amount) for account_id, amount in session.exec(query)}
    return [(one.owner_id, sums[one.id]) for one in accounts if sums.get(one.id, 0) > 0]


def mark_paid(session: Session, payout: Payout, *, reference: str, by: int, now: datetime) -> None:
    """The money has reached the workers: SENDING -> PAID. Happens once. Commits.

    `reference` is what the bank or provider calls the payment. Raises PayoutDecided.
    """
    values = {"state": PayoutState.PAID, "paid_by": by, "paid_at": now}
    amounts = _decide(session, payout, values)
    reason = reference.strip()[:LONGEST_REASON]
    _move(
        session, payout, "paid", AccountKind.SENDING, AccountKind.PAID, amounts, by=by, now=now, reason=reason
    )
    _record(session, payout, "payout.paid", amounts, by=by, now=now, reason=reason)
    session.commit()


def cancel_payout(session: Session, payout: Payout, *, reason: str, by: int, now: datetime) -> None:
    """The money was certainly not sent: SENDING -> PAYABLE, to be in the next payout. Commits.

    Raises PayoutDecided, ReasonNeeded.
    """
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        session.rollback()
        raise ReasonNeeded
    amounts = _decide(session, payout, {"state": PayoutState.CANCELLED})
    sides = (AccountKind.SENDING, AccountKind.PAYABLE)
    _move(session, payout, "cancel", *sides, amounts, by=by, now=now, reason=reason.strip())
    _record(session, payout, "payout.cancelled", amounts, by=by, now=now, reason=reason.strip())
    session.commit()


def _decide(session: Session, payout: Payout, values: dict[str, object]) -> list[tuple[int, int]]:
    """The one write that decides; returns who was to get what."""
    decided = session.execute(
        update(Payout)
        .where(col(Payout.id) == payout.id, col(Payout.state) == PayoutState.EXPORTED)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        session.rollback()
        raise PayoutDecided
    session.refresh(payout)
    return [(line.worker_id, line.amount_micros) for line in lines_of(session, payout.id)]


def _move(
    session: Session,
    payout: Payout,
    kind: str,
    source: AccountKind,
    target: AccountKind,
    amounts: Sequence[tuple[int, int]],
    *,
    by: int,
    now: datetime,
    reason: str = "",
) -> None:
    lines = [
        Line(side, worker_id, sign * amount)
        for worker_id, amount in amounts
        for side, sign in ((source, -1), (target, 1))
    ]
    ledger.move(session, f"{kind}:{payout.id}", kind, lines, now=now, reason=reason, actor_id=by)


def _record(
    session: Session,
    payout: Payout,
    act: str,
    amounts: Sequence[tuple[int, int]],
    *,
    by: int,
    now: datetime,
    reason: str = "",
) -> None:
    total = sum(amount for _, amount in amounts)
    after = {"worker_count": len(amounts), "amount_micros": total}
    audit.record(session, act, f"payout:{payout.public_id}", actor_id=by, at=now, after=after, reason=reason)


def payout_file(session: Session, payout: Payout, currency: str) -> bytes:
    """The payout as CSV: one line per worker, safe to open in a spreadsheet, the same bytes every time."""
    rows = _file_rows(paid_lines(session, payout.id), payout, currency)
    return b"".join(FORMATS["csv"].encode(COLUMNS, rows))


def _file_rows(
    lines: Sequence[tuple[PayoutLine, User]], payout: Payout, currency: str
) -> Iterator[dict[str, object]]:
    for line, worker in lines:
        yield {
            "payee": worker.public_id,
            "email": worker.email,
            "name": worker.name,
            "amount": decimal_amount(line.amount_micros),
            "currency": currency,
            "reference": f"{payout.public_id}/{worker.public_id}",
        }

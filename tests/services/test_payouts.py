"""Payouts: everything payable goes out once, is paid once or comes back once, whatever is repeated."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from crowd.domain.pay import parse_amount
from crowd.domain.states import PayoutState, Role
from crowd.exports.csv import true_text
from crowd.services.ledger import AmountOutOfRange, Line, deposit, move
from crowd.services.payouts import (
    NothingPayable,
    PayoutDecided,
    ReasonNeeded,
    cancel_payout,
    export_payout,
    mark_paid,
    payout_file,
)
from crowd.storage.audit import AuditEvent
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.database import Store
from crowd.storage.ledger import AccountKind, Transfer, balance
from crowd.storage.payouts import Payout, lines_of, payouts
from crowd.storage.users import User
from tests.factories import make_user

NOW = now_utc()


def earn(session: Session, worker: User, amount: int) -> None:
    """Money that a worker may have paid out."""
    lines = [Line(AccountKind.WORLD, 0, -amount), Line(AccountKind.PAYABLE, worker.id, amount)]
    move(session, f"test:{new_public_id()}", "test", lines, now=NOW)
    session.commit()


def held(session: Session, worker: User) -> tuple[int, int, int]:
    return tuple(  # type: ignore[return-value]
        balance(session, kind, worker.id)
        for kind in (AccountKind.PAYABLE, AccountKind.SENDING, AccountKind.PAID)
    )


@pytest.fixture
def payout(session: Session, worker: User, admin: User) -> Payout:
    earn(session, worker, 1_250_000)
    return export_payout(session, by=admin.id, now=NOW)


def test_a_payout_takes_everything_that_is_payable(session, worker, admin) -> None:
    other = make_user(session, "Otto", Role.WORKER)
    earn(session, worker, 3)
    earn(session, worker, 4)
    earn(session, other, 5)
    payout = export_payout(session, by=admin.id, now=NOW)
    assert {line.worker_id: line.amount_micros for line in lines_of(session, payout.id)} == {
        worker.id: 7,
        other.id: 5,
    }
    assert (held(session, worker), held(session, other)) == ((0, 7, 0), (0, 5, 0))


def test_nothing_payable_makes_no_payout(session, worker, admin, payout) -> None:
    with pytest.raises(NothingPayable):
        export_payout(session, by=admin.id, now=NOW)
    assert len(payouts(session)) == 1


def test_what_is_in_an_exported_payout_is_never_sent_again_by_itself(session, worker, admin, payout) -> None:
    earn(session, worker, 10)
    second = export_payout(session, by=admin.id, now=NOW)
    assert [line.amount_micros for line in lines_of(session, second.id)] == [10]
    assert payout.state == PayoutState.EXPORTED
    assert held(session, worker) == (0, 1_250_010, 0)


def test_a_payout_is_paid_exactly_once(session, worker, admin, payout) -> None:
    mark_paid(session, payout, reference="TX 1", by=admin.id, now=NOW)
    assert held(session, worker) == (0, 0, 1_250_000)
    assert (payout.state, payout.paid_by, payout.paid_at) == (PayoutState.PAID, admin.id, NOW)
    with pytest.raises(PayoutDecided):
        mark_paid(session, payout, reference="TX 2", by=admin.id, now=NOW)
    with pytest.raises(PayoutDecided):
        cancel_payout(session, payout, reason="x", by=admin.id, now=NOW)
    assert held(session, worker) == (0, 0, 1_250_000)


def test_a_cancelled_payout_is_payable_again_and_cannot_be_paid(session, worker, admin, payout) -> None:
    cancel_payout(session, payout, reason="The bank refused the file.", by=admin.id, now=NOW)
    assert held(session, worker) == (1_250_000, 0, 0)
    with pytest.raises(PayoutDecided):
        mark_paid(session, payout, reference="", by=admin.id, now=NOW)
    again = export_payout(session, by=admin.id, now=NOW)
    assert [line.amount_micros for line in lines_of(session, again.id)] == [1_250_000]


def test_cancelling_needs_a_reason(session, worker, admin, payout) -> None:
    with pytest.raises(ReasonNeeded):
        cancel_payout(session, payout, reason="  ", by=admin.id, now=NOW)
    session.refresh(payout)
    assert payout.state == PayoutState.EXPORTED


def test_an_interrupted_decision_leaves_the_payout_exported(session, worker, admin, payout) -> None:
    """The ledger's half fails after the payout's own: neither stays."""
    lines = [Line(AccountKind.WORLD, 0, -1), Line(AccountKind.BUDGET, admin.id, 1)]
    move(session, f"paid:{payout.id}", "test", lines, now=NOW)
    session.commit()
    with pytest.raises(IntegrityError):
        mark_paid(session, payout, reference="", by=admin.id, now=NOW)
    session.rollback()
    session.refresh(payout)
    assert payout.state == PayoutState.EXPORTED
    assert held(session, worker) == (0, 1_250_000, 0)


def test_every_act_is_in_the_audit_trail(session, worker, admin, payout) -> None:
    cancel_payout(session, payout, reason="Refused.", by=admin.id, now=NOW)
    events = session.exec(
        select(AuditEvent).where(AuditEvent.subject == f"payout:{payout.public_id}").order_by(AuditEvent.id)
    ).all()
    assert [event.act for event in events] == ["payout.exported", "payout.cancelled"]
    assert events[0].after == {"worker_count": 1, "amount_micros": 1_250_000}
    assert (events[1].reason, events[1].actor_id) == ("Refused.", admin.id)


def at_once(store: Store, act, count: int = 8) -> list[bool]:
    """Do something several times at the same moment; whether each succeeded."""

    def attempt(_place: int) -> bool:
        with store.writing() as own:
            try:
                act(own)
            except (NothingPayable, PayoutDecided):
                return False
            return True

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


def test_of_payouts_at_the_same_moment_one_takes_the_money(store, session, worker, admin) -> None:
    earn(session, worker, 99)
    by = admin.id
    session.commit()
    assert sum(at_once(store, lambda own: export_payout(own, by=by, now=NOW))) == 1
    assert held(session, worker) == (0, 99, 0)


def test_of_decisions_at_the_same_moment_one_counts(store, session, worker, admin, payout) -> None:
    payout_id, by = payout.id, admin.id
    session.commit()

    def pay(own: Session) -> None:
        mark_paid(own, own.get_one(Payout, payout_id), reference="", by=by, now=NOW)

    assert sum(at_once(store, pay)) == 1
    assert held(session, worker) == (0, 0, 1_250_000)


def test_the_file_says_who_gets_what_and_is_safe_and_stable(session, admin) -> None:
    worker = make_user(session, "=cmd|' /C calc'!A0", Role.WORKER)
    earn(session, worker, 1_234_567)
    payout = export_payout(session, by=admin.id, now=NOW)
    written = payout_file(session, payout, "EUR")
    assert written == payout_file(session, payout, "EUR")
    (row,) = csv.DictReader(io.StringIO(written.decode(), newline=""))
    assert row["name"].startswith("'=")
    assert (row["payee"], true_text(row["email"])) == (worker.public_id, worker.email)
    assert (row["amount"], row["currency"]) == ("1.234567", "EUR")
    assert row["reference"] == f"{payout.public_id}/{worker.public_id}"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 10**12), min_size=1, max_size=6), is_paid=st.booleans())
def test_no_payout_makes_or_loses_a_micro_unit(session, admin, amounts: list[int], is_paid: bool) -> None:
    workers = [make_user(session, new_public_id(), Role.WORKER) for _ in amounts]
    for worker, amount in zip(workers, amounts, strict=True):
        earn(session, worker, amount)
    payout = export_payout(session, by=admin.id, now=NOW)
    rows = csv.DictReader(io.StringIO(payout_file(session, payout, "USD").decode(), newline=""))
    assert sorted(parse_amount(row["amount"]) for row in rows) == sorted(amounts)
    if is_paid:
        mark_paid(session, payout, reference="", by=admin.id, now=NOW)
    else:
        cancel_payout(session, payout, reason="No.", by=admin.id, now=NOW)
        mark_paid(session, export_payout(session, by=admin.id, now=NOW), reference="", by=admin.id, now=NOW)
    assert [held(session, worker) for worker in workers] == [(0, 0, amount) for amount in amounts]


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_amounts_out_of_range_are_never_deposited(session, requester, admin, amount) -> None:
    with pytest.raises(AmountOutOfRange):
        deposit(session, requester, amount, reason="x", key="k", actor_id=admin.id, now=NOW)


def test_a_deposit_sent_several_times_at_once_counts_once(store, session, requester, admin) -> None:
    requester_id, by = requester.id, admin.id
    session.commit()

    def put(own: Session) -> None:
        deposit(own, own.get_one(User, requester_id), 7, reason="x", key="same", actor_id=by, now=NOW)

    at_once(store, put)
    assert balance(session, AccountKind.BUDGET, requester_id) == 7
    assert len(session.exec(select(Transfer).where(Transfer.kind == "deposit")).all()) == 1

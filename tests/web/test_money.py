"""Screens of payouts, ledger, deposits and budgets."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlmodel import Session

from crowd.domain.states import PayoutState
from crowd.services.ledger import Line, move
from crowd.services.payouts import export_payout
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.payouts import Payout
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project, rows_with_gold
from tests.web.conftest import Browser, reading

NOW = now_utc()


@pytest.fixture
def desk(browser: Callable[..., Browser], admin: User) -> Browser:
    return browser(admin)


@pytest.fixture
def earned(session: Session, worker: User) -> User:
    lines = [Line(AccountKind.WORLD, 0, -2_500_000), Line(AccountKind.PAYABLE, worker.id, 2_500_000)]
    move(session, f"test:{new_public_id()}", "test", lines, now=NOW)
    session.commit()
    return worker


@pytest.fixture
def payout(session: Session, earned: User, admin: User) -> Payout:
    made = export_payout(session, by=admin.id, now=NOW)
    session.commit()
    return made


def state_of(browser: Browser, payout: Payout) -> str:
    with reading(browser.app) as session:
        return str(session.get_one(Payout, payout.id).state)


def test_payable_money_is_shown_and_goes_into_a_payout(desk: Browser, earned: User) -> None:
    page = desk.get("/admin/payouts").text
    assert "2.50 USD" in page and earned.email in page
    sent = desk.post("/admin/payouts")
    assert sent.status_code == 303 and sent.location.startswith("/admin/payouts/")
    assert earned.email in desk.get(sent.location).text
    assert desk.post("/admin/payouts").location == "/admin/payouts"
    assert "Nothing is payable now" in desk.get("/admin/payouts").text


def test_the_file_is_an_attachment(desk: Browser, payout: Payout, earned: User) -> None:
    sent = desk.get(f"/admin/payouts/{payout.public_id}/file")
    assert sent.headers["Content-Disposition"] == f'attachment; filename="payout-{payout.public_id}.csv"'
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert earned.email in sent.text and '"2.50"' in sent.text


def test_paying_is_asked_first_and_happens_once(desk: Browser, payout: Payout) -> None:
    url = f"/admin/payouts/{payout.public_id}/paid"
    assert "This cannot be undone" in desk.get(url).text
    assert state_of(desk, payout) == PayoutState.EXPORTED
    assert desk.post(url, {"reference": "TX 7"}).status_code == 303
    assert state_of(desk, payout) == PayoutState.PAID
    desk.post(url, {"reference": "TX 8"})
    assert "decided before" in desk.get(f"/admin/payouts/{payout.public_id}").text


def test_cancelling_needs_a_reason_and_certainty(desk: Browser, payout: Payout) -> None:
    url = f"/admin/payouts/{payout.public_id}/cancel"
    refused = desk.post(url, {"reason": ""})
    assert refused.status_code == 422 and "Make sure first" in refused.text
    assert state_of(desk, payout) == PayoutState.EXPORTED
    assert desk.post(url, {"reason": "The bank refused it.", "sure": "1"}).status_code == 303
    assert state_of(desk, payout) == PayoutState.CANCELLED


def test_the_ledger_sums_to_zero_and_names_every_transfer(
    desk: Browser, payout: Payout, earned: User
) -> None:
    page = desk.get("/admin/ledger").text
    assert "Everything sums to 0.00 USD" in page and "balanced" in page
    assert "Payout made" in page and earned.name in page


@pytest.mark.parametrize("before", ["x", "-1", "1" * 30])
def test_a_place_that_is_none_is_not_there(desk: Browser, before: str) -> None:
    assert desk.get(f"/admin/ledger?before={before}").status_code == 404


def form_of(desk: Browser) -> dict[str, str]:
    page = desk.get("/admin/deposit").text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return {"key": key[1]}


def test_the_same_deposit_form_sent_twice_adds_once(desk: Browser, requester: User) -> None:
    sent = form_of(desk) | {"requester": requester.public_id, "amount": "12.5", "reason": "Invoice 7"}
    assert [desk.post("/admin/deposit", sent).status_code for _ in range(2)] == [303, 303]
    with reading(desk.app) as session:
        assert balance(session, AccountKind.BUDGET, requester.id) == 12_500_000


@pytest.mark.parametrize("amount", ["0", "-0", "-1", "1e400", "9223372036854775808", "１０", "0.0000001", ""])
def test_amounts_that_are_no_money_are_refused(desk: Browser, requester: User, amount: str) -> None:
    sent = form_of(desk) | {"requester": requester.public_id, "amount": amount, "reason": "x"}
    assert desk.post("/admin/deposit", sent).status_code == 422
    with reading(desk.app) as session:
        assert balance(session, AccountKind.BUDGET, requester.id) == 0


def test_a_worker_gets_no_deposit(desk: Browser, worker: User, requester: User) -> None:
    sent = form_of(desk) | {"requester": worker.public_id, "amount": "1", "reason": "x"}
    assert desk.post("/admin/deposit", sent).status_code == 422


def test_a_requester_sees_her_own_budget_and_nobody_else_s(
    browser: Callable[..., Browser], session: Session, requester: User, stranger: User
) -> None:
    dataset = make_dataset(session, requester, rows_with_gold(4))
    project = make_project(session, requester, dataset, title="Mood of messages", overlap=2)
    fund(session, requester, 3_000_000)
    launch_all(session, project)
    page = browser(requester).get("/budget").text
    assert "2.60 USD is free" in page and "Mood of messages" in page
    assert "+3.00 USD" in page and "−0.40 USD" in page
    other = browser(stranger).get("/budget").text
    assert "Mood of messages" not in other and "Your budget is empty" in other

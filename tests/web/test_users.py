"""The admin's page of users."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from crowd.domain.states import Role
from crowd.services import accounts
from crowd.storage.audit import AuditEvent
from crowd.storage.columns import now_utc
from crowd.storage.users import User, roles_of
from tests.factories import make_user
from tests.web.conftest import Browser, reading, sessions_of

Open = Callable[..., Browser]


def events(app: Flask) -> list[tuple[str, int | None]]:
    with reading(app) as session:
        found = session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).all()
        return [(event.act, event.actor_id) for event in found]


def test_roles_are_ticked_and_every_change_is_one_event(
    browser: Open, app: Flask, admin: User, worker: User
) -> None:
    visitor = browser(admin)
    address = f"/admin/users/{worker.public_id}/roles"
    sent = {"worker": "1", "requester": "1", "is_active": "0", "email": "x@example.org"}
    assert visitor.post(address, sent).status_code == 303
    assert visitor.post(address, sent).status_code == 303
    with reading(app) as session:
        assert roles_of(session, worker.id) == {Role.WORKER, Role.REQUESTER}
    assert events(app) == [("user.roles_changed", admin.id)]
    assert "The roles of Wanda Worker are changed" in visitor.get("/admin/users").text


def test_accounts_are_closed_and_opened_again(browser: Open, app: Flask, admin: User, worker: User) -> None:
    visitor, hers = browser(admin), browser(worker)
    visitor.post(f"/admin/users/{worker.public_id}/deactivate", {"reason": "shared her account"})
    assert hers.get("/account").status_code == 303
    assert sessions_of(app, worker) == []
    assert "Open again" in visitor.get("/admin/users").text
    visitor.post(f"/admin/users/{worker.public_id}/reactivate")
    assert events(app) == [("user.deactivated", admin.id), ("user.reactivated", admin.id)]


def test_the_last_admin_cannot_close_the_door_behind_herself(browser: Open, app: Flask, admin: User) -> None:
    visitor = browser(admin)
    visitor.post(f"/admin/users/{admin.public_id}/deactivate")
    assert "nobody could administer" in visitor.get("/admin/users").text
    visitor.post(f"/admin/users/{admin.public_id}/roles", {"worker": "1"})
    assert "nobody could administer" in visitor.get("/admin/users").text
    assert events(app) == []


def test_an_invitation_link_is_shown_once_and_works(browser: Open, app: Flask, admin: User) -> None:
    visitor = browser(admin)
    answer = visitor.post("/admin/invitations", {"role": "requester"})
    found = re.search(r"/invitation/([\w-]+)", answer.text)
    assert found is not None
    assert "/invitation/" not in visitor.get("/admin/users").text
    assert browser().get(f"/invitation/{found.group(1)}").status_code == 200
    assert events(app) == [("invitation.made", admin.id)]
    assert visitor.post("/admin/invitations", {"role": "root"}).status_code == 422
    assert len(events(app)) == 1


@pytest.mark.parametrize("role", [Role.WORKER, Role.REQUESTER, Role.QUALITY_MANAGER])
def test_nobody_but_an_admin_changes_roles(browser: Open, app: Flask, session: Session, role: Role) -> None:
    user = make_user(session, "Mallory", role)
    visitor = browser(user)
    assert visitor.post(f"/admin/users/{user.public_id}/roles", {"admin": "1"}).status_code == 404
    assert visitor.post("/admin/invitations", {"role": "admin"}).status_code == 404
    with reading(app) as opened:
        assert roles_of(opened, user.id) == {role}
    assert events(app) == []


def test_users_are_found_by_name_or_address_and_paged(browser: Open, session: Session, admin: User) -> None:
    for place in range(60):
        make_user(session, f"Person {place:03}", Role.WORKER)
    visitor = browser(admin)
    page = visitor.get("/admin/users").text
    assert "Person 059" in page
    assert "Person 000" not in page
    older = re.search(r'href="(/admin/users\?before=[^"]+)"', page)
    assert older is not None
    assert "Person 000" in visitor.get(older.group(1)).text
    assert "Person 007" in visitor.get("/admin/users?q=PERSON%20007").text
    assert "Person 007" in visitor.get("/admin/users?q=person.007@").text
    assert "No account" in visitor.get("/admin/users?q=%25").text
    assert visitor.get("/admin/users?before=invented").status_code == 404


def test_a_name_is_text_wherever_it_is_shown(browser: Open, session: Session, admin: User) -> None:
    make_user(session, "<script>alert(1)</script>", Role.WORKER)
    assert "<script>alert" not in browser(admin).get("/admin/users").text


def test_the_trail_shows_who_did_what_and_filters_by_closed_lists(
    browser: Open, session: Session, admin: User, worker: User
) -> None:
    accounts.deactivate(session, worker.id, by=admin.id, reason="for <b>this</b>", now=now_utc())
    accounts.reactivate(session, worker.id, by=admin.id, now=now_utc())
    visitor = browser(admin)
    page = visitor.get("/admin/audit").text
    assert page.index("user.reactivated</td>") < page.index("user.deactivated</td>")
    assert "Ada Admin" in page
    assert "for &lt;b&gt;this&lt;/b&gt;" in page
    filtered = visitor.get("/admin/audit?act=user.deactivated").text
    assert "user.deactivated</td>" in filtered
    assert "user.reactivated</td>" not in filtered
    assert "user.deactivated</td>" in visitor.get(f"/admin/audit?subject=user:{worker.public_id}").text
    assert "No event fits" in visitor.get("/admin/audit?subject=user:nobody").text
    for query in ("sort=password_hash", "act=invented", "subject=%27", "before=x", "actor__password=1"):
        assert visitor.get(f"/admin/audit?{query}").status_code == 400


def test_the_trail_is_paged(browser: Open, session: Session, admin: User, worker: User) -> None:
    for place in range(101):
        accounts.rename(session, worker.id, f"Wanda {place}", now_utc())
    page = browser(admin).get("/admin/audit").text
    older = re.search(r'href="(/admin/audit\?before=[^"]+)"', page)
    assert older is not None
    assert browser(admin).get(older.group(1)).text.count("user.renamed</td>") == 1


def test_the_chain_page_says_whether_it_holds(browser: Open, session: Session, admin: User) -> None:
    from crowd.services.audit import seal

    accounts.rename(session, admin.id, "Ada Again", now_utc())
    visitor = browser(admin)
    assert "1 event waits" in visitor.get("/admin/audit/chain").text
    seal(session, 10)
    assert "The chain holds: 1 sealed events" in visitor.get("/admin/audit/chain").text

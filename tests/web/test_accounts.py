"""Signing in and out, opening accounts, and one's own account, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select, update

from crowd.domain.states import Role
from crowd.services import accounts
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.sessions import SignInSession
from crowd.storage.users import User, roles_of, user_by_email
from tests.factories import make_user
from tests.web.conftest import PASSWORD, Browser, house_of, reading, sessions_of

Open = Callable[..., Browser]
OTHER = "seven herons by the weir"


def account_of(app: Flask, email: str) -> tuple[User, frozenset[Role]] | None:
    with reading(app) as session:
        user = user_by_email(session, email)
        return (user, roles_of(session, user.id)) if user else None


def test_sign_in_gives_a_new_token_and_leads_home(browser: Open, with_password: User) -> None:
    visitor = browser()
    answer = visitor.sign_in(with_password.email, PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("crowd_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert with_password.name in visitor.get("/account").text


def test_a_planted_session_token_is_not_taken_over(
    browser: Open, app: Flask, with_password: User, worker: User
) -> None:
    attacker, victim = browser(worker), browser()
    planted = attacker.session_token
    victim.use_cookie(planted)
    victim.take_over()
    victim.sign_in(with_password.email, PASSWORD)
    assert victim.session_token != planted
    assert sessions_of(app, worker) == []  # the session that was planted is ended
    assert len(sessions_of(app, with_password)) == 1
    invented = browser()
    invented.use_cookie("invented")
    invented.sign_in(with_password.email, PASSWORD)
    assert invented.session_token != "invented"


def test_whatever_is_wrong_the_page_is_the_same(
    browser: Open, session: Session, with_password: User, admin: User
) -> None:
    accounts.sign_up(session, "Clara", "clara@example.org", PASSWORD, now=now_utc())
    clara = user_by_email(session, "clara@example.org")
    assert clara is not None
    accounts.deactivate(session, clara.id, by=admin.id, reason="", now=now_utc())
    bodies = set()
    for email, password in [
        ("nobody@example.org", PASSWORD),
        (with_password.email, OTHER),
        ("clara@example.org", PASSWORD),
        (admin.email, PASSWORD),
    ]:
        visitor = browser()
        answer = visitor.sign_in(email, password)
        assert answer.status_code == 422
        assert not visitor.session_token
        body = answer.text.replace(email, "EMAIL")
        for changing in (visitor._token(), answer.headers["Content-Security-Policy"].split("nonce-")[1][:22]):
            body = body.replace(changing, "")
        bodies.add(body)
    assert len(bodies) == 1


def test_too_many_failures_are_not_heard(browser: Open, settings: Settings, with_password: User) -> None:
    for _ in range(settings.sign_in_attempts):
        assert browser().sign_in(with_password.email, OTHER).status_code == 422
    visitor = browser()
    for forwarded in ("203.0.113.9", ""):
        answer = visitor.post(
            "/sign-in",
            {"email": with_password.email, "password": PASSWORD},
            headers={"X-Forwarded-For": forwarded} if forwarded else {},
        )
        assert answer.status_code == 429
        assert "quarter of an hour" in answer.text


def test_a_password_is_never_sent_back(browser: Open, with_password: User) -> None:
    visitor = browser(with_password)
    answers = [
        browser().sign_in(with_password.email, OTHER),
        browser().post("/sign-up", {"name": "", "email": "x", "password": OTHER}),
        visitor.post("/account/password", {"old_password": OTHER, "password": "short"}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert OTHER not in answer.text


def test_sign_out_kills_a_copied_cookie(browser: Open, with_password: User) -> None:
    visitor, thief = browser(with_password), browser()
    thief.use_cookie(visitor.session_token)
    assert thief.get("/account").status_code == 200
    answer = visitor.post("/sign-out")
    assert answer.status_code == 303
    assert not visitor.session_token
    assert thief.get("/account").status_code == 303


def test_sign_out_everywhere_ends_every_browser(browser: Open, app: Flask, with_password: User) -> None:
    here, there = browser(with_password), browser(with_password)
    here.post("/account/sign-out-everywhere")
    assert there.get("/account").status_code == 303
    assert sessions_of(app, with_password) == []


def test_a_new_password_signs_out_the_others(browser: Open, with_password: User) -> None:
    here, there = browser(with_password), browser(with_password)
    old = here.session_token
    answer = here.post("/account/password", {"old_password": PASSWORD, "password": OTHER})
    assert answer.status_code == 303
    assert here.session_token != old
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_a_closed_account_and_a_lost_role_count_at_the_next_request(
    browser: Open, session: Session, admin: User
) -> None:
    user = make_user(session, "Carl", Role.ADMIN, Role.WORKER)
    visitor = browser(user)
    assert visitor.get("/admin/users").status_code == 200
    accounts.set_roles(session, user.id, {Role.WORKER}, by=admin.id, now=now_utc())
    assert visitor.get("/admin/users").status_code == 303
    again = browser(user)
    assert again.get("/admin/users").status_code == 404
    accounts.deactivate(session, user.id, by=admin.id, reason="", now=now_utc())
    assert again.get("/account").status_code == 303


def test_sign_up_makes_a_worker_and_nothing_else_that_is_sent_counts(browser: Open, app: Flask) -> None:
    visitor = browser()
    sent = {
        "name": "Eve",
        "email": "Eve@Example.org",
        "password": PASSWORD,
        "role": "admin",
        "roles": "admin",
        "admin": "1",
        "is_active": "0",
        "is_simulated": "1",
        "id": "1",
        "public_id": "mine",
        "password_hash": "x",
        "token": "x",
    }
    assert visitor.post("/sign-up", sent).status_code == 303
    found = account_of(app, "eve@example.org")
    assert found is not None
    user, roles = found
    assert roles == {Role.WORKER}
    assert (user.is_active, user.is_simulated, user.public_id != "mine") == (True, False, True)
    assert visitor.get("/account").status_code == 200


def test_renaming_changes_the_name_only(browser: Open, app: Flask, with_password: User) -> None:
    visitor = browser(with_password)
    sent = {"name": "Pauline", "email": "new@example.org", "admin": "1", "role": "admin", "is_active": "0"}
    assert visitor.post("/account/name", sent).status_code == 303
    found = account_of(app, with_password.email)
    assert found is not None
    assert (found[0].name, found[1]) == ("Pauline", frozenset({Role.WORKER}))
    assert visitor.post("/account/name", {"name": "Pau\u202ela"}).status_code == 422


def test_mistakes_are_explained_beside_their_fields(browser: Open, with_password: User) -> None:
    answer = browser().post("/sign-up", {"name": "Eve", "email": with_password.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert "has an account already" in answer.text
    assert 'value="Eve"' in answer.text
    answer = browser().post("/sign-up", {"name": "<b>", "email": "x", "password": ""})
    assert answer.status_code == 422
    assert "&lt;b&gt;" in answer.text
    assert 'href="#email"' in answer.text


def test_sign_up_can_be_closed(
    make_app: Callable[[Settings], Flask], settings: Settings, with_password: User
) -> None:
    visitor = Browser(make_app(replace(settings, open_sign_up=False)))
    assert visitor.get("/sign-up").status_code == 404
    sent = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    assert visitor.post("/sign-up", sent).status_code == 404
    assert "/sign-up" not in visitor.get("/").text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "/" + "a" * 3000,
        "/x\r\nSet-Cookie: a=b",
    ],
)
def test_sign_in_never_leads_to_another_site(browser: Open, with_password: User, target: str) -> None:
    answer = browser().sign_in(with_password.email, PASSWORD, next=target)
    assert answer.headers["Location"] == "/"
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))


def test_sign_in_leads_back_to_where_somebody_wanted_to_go(browser: Open, with_password: User) -> None:
    visitor = browser()
    asked = visitor.get("/account?tab=1")
    assert asked.headers["Location"] == "/sign-in?next=/account?tab%3D1"
    page = visitor.get(asked.headers["Location"])
    assert 'name="next" value="/account?tab=1"' in page.text
    assert visitor.sign_in(with_password.email, PASSWORD, next="/account?tab=1").headers["Location"] == (
        "/account?tab=1"
    )


def test_an_invitation_opens_an_account_once(
    browser: Open, app: Flask, session: Session, admin: User
) -> None:
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=now_utc())
    visitor = browser()
    assert "requester" in visitor.get(f"/invitation/{token}").text
    sent = {"name": "Rita", "email": "rita@example.org", "password": PASSWORD, "role": "admin"}
    assert visitor.post(f"/invitation/{token}", sent).status_code == 303
    found = account_of(app, "rita@example.org")
    assert found is not None
    assert found[1] == {Role.REQUESTER}
    assert browser().get(f"/invitation/{token}").status_code == 404
    assert browser().post(f"/invitation/{token}", sent | {"email": "b@example.org"}).status_code == 404


def test_an_invitation_adds_a_role_to_whoever_is_signed_in(
    browser: Open, app: Flask, session: Session, admin: User, worker: User
) -> None:
    token = accounts.invite(session, Role.QUALITY_MANAGER, by=admin.id, now=now_utc())
    visitor = browser(worker)
    assert "quality manager" in visitor.get(f"/invitation/{token}").text
    assert visitor.post(f"/invitation/{token}/accept").status_code == 303
    found = account_of(app, worker.email)
    assert found is not None
    assert found[1] == {Role.WORKER, Role.QUALITY_MANAGER}


def test_the_first_admin_is_made_by_the_setup_link_only(browser: Open, app: Flask, session: Session) -> None:
    token = accounts.setup_link_token(session, now_utc())
    assert browser().get(f"/invitation/{token}").status_code == 404
    assert browser().get("/setup/invented").status_code == 404
    visitor = browser()
    assert visitor.get(f"/setup/{token}").status_code == 200
    sent = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    assert visitor.post(f"/setup/{token}", sent).status_code == 303
    assert visitor.get("/admin/users").status_code == 200
    assert browser().get(f"/setup/{token}").status_code == 404


def test_the_demo_is_entered_by_one_click_from_this_machine_only(
    demo_app: Flask, app: Flask, session: Session
) -> None:
    user = make_user(session, "Wanda", Role.WORKER)
    user.email = "worker@demo.invalid"
    session.add(user)
    session.commit()
    visitor = Browser(demo_app)
    assert "Sign in as quality manager" in visitor.get("/").text
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert visitor.post("/demo/worker/sign-in", environ_base=far).status_code == 404
    assert visitor.post("/demo/admin/sign-in").status_code == 404  # no such demo person
    assert visitor.post("/demo/root/sign-in").status_code == 404
    assert visitor.post("/demo/worker/sign-in").status_code == 303
    assert visitor.get("/account").status_code == 200
    rebound = Browser(demo_app).client.get("/", headers={"Host": "demo.evil.example"})
    assert rebound.status_code == 400
    real = Browser(app)
    assert "Sign in as" not in real.get("/").text
    assert real.post("/demo/worker/sign-in").status_code == 404


def test_everybody_begins_where_her_work_is(browser: Open, app: Flask, admin: User, worker: User) -> None:
    assert browser(admin).get("/").headers["Location"] == "/admin/users"
    assert browser(worker).get("/").status_code == 303
    assert browser().get("/").status_code == 200


def test_being_here_is_noted_on_unsafe_requests_only(browser: Open, app: Flask, with_password: User) -> None:
    visitor = browser(with_password)
    earlier = now_utc() - timedelta(minutes=10)
    with house_of(app).store.writing() as session:
        session.execute(update(SignInSession).values(seen_at=earlier))
        session.commit()
    visitor.get("/account")
    assert sessions_of(app, with_password)[0].seen_at == earlier
    visitor.post("/account/name", {"name": ""}, with_token=False)
    assert sessions_of(app, with_password)[0].seen_at == earlier
    visitor.post("/account/name", {"name": ""})
    assert sessions_of(app, with_password)[0].seen_at > earlier
    with reading(app) as session:
        assert len(session.exec(select(SignInSession)).all()) == 1

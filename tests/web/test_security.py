"""What every request and response must pass: host, origin, token, headers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from crowd.services import attempts
from crowd.settings import Settings
from crowd.storage.users import User
from tests.web.conftest import PASSWORD, TOKEN, Browser, sessions_of

Open = Callable[..., Browser]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing/here", "/account", "/admin/users", "/sign-out"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_response_carries_the_headers(browser: Open, worker: User, path: str, signed_in: bool) -> None:
    answer = browser(worker if signed_in else None).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_broken_view_says_nothing_of_why_and_carries_the_headers(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("the secret is 4711")

    app.add_url_rule("/broken", "broken", broken)
    answer = Browser(app).client.get("/broken")
    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_two_responses_never_share_a_nonce(browser: Open) -> None:
    policies = {browser().get("/").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_pages_hold_no_inline_script_style_or_handler(browser: Open, admin: User) -> None:
    for path in ("/account", "/admin/users", "/admin/audit", "/admin/audit/chain"):
        text = browser(admin).get(path).text
        for forbidden in ("style=", "<style", "onclick", "onload", "javascript:", "hx-on"):
            assert forbidden not in text, f"{path}: {forbidden}"
        assert text.count("<script") == text.count("nonce=")


def test_the_token_of_another_session_or_none_or_a_changed_one_is_refused(
    browser: Open, app: Flask, worker: User, requester: User
) -> None:
    visitor, other = browser(worker), browser(requester)
    for token in ("", other.csrf_token, visitor.csrf_token + "x", visitor.csrf_token[:-1], "ü", "\x00"):
        assert visitor.post("/sign-out", {"csrf_token": token}).status_code == 403
    stranger_token = browser()._token()
    assert visitor.post("/sign-out", {"csrf_token": stranger_token}).status_code == 403
    assert len(sessions_of(app, worker)) == 1
    header = {"X-CSRF-Token": visitor.csrf_token}
    assert visitor.post("/sign-out", with_token=False, headers=header).status_code == 303


def test_the_token_of_an_ended_session_is_refused(browser: Open, worker: User) -> None:
    visitor = browser(worker)
    token, cookie = visitor.csrf_token, visitor.session_token
    visitor.post("/sign-out")
    visitor.use_cookie(cookie)
    assert visitor.post("/account/name", {"csrf_token": token, "name": "x"}).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_other_kinds_of_body_need_the_token_too(browser: Open, app: Flask, worker: User, kind: str) -> None:
    visitor = browser(worker)
    body = f"csrf_token={visitor.csrf_token}"
    assert visitor.client.post("/sign-out", data=body, content_type=kind).status_code == 403
    headers = {"HX-Request": "true"}
    assert visitor.client.post("/sign-out", headers=headers).status_code == 403
    assert len(sessions_of(app, worker)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "https://localhost"},
        {"Origin": "http://evil.example@localhost"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_are_refused_even_with_the_token(
    browser: Open, app: Flask, worker: User, headers: dict[str, str]
) -> None:
    visitor = browser(worker)
    assert visitor.post("/sign-out", headers=headers).status_code == 403
    assert len(sessions_of(app, worker)) == 1


def test_the_own_site_is_let_through(browser: Open, worker: User) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser(worker).post("/sign-out", headers=headers).status_code == 303


def test_nobody_can_be_signed_in_to_another_account_from_elsewhere(
    browser: Open, app: Flask, with_password: User
) -> None:
    victim, attacker = browser(), browser()
    sent = {"email": with_password.email, "password": PASSWORD}
    assert victim.post("/sign-in", sent, with_token=False).status_code == 403
    assert victim.post("/sign-in", sent | {"csrf_token": attacker._token()}).status_code == 403
    assert victim.post("/sign-in", sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert sessions_of(app, with_password) == []


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::x"])
def test_other_names_for_this_machine_are_refused(app: Flask, host: str) -> None:
    answer = Browser(app).client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_public_house_answers_to_its_own_name_only(
    make_app: Callable[[Settings], Flask], settings: Settings, worker: User
) -> None:
    app = make_app(replace(settings, public_url="https://crowd.example.org"))
    client = Browser(app).client
    for host in ("localhost", "127.0.0.1", "evil.example", "crowd.example.org.evil.example"):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 400
    answer = client.get("/sign-in", headers={"Host": "Crowd.Example.org"})
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-visit=")
    assert "Secure" in cookie


def test_a_public_house_takes_forms_from_its_own_https_pages_only(
    make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    client = Browser(make_app(replace(settings, public_url="https://crowd.example.org"))).client
    base = "https://crowd.example.org"
    token = TOKEN.search(client.get("/sign-in", base_url=base).text)
    assert token is not None
    sent = {"email": "nobody@example.org", "password": PASSWORD, "csrf_token": token.group(1)}
    statuses = [
        client.post("/sign-in", data=sent, base_url=base, headers={"Origin": origin}).status_code
        for origin in (base, "http://crowd.example.org")
    ]
    assert statuses == [422, 403]


def test_a_forwarded_address_counts_only_behind_proxies_of_our_own(
    make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    from flask import request

    seen = []

    def remember() -> None:
        seen.append(request.remote_addr)

    for proxies in (0, 1):
        app = make_app(replace(settings, trusted_proxies=proxies))
        app.before_request(remember)
        spoofed = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        Browser(app).client.get("/", headers=spoofed, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert seen == ["127.0.0.1", "203.0.113.9"]


def test_limits_are_kept_without_the_typed_address(settings: Settings) -> None:
    found = attempts.allowances("sign-in", "fe80::1%eth0", settings, account="paula@example.org")
    assert [allowance.most for allowance in found] == [100, 10]
    assert "paula" not in repr(found)


def test_an_oversized_form_is_refused(browser: Open, worker: User) -> None:
    visitor = browser(worker)
    answer = visitor.post("/account/name", {"name": "x" * (2 << 20)})
    assert answer.status_code == 413


def test_no_address_holds_a_nul(browser) -> None:  # PostgreSQL refuses to look for one
    for address in ("/datasets/%00", "/sign-in?next=a%00b", "/sign-in?%00=a"):
        assert browser().get(address).status_code == 404

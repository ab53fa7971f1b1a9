"""Accounts: opening, entering, changing, closing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from sqlmodel import Session, func, select

from crowd.domain.states import Role
from crowd.services import accounts, sign_in, sign_up
from crowd.services.passwords import (
    DUMMY_HASH,
    PasswordFlaw,
    PasswordRefused,
    check_new_password,
    common_passwords,
    hash_password,
    is_outdated,
    is_password,
)
from crowd.settings import Settings
from crowd.storage.audit import AuditEvent
from crowd.storage.database import Store
from crowd.storage.invitations import Invitation
from crowd.storage.rate_limits import RateLimit
from crowd.storage.sessions import SignInSession
from crowd.storage.users import User, roles_of
from tests.factories import make_user

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = "a long walk along the canal"
OTHER = "seven herons by the weir"
HERE = "192.0.2.7"


def paula(session: Session) -> User:
    return accounts.sign_up(session, "Paula", "Paula@Example.org", GOOD, now=NOW)


def acts(session: Session) -> list[str]:
    found = list(session.exec(select(AuditEvent.act).order_by(AuditEvent.id)))  # type: ignore[arg-type]
    session.rollback()
    return found


def session_count(session: Session) -> int:
    count = session.exec(select(func.count()).select_from(SignInSession)).one()
    session.rollback()
    return count


def test_sign_up_makes_a_worker_and_keeps_no_password(session: Session) -> None:
    user = paula(session)
    assert roles_of(session, user.id) == {Role.WORKER}
    assert user.email == "paula@example.org"
    assert user.password_hash.startswith("$argon2id$")
    assert GOOD not in user.password_hash
    assert acts(session) == ["user.signed_up"]


def test_an_address_has_one_account_whatever_its_case(session: Session) -> None:
    paula(session)
    with pytest.raises(accounts.EmailTaken):
        accounts.sign_up(session, "Mallory", "PAULA@example.ORG", OTHER, now=NOW)
    assert acts(session) == ["user.signed_up"]


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("short enough", None),
        ("eleven char", PasswordFlaw.TOO_SHORT),
        ("x" * 999 + "abcd", PasswordFlaw.TOO_LONG),
        ("paula.worker@example.org", PasswordFlaw.PERSONAL),
        ("Paula.Worker", PasswordFlaw.PERSONAL),
        ("PAULA VERY LONG NAME", PasswordFlaw.PERSONAL),
        ("password1234", PasswordFlaw.COMMON),
        ("PassWord1234", PasswordFlaw.COMMON),
        ("123456789012", PasswordFlaw.COMMON),
        ("abababababababab", PasswordFlaw.COMMON),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, flaw: PasswordFlaw | None) -> None:
    person = {"name": "Paula Very Long Name", "email": "paula.worker@example.org"}
    if flaw is None:
        check_new_password(password, **person)
        return
    with pytest.raises(PasswordRefused) as refused:
        check_new_password(password, **person)
    assert refused.value.flaw == flaw


def test_the_list_of_common_passwords_holds_only_what_length_alone_would_let_through() -> None:
    assert len(common_passwords()) >= 100
    assert all(len(password) >= 12 and password == password.casefold() for password in common_passwords())


def test_the_hash_for_unknown_accounts_costs_what_any_other_costs() -> None:
    assert not is_outdated(DUMMY_HASH)
    assert not is_password("", GOOD)
    assert not is_password(hash_password(GOOD), GOOD + " ")
    assert not is_password("not a hash", GOOD)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert is_password(hash_password("caf\u00e9 by the canal"), "cafe\u0301 by the canal")


def test_sign_in_opens_a_session_with_a_token_that_is_not_stored(
    session: Session, settings: Settings
) -> None:
    user = paula(session)
    token = accounts.sign_in(session, "PAULA@example.org ", GOOD, HERE, NOW, settings).token
    found = accounts.signed_in(session, token, NOW, settings)
    assert found is not None
    assert (found.user.id, found.roles) == (user.id, frozenset({Role.WORKER}))
    stored = session.exec(select(SignInSession)).one()
    assert token not in repr(stored)
    assert found.csrf_token != token


@pytest.mark.parametrize("case", ["unknown", "wrong", "closed", "no password", "too long"])
def test_whatever_is_wrong_the_refusal_is_the_same(session: Session, settings: Settings, case: str) -> None:
    user = paula(session)
    admin = make_user(session, "Ada", Role.ADMIN)
    email, password = user.email, GOOD
    if case == "unknown":
        email = "nobody@example.org"
    elif case == "wrong":
        password = OTHER
    elif case == "closed":
        accounts.deactivate(session, user.id, by=admin.id, reason="", now=NOW)
    elif case == "no password":
        email = admin.email
    else:
        password = GOOD * 10_000
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(session, email, password, HERE, NOW, settings)
    assert session_count(session) == 0


def test_hashing_holds_no_transaction(
    session: Session, settings: Settings, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the write lock while a password is being hashed."""
    watched: list[str] = []

    def watch(module: ModuleType, name: str) -> None:
        original = getattr(module, name)

        def watching(*args: str) -> object:
            assert not session.in_transaction()
            watched.append(name)
            return original(*args)

        monkeypatch.setattr(module, name, watching)

    watch(sign_in, "is_password")
    watch(accounts, "is_password")
    watch(sign_up, "hash_password")
    user = paula(session)
    accounts.sign_in(session, user.email, GOOD, HERE, NOW, settings)
    accounts.change_password(session, user.id, GOOD, OTHER, HERE, NOW, settings)
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=NOW)
    accounts.create_with_invitation(session, token, "Rita", "rita@example.org", GOOD, now=NOW)
    assert watched == ["hash_password", "is_password", "is_password", "hash_password", "hash_password"]


def test_many_sign_in_at_once(session: Session, settings: Settings, store: Store) -> None:
    paula(session)

    def enter(_: int) -> str:
        with store.writing() as own:
            return accounts.sign_in(own, "paula@example.org", GOOD, HERE, NOW, settings).token

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(enter, range(8)))) == 8
    assert session_count(session) == 8


def test_failed_attempts_are_limited_per_account_and_right_ones_do_not_count(
    session: Session, settings: Settings
) -> None:
    paula(session)
    for _ in range(2 * settings.sign_in_attempts):
        accounts.sign_in(session, "paula@example.org", GOOD, HERE, NOW, settings)
    for place in range(settings.sign_in_attempts):
        with pytest.raises(accounts.SignInRefused):
            accounts.sign_in(session, "paula@example.org", OTHER, f"192.0.2.{place}", NOW, settings)
    with pytest.raises(accounts.TooManyAttempts):
        accounts.sign_in(session, "paula@example.org", GOOD, HERE, NOW, settings)
    later = NOW + timedelta(seconds=settings.sign_in_window_seconds)
    accounts.sign_in(session, "paula@example.org", GOOD, HERE, later, settings)


def test_unknown_accounts_are_limited_like_known_ones(session: Session, settings: Settings) -> None:
    for _ in range(settings.sign_in_attempts):
        with pytest.raises(accounts.SignInRefused):
            accounts.sign_in(session, "nobody@example.org", OTHER, HERE, NOW, settings)
    with pytest.raises(accounts.TooManyAttempts):
        accounts.sign_in(session, "nobody@example.org", OTHER, HERE, NOW, settings)
    assert "nobody@example.org" not in repr(session.exec(select(RateLimit)).all())


def test_one_address_cannot_try_many_accounts_for_ever(session: Session, settings: Settings) -> None:
    strict = replace(settings, sign_in_attempts=1)
    for place in range(10):
        with pytest.raises(accounts.SignInRefused):
            accounts.sign_in(session, f"u{place}@example.org", OTHER, f"2001:db8::{place}", NOW, strict)
    paula(session)
    with pytest.raises(accounts.TooManyAttempts):  # the same household, another of its addresses
        accounts.sign_in(session, "paula@example.org", GOOD, "2001:db8::ffff", NOW, strict)
    accounts.sign_in(session, "paula@example.org", GOOD, "2001:db8:0:1::1", NOW, strict)


def test_concurrent_guesses_are_all_counted(session: Session, settings: Settings, store: Store) -> None:
    paula(session)

    def guess(place: int) -> str:
        with store.writing() as own:
            try:
                accounts.sign_in(own, "paula@example.org", f"{OTHER} {place}", HERE, NOW, settings)
            except accounts.SignInRefused:
                return "refused"
            except accounts.TooManyAttempts:
                return "not heard"
            return "in"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(guess, range(3 * settings.sign_in_attempts)))
    assert results.count("refused") == settings.sign_in_attempts
    assert results.count("in") == 0


def test_sessions_end_when_idle_and_in_any_case(session: Session, settings: Settings) -> None:
    user = paula(session)
    token = accounts.begin(session, user, NOW, settings).token
    idle = timedelta(hours=settings.session_idle_hours)
    assert accounts.signed_in(session, token, NOW + idle - timedelta(seconds=1), settings)
    assert accounts.signed_in(session, token, NOW + idle, settings) is None
    at, end = NOW, NOW + timedelta(days=settings.session_days)
    while at < end:
        accounts.note_seen(session, token, at)
        assert accounts.signed_in(session, token, at, settings)
        at += idle / 2
    accounts.note_seen(session, token, end)
    assert accounts.signed_in(session, token, end, settings) is None


def test_sign_out_ends_the_session_itself(session: Session, settings: Settings) -> None:
    user = paula(session)
    one, other = (accounts.begin(session, user, NOW, settings).token for _ in range(2))
    accounts.sign_out(session, one)
    assert accounts.signed_in(session, one, NOW, settings) is None
    assert accounts.signed_in(session, other, NOW, settings)
    accounts.sign_out_everywhere(session, user.id)
    assert accounts.signed_in(session, other, NOW, settings) is None


def test_a_new_password_ends_every_other_session(session: Session, settings: Settings) -> None:
    user = paula(session)
    old = accounts.begin(session, user, NOW, settings).token
    new = accounts.change_password(session, user.id, GOOD, OTHER, HERE, NOW, settings).token
    assert accounts.signed_in(session, old, NOW, settings) is None
    assert accounts.signed_in(session, new, NOW, settings)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in(session, user.email, GOOD, HERE, NOW, settings)
    accounts.sign_in(session, user.email, OTHER, HERE, NOW, settings)
    assert acts(session) == ["user.signed_up", "user.password_changed"]


def test_a_stolen_session_cannot_guess_the_password_for_ever(session: Session, settings: Settings) -> None:
    user = paula(session)
    for _ in range(settings.sign_in_attempts):
        with pytest.raises(accounts.WrongPassword):
            accounts.change_password(session, user.id, "guess", OTHER, HERE, NOW, settings)
    with pytest.raises(accounts.TooManyAttempts):
        accounts.change_password(session, user.id, GOOD, OTHER, HERE, NOW, settings)


def test_a_role_given_appears_and_a_role_taken_signs_out(
    session: Session, settings: Settings, admin: User
) -> None:
    user = paula(session)
    token = accounts.begin(session, user, NOW, settings).token
    both = {Role.WORKER, Role.REQUESTER}
    accounts.set_roles(session, user.id, both, by=admin.id, now=NOW)
    found = accounts.signed_in(session, token, NOW, settings)
    assert found is not None
    assert found.roles == both
    accounts.set_roles(session, user.id, {Role.REQUESTER}, by=admin.id, now=NOW)
    assert accounts.signed_in(session, token, NOW, settings) is None
    accounts.set_roles(session, user.id, {Role.REQUESTER}, by=admin.id, now=NOW)  # no change, no event
    events = session.exec(select(AuditEvent).where(AuditEvent.act == "user.roles_changed")).all()
    assert [(event.before, event.after, event.actor_id) for event in events] == [
        ({"roles": ["worker"]}, {"roles": ["requester", "worker"]}, admin.id),
        ({"roles": ["requester", "worker"]}, {"roles": ["requester"]}, admin.id),
    ]


def test_a_closed_account_is_out_at_once_and_its_sessions_stay_ended(
    session: Session, settings: Settings, admin: User
) -> None:
    user = paula(session)
    token = accounts.begin(session, user, NOW, settings).token
    accounts.deactivate(session, user.id, by=admin.id, reason="asked for it", now=NOW)
    accounts.deactivate(session, user.id, by=admin.id, reason="again", now=NOW)
    assert accounts.signed_in(session, token, NOW, settings) is None
    accounts.reactivate(session, user.id, by=admin.id, now=NOW)
    assert accounts.signed_in(session, token, NOW, settings) is None
    accounts.sign_in(session, user.email, GOOD, HERE, NOW, settings)
    assert acts(session) == ["user.signed_up", "user.deactivated", "user.reactivated"]


def test_the_house_always_keeps_an_admin(session: Session, admin: User) -> None:
    with pytest.raises(accounts.LastAdmin):
        accounts.deactivate(session, admin.id, by=admin.id, reason="", now=NOW)
    with pytest.raises(accounts.LastAdmin):
        accounts.set_roles(session, admin.id, {Role.WORKER}, by=admin.id, now=NOW)
    assert acts(session) == []
    second = make_user(session, "Bea", Role.ADMIN)
    accounts.deactivate(session, admin.id, by=second.id, reason="", now=NOW)
    with pytest.raises(accounts.LastAdmin):  # a closed account does not count
        accounts.set_roles(session, second.id, set(), by=second.id, now=NOW)


def test_two_admins_cannot_remove_each_other_at_once(session: Session, store: Store, admin: User) -> None:
    second = make_user(session, "Bea", Role.ADMIN)

    def remove(pair: tuple[int, int]) -> str:
        with store.writing() as own:
            try:
                accounts.deactivate(own, pair[1], by=pair[0], reason="", now=NOW)
            except accounts.LastAdmin:
                return "kept"
            return "removed"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(remove, [(admin.id, second.id), (second.id, admin.id)]))
    assert results == ["kept", "removed"]


def test_an_invitation_opens_one_account_with_its_role(session: Session, admin: User) -> None:
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=NOW)
    assert token not in repr(session.exec(select(Invitation)).all())
    user = accounts.create_with_invitation(session, token, "Rita", "rita@example.org", GOOD, now=NOW)
    assert roles_of(session, user.id) == {Role.REQUESTER}
    with pytest.raises(accounts.InvitationRefused):
        accounts.create_with_invitation(session, token, "Eve", "eve@example.org", GOOD, now=NOW)
    assert acts(session) == ["invitation.made", "user.signed_up"]


def test_a_mistake_does_not_use_an_invitation_up(session: Session, admin: User) -> None:
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=NOW)
    with pytest.raises(accounts.EmailTaken):
        accounts.create_with_invitation(session, token, "Rita", admin.email, GOOD, now=NOW)
    with pytest.raises(accounts.PasswordRefused):
        accounts.create_with_invitation(session, token, "Rita", "rita@example.org", "short", now=NOW)
    accounts.create_with_invitation(session, token, "Rita", "rita@example.org", GOOD, now=NOW)


def test_an_invitation_ends_and_an_invented_one_is_refused(session: Session, admin: User) -> None:
    token = accounts.invite(session, Role.ADMIN, by=admin.id, now=NOW)
    for tried, at in ((token, NOW + timedelta(days=7)), ("invented", NOW), ("", NOW)):
        with pytest.raises(accounts.InvitationRefused):
            accounts.create_with_invitation(session, tried, "Eve", "eve@example.org", GOOD, now=at)


def test_an_invitation_adds_its_role_to_an_account(session: Session, admin: User, worker: User) -> None:
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=NOW)
    accounts.accept_invitation(session, token, worker.id, now=NOW)
    assert roles_of(session, worker.id) == {Role.WORKER, Role.REQUESTER}
    with pytest.raises(accounts.InvitationRefused):
        accounts.accept_invitation(session, token, admin.id, now=NOW)
    assert roles_of(session, admin.id) == {Role.ADMIN}
    assert acts(session) == ["invitation.made", "user.roles_changed"]


def test_of_many_who_use_an_invitation_at_once_one_gets_in(
    session: Session, store: Store, admin: User
) -> None:
    token = accounts.invite(session, Role.REQUESTER, by=admin.id, now=NOW)

    def use(place: int) -> bool:
        with store.writing() as own:
            try:
                email = f"u{place}@example.org"
                accounts.create_with_invitation(own, token, "Rita", email, GOOD, now=NOW)
            except accounts.InvitationRefused:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(50))) == 1


def test_the_first_admin_comes_by_a_link_that_then_is_gone(session: Session) -> None:
    first = accounts.setup_link_token(session, NOW)
    second = accounts.setup_link_token(session, NOW)
    assert first is not None
    assert second is not None
    with pytest.raises(accounts.InvitationRefused):  # the link of an earlier start
        accounts.create_with_invitation(session, first, "Eve", "eve@example.org", GOOD, now=NOW)
    user = accounts.create_with_invitation(session, second, "Ada", "ada@example.org", GOOD, now=NOW)
    assert roles_of(session, user.id) == {Role.ADMIN}
    assert accounts.setup_link_token(session, NOW) is None


def test_a_setup_link_is_worth_nothing_once_there_is_an_admin(session: Session) -> None:
    token = accounts.setup_link_token(session, NOW)
    assert token is not None
    make_user(session, "Ada", Role.ADMIN)
    with pytest.raises(accounts.InvitationRefused):
        accounts.create_with_invitation(session, token, "Eve", "eve@example.org", GOOD, now=NOW)


def test_the_demo_people_enter_in_the_demo_only(session: Session, settings: Settings) -> None:
    user = User(email="worker@demo.invalid", name="Wanda")
    session.add(user)
    session.commit()
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in_demo(session, Role.WORKER, NOW, settings)
    demo = replace(settings, demo=True)
    assert accounts.sign_in_demo(session, Role.WORKER, NOW, demo).token
    with pytest.raises(accounts.SignInRefused):  # nobody made her
        accounts.sign_in_demo(session, Role.ADMIN, NOW, demo)
    with pytest.raises(accounts.SignInRefused):
        accounts.sign_in_demo(session, Role.WORKER, NOW, replace(demo, host="0.0.0.0"))

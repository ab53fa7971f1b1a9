"""Accounts: signing in and out, opening an account, and one's own name and password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, render_template, request, session, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services import accounts
from crowd.settings import is_loopback
from crowd.storage.invitations import Invitation, open_invitation
from crowd.web.account_forms import complain_of_email, complain_of_password, read_name, read_new_account
from crowd.web.forms import Fields
from crowd.web.gates import anybody_signed_in, public
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now, settings
from crowd.web.redirects import same_site_path, see_other
from crowd.web.signed_in import end_session, forget_cookie, set_cookie, viewer, viewer_or_none

screen = Blueprint("accounts", __name__)

Answer = str | Response | tuple[str, int]


@screen.get("/sign-in")
@public
def sign_in() -> Answer:
    """The form."""
    if viewer_or_none() is not None:
        return see_other(_next())
    return render_template("accounts/sign_in.html", sent=request.args, errors={})


@screen.post("/sign-in")
@public
def start_session() -> Answer:
    """Sign in: one answer for whatever is wrong."""
    fields = Fields(request.form)
    email, password = fields.email("email"), fields.secret("password")
    if fields.is_valid:
        try:
            found = accounts.sign_in(db(), email, password, _address(), now(), settings())
        except accounts.TooManyAttempts:
            abort(429)
        except accounts.SignInRefused:
            fields.complain("email", _("This address and this password do not fit together."))
        else:
            return _enter(found)
    return render_template("accounts/sign_in.html", sent=request.form, errors=fields.errors), 422


@screen.post("/sign-out")
@anybody_signed_in
def sign_out() -> Response:
    """End this session; a copy of its cookie is worth nothing afterwards."""
    end_session()
    return _leave()


@screen.post("/account/sign-out-everywhere")
@anybody_signed_in
def sign_out_everywhere() -> Response:
    """End every session of mine, this one too."""
    accounts.sign_out_everywhere(db(), viewer().id)
    return _leave()


@screen.post("/demo/<role>/sign-in")
@public
def demo_sign_in(role: str) -> Response:
    """One click into the demo; only from this very machine."""
    if not is_loopback(request.remote_addr or "") or role not in set(Role):
        abort(404)
    try:
        return _enter(accounts.sign_in_demo(db(), Role(role), now(), settings()))
    except accounts.SignInRefused:
        abort(404)


@screen.get("/sign-up")
@public
def sign_up() -> Answer:
    """The form."""
    if not settings().open_sign_up:
        abort(404)
    return render_template("accounts/sign_up.html", sent={}, errors={})


@screen.post("/sign-up")
@public
def open_account() -> Answer:
    """Open a worker's account and sign in to it."""
    if not settings().open_sign_up:
        abort(404)
    fields = Fields(request.form)
    new = read_new_account(fields)
    if fields.is_valid:
        try:
            user = accounts.sign_up_from(
                db(), _address(), new.name, new.email, new.password, now=now(), settings=settings()
            )
            return _enter(accounts.begin(db(), user, now(), settings()))
        except accounts.TooManyAttempts:
            abort(429)
        except accounts.PasswordRefused as refused:
            complain_of_password(fields, "password", refused)
        except accounts.EmailTaken:
            complain_of_email(fields)
    return render_template("accounts/sign_up.html", sent=request.form, errors=fields.errors), 422


@screen.get("/invitation/<token>")
@public
def invited(token: str) -> Answer:
    """What the invitation offers."""
    invitation = _invitation_or_404(token, is_setup=False)
    return _invitation_page(token, invitation, {}, {})


@screen.post("/invitation/<token>")
@public
def open_invited_account(token: str) -> Answer:
    """Open an account with the invitation's role."""
    return _open_with(token, _invitation_or_404(token, is_setup=False))


@screen.post("/invitation/<token>/accept")
@anybody_signed_in
def accept_invitation(token: str) -> Response:
    """Add the invitation's role to my own account."""
    _invitation_or_404(token, is_setup=False)
    try:
        accounts.accept_invitation(db(), token, viewer().id, now=now())
    except accounts.InvitationRefused:
        abort(404)
    flash(_("Your account has its new role."), "good")
    return see_other(url_for("home.index"))


@screen.get("/setup/<token>")
@public
def setup(token: str) -> Answer:
    """The form for the first admin's account."""
    return _invitation_page(token, _invitation_or_404(token, is_setup=True), {}, {})


@screen.post("/setup/<token>")
@public
def open_first_account(token: str) -> Answer:
    """Open the first admin's account, once."""
    return _open_with(token, _invitation_or_404(token, is_setup=True))


@screen.get("/account")
@anybody_signed_in
def account() -> Answer:
    """My name, my password, my sessions."""
    return render_template("accounts/account.html", sent={"name": viewer().name}, errors={})


@screen.post("/account/name")
@anybody_signed_in
def rename() -> Answer:
    """Change my name."""
    fields = Fields(request.form)
    name = read_name(fields)
    if not fields.is_valid:
        return render_template("accounts/account.html", sent=request.form, errors=fields.errors), 422
    accounts.rename(db(), viewer().id, name, now())
    flash(_("Your name is changed."), "good")
    return see_other(url_for("accounts.account"))


@screen.post("/account/password")
@anybody_signed_in
def change_password() -> Answer:
    """Change my password; every other browser is signed out."""
    fields = Fields(request.form)
    old, new = fields.secret("old_password"), fields.secret("password")
    if fields.is_valid:
        try:
            opened = accounts.change_password(db(), viewer().id, old, new, _address(), now(), settings())
        except accounts.TooManyAttempts:
            abort(429)
        except accounts.WrongPassword:
            fields.complain("old_password", _("This is not your present password."))
        except accounts.PasswordRefused as refused:
            complain_of_password(fields, "password", refused)
        else:
            flash(_("Your password is changed. Every other browser is signed out."), "good")
            return set_cookie(see_other(url_for("accounts.account")), opened.token)
    sent = {"name": viewer().name}
    return render_template("accounts/account.html", sent=sent, errors=fields.errors), 422


def _open_with(token: str, invitation: Invitation) -> Answer:
    fields = Fields(request.form)
    new = read_new_account(fields)
    if fields.is_valid:
        try:
            user = accounts.create_with_invitation(db(), token, new.name, new.email, new.password, now=now())
            return _enter(accounts.begin(db(), user, now(), settings()))
        except accounts.InvitationRefused:
            abort(404)
        except accounts.PasswordRefused as refused:
            complain_of_password(fields, "password", refused)
        except accounts.EmailTaken:
            complain_of_email(fields)
    return _invitation_page(token, invitation, request.form, fields.errors), 422


def _invitation_page(token: str, invitation: Invitation, sent: object, errors: dict[str, str]) -> str:
    return render_template(
        "accounts/invited.html",
        token=token,
        role=Role(invitation.role),
        is_setup=invitation.invited_by is None,
        sent=sent,
        errors=errors,
    )


def _invitation_or_404(token: str, *, is_setup: bool) -> Invitation:
    found = open_invitation(db(), token, now())
    if found is None or (found.invited_by is None) != is_setup:
        abort(404)
    return found


def _address() -> str:
    return request.remote_addr or ""


def _next() -> str:
    return same_site_path(request.values.get("next", "")) or url_for("home.index")


def _enter(found: accounts.SignedIn) -> Response:
    """A new session, whatever session this browser had before."""
    if "session_token" in g:
        end_session()
    session.clear()
    return set_cookie(see_other(_next()), found.token)


def _leave() -> Response:
    session.clear()
    return forget_cookie(see_other(url_for("home.index")))

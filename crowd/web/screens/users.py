"""Users, for admins: who has an account, with which roles; invitations."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services import accounts
from crowd.storage.users import User, roles_of_users, user_by_public_id, users_page
from crowd.web.forms import Fields
from crowd.web.gates import for_roles
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now, settings
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("users", __name__)

PAGE = 50


@screen.get("/admin/users")
@for_roles(Role.ADMIN)
def everybody() -> str:
    """All accounts, the newest first."""
    return _page()


@screen.post("/admin/invitations")
@for_roles(Role.ADMIN)
def invite() -> str | tuple[str, int]:
    """Make a link that opens an account with a role. It is shown here and never again."""
    fields = Fields(request.form)
    role = fields.choice("role", [role.value for role in Role])
    if not fields.is_valid:
        return _page(errors=fields.errors), 422
    token = accounts.invite(db(), Role(role), by=viewer().id, now=now())
    return _page(link=settings().base_url + url_for("accounts.invited", token=token), role=Role(role))


@screen.post("/admin/users/<public_id>/roles")
@for_roles(Role.ADMIN)
def set_roles(public_id: str) -> Response:
    """Give somebody the ticked roles and no others."""
    user = _user_or_404(public_id)
    fields = Fields(request.form)
    roles = {role for role in Role if fields.flag(role.value)}
    try:
        accounts.set_roles(db(), user.id, roles, by=viewer().id, now=now())
        flash(_("The roles of %(name)s are changed.") % {"name": user.name}, "good")
    except accounts.LastAdmin:
        flash(_last_admin(), "bad")
    return see_other(url_for("users.everybody"))


@screen.post("/admin/users/<public_id>/deactivate")
@for_roles(Role.ADMIN)
def deactivate(public_id: str) -> Response:
    """Close an account and end its sessions."""
    user = _user_or_404(public_id)
    fields = Fields(request.form)
    reason = fields.text("reason", required=False)
    if not fields.is_valid:
        abort(400)
    try:
        accounts.deactivate(db(), user.id, by=viewer().id, reason=reason, now=now())
        flash(_("The account of %(name)s is closed.") % {"name": user.name}, "good")
    except accounts.LastAdmin:
        flash(_last_admin(), "bad")
    return see_other(url_for("users.everybody"))


@screen.post("/admin/users/<public_id>/reactivate")
@for_roles(Role.ADMIN)
def reactivate(public_id: str) -> Response:
    """Open a closed account again."""
    user = _user_or_404(public_id)
    accounts.reactivate(db(), user.id, by=viewer().id, now=now())
    flash(_("The account of %(name)s is open again.") % {"name": user.name}, "good")
    return see_other(url_for("users.everybody"))


def _page(*, errors: dict[str, str] | None = None, link: str = "", role: Role | None = None) -> str:
    sought = request.args.get("q", "").strip()[:200].replace("\x00", "")
    last = request.args.get("before", "")
    before = _user_or_404(last).id if last else None
    found = users_page(db(), sought=sought, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    return render_template(
        "users/everybody.html",
        users=shown,
        roles=roles_of_users(db(), [user.id for user in shown]),
        next_before=shown[-1].public_id if len(found) > PAGE else "",
        sought=sought,
        errors=errors or {},
        link=link,
        link_role=role,
    )


def _user_or_404(public_id: str) -> User:
    found = user_by_public_id(db(), public_id)
    if found is None:
        abort(404)
    return found


def _last_admin() -> str:
    return _("Nothing was changed: without this account nobody could administer the house.")

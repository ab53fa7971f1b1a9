"""The house's ledger, for admins: who holds what, every transfer, and money put into budgets."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services.ledger import deposit
from crowd.storage.columns import new_public_id
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.ledger_views import balances_by_kind, transfers_page
from crowd.storage.users import User, users_with_role
from crowd.web.forms import Fields
from crowd.web.gates import for_roles
from crowd.web.i18n import gettext as _
from crowd.web.look import money
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("ledger", __name__)

PAGE = 50
LARGEST_DEPOSIT = 10**12
KEY = re.compile(r"[A-Za-z0-9_-]{22}")


@screen.get("/admin/ledger")
@for_roles(Role.ADMIN)
def house() -> str:
    """Balances by kind, their sum, and transfers."""
    before = request.args.get("before", "")
    if before and not re.fullmatch(r"[0-9]{1,18}", before, re.ASCII):
        abort(404)
    found = transfers_page(db(), before=int(before) if before else None, limit=PAGE + 1)
    shown = found[:PAGE]
    balances = balances_by_kind(db())
    return render_template(
        "ledger/house.html",
        balances=balances,
        sum_micros=sum(one.balance_micros for one in balances),
        transfers=shown,
        next_before=shown[-1].transfer.id if len(found) > PAGE else None,
    )


@screen.get("/admin/deposit")
@for_roles(Role.ADMIN)
def deposit_form() -> str:
    """The form that puts money into a requester's budget."""
    return _form()


@screen.post("/admin/deposit")
@for_roles(Role.ADMIN)
def add_money() -> Response | tuple[str, int]:
    """Put money into a budget; the same form sent twice does it once."""
    fields = Fields(request.form)
    requesters = {user.public_id: user for user in users_with_role(db(), Role.REQUESTER)}
    who = fields.choice("requester", requesters)
    amount = fields.amount("amount", low=1, high=LARGEST_DEPOSIT)
    reason = fields.text("reason")
    key = fields.sent.get("key", "")
    if not KEY.fullmatch(key):
        fields.complain("amount", _("This form had grown old. Check it and send it again."))
    if not fields.is_valid:
        return _form(fields), 422
    to = requesters[who]
    deposit(db(), to, amount, reason=reason, key=key, actor_id=viewer().id, now=now())
    words = {"amount": money(amount), "name": to.name}
    flash(_("%(amount)s is in the budget of %(name)s.") % words, "good")
    return see_other(url_for("ledger.house"))


def _form(fields: Fields | None = None) -> str:
    requesters = users_with_role(db(), Role.REQUESTER)
    return render_template(
        "ledger/deposit.html",
        options=[(user.public_id, _option(user)) for user in requesters],
        errors=fields.errors if fields else {},
        sent=fields.sent if fields else {},
        key=new_public_id(),
    )


def _option(user: User) -> str:
    return f"{user.name} ({user.email}), {money(balance(db(), AccountKind.BUDGET, user.id))}"

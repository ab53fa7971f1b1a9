"""A requester's budget: what is free, what each project has set aside and spent, every line."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from crowd.domain.states import Role
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.ledger_views import budget_lines, money_of_projects
from crowd.web.gates import for_roles
from crowd.web.paging import Cursor
from crowd.web.per_request import db
from crowd.web.signed_in import viewer

screen = Blueprint("budget", __name__)

ROWS = 50


@screen.get("/budget")
@for_roles(Role.REQUESTER)
def mine() -> str:
    """Her budget."""
    cursor = Cursor.read(request.args.get("from", ""))
    found = budget_lines(db(), viewer().id, until=cursor.until, skip=cursor.skip, limit=ROWS + 1)
    shown = found[:ROWS]
    moments = [transfer.created_at for _entry, transfer, _project in shown]
    projects = money_of_projects(db(), viewer().id)
    return render_template(
        "budget/mine.html",
        free_micros=balance(db(), AccountKind.BUDGET, viewer().id),
        reserved_micros=sum(one.reserved_micros for one in projects),
        spent_micros=sum(one.spent_micros for one in projects),
        projects=projects,
        lines=shown,
        older=str(cursor.after(moments)) if len(found) > ROWS else "",
    )

"""Earnings: what a worker has earned, every ledger line with its reason, every verdict with its author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request

from crowd.domain.states import AssignmentState, Role
from crowd.storage.assignments import Assignment
from crowd.storage.earnings import StatementLine, answers_of_worker, balances, names_of, statement
from crowd.storage.ledger import AccountKind, Transfer
from crowd.storage.projects import Project
from crowd.web.gates import for_roles
from crowd.web.i18n import gettext as _
from crowd.web.look import money
from crowd.web.paging import Cursor
from crowd.web.per_request import db
from crowd.web.signed_in import viewer

screen = Blueprint("earnings", __name__)

ROWS = 50


@dataclass(frozen=True)
class Line:
    """A ledger line in words."""

    transfer: Transfer
    project: Project | None
    title: str
    because: str
    payable_at: datetime | None
    pending: int
    payable: int
    sending: int
    paid: int


@dataclass(frozen=True)
class Row:
    """An answer with its verdict."""

    assignment: Assignment
    project: Project
    decider: str
    seconds: float


@screen.get("/earnings")
@for_roles(Role.WORKER)
def mine() -> str:
    """Her balances and her ledger."""
    cursor = Cursor.read(request.args.get("from", ""))
    found = statement(db(), viewer().id, until=cursor.until, skip=cursor.skip, limit=ROWS + 1)
    shown = found[:ROWS]
    names = names_of(db(), _deciders(line.assignment for line in shown if line.assignment))
    lines = [_line(line, names) for line in shown]
    held = balances(db(), viewer().id)
    return render_template(
        "earnings/mine.html",
        held={kind.value: amount for kind, amount in held.items()},
        lines=lines,
        has_sending=any(line.sending for line in lines),
        older=str(cursor.after([line.transfer.created_at for line in shown])) if len(found) > ROWS else "",
    )


@screen.get("/earnings/answers")
@for_roles(Role.WORKER)
def answers() -> str:
    """Her answers and what became of each."""
    cursor = Cursor.read(request.args.get("from", ""))
    found = answers_of_worker(db(), viewer().id, until=cursor.until, skip=cursor.skip, limit=ROWS + 1)
    shown = found[:ROWS]
    names = names_of(db(), _deciders(assignment for assignment, _project in shown))
    rows = [Row(one, project, _decider(one, project, names), _seconds(one)) for one, project in shown]
    moments = [one.submitted_at for one, _project in shown if one.submitted_at is not None]
    older = str(cursor.after(moments)) if len(found) > ROWS else ""
    return render_template("earnings/answers.html", rows=rows, older=older)


def _deciders(assignments: Iterable[Assignment]) -> set[int]:
    return {one.decided_by for one in assignments if one.decided_by is not None}


def _decider(assignment: Assignment, project: Project, names: Mapping[int, str]) -> str:
    by = assignment.decided_by
    if by is None:
        return _("The project's clock")
    name = names.get(by, "")
    return _("%(name)s, the requester") % {"name": name} if by == project.owner_id else name


def _seconds(assignment: Assignment) -> float:
    end = assignment.submitted_at or assignment.assigned_at
    return (end - assignment.assigned_at).total_seconds()


def _line(line: StatementLine, names: Mapping[int, str]) -> Line:
    title, because, payable_at = _words(line, names)
    amounts = line.amounts
    return Line(
        line.transfer,
        line.project,
        title,
        because,
        payable_at,
        pending=amounts[AccountKind.PENDING],
        payable=amounts[AccountKind.PAYABLE],
        sending=amounts[AccountKind.SENDING],
        paid=amounts[AccountKind.PAID],
    )


def _words(line: StatementLine, names: Mapping[int, str]) -> tuple[str, str, datetime | None]:
    """Title, reason and the moment that the reason speaks of."""
    transfer, assignment, project = line.transfer, line.assignment, line.project
    if assignment is None or project is None:
        return _titles().get(transfer.kind, transfer.kind.capitalize()), transfer.reason, None
    if transfer.kind == "answer":
        rate = _rate(assignment, project)
        if assignment.state == AssignmentState.SUBMITTED:
            return _("Answer"), _("%(rate)s Payable by the clock on") % {"rate": rate}, assignment.approve_at
        return _("Answer"), rate, None
    by = _decider(assignment, project, names)
    reason = _("Decided by: %(by)s.") % {"by": by}
    if transfer.reason:
        reason += " " + _("Reason: %(reason)s") % {"reason": transfer.reason}
    return _titles().get(transfer.kind, transfer.kind.capitalize()), reason, None


def _rate(assignment: Assignment, project: Project) -> str:
    """The reward, and the tier that multiplied it."""
    plain = money(project.reward_micros)
    if assignment.pay_micros == project.reward_micros:
        return _("Reward %(reward)s.") % {"reward": plain}
    words = {"reward": plain, "factor": f"{assignment.pay_micros / project.reward_micros:.2f}"}
    return _("Reward %(reward)s × %(factor)s for your tier.") % words


def _titles() -> dict[str, str]:
    return {
        "approval": _("Approved"),
        "rejection": _("Rejected"),
        "payout": _("In a payout"),
        "paid": _("Paid out"),
        "cancel": _("Payout cancelled: payable again"),
    }

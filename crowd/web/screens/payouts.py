"""Payouts, for admins: what is payable, files to pay it by, and whether they were paid."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import PayoutState, Role
from crowd.services import payouts
from crowd.storage.ledger import AccountKind
from crowd.storage.ledger_views import owed
from crowd.storage.payouts import Payout, paid_lines, payout_by_public_id, payout_sums
from crowd.storage.payouts import payouts as every_payout
from crowd.web.forms import Fields
from crowd.web.gates import for_roles
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now, settings
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("payouts", __name__)

MOST_SHOWN = 200


@screen.get("/admin/payouts")
@for_roles(Role.ADMIN)
def all_payouts() -> str:
    """What can be paid out now, and every payout so far."""
    payable = owed(db(), AccountKind.PAYABLE)
    made = every_payout(db())
    return render_template(
        "payouts/all.html",
        payable=payable[:MOST_SHOWN],
        payable_count=len(payable),
        payable_micros=sum(one.balance_micros for one in payable),
        payouts=made,
        sums=payout_sums(db(), [payout.id for payout in made]),
        waiting=[payout for payout in made if payout.state == PayoutState.EXPORTED],
    )


@screen.post("/admin/payouts")
@for_roles(Role.ADMIN)
def export() -> Response:
    """Take everything payable into a new payout."""
    try:
        payout = payouts.export_payout(db(), by=viewer().id, now=now())
    except payouts.NothingPayable:
        flash(_("Nothing is payable now. Nothing was changed."), "warn")
        return see_other(url_for("payouts.all_payouts"))
    flash(_("The payout is ready. Download its file, pay it, then mark it as paid."), "good")
    return see_other(url_for("payouts.payout", payout_id=payout.public_id))


@screen.get("/admin/payouts/<payout_id>")
@for_roles(Role.ADMIN)
def payout(payout_id: str) -> str:
    """One payout: who gets what."""
    found = _payout_or_404(payout_id)
    return _page(found, "payouts/payout.html")


@screen.get("/admin/payouts/<payout_id>/file")
@for_roles(Role.ADMIN)
def download(payout_id: str) -> Response:
    """The payout's CSV file."""
    found = _payout_or_404(payout_id)
    response = Response(payouts.payout_file(db(), found, settings().currency), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="payout-{found.public_id}.csv"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@screen.get("/admin/payouts/<payout_id>/paid")
@for_roles(Role.ADMIN)
def confirm_paid(payout_id: str) -> str:
    """What marking as paid means, before it is done."""
    found = _payout_or_404(payout_id)
    return _page(found, "payouts/paid.html")


@screen.post("/admin/payouts/<payout_id>/paid")
@for_roles(Role.ADMIN)
def mark_paid(payout_id: str) -> Response | tuple[str, int]:
    """Mark as paid, once."""
    found = _payout_or_404(payout_id)
    fields = Fields(request.form)
    reference = fields.text("reference", required=False)
    if not fields.is_valid:
        return _page(found, "payouts/paid.html", fields), 422
    try:
        payouts.mark_paid(db(), found, reference=reference, by=viewer().id, now=now())
        flash(_("Marked as paid. The workers see it in their earnings."), "good")
    except payouts.PayoutDecided:
        flash(_("Nothing was changed: this payout was decided before."), "warn")
    return see_other(url_for("payouts.payout", payout_id=payout_id))


@screen.get("/admin/payouts/<payout_id>/cancel")
@for_roles(Role.ADMIN)
def confirm_cancel(payout_id: str) -> str:
    """What cancelling means, before it is done."""
    found = _payout_or_404(payout_id)
    return _page(found, "payouts/cancel.html")


@screen.post("/admin/payouts/<payout_id>/cancel")
@for_roles(Role.ADMIN)
def cancel(payout_id: str) -> Response | tuple[str, int]:
    """Cancel a payout that was certainly not sent."""
    found = _payout_or_404(payout_id)
    fields = Fields(request.form)
    reason = fields.text("reason", longest=payouts.LONGEST_REASON)
    if not fields.flag("sure"):
        fields.complain("sure", _("Make sure first, then tick this."))
    if not fields.is_valid:
        return _page(found, "payouts/cancel.html", fields), 422
    try:
        payouts.cancel_payout(db(), found, reason=reason, by=viewer().id, now=now())
        flash(_("Cancelled. The money is payable again and will be in the next payout."), "good")
    except payouts.PayoutDecided:
        flash(_("Nothing was changed: this payout was decided before."), "warn")
    return see_other(url_for("payouts.payout", payout_id=payout_id))


def _payout_or_404(payout_id: str) -> Payout:
    found = payout_by_public_id(db(), payout_id)
    if found is None:
        abort(404)
    return found


def _page(found: Payout, page: str, fields: Fields | None = None) -> str:
    lines = paid_lines(db(), found.id)
    return render_template(
        page,
        payout=found,
        lines=lines,
        total_micros=sum(line.amount_micros for line, _worker in lines),
        errors=fields.errors if fields else {},
        sent=fields.sent if fields else {},
    )

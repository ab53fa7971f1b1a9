"""The audit trail, for admins: who did what, when, and whether the chain holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from crowd.domain.states import Role
from crowd.services.audit import verify_chain
from crowd.storage.audit import event_counts, known_acts, recent_events
from crowd.storage.users import names_of_users
from crowd.web.gates import for_roles
from crowd.web.per_request import db

screen = Blueprint("audit", __name__)

PAGE = 100
SUBJECT = re.compile(r"[a-z_]{1,40}:[\x21-\x7e]{1,100}")


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for."""

    act: str
    subject: str
    before: int | None


@screen.get("/admin/audit")
@for_roles(Role.ADMIN)
def trail() -> str:
    """The newest events first."""
    acts = known_acts(db())
    wanted = _wanted(acts)
    found = recent_events(db(), act=wanted.act, subject=wanted.subject, before=wanted.before, limit=PAGE + 1)
    shown = found[:PAGE]
    sealed_count, waiting_count = event_counts(db())
    return render_template(
        "audit/trail.html",
        events=shown,
        names=names_of_users(db(), {event.actor_id for event in shown if event.actor_id is not None}),
        next_before=shown[-1].id if len(found) > PAGE else None,
        acts=acts,
        wanted=wanted,
        sealed_count=sealed_count,
        waiting_count=waiting_count,
    )


@screen.get("/admin/audit/chain")
@for_roles(Role.ADMIN)
def chain() -> str:
    """Compute every hash of the chain anew."""
    sealed_count, waiting_count = event_counts(db())
    return render_template(
        "audit/chain.html",
        broken_place=verify_chain(db()),
        sealed_count=sealed_count,
        waiting_count=waiting_count,
    )


def _wanted(acts: Sequence[str]) -> Wanted:
    """The filter: closed lists only, and nothing that is not offered."""
    asked = request.args
    act, subject, before = asked.get("act", ""), asked.get("subject", "").strip(), asked.get("before", "")
    if set(asked) - {"act", "subject", "before"}:
        abort(400)
    if act and act not in acts:
        abort(400)
    if subject and not SUBJECT.fullmatch(subject):
        abort(400)
    if before and not re.fullmatch(r"[0-9]{1,18}", before, re.ASCII):
        abort(400)
    return Wanted(act, subject, int(before) if before else None)

"""Rules about the ledger by itself: everything sums to zero, nothing but the world is below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlmodel import select

from crowd.domain.pay import Tiers, reward
from crowd.domain.states import AssignmentState
from crowd.services.check.rule import Checked, Rule, by_sql
from crowd.storage.assignments import Assignment
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.projects import Project

SENDING = """
    SELECT payout_lines.worker_id AS owner_id, SUM(payout_lines.amount_micros) AS expected
    FROM payout_lines JOIN payouts ON payouts.id = payout_lines.payout_id
    WHERE payouts.state = 'exported' GROUP BY payout_lines.worker_id
"""
HELD = """
    SELECT accounts.owner_id, SUM(ledger_entries.amount_micros) AS held FROM accounts
    JOIN ledger_entries ON ledger_entries.account_id = accounts.id
    WHERE accounts.kind = 'sending' GROUP BY accounts.owner_id
"""


def _reserves(checked: Checked) -> tuple[int, Iterable[str]]:
    projects = checked.session.exec(select(Project).order_by(Project.id)).all()  # type: ignore[arg-type]
    return len(projects), _short_reserves(checked, projects)


def _short_reserves(checked: Checked, projects: Iterable[Project]) -> Iterator[str]:
    for project in projects:
        lent = checked.session.exec(
            select(Assignment.id).where(
                Assignment.project_id == project.id, Assignment.state == AssignmentState.ASSIGNED
            )
        ).all()
        needed = len(lent) * reward(project.reward_micros, 1.0, Tiers.from_list(project.tiers))
        held = balance(checked.session, AccountKind.RESERVE, project.id)
        if held < needed:
            yield f"project {project.id}: {held} reserved, {len(lent)} loans may cost {needed}"


RULES = (
    by_sql(
        "transfers",
        "each transfer has two lines or more and they sum to zero",
        seen="SELECT COUNT(*) FROM transfers",
        wrong="SELECT 'transfer ' || transfers.id || ' (' || transfers.key || '): ' ||"
        " COALESCE(SUM(amount_micros), 0) || ' in ' || COUNT(ledger_entries.id) || ' lines'"
        " FROM transfers LEFT JOIN ledger_entries ON ledger_entries.transfer_id = transfers.id"
        " GROUP BY transfers.id, transfers.key"
        " HAVING COUNT(ledger_entries.id) < 2 OR COALESCE(SUM(amount_micros), 0) <> 0",
    ),
    by_sql(
        "ledger sum",
        "all lines of the ledger together sum to zero",
        seen="SELECT COUNT(*) FROM ledger_entries",
        wrong="SELECT 'the sum is ' || SUM(amount_micros) FROM ledger_entries HAVING SUM(amount_micros) <> 0",
    ),
    by_sql(
        "balances",
        "no account but the world's is below zero",
        seen="SELECT COUNT(*) FROM accounts",
        wrong="SELECT accounts.kind || ' of ' || accounts.owner_id || ': ' || SUM(amount_micros)"
        " FROM accounts JOIN ledger_entries ON ledger_entries.account_id = accounts.id"
        " WHERE accounts.kind <> 'world' GROUP BY accounts.id, accounts.kind, accounts.owner_id"
        " HAVING SUM(amount_micros) < 0",
    ),
    Rule("reserves", "each project holds in reserve what its loans may cost", _reserves),
    by_sql(
        "payouts",
        "each payout has the transfers of its state, once, over the sum of its lines",
        seen="SELECT COUNT(*) FROM payouts",
        wrong="SELECT 'payout ' || payouts.id || ' is ' || payouts.state FROM payouts"
        " LEFT JOIN (SELECT payout_id, SUM(amount_micros) AS total FROM payout_lines GROUP BY payout_id)"
        " AS told ON told.payout_id = payouts.id"
        " LEFT JOIN (SELECT transfers.key, SUM(amount_micros) AS total FROM transfers"
        " JOIN ledger_entries ON ledger_entries.transfer_id = transfers.id"
        " WHERE amount_micros > 0 GROUP BY transfers.key) AS moved ON moved.key = 'payout:' || payouts.id"
        " LEFT JOIN transfers AS paid ON paid.key = 'paid:' || payouts.id"
        " LEFT JOIN transfers AS cancelled ON cancelled.key = 'cancel:' || payouts.id"
        " WHERE COALESCE(told.total, 0) <> COALESCE(moved.total, 0)"
        " OR (payouts.state = 'paid') <> (paid.id IS NOT NULL)"
        " OR (payouts.state = 'cancelled') <> (cancelled.id IS NOT NULL)",
    ),
    by_sql(
        "money on its way",
        "what is being sent to each worker is what the exported payouts say",
        seen="SELECT COUNT(DISTINCT worker_id) FROM payout_lines",
        wrong="SELECT 'worker ' || owner_id || ': ' || SUM(held) || ' held, ' || SUM(expected) || ' exported'"
        f" FROM (SELECT owner_id, held, 0 AS expected FROM ({HELD}) AS h"
        f" UNION ALL SELECT owner_id, 0, expected FROM ({SENDING}) AS s) AS both_sides"
        " GROUP BY owner_id HAVING SUM(held) <> SUM(expected)",
    ),
)

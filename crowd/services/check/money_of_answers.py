"""Rules that tie answers to money: each answer is paid for once, by its state, with its own amount."""

from __future__ import annotations

from crowd.services.check.rule import Rule, by_sql

PAID_ANSWERS = "SELECT COUNT(*) FROM assignments WHERE answer IS NOT NULL AND pay_micros > 0"


def _moved_once(name: str, says: str, kind: str, states: str, account_kind: str) -> Rule:
    """Answers in these states, and no others, have one transfer of this kind over exactly their pay."""
    moved = (
        "SELECT transfers.assignment_id, COUNT(*) AS times, SUM(ledger_entries.amount_micros) AS amount"
        " FROM transfers JOIN ledger_entries ON ledger_entries.transfer_id = transfers.id"
        " JOIN accounts ON accounts.id = ledger_entries.account_id"
        f" WHERE transfers.kind = '{kind}' AND accounts.kind = '{account_kind}'"
        " AND ledger_entries.amount_micros > 0 GROUP BY transfers.assignment_id"
    )
    return by_sql(
        name,
        says,
        seen=PAID_ANSWERS,
        wrong="SELECT 'assignment ' || assignments.id || ' is ' || assignments.state || ', pays ' ||"
        " assignments.pay_micros || ', moved ' || COALESCE(moved.amount, 0) || ' in ' ||"
        " COALESCE(moved.times, 0) || ' transfers' FROM assignments"
        f" LEFT JOIN ({moved}) AS moved ON moved.assignment_id = assignments.id"
        f" WHERE CASE WHEN assignments.state IN ({states}) AND assignments.pay_micros > 0"
        " THEN COALESCE(moved.times, 0) <> 1 OR moved.amount <> assignments.pay_micros"
        " ELSE COALESCE(moved.times, 0) <> 0 END",
    )


def _held_by_workers(name: str, says: str, kinds: str, state: str) -> Rule:
    """What workers' accounts of these kinds hold is the pay of their answers in this state."""
    return by_sql(
        name,
        says,
        seen="SELECT COUNT(DISTINCT worker_id) FROM assignments WHERE answer IS NOT NULL",
        wrong="SELECT 'worker ' || worker_id || ': holds ' || SUM(held) || ', earned ' || SUM(earned) FROM"
        " (SELECT accounts.owner_id AS worker_id, ledger_entries.amount_micros AS held, 0 AS earned"
        " FROM accounts JOIN ledger_entries ON ledger_entries.account_id = accounts.id"
        f" WHERE accounts.kind IN ({kinds})"
        f" UNION ALL SELECT worker_id, 0, pay_micros FROM assignments WHERE state = '{state}')"
        " AS both_sides GROUP BY worker_id HAVING SUM(held) <> SUM(earned)",
    )


RULES = (
    _moved_once(
        "pay on submission",
        "each answer's pay went from the reserve to its worker once",
        "answer",
        "'submitted', 'approved', 'rejected'",
        "pending",
    ),
    _moved_once(
        "pay on approval",
        "each approved answer's pay became payable once, and no other answer's",
        "approval",
        "'approved'",
        "payable",
    ),
    _moved_once(
        "pay on rejection",
        "each rejected answer's pay went back to the reserve once, and no other answer's",
        "rejection",
        "'rejected'",
        "reserve",
    ),
    _held_by_workers(
        "pending balances",
        "each worker's pending money is the pay of her answers that wait for approval",
        "'pending'",
        "submitted",
    ),
    _held_by_workers(
        "earned balances",
        "each worker's payable, sent and paid money is the pay of her approved answers",
        "'payable', 'sending', 'paid'",
        "approved",
    ),
)

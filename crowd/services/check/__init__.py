"""Check the whole house: every rule that the data must keep, counted anew from the rows themselves.

Each rule says how much it looked at and what it found wrong. The rules are read from one snapshot, so that
a house at work is not mistaken for a broken one.
"""

from __future__ import annotations

from collections.abc import Iterator

from crowd.services.check import answers, house, ledger, money_of_answers, orphans, trust
from crowd.services.check.rule import Checked, Finding, Rule
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.export_rows import one_snapshot

RULES: tuple[Rule, ...] = (
    *answers.RULES,
    *ledger.RULES,
    *money_of_answers.RULES,
    *trust.RULES,
    *orphans.RULES,
    *house.RULES,
)


def check(store: Store, rules: tuple[Rule, ...] = RULES) -> Iterator[Finding]:
    """What each rule finds, one after another."""
    with store.reading() as session:
        one_snapshot(session)
        now = now_utc()
        for rule in rules:
            yield rule.apply(Checked(session, store.blobs, now))


def rule_named(name: str) -> Rule:
    """The rule of this name. Raises KeyError."""
    return {rule.name: rule for rule in RULES}[name]


__all__ = ["RULES", "Finding", "Rule", "check", "rule_named"]

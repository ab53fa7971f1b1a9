"""What a rule is: a name, what it looks at, and how it finds what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from crowd.storage.blobs import BlobStore

MOST_EXAMPLES = 5
STANDING = "('submitted', 'approved')"


@dataclass(frozen=True)
class Checked:
    """What is checked: the database at one moment, and the blobs."""

    session: Session
    blobs: BlobStore
    now: datetime


@dataclass(frozen=True)
class Finding:
    """What one rule found: how many things it looked at, how many are wrong, and some of them."""

    rule: str
    says: str
    seen_count: int
    wrong_count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One rule. `look` gives how many things there are, and a sentence for each that is wrong."""

    name: str
    says: str
    look: Callable[[Checked], tuple[int, Iterable[str]]]

    def apply(self, checked: Checked) -> Finding:
        """Look, and keep some examples."""
        seen, wrong = self.look(checked)
        found = iter(wrong)
        examples = tuple(islice(found, MOST_EXAMPLES))
        return Finding(self.name, self.says, seen, len(examples) + sum(1 for _ in found), examples)


def by_sql(name: str, says: str, *, seen: str, wrong: str, **values: Any) -> Rule:
    """A rule in SQL: `seen` counts what there is; `wrong` selects a sentence for each that is wrong."""

    def look(checked: Checked) -> tuple[int, Iterable[str]]:
        count = int(checked.session.execute(text(seen)).scalar_one())
        return count, (str(row[0]) for row in checked.session.execute(text(wrong), values))

    return Rule(name, says, look)

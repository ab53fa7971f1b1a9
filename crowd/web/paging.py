"""Paging by moment: a page begins where the last one ended, whatever has come on top meanwhile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crowd.storage.columns import EPOCH

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """A place in rows sorted newest first: from `until` backwards, without the first `skip` of them.

    Rows may share a moment, so the moment alone would lose some; no row's own number is shown.
    """

    until: datetime | None = None
    skip: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor in an address; the beginning where it makes no sense."""
        match = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,6})", text, re.ASCII)
        if match is None:
            return cls()
        return cls(EPOCH + int(match[1]) * MICROSECOND, int(match[2]))

    def __str__(self) -> str:
        return f"{((self.until or EPOCH) - EPOCH) // MICROSECOND}-{self.skip}"

    def after(self, moments: Sequence[datetime]) -> Cursor:
        """The cursor behind these rows, which this cursor gave."""
        last = moments[-1]
        same = sum(moment == last for moment in moments)
        return Cursor(last, same + (self.skip if last == self.until else 0))

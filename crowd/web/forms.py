"""Forms: read fields at the door, collect every complaint, say how to mend each."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from crowd.domain.pay import AmountRefused, parse_amount
from crowd.web.i18n import gettext as _

E = TypeVar("E", bound=StrEnum)
EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}")


@dataclass
class Fields:
    """The fields of one submitted form. Readers give a usable value even where they complain."""

    sent: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether nothing was wrong so far."""
        return not self.errors

    def complain(self, name: str, message: str) -> None:
        """Note what is wrong with a field; the first complaint stands."""
        self.errors.setdefault(name, message)

    def text(self, name: str, *, longest: int = 200, required: bool = True) -> str:
        """Words, trimmed."""
        value = self.sent.get(name, "").strip()
        if required and not value:
            self.complain(name, _("Fill this in."))
        if len(value) > longest:
            self.complain(name, _("Keep this under %(longest)s characters.") % {"longest": longest})
        if "\x00" in value:
            self.complain(name, _("This holds a character that cannot be stored."))
        return value

    def secret(self, name: str) -> str:
        """A password, exactly as it was typed."""
        value = self.sent.get(name, "")
        if not value:
            self.complain(name, _("Fill this in."))
        return value

    def email(self, name: str) -> str:
        """An e-mail address, in lower case."""
        value = self.sent.get(name, "").strip().lower()
        if not EMAIL.fullmatch(value):
            self.complain(name, _("Enter an e-mail address, such as name@example.org."))
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.sent.get(name, "").strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII) or not low <= int(value) <= high:
            self.complain(
                name, _("Enter a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}
            )
            return low
        return int(value)

    def decimal(self, name: str, low: float, high: float) -> float:
        """A number within bounds; never NaN or infinity."""
        value = self.sent.get(name, "").strip().replace(",", ".")
        try:
            number = float(value) if re.fullmatch(r"-?[0-9]*\.?[0-9]+", value, re.ASCII) else math.nan
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            self.complain(
                name, _("Enter a number from %(low)s to %(high)s.") % {"low": f"{low:g}", "high": f"{high:g}"}
            )
            return low
        return number

    def share(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """A probability, entered in percent."""
        return self.decimal(name, 100 * low, 100 * high) / 100

    def amount(self, name: str, *, low: int = 0, high: int = 10**12) -> int:
        """Money in micro-units."""
        try:
            micros = parse_amount(self.sent.get(name, "").strip())
        except AmountRefused:
            self.complain(name, _("Enter an amount, such as 0.05."))
            return low
        if not low <= micros <= high:
            self.complain(
                name,
                _("Enter an amount from %(low)s to %(high)s.") % {"low": low / 10**6, "high": high / 10**6},
            )
            return low
        return micros

    def choice(self, name: str, options: Iterable[str]) -> str:
        """One of the options offered."""
        value, offered = self.sent.get(name, ""), list(options)
        if value not in offered:
            self.complain(name, _("Choose one of these."))
            return offered[0] if offered else ""
        return value

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.sent.get(name, "") in {"1", "on", "true", "yes"}

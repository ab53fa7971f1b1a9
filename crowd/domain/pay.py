"""Money in integer micro-units: amounts as written, rewards, reserves, and transfers that balance."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

MICROS = 1_000_000
MAX_MICROS = 10**15
ONE_PERMILLE = 1000
MAX_PERMILLE = 10_000
_AMOUNT = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,6}))?")


class AmountRefused(ValueError):
    """An amount that is not money; the message says what is wrong and how to write it."""


class TiersRefused(ValueError):
    """Trust tiers that cannot be used; the message says which one and why."""


class TransferRefused(ValueError):
    """A transfer that does not balance."""


def parse_amount(text: str) -> int:
    """The micro-units of a decimal amount such as "0.05": digits 0-9, at most six after one point."""
    if not isinstance(text, str):
        raise AmountRefused("An amount must be text such as 0.05.")
    match = _AMOUNT.fullmatch(text.strip(" ")) if len(text) <= 64 else None
    if match is None:
        raise AmountRefused(
            f"{text[:30]!r} is not an amount. Write digits, with at most six after a point, such as 0.05."
        )
    whole, decimals = match.group(1), match.group(2) or ""
    micros = int(whole) * MICROS + int(decimals.ljust(6, "0"))
    if micros > MAX_MICROS:
        raise AmountRefused(f"{text[:30]!r} is too much; {decimal_amount(MAX_MICROS)} is the most.")
    return micros


def decimal_amount(micros: int) -> str:
    """The amount with two to six decimals, exactly: 50_000 -> "0.05"; what `parse_amount` reads back."""
    whole, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole}.{decimals}"


def format_amount(micros: int, currency: str) -> str:
    """The amount with its currency: 50_000, "USD" -> "0.05 USD"."""
    return f"{decimal_amount(micros)} {currency}"


@dataclass(frozen=True)
class Tiers:
    """Rising steps of (minimum trust, multiplier in permille); below the first step the multiplier is 1."""

    steps: tuple[tuple[float, int], ...] = ()

    def __post_init__(self) -> None:
        starts_at_zero = bool(self.steps) and self.steps[0][0] == 0.0
        previous_trust, previous_permille = -1.0, 1 if starts_at_zero else ONE_PERMILLE
        for place, (minimum_trust, permille) in enumerate(self.steps, 1):
            if not 0.0 <= minimum_trust <= 1.0 or minimum_trust <= previous_trust:
                raise TiersRefused(
                    f"Tier {place}: the minimum trust must lie in 0..1 and rise from tier to tier."
                )
            if not previous_permille <= permille <= MAX_PERMILLE:
                raise TiersRefused(
                    f"Tier {place}: the multiplier must be {previous_permille} to {MAX_PERMILLE} permille; "
                    "more trust never pays less."
                )
            previous_trust, previous_permille = minimum_trust, permille

    @classmethod
    def from_list(cls, steps: object) -> "Tiers":
        """Tiers from a list of [minimum trust, permille] pairs, as a project stores them."""
        if not isinstance(steps, list | tuple):
            raise TiersRefused("Trust tiers must be a list of [minimum trust, permille] pairs.")
        return cls(tuple(_step(step, place) for place, step in enumerate(steps, 1)))

    def permille(self, trust: float) -> int:
        """The multiplier of the highest step that `trust` reaches."""
        reached = [permille for minimum_trust, permille in self.steps if trust >= minimum_trust]
        return reached[-1] if reached else ONE_PERMILLE


def reward(reward_micros: int, trust: float, tiers: Tiers) -> int:
    """What one approved assignment pays a worker of this trust, rounded to the nearest micro-unit."""
    if not 0 <= reward_micros <= MAX_MICROS:
        raise ValueError("A reward is 0 or more micro-units.")
    return (reward_micros * tiers.permille(trust) + ONE_PERMILLE // 2) // ONE_PERMILLE


def reserve(task_count: int, overlap: int, reward_micros: int, tiers: Tiers) -> int:
    """What a batch can cost at most: every answer given, each at the highest tier."""
    if task_count < 0 or overlap < 1:
        raise ValueError("A batch has 0 tasks or more and an overlap of 1 or more.")
    return task_count * overlap * reward(reward_micros, 1.0, tiers)


def hourly_wage(reward_micros: int, seconds: float) -> int:
    """What an hour of such answers pays, rounded down."""
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError("The time per answer must be above 0 seconds.")
    return math.floor(reward_micros * 3600 / Fraction(seconds))


@dataclass(frozen=True)
class Line:
    """One side of a transfer: what an account gains, or loses where the amount is negative."""

    account: str
    amount_micros: int

    def __post_init__(self) -> None:
        if not self.account:
            raise TransferRefused("A ledger line needs an account.")
        if type(self.amount_micros) is not int:
            raise TransferRefused("A ledger line's amount is a whole number of micro-units.")
        if abs(self.amount_micros) > MAX_MICROS:
            raise TransferRefused(f"A ledger line moves at most {decimal_amount(MAX_MICROS)}.")


@dataclass(frozen=True)
class Transfer:
    """A movement of money between accounts, which exists only if its lines sum to zero."""

    kind: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if len(self.lines) < 2:
            raise TransferRefused(f"The transfer {self.kind!r} needs two lines or more.")
        difference = sum(line.amount_micros for line in self.lines)
        if difference:
            raise TransferRefused(
                f"The transfer {self.kind!r} is out of balance by {decimal_amount(difference)}."
            )


def _step(step: object, place: int) -> tuple[float, int]:
    if not isinstance(step, list | tuple) or len(step) != 2:
        raise TiersRefused(f"Tier {place} must be a pair of minimum trust and permille.")
    minimum_trust, permille = step
    if not isinstance(minimum_trust, int | float) or isinstance(minimum_trust, bool):
        raise TiersRefused(f"Tier {place}: the minimum trust must be a number.")
    if not isinstance(permille, int) or isinstance(permille, bool):
        raise TiersRefused(f"Tier {place}: the multiplier must be a whole number of permille.")
    return float(minimum_trust), permille

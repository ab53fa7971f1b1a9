"""How often somebody may try: attempts are counted before they are judged, good ones are given back."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from crowd.settings import Settings
from crowd.storage.rate_limits import count_attempt, take_back_attempt

# Many people can share one address: an office, a university, a mobile network.
PER_ADDRESS = 10


class TooManyAttempts(Exception):
    """No more attempts are heard in this window of time."""


@dataclass(frozen=True)
class Allowance:
    """How many attempts one key has in a window."""

    key: str
    most: int


def allowances(act: str, address: str, settings: Settings, *, account: str = "") -> list[Allowance]:
    """What limits an act: the address first, so that a blocked address cannot use up anybody's account."""
    found = [Allowance(f"{act} from {_network(address)}", PER_ADDRESS * settings.sign_in_attempts)]
    if account:
        # What is typed as an address may be anything, even a password: only its hash is kept.
        digest = hashlib.sha256(account.encode(errors="replace")).hexdigest()
        found.append(Allowance(f"{act} as {digest}", settings.sign_in_attempts))
    return found


def admit(session: Session, found: Sequence[Allowance], now: datetime, settings: Settings) -> None:
    """Count one attempt against each allowance, for good. Raises TooManyAttempts when one is used up."""
    for allowance in found:
        count = count_attempt(session, allowance.key, now, settings.sign_in_window_seconds)
        if count > allowance.most:
            session.commit()
            raise TooManyAttempts
    session.commit()


def give_back(session: Session, found: Sequence[Allowance], now: datetime, settings: Settings) -> None:
    """Forget one attempt of each, because it was a right one; the caller commits."""
    for allowance in found:
        take_back_attempt(session, allowance.key, now, settings.sign_in_window_seconds)


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address, which is what one household holds."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))

"""The chain of audit events: each event's hash covers the one before, so no past event changes unseen."""

import hashlib
import re
from collections.abc import Iterable, Mapping

from crowd.domain.strict_json import dump_canonical

FIRST_PREVIOUS_HASH = "0" * 64
_HASH = re.compile(r"[0-9a-f]{64}")


def event_hash(previous_hash: str, event: Mapping[str, object]) -> str:
    """SHA-256 in hex of the previous event's hash and this event's canonical JSON."""
    if not _HASH.fullmatch(previous_hash):
        raise ValueError("A hash is 64 hexadecimal digits.")
    return hashlib.sha256(f"{previous_hash}\n{dump_canonical(dict(event))}".encode()).hexdigest()


def verify(
    chain: Iterable[tuple[Mapping[str, object], str]], *, previous_hash: str = FIRST_PREVIOUS_HASH
) -> int | None:
    """The position, from 0, of the first (event, hash) that does not follow from those before it; else None.

    A long chain is verified piece by piece by handing in the last hash of the piece before. Events missing at
    the end leave no trace in a chain; keep the last hash elsewhere to see that.
    """
    for position, (event, stored_hash) in enumerate(chain):
        if event_hash(previous_hash, event) != stored_hash:
            return position
        previous_hash = stored_hash
    return None

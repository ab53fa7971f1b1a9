"""The audit chain: events get their place and their hash, and anybody may check that none was changed."""

from __future__ import annotations

from sqlmodel import Session

from crowd.domain.audit import FIRST_PREVIOUS_HASH, event_hash, verify
from crowd.storage.audit import AuditEvent, last_sealed, sealed_events, unsealed_events

PIECE = 1000


def seal(session: Session, limit: int) -> int:
    """Give up to `limit` waiting events their place and hash; returns how many.

    Two that seal at once cannot both win: a place is unique.
    """
    last = last_sealed(session)
    place, previous_hash = (last.place or 0, last.hash or "") if last else (0, FIRST_PREVIOUS_HASH)
    waiting = unsealed_events(session, limit)
    for event in waiting:
        place += 1
        event.place = place
        previous_hash = event.hash = event_hash(previous_hash, content(event))
    session.commit()
    return len(waiting)


def verify_chain(session: Session) -> int | None:
    """The first place whose event is missing or was changed; None when the whole chain holds."""
    place, previous_hash = 0, FIRST_PREVIOUS_HASH
    while piece := sealed_events(session, place, PIECE):
        broken = verify(((content(event), event.hash or "") for event in piece), previous_hash=previous_hash)
        gap = next((at for at, event in enumerate(piece) if event.place != place + 1 + at), None)
        found = [at for at in (broken, gap) if at is not None]
        if found:
            return place + 1 + min(found)
        place, previous_hash = place + len(piece), piece[-1].hash or ""
        session.expunge_all()  # a million events must not pile up
    return None


def content(event: AuditEvent) -> dict[str, object]:
    """What an event's hash covers: all of it."""
    return {
        "id": event.id,
        "place": event.place,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "act": event.act,
        "subject": event.subject,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "guidelines_version": event.guidelines_version,
    }

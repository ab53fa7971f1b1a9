"""Media addresses: signed, short-lived, for one person each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from crowd.storage.items import Item
from crowd.web.signed_in import viewer

LIFE = timedelta(hours=2)


@dataclass(frozen=True)
class Shown:
    """What a media address stands for."""

    sha256: str
    viewer_id: int


def media_url(item: Item, *, thumbnail: bool = False) -> str | None:
    """An address of an item's picture or recording that works for this viewer, for two hours."""
    if item.media is None:
        return None
    sha256 = item.media.get("thumbnail") if thumbnail else None
    token = _signer().dumps([sha256 or item.media["blob"], viewer().id])
    return f"/media/{token}"


def media_behind(token: str) -> Shown | None:
    """What a token stands for; None when it is forged or its time is over."""
    try:
        sha256, viewer_id = _signer().loads(token, max_age=int(LIFE.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        return None
    return Shown(str(sha256), int(viewer_id))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="media")

"""Media files: only behind a signed address, only for the person it was made for."""

from __future__ import annotations

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from crowd.storage.blobs import Blob
from crowd.web.gates import anybody_signed_in
from crowd.web.media import LIFE, media_behind
from crowd.web.per_request import blobs, db
from crowd.web.signed_in import viewer

screen = Blueprint("media", __name__)

# What may be shown in a page. Anything else is never served from here.
SHOWABLE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/gif",
        "audio/wav",
        "audio/mpeg",
        "audio/ogg",
        "audio/flac",
    }
)


@screen.get("/media/<token>")
@anybody_signed_in
def media(token: str) -> Response:
    """One picture or recording; byte ranges work, so that recordings can be searched in."""
    shown = media_behind(token)
    blob = db().get(Blob, shown.sha256) if shown and shown.viewer_id == viewer().id else None
    if blob is None or blob.media_type not in SHOWABLE or not blobs().path(blob.sha256).is_file():
        abort(404)
    response = send_file(
        blobs().path(blob.sha256), mimetype=blob.media_type, conditional=True, etag=blob.sha256
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = f"private, max-age={int(LIFE.total_seconds())}"
    return response

"""Large request bodies: who may send them, and where they wait."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO

from flask import Request, request

from crowd.domain.states import Role
from crowd.services.uploads import uploads_place
from crowd.web.per_request import db, settings
from crowd.web.signed_in import viewer_or_none

FORM_BYTES = 1 << 20  # what a multipart form may have around its file


class HouseRequest(Request):
    """A request whose uploaded files wait on the data directory's disk, not in memory or a small /tmp."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return TemporaryFile("rb+", dir=uploads_place(settings()))


def allow_large_body() -> None:
    """Let a requester send a file. Called before anything reads the body.

    To learn who she is, the database's right to write was taken; it is given back while the file arrives.
    """
    viewer = viewer_or_none()
    is_requester = viewer is not None and viewer.has(Role.REQUESTER)
    db().rollback()
    if is_requester:
        request.max_content_length = settings().max_upload_bytes + FORM_BYTES

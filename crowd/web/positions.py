"""Positions in addresses: where in a dataset a page begins."""

from __future__ import annotations

from flask import abort, request

DIGITS = 12


def position_sent(name: str, default: int = -1) -> int:
    """The position under this name in the address; 404 for anything that is not one."""
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        abort(404)
    return int(text)

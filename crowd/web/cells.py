"""Cells of small CSV files that a page offers for download."""

from __future__ import annotations

STARTERS = frozenset("=+-@\t\r＝＋－﹣＠﹢﹦﹫")
INVISIBLE = " \n\v\f\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u3000\ufeff\x00"


def safe_text(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet could take it for a formula."""
    first = text.lstrip(INVISIBLE)[:1]
    return f"'{text}" if first in STARTERS or text.startswith("'") else text

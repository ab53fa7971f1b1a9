"""Exports: one file per format, found by itself, that turns a stream of rows into bytes."""

from collections.abc import Mapping

from crowd.domain.registry import members
from crowd.exports._format import Columns, Encode, Format, Row

FORMATS: Mapping[str, Format] = members("crowd.exports", __path__, "FORMAT", Format)

__all__ = ["FORMATS", "Columns", "Encode", "Format", "Row"]

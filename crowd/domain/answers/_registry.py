"""Every kind of answer, found in this folder."""

from collections.abc import Mapping
from pathlib import Path

from crowd.domain.answers._field import AnswerKind
from crowd.domain.registry import members

KINDS: Mapping[str, AnswerKind] = members(
    "crowd.domain.answers", [str(Path(__file__).parent)], "KIND", AnswerKind
)

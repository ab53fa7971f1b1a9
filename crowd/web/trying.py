"""Answers that are only tried: checked exactly as a worker's would be, shown back, never stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from crowd.domain.answers import Answer, AnswerRefused, AnswerSchema, parse_answer
from crowd.domain.strict_json import JsonRefused, load_strict
from crowd.services.questions import Question
from crowd.storage.items import Item
from crowd.web.i18n import gettext as _

LONGEST_ANSWER = 500_000


@dataclass(frozen=True)
class Tried:
    """What the server made of an answer: the answer with its read-only view, or why it was refused."""

    complaint: str = ""
    text: str = ""
    view: Markup | None = None

    @property
    def status(self) -> int:
        """The status to answer with."""
        return 422 if self.complaint else 200


def sent_answer(schema: AnswerSchema) -> Answer:
    """The answer in the submitted form. Raises AnswerRefused."""
    try:
        raw = load_strict(request.form.get("answer", ""), LONGEST_ANSWER)
    except JsonRefused as refused:
        raise AnswerRefused("", _("The answer did not arrive whole: %(why)s") % {"why": refused}) from refused
    return parse_answer(schema, raw)


def try_answer(question: Question, item: Item, media: str | None) -> Tried:
    """Check the submitted answer to an item and show what it would be."""
    try:
        answer = sent_answer(question.schema)
    except AnswerRefused as refused:
        return Tried(complaint=str(refused))
    return Tried(text=pretty(answer.canonical), view=answer_view(question, item, media, answer.canonical))


def task_view(question: Question, item: Item, media: str | None) -> Markup:
    """The form that workers answer. The renderer escapes everything that came from people."""
    return Markup(question.task_html(item, media))  # noqa: S704


def answer_view(question: Question, item: Item, media: str | None, answer: dict[str, Any]) -> Markup:
    """One answer beside its item, read-only. The renderer escapes everything that came from people."""
    return Markup(question.answer_html(item, media, answer))  # noqa: S704


def pretty(answer: dict[str, Any]) -> str:
    """An answer's JSON for people to read."""
    return json.dumps(answer, ensure_ascii=False, indent=2)

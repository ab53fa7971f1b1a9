"""Renders a task template's Liquid with one item's input: data is text, never markup and never code."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from liquid import BoundTemplate, Environment, Markup
from liquid.exceptions import LiquidError
from liquid.filter import string_filter
from liquid.undefined import is_undefined

from crowd.storage.task_templates import TaskTemplate

_SAFE_URL = re.compile(r"(?:https?://|/(?![/\\])|\./)[^\s\\]*", re.IGNORECASE)
_UNSAFE_IN_SCRIPT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'\u2028\u2029"}
_BYPASSING_FILTERS = ("safe", "escapejs")
_LOADING_TAGS = ("include", "render")


class RenderingError(Exception):
    """A task template could not be rendered; the message says which one and why."""


class _TaskEnvironment(Environment):
    """Liquid with everything escaped, nothing loaded from disk, and an end to loops and output."""

    output_stream_limit = 4_000_000
    loop_iteration_limit = 20_000
    local_namespace_limit = 1_000_000
    context_depth_limit = 20

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for tag in _LOADING_TAGS:
            del self.tags[tag]
        for name in _BYPASSING_FILTERS:
            del self.filters[name]
        self.add_filter("to_json", _to_json)
        self.add_filter("skip_autoescape", _skip_autoescape)
        self.add_filter("grant_read_access", _grant_read_access)


def render_task(
    template: TaskTemplate,
    input: Mapping[str, object],  # noqa: A002
    parameters: Mapping[str, object],
) -> str:
    """The HTML that a worker answers: body.liquid with `task.input` and `parameters`.

    Media arrive as URLs, and a recording's loudness as the list `<name>_peaks`. Raises RenderingError.
    """
    context = {"task": {"input": dict(input)}, "parameters": dict(parameters)}
    return _rendered(template, template.body, context)


def render_answer(
    template: TaskTemplate,
    input: Mapping[str, object],  # noqa: A002
    parameters: Mapping[str, object],
    answer: Mapping[str, object],
) -> str:
    """The HTML that shows one answer beside its input, read-only: answer.liquid.

    Raises RenderingError.
    """
    context = {"task": {"input": dict(input)}, "parameters": dict(parameters), "answer": dict(answer)}
    return _rendered(template, template.answer_view, context)


def _rendered(template: TaskTemplate, source: str, context: Mapping[str, object]) -> str:
    try:
        return _parsed(source).render(**context)
    except (LiquidError, TypeError, ValueError) as error:
        raise RenderingError(f"Task template {template.name!r} could not be rendered: {error}") from error


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return _TaskEnvironment(autoescape=True)


@lru_cache(maxsize=128)
def _parsed(source: str) -> BoundTemplate:
    return _environment().from_string(source)


def _to_json(value: object) -> str:
    """JSON that stays whole inside an attribute (autoescape sees to the quotes) and inside a script block."""
    plain = None if is_undefined(value) else value
    return json.dumps(plain, ensure_ascii=False, allow_nan=False).translate(_UNSAFE_IN_SCRIPT)


@string_filter
def _skip_autoescape(value: str) -> str:
    """The author of the template vouches for this value. None of the house's own templates does."""
    return Markup(value)


@string_filter
def _grant_read_access(url: str) -> str:
    """The URL of a media file as it is, or nothing when it is not an address on the web or on this server."""
    return url if _SAFE_URL.fullmatch(url.strip()) else ""

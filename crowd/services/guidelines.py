"""Guidelines as HTML: Markdown without raw HTML or pictures, cleaned again before it enters a page."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST = 50_000
TAGS = frozenset(
    {"p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
    | {"h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
)


@lru_cache(maxsize=256)
def guidelines_html(markdown: str) -> str:
    """The guidelines as HTML that is safe to put into a page, its headings below the page's own."""
    parser = _parser()
    tokens = parser.parse(markdown)
    for token in tokens:
        _lower_heading(token)
    rendered = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        str(rendered),
        tags=set(TAGS),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    return parser.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])


def _lower_heading(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(6, int(token.tag[1]) + 1)}"

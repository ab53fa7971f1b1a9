"""The pages for people are true where a machine can tell: links, settings, commands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from crowd.cli import command_names

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("task_templates/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def links(text: str) -> list[str]:
    """Where a page's links and images lead, without those that leave the repository."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [found for found in LINK.findall(prose) if not re.match(r"[a-z]+:", found)]


def anchors(text: str) -> set[str]:
    """The names by which a page's headings can be linked to."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_image_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    dead = []
    for link in links(text):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


def test_every_page_begins_with_what_it_is_for() -> None:
    assert [page.name for page in PAGES if not page.read_text(encoding="utf-8").startswith("# ")] == []


def test_every_setting_stands_in_the_operators_page_with_its_default() -> None:
    settings = tomllib.loads((ROOT / "config/default.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/operator.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`|empty) \|", page, re.MULTILINE))
    assert shown == {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in settings.items()
    }


def test_every_command_stands_in_the_operators_page() -> None:
    page = (ROOT / "docs/operator.md").read_text(encoding="utf-8")
    commands = page.partition("## Commands")[2].partition("\n## ")[0]
    assert [name for name in command_names() if not re.search(rf"`{name}\b", commands)] == []


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for line in re.findall(
            r"`make ([a-z ]+)`|^make ([a-z ]+?)(?: *#|$)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
        for target in " ".join(line).split()
    }
    assert named - targets == set()
    assert named


def test_every_file_that_is_named_exists() -> None:
    for page in (ROOT / "README.md", ROOT / "docs/developer.md"):
        text = page.read_text(encoding="utf-8")
        paths = re.findall(r"`((?:config|crowd|static|task_templates|tests|scripts)/[^`<>]*)`", text)
        assert paths
        assert [path for path in paths if not (ROOT / path).exists()] == []

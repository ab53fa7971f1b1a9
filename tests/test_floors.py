"""The floors of the house: arrows point down only, every module says what it is for, none grows too long."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOORS = ("web", "api", "cli", "jobs")
FORMATS = ("storage", "imports", "exports")
MAX_LINES = 400

# floor -> the floors of crowd/ that it may import besides itself
ALLOWED: dict[str, frozenset[str]] = {
    "domain": frozenset(),
    "settings": frozenset({"domain"}),
    **{floor: frozenset({"domain", "settings"}) for floor in FORMATS},
    "services": frozenset({"domain", "settings", *FORMATS}),
    **{floor: frozenset({"domain", "settings", "process", *FORMATS, "services"}) for floor in DOORS},
    "process": frozenset(),  # what every process of the house does for itself
    "__main__": frozenset({"cli"}),  # `python -m crowd`
}
DOMAIN_MAY_IMPORT = sys.stdlib_module_names | {"numpy"}


def module_name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, relative ones resolved, also inside functions and conditions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parents = module.split(".")
                kept = parents[: len(parents) - node.level + is_package]
                source = ".".join([*kept, source] if source else kept)
            if source == "crowd":
                yield from ((node.lineno, f"crowd.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, source


def arrow_violations(root: Path) -> list[str]:
    found = []
    for path in sorted((root / "crowd").rglob("*.py")):
        module = module_name(root, path)
        floor = module.split(".")[1] if "." in module else None
        where = path.relative_to(root).as_posix()
        if floor is not None and floor not in ALLOWED:
            found.append(f"{where}: crowd/{floor} is no floor of the house")
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imported_names(tree, module, is_package=path.name == "__init__.py"):
            reason = wrong_arrow(floor, name)
            if reason:
                found.append(f"{where}:{line}: {reason}")
    return found


def wrong_arrow(floor: str | None, name: str) -> str | None:
    first, _, rest = name.partition(".")
    if first != "crowd":
        outside = floor == "domain" and first not in DOMAIN_MAY_IMPORT
        return f"domain imports {name}, which is neither the standard library nor numpy" if outside else None
    target = rest.partition(".")[0]
    if floor is None:
        return f"crowd itself imports {name}; it stands under every floor"
    if target and target != floor and target not in ALLOWED[floor]:
        return f"{floor} imports {name}"
    return None


def shape_violations(root: Path) -> list[str]:
    found = []
    for path in sorted((root / "crowd").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(root).as_posix()
        if not ast.get_docstring(ast.parse(text)):
            found.append(f"{where}: does not open with a sentence that says what it is for")
        is_generated = path.parent.name == "versions"  # Alembic writes migrations
        if len(text.splitlines()) > MAX_LINES and not is_generated:
            found.append(f"{where}: has more than {MAX_LINES} lines; split it by noun")
    return found


def test_arrows_point_down_only():
    assert arrow_violations(ROOT) == []


def test_every_module_says_what_it_is_for_and_stays_short():
    assert shape_violations(ROOT) == []


@pytest.fixture
def house(tmp_path):
    """A small house in order, into which a test may write one more file."""

    def write(name: str, *lines: str) -> Path:
        path = tmp_path / "crowd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(['"""Says what it is for."""', *lines]) + "\n")
        return tmp_path

    write("__init__.py")
    write("settings.py", "import tomllib", "from crowd.domain import pay")
    write("domain/__init__.py", "import json", "import numpy as np", "from . import pay")
    write("domain/pay.py", "from crowd.domain import states")
    write(
        "storage/tasks.py",
        "import sqlmodel",
        "from crowd.domain.states import TaskState",
        "from . import users",
    )
    write("services/submit.py", "from crowd.storage import tasks", "from crowd import exports, settings")
    write(
        "web/work.py",
        "import flask",
        "from crowd.services.submit import submit",
        "from crowd.storage import tasks",
    )
    write("cli/__init__.py", "from ..services import submit", "from .check import main")
    return write


def test_a_house_in_order_has_no_violation(house):
    root = house("jobs/settle.py", "from crowd.services import settle")
    assert arrow_violations(root) == []
    assert shape_violations(root) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("domain/trust.py", "from crowd.storage import tasks"),
        ("domain/trust.py", "import crowd.settings"),
        ("domain/trust.py", "from crowd import settings"),
        ("domain/trust.py", "from .. import settings"),
        ("domain/answers/text.py", "from ...storage import tasks"),
        ("domain/answers/__init__.py", "from ...storage import tasks"),
        ("domain/trust.py", "import scipy.special"),
        ("domain/trust.py", "from sqlmodel import Session"),
        ("domain/trust.py", "def late():\n    import flask"),
        ("domain/trust.py", "if False:\n    from crowd.services import submit"),
        ("settings.py", "from crowd.storage import tasks"),
        ("storage/users.py", "from crowd.services import submit"),
        ("storage/users.py", "from crowd.imports import csv_file"),
        ("imports/csv_file.py", "from crowd.storage import tasks"),
        ("exports/csv_file.py", "from crowd.imports import csv_file"),
        ("services/launch.py", "from crowd.jobs import settle"),
        ("services/launch.py", "from crowd.web.work import view"),
        ("web/review.py", "from crowd.api import tasks"),
        ("api/tasks.py", "from crowd.web import work"),
        ("jobs/settle.py", "import crowd.cli"),
        ("cli/replay.py", "from ..jobs import settle"),
        ("__init__.py", "from crowd.web import work"),
        ("utils.py", "import json"),
        ("shared/money.py", "import json"),
    ],
)
def test_an_arrow_that_points_up_or_sideways_is_caught(house, name, line):
    violations = arrow_violations(house(name, line))
    assert len(violations) == 1
    assert violations[0].startswith(f"crowd/{name}:")


def test_a_module_without_a_purpose_or_an_end_is_caught(house):
    root = house("web/long.py", *["x = 1"] * MAX_LINES)
    (root / "crowd" / "web" / "mute.py").write_text("x = 1\n")
    assert [violation.partition(":")[0] for violation in shape_violations(root)] == [
        "crowd/web/long.py",
        "crowd/web/mute.py",
    ]

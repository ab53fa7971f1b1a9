"""What the readers' tests share: the real data, and a way to read a file that was just written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crowd.imports import ImportLimits, Refused, Row, open_reader

Read = Callable[..., list[Row | Refused]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout; tests that need it skip where it is absent."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("CROWD_TEST_DATA", default))
    if not path.is_dir():
        pytest.skip(f"the real test data is not at {path} (set CROWD_TEST_DATA)")
    return path


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Everything that comes out of a file with this content."""

    def read(
        content: bytes | str, name: str = "rows.csv", limits: ImportLimits | None = None
    ) -> list[Row | Refused]:
        path = tmp_path / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_reader(path, name, limits) as reader:
            return list(reader)

    return read


def inputs(found: list[Row | Refused]) -> list[dict[str, object]]:
    return [one.input for one in found if isinstance(one, Row)]


def refusals(found: list[Row | Refused]) -> list[Refused]:
    return [one for one in found if isinstance(one, Refused)]

"""What every export format must do; a new file in the folder is found by itself."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import pytest

from crowd.exports import FORMATS, Format

COLUMNS = ["item", "label", "trust", "count", "is_gold", "at", "labels", "nothing"]
ROW = {
    "item": "a",
    "label": 'Positive, «sí» 漢 🙂\n"two" lines',
    "trust": 0.1 + 0.2,
    "count": 3,
    "is_gold": True,
    "at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "labels": ["b", "a"],
    "nothing": None,
}


@pytest.fixture(params=sorted(FORMATS))
def made_as(request: pytest.FixtureRequest) -> Format:
    return FORMATS[request.param]


def test_equal_rows_give_equal_bytes_whatever_the_order_of_their_keys(made_as: Format) -> None:
    turned = dict(reversed(ROW.items())) | {"at": ROW["at"].astimezone(timezone(timedelta(hours=5)))}
    once, again = (b"".join(made_as.encode(COLUMNS, [row, row])) for row in (ROW, turned))
    assert once == again


def test_lines_end_in_a_line_feed_and_the_text_is_utf_8(made_as: Format) -> None:
    written = b"".join(made_as.encode(COLUMNS, [ROW]))
    assert written.endswith(b"\n") and b"\r" not in written
    assert "漢" in written.decode()


def test_floats_are_rounded_the_same_everywhere(made_as: Format) -> None:
    assert b"".join(made_as.encode(["x"], [{"x": 0.1 + 0.2}])) == b"".join(
        made_as.encode(["x"], [{"x": 0.3}])
    )


def test_a_value_without_an_exported_form_is_refused(made_as: Format) -> None:
    with pytest.raises(TypeError):
        list(made_as.encode(["x"], [{"x": object()}]))


def test_no_rows_give_a_file_that_can_be_read(made_as: Format) -> None:
    assert b"".join(made_as.encode(["x"], [])) in {b"", b'"x"\n'}


def test_memory_does_not_grow_with_the_rows(made_as: Format) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in made_as.encode(COLUMNS, (ROW for _ in range(count))):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(5000) < peak(50) + 100_000

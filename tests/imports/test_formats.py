"""What holds for every format, and for one that is added tomorrow."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowd.imports import ImportLimits, Refused, Row, Unreadable, detect_format, formats, open_reader

NAMES = sorted(formats())


def small_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.csv", "file,label\na.png,x\nb.png,y\n")
        file.writestr("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64))
        file.writestr("b.png", b"\x89PNG\r\n\x1a\n" + bytes(99))
    return buffer.getvalue()


SEEDS = [
    small_zip(),
    b'a,b\n1,"x\ny"\n',
    b'{"a": 1}\n{"a": [2, {"b": "c"}]}\n',
    "a;b\n1;é\n".encode("utf-16"),
]


def test_every_format_is_found_with_a_name_a_title_and_suffixes() -> None:
    assert {"delimited", "jsonl", "archive"} <= set(NAMES)
    for name, one in formats().items():
        assert one.name == name
        assert one.title
        assert all(suffix.startswith(".") for suffix in one.suffixes)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\0" * 100, random.Random(1).randbytes(5000), b"\xff" * 300]
)
def test_no_format_reads_rows_from_nothing_or_noise(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught, formats()[name].open(path, "x", ImportLimits()) as reader:
        for one in reader:
            assert isinstance(one, Refused)
        raise Unreadable("Nothing but refusals.")
    assert str(caught.value).endswith(".")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_give_rows_refusals_or_a_sentence_and_never_crash(
    data: st.DataObject, tmp_path: Path
) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    path = tmp_path / "upload"
    path.write_bytes(content)
    try:
        with open_reader(path, data.draw(st.sampled_from(["x.csv", "x.tsv", "x.jsonl", "x.zip"]))) as reader:
            for one in reader:
                assert isinstance(one, Row | Refused)
                if isinstance(one, Row):
                    assert set(one.input) <= set(reader.detected.columns) or reader.detected.format == "jsonl"
                else:
                    assert one.reason
    except Unreadable as error:
        assert str(error)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"a,b\n1,2\n", "x.zip", "delimited"),
        (b'{"a": 1}\n', "x.csv", "jsonl"),
        (b'\xef\xbb\xbf\n{"a": 1}\n', "x", "jsonl"),
        (b"{a},b\n1,2\n", "x.csv", "delimited"),
        (b"PK\x03\x04rest", "x.csv", "archive"),
    ],
)
def test_format_comes_from_the_content_and_not_from_the_name(
    content: bytes, name: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    assert detect_format(path, name) == expected


@pytest.mark.parametrize("content", SEEDS)
def test_progress_runs_from_nothing_to_all(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with open_reader(path, "x") as reader:
        seen = [reader.progress for _ in reader]
        assert seen == sorted(seen)
        assert reader.progress == 1.0


@pytest.mark.parametrize(
    ("magic", "word"), [(b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "gzip"), (b"SQLite format 3\x00", "SQLite")]
)
def test_file_of_another_kind_is_named_in_the_refusal(magic: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(magic + bytes(50))
    with pytest.raises(Unreadable, match=word):
        open_reader(path, "x.csv")

"""CSV and its cousins: the rows come out as they were written, or their line is named."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowd.imports import ImportLimits, Refused, Row, Unreadable, open_reader
from tests.imports.conftest import Read, inputs, refusals

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)  # whatever a spreadsheet can hold


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1), delimiter=st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back_unchanged(
    rows: list[tuple[str, str, str]], delimiter: str, tmp_path: Path
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text", "more"), *rows])
    path = tmp_path / "upload"
    path.write_bytes(buffer.getvalue().encode())
    with open_reader(path, "x.csv") as reader:
        assert [tuple(one.input.values()) for one in reader if isinstance(one, Row)] == rows


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a\tb\n1\t2,5\n", "\t"),
        ("a;b\n1,5;2,5\n", ";"),
        ("a|b\nx, y|2\n", "|"),
        ('text;label\n"one; two";x\n', ";"),
    ],
)
def test_delimiter_is_the_one_that_fits_the_header(content: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text(content)
    with open_reader(path, "rows") as reader:
        assert reader.detected.delimiter == delimiter
        assert len(refusals(list(reader))) == 0


def test_one_column_of_sentences_with_commas_is_one_column(read: Read) -> None:
    found = read("text\nHello, world\nNo comma here\nOne, two, three\n")
    assert [row["text"] for row in inputs(found)] == ["Hello, world", "No comma here", "One, two, three"]


def test_tsv_with_stray_quotes_is_read_without_quoting(read: Read) -> None:
    found = read('id\ttext\n1\t"Hello there\n2\tfine\n3\t"quoted" and more\n', "x.tsv")
    assert [row["text"] for row in inputs(found)] == ['"Hello there', "fine", '"quoted" and more']


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("cp1251", "cp1251"),
    ],
)
def test_encoding_is_detected_and_shown(encoding: str, name: str, tmp_path: Path) -> None:
    sentence = (
        "Съешь ещё этих мягких французских булок, да выпей чаю"
        if encoding == "cp1251"
        else ("Voilà l’été déjà passé, où les élèves goûtèrent à la crème brûlée")
    )
    path = tmp_path / "upload"
    path.write_bytes(("id;text\n" + f"1;{sentence}\n" * 30).encode(encoding))
    with open_reader(path, "x.csv") as reader:
        rows = inputs(list(reader))
        assert reader.detected.encoding == name
    assert len(rows) == 30
    assert rows[0] == {"id": "1", "text": sentence}


def test_non_ascii_far_behind_the_start_still_decides_the_encoding(read: Read) -> None:
    content = b"id,text\n" + b"1,plain\n" * 300_000 + "2,naïve café déjà vu\n".encode("cp1252") * 20
    found = read(content)
    assert not refusals(found)
    assert inputs(found)[-1]["text"] == "naïve café déjà vu"


def test_one_broken_byte_costs_its_own_line_and_not_the_encoding(read: Read) -> None:
    content = "text\n" + "être et café\n" * 50
    found = read(content.encode() + b"br\xe9ken\n" + b"fine\n")
    assert refusals(found) == [Refused(52, None, "Character 3 is the byte 0xE9, which is not utf-8.")]
    assert inputs(found)[-1] == {"text": "fine"}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("a,,c", "Column 2 has no name"),
        ("a,b, a ", 'Columns 1 and 3 are both named "a"'),
        (",".join(f"c{n}" for n in range(1001)), "1,001 columns; at most 1,000"),
        (",".join("x" for _ in range(1_000_000)), "1,000,000 columns"),
        ("a," + "b" * 300, "300 characters long"),
        ("a,b\x07c", "invisible character"),
        ('"a,b', "never closed"),
    ],
)
def test_header_that_cannot_be_mapped_is_refused(header: str, sentence: str, read: Read) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(header + "\n1,2,3\n")


def test_rows_of_another_width_are_refused_with_their_line(read: Read) -> None:
    found = read("a,b\n1,2\n3\n\n4,5,6\n7,8\n")
    assert [(one.line, one.reason) for one in refusals(found)] == [
        (3, "The row has 1 fields, the header has 2."),
        (5, "The row has 3 fields, the header has 2."),
    ]
    assert [one.line for one in found if isinstance(one, Row)] == [2, 6]


def test_lines_are_physical_lines_where_fields_span_several(read: Read) -> None:
    found = read('a,b\n"1\n1\n1",2\n3,4\n"5\r\n5",6\n7\n')
    assert [one.line for one in found] == [2, 5, 6, 8]


def test_mixed_line_ends_are_all_line_ends(read: Read) -> None:
    found = read(b"a,b\r\n1,2\r3,4\n5,6\r\n\r\n7,8")
    assert [tuple(row.values()) for row in inputs(found)] == [("1", "2"), ("3", "4"), ("5", "6"), ("7", "8")]
    assert [one.line for one in found] == [2, 3, 4, 6]


def test_unclosed_quote_is_refused_where_its_row_began(read: Read) -> None:
    found = read('a,b\n1,2\n"open,3\n4,5\n')
    assert inputs(found) == [{"a": "1", "b": "2"}]
    assert refusals(found)[0].line == 3
    assert "never closed" in refusals(found)[0].reason


def test_text_behind_a_closing_quote_is_refused(read: Read) -> None:
    found = read('a,b\n"x"y,2\n3,4\n')
    assert [one.line for one in refusals(found)] == [2]
    assert inputs(found) == [{"a": "3", "b": "4"}]


def test_nul_and_surrogates_are_refused_with_their_line(read: Read) -> None:
    found = read(b"text\n" + "é ".encode() * 60 + b"\nnu\0l\n\xed\xa0\x80\nfine\n")
    assert [one.line for one in refusals(found)] == [3, 4]
    assert "NUL" in refusals(found)[0].reason
    wide = "a\n1\n".encode("utf-16") + b"\x00\xd8" + "\n2\n".encode("utf-16-le")
    assert refusals(read(wide)) == [Refused(3, None, "Character 1 is half a character (a lone surrogate).")]


def test_field_and_line_over_the_limit_are_refused_and_the_next_row_is_read(read: Read) -> None:
    limits = ImportLimits(max_field_bytes=100, max_line_bytes=1000)
    found = read(f"a,b\n1,{'x' * 101}\n{'y' * 5000},2\n3,4\n", limits=limits)
    assert [(one.line, one.column) for one in refusals(found)] == [(2, "b"), (3, None)]
    assert inputs(found) == [{"a": "3", "b": "4"}]


def test_row_too_long_over_many_lines_ends_where_its_quote_does(read: Read) -> None:
    limits = ImportLimits(max_line_bytes=1000)
    found = read('a,b\n1,"' + "long line, with commas\n" * 200 + '"\n3,4\n', limits=limits)
    assert [one.line for one in found] == [2, 203]
    assert "longer than 1,000" in refusals(found)[0].reason


def test_endless_line_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(128):
            file.write(b"x" * (1 << 20))
        file.write(b"\n3,4\n")
    tracemalloc.start()
    try:
        with open_reader(path, "x.csv") as reader:
            found = list(reader)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.line for one in found] == [2, 3, 4]
    assert isinstance(found[1], Refused)
    assert peak < 64 << 20


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"id,text\n" + b"17,some text of an item\n" * 100_000)
    with open_reader(path, "x.csv") as reader:
        rows = iter(reader)
        next(rows)
        tracemalloc.start()
        try:
            count = sum(1 for _ in rows)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert count == 99_999
    assert peak < 2 << 20


@pytest.mark.slow
def test_million_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("w") as file:
        file.write("id,text\n")
        file.writelines(f"{number},text of item {number}\n" for number in range(1_000_000))
    with open_reader(path, "x.csv") as reader:
        assert sum(isinstance(one, Row) for one in reader) == 1_000_000


def test_more_rows_than_allowed_end_the_import(read: Read) -> None:
    with pytest.raises(Unreadable, match="more than 3 rows"):
        read("a\n1\n2\n3\n4\n", limits=ImportLimits(max_rows=3))


def test_paths_addresses_and_formulas_in_cells_are_text_and_nothing_more(read: Read, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("SECRET")
    cells = [
        str(canary),
        f"file://{canary}",
        "/data/local-files/?d=../../etc/passwd",
        "%2e%2e/x",
        "..\\..\\x",
    ]
    cells += ["=1+1", "+cmd|x", "-2", "@SUM(A1)", "＝1"]
    found = read("image\n" + "\n".join(cells) + "\n")
    assert [row["image"] for row in inputs(found)] == cells


def test_real_recorded_crowds_are_read_without_a_refusal(shared_data: Path) -> None:
    for path in sorted(shared_data.glob("truth/*/*.csv")):
        with open_reader(path, path.name) as reader:
            assert {"task", "label"} <= set(reader.detected.columns), path
            assert not refusals(list(reader)), path

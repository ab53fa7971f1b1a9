"""ZIPs of media: the honest come out member by member, the dishonest are refused before any byte."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from crowd.imports import BadMedia, ImportLimits, Refused, Row, Unreadable, open_reader
from crowd.imports.magic import MediaKind
from tests.imports.conftest import Read, inputs, refusals

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
END = b"PK\x05\x06"


def make_zip(
    members: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    pairs = members.items() if isinstance(members, dict) else members
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as file:
        warnings.simplefilter("ignore")  # a name twice is what some tests want
        for name, content in pairs:
            file.writestr(name, content)
    return buffer.getvalue()


def with_mode(name: str, mode: int, content: bytes = b"target") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        entry = zipfile.ZipInfo(name)
        entry.create_system = 3
        entry.external_attr = mode << 16
        file.writestr(entry, content)
    return buffer.getvalue()


def renamed(archive: bytes, old: bytes, new: bytes) -> bytes:
    """A name changed in both places, to one that Python would not write."""
    assert len(old) == len(new)
    return archive.replace(old, new)


def central(archive: bytes) -> int:
    return struct.unpack_from("<L", archive, archive.rfind(END) + 16)[0]


def patched(archive: bytes, at: int, layout: str, value: int) -> bytes:
    changed = bytearray(archive)
    struct.pack_into(layout, changed, at, value)
    return bytes(changed)


def refused_whole(read: Read, archive: bytes, limits: ImportLimits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(archive, "x.zip", limits)
    return str(caught.value)


def test_files_come_one_by_one_with_their_folder_and_content(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make_zip({"cats/1.png": PNG, "dogs/2.png": PNG + b"x", "3.png": PNG + b"y"}))
    with open_reader(path, "x.zip") as reader:
        assert reader.detected.format == "archive"
        assert (reader.detected.media_column, reader.detected.media_count) == ("file", 3)
        rows = [one for one in reader if isinstance(one, Row)]
        assert rows[0].input == {"file": "cats/1.png", "folder": "cats"}
        assert rows[2].input == {"file": "3.png", "folder": ""}
        media = rows[0].media
        assert media is not None
        assert (media.kind, media.container, media.size) == (MediaKind.IMAGE, "png", len(PNG))
        assert media.save(tmp_path / "out") == hashlib.sha256(PNG).hexdigest()
        assert (tmp_path / "out").read_bytes() == PNG


@pytest.mark.parametrize(
    ("name", "manifest"),
    [
        ("manifest.csv", "file,label\n1.png,cat\nB/2.PNG,dog\n"),
        ("manifest.tsv", "label\timage\ncat\t1.png\ndog\t./b\\2.png\n"),
        (
            "manifest.jsonl",
            '{"file_name": "1.png", "label": "cat"}\n{"file_name": "b/2.png", "label": "dog"}\n',
        ),
        ("set/metadata.csv", "filename,label\n/../1.png,bad\n1.png,cat\nb/2.png,dog\n"),
    ],
)
def test_manifest_names_the_files_and_adds_columns(name: str, manifest: str, read: Read) -> None:
    folder = "set/" if "/" in name else ""
    found = read(make_zip({name: manifest.encode(), f"{folder}1.png": PNG, f"{folder}b/2.png": PNG}), "x.zip")
    assert [row["label"] for row in inputs(found)] == ["cat", "dog"]
    assert all(one.media is not None for one in found if isinstance(one, Row))


def test_manifest_and_files_that_do_not_match_are_refused_with_their_line(read: Read) -> None:
    manifest = "file,label\n1.png,a\n../../etc/passwd,b\n/etc/passwd,c\n,d\ntext.txt,e\nshort\n"
    found = read(
        make_zip({"manifest.csv": manifest.encode(), "1.png": PNG, "2.png": PNG, "text.txt": b"hi"}), "x.zip"
    )
    assert len(inputs(found)) == 1
    assert [one.line for one in refusals(found)] == [3, 4, 5, 6, 7, 0]
    assert '"2.png" is in the ZIP, but not in manifest.csv' in refusals(found)[-1].reason


def test_manifest_without_a_file_column_is_refused_with_its_columns(read: Read) -> None:
    archive = make_zip({"manifest.csv": b"name,label\n1.png,a\n", "1.png": PNG})
    assert "It has: name, label" in refused_whole(read, archive)


def test_two_manifests_are_refused(read: Read) -> None:
    assert "2 manifests" in refused_whole(
        read, make_zip({"manifest.csv": b"file\n", "manifest.tsv": b"file\n"})
    )


def test_what_operating_systems_leave_behind_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    junk = {"__MACOSX/._1.png": b"x", ".DS_Store": b"x", "a/._2.png": b"x", "Thumbs.db": b"x"}
    path.write_bytes(make_zip({"1.png": PNG, **junk}))
    with open_reader(path, "x.zip") as reader:
        assert len(list(reader)) == 1
        assert reader.detected.junk_count == 4


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"hello", "no picture"),
        (b"<svg onload=x>", "SVG"),
        (make_zip({"a": b"b"}), "ZIP inside"),
    ],
)
def test_member_that_is_no_media_is_refused_by_itself(content: bytes, word: str, read: Read) -> None:
    found = read(make_zip({"good.png": PNG, "odd.png": content}), "x.zip")
    assert len(inputs(found)) == 1
    assert word in refusals(found)[0].reason


def test_office_document_is_told_from_a_zip_of_media(read: Read) -> None:
    assert "CSV" in refused_whole(read, make_zip({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}))


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "a/../../evil.png",
        "/etc/evil.png",
        "C:/evil.png",
        "c:\\evil.png",
        "..\\evil.png",
        "./evil.png",
        "a//evil.png",
        "\\\\host\\evil.png",
        "a/..",
        "x" * 4096,
    ],
)
def test_names_that_lead_out_of_the_folder_refuse_the_whole_archive(name: str, read: Read) -> None:
    refused_whole(read, make_zip([("good.png", PNG), (name, PNG)]))


@pytest.mark.parametrize("evil", [b"ev\0l.png", b"ev\nl.png", b"ev\x1bl.png"])
def test_names_with_control_characters_are_refused(evil: bytes, read: Read) -> None:
    assert "control character" in refused_whole(read, renamed(make_zip({"evil.png": PNG}), b"evil.png", evil))


@pytest.mark.parametrize(
    "kind",
    [stat.S_IFLNK, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK],
    ids=oct,
)
def test_links_and_devices_are_refused(kind: int, read: Read) -> None:
    assert "link or a device" in refused_whole(read, with_mode("a.png", kind | 0o777))


def test_link_followed_by_a_file_beneath_it_writes_nothing(read: Read, tmp_path: Path) -> None:
    buffer = io.BytesIO(with_mode("out", stat.S_IFLNK | 0o777, str(tmp_path / "elsewhere").encode()))
    with zipfile.ZipFile(buffer, "a") as file:
        file.writestr("out/evil.png", PNG)
    refused_whole(read, buffer.getvalue())
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.png", "a.png"),
        ("a.png", "A.PNG"),
        ("é.png", "e\u0301.png"),
        ("straße", "STRASSE"),
        ("a", "a/b.png"),
        ("a.png", "a.png."),
        ("D/x.png", "d/X.png"),
    ],
)
def test_names_that_fall_together_on_some_computer_are_refused(one: str, other: str, read: Read) -> None:
    refused_whole(read, make_zip([(one, PNG), (other, PNG)]))


def test_encrypted_and_unusual_members_are_refused(read: Read) -> None:
    archive = make_zip({"a.png": PNG})
    flags = struct.unpack_from("<H", archive, 6)[0] | 1
    locked = patched(patched(archive, 6, "<H", flags), central(archive) + 8, "<H", flags)
    assert "password" in refused_whole(read, locked)
    assert "unusual method" in refused_whole(read, make_zip({"a.png": PNG}, zipfile.ZIP_BZIP2))


@pytest.mark.parametrize(
    ("place", "layout"), [(6, "<H"), (8, "<H"), (14, "<L"), (18, "<L"), (22, "<L"), (30, "<B")]
)
def test_local_header_that_differs_from_the_directory_is_refused(place: int, layout: str, read: Read) -> None:
    archive = make_zip({"a.png": PNG})
    value = struct.unpack_from(layout, archive, place)[0] ^ 8
    refused_whole(read, patched(archive, place, layout, value))


def test_bytes_before_behind_and_between_are_refused(read: Read) -> None:
    archive = make_zip({"a.png": PNG, "b.png": PNG})
    assert "end" in refused_whole(read, archive + b"x")
    refused_whole(read, b"PK\x03\x04 prefix" + archive)
    hidden = make_zip({"a.png": PNG, "hidden.png": PNG, "b.png": PNG})
    start = central(hidden)
    second = start + 46 + len("a.png")
    without = hidden[:second] + hidden[second + 46 + len("hidden.png") :]
    end = without.rfind(END)
    without = patched(patched(without, end + 8, "<H", 2), end + 10, "<H", 2)
    without = patched(without, end + 12, "<L", end - start)
    assert "bytes lie between" in refused_whole(read, without)


def test_two_ends_are_refused(read: Read) -> None:
    one, other = make_zip({"a.png": PNG}), make_zip({"b.png": PNG})
    refused_whole(read, one + other)
    commented = patched(one, len(one) - 2, "<H", len(other)) + other
    refused_whole(read, commented)
    plain = make_zip({"a.png": PNG, "b.png": END + bytes(18)}, zipfile.ZIP_STORED)
    rest = len(plain) - plain.find(END) - 22
    forged = make_zip({"a.png": PNG, "b.png": END + bytes(16) + struct.pack("<H", rest)}, zipfile.ZIP_STORED)
    assert "two ends" in refused_whole(read, forged)


def test_archive_that_is_cut_off_is_refused(read: Read) -> None:
    archive = make_zip({"a.png": PNG})
    for length in (30, len(archive) // 2, len(archive) - 1):
        refused_whole(read, archive[:length])


def test_overlapping_members_are_refused(read: Read) -> None:
    archive = make_zip({"a.png": PNG, "b.png": PNG})
    second = central(archive) + 46 + len("a.png")
    assert "overlap" in refused_whole(read, patched(archive, second + 42, "<L", 0))


def test_bombs_are_refused_before_anything_is_unpacked(read: Read) -> None:
    zeros = bytes(64 << 20)
    archive = make_zip({"a.png": zeros})
    assert len(archive) < 100_000
    assert "far too much" in refused_whole(read, archive)
    many = make_zip({f"{n}.png": bytes(8 << 20) for n in range(20)})
    assert "for its size" in refused_whole(read, many)


def test_member_that_produces_more_than_it_declares_is_stopped(tmp_path: Path) -> None:
    content = PNG + bytes(1 << 20)
    archive = make_zip({"a.png": content})
    lying = patched(patched(archive, 22, "<L", 300), central(archive) + 24, "<L", 300)
    path = tmp_path / "upload"
    path.write_bytes(lying)
    with open_reader(path, "x.zip") as reader:
        row = next(iter(reader))
        assert isinstance(row, Row) and row.media is not None
        with pytest.raises(Unreadable, match="more than it says"):
            row.media.save(tmp_path / "out")
    assert (tmp_path / "out").stat().st_size <= 300


def test_bytes_are_counted_over_the_whole_archive(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make_zip({"manifest.csv": b"file\n" + b"a.png\n" * 10, "a.png": PNG}))
    with open_reader(path, "x.zip", ImportLimits(max_archive_bytes=1000)) as reader:
        rows = [row for row in reader if isinstance(row, Row) and row.media is not None]
        assert len(rows) == 10
        with pytest.raises(Unreadable, match="more than it says"):
            for row in rows:
                assert row.media is not None
                row.media.save(tmp_path / "out")


def test_million_empty_files_are_refused_by_their_number(read: Read) -> None:
    archive = make_zip({f"{n}": b"" for n in range(1200)})
    assert "1,200 files" in refused_whole(read, archive, ImportLimits(max_members=1000))
    end = struct.pack("<4s4H2LH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**6, 10**6, 46 * 10**6, 4)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)
    assert "1,000,000 files" in refused_whole(read, b"PK\x03\x04" + record + locator + end)


def test_damaged_content_costs_its_own_member(tmp_path: Path) -> None:
    archive = bytearray(make_zip({"a.png": PNG}, zipfile.ZIP_STORED))
    archive[60] ^= 1
    path = tmp_path / "upload"
    path.write_bytes(archive)
    with open_reader(path, "x.zip") as reader:
        row = next(iter(reader))
        assert isinstance(row, Row) and row.media is not None
        with pytest.raises(BadMedia, match="checksum"):
            row.media.save(tmp_path / "out")


class Unseekable(io.RawIOBase):
    """A pipe, into which ZIP writers put sizes behind the data."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        self.content += bytes(piece)  # type: ignore[call-overload]
        return len(bytes(piece))  # type: ignore[call-overload]


@pytest.mark.parametrize("wide", [False, True])
def test_streamed_and_zip64_archives_are_read(wide: bool, tmp_path: Path) -> None:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:  # type: ignore[arg-type]
        for name in ("a.png", "b/ü.png"):
            with file.open(name, "w", force_zip64=wide) as member:
                member.write(PNG + name.encode())
        file.comment = b"an honest comment"
    path = tmp_path / "upload"
    path.write_bytes(target.content)
    with open_reader(path, "x.zip") as reader:
        rows = [one for one in reader if isinstance(one, Row)]
        assert [row.input["file"] for row in rows] == ["a.png", "b/ü.png"]
        for row in rows:
            assert row.media is not None
            row.media.save(tmp_path / "out")


def test_directory_of_more_than_65535_members_is_read(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(make_zip({f"{n}.txt": b"" for n in range(66_000)}, zipfile.ZIP_STORED))
    with open_reader(path, "x.zip") as reader:
        assert reader.detected.media_count == 66_000


def test_no_file_is_left_behind_or_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    path = tmp_path / "upload"
    path.write_bytes(make_zip({"manifest.csv": b"file\na.png\n", "a.png": PNG}))
    with open_reader(path, "x.zip") as reader:
        assert all(not isinstance(one, Refused) for one in reader)
    assert not list(place.iterdir())
    path.write_bytes(make_zip({"manifest.csv": b"wrong\na.png\n", "a.png": PNG}))
    with pytest.raises(Unreadable):
        open_reader(path, "x.zip")
    assert not list(place.iterdir())
    if sys.platform == "linux":
        held = [link.resolve() for link in Path("/proc/self/fd").iterdir()]
        assert not [name for name in held if name.is_relative_to(tmp_path)]

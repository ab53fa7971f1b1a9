"""The directory of a ZIP file, read so strictly that no two programs could see different files in it."""

from __future__ import annotations

import stat
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crowd.imports.rows import ImportLimits, Unreadable

END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL, LOCAL, DESCRIPTOR = b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"
STORED, DEFLATED = 0, 8
ENCRYPTED, HAS_DESCRIPTOR, PATCHED, STRONG, UTF8, MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
MAX_DIRECTORY_BYTES = 256 << 20
MAX_PATH_BYTES = 1024
MAX_COMMENT = 0xFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One regular file of the archive; `name` is for showing and matching, never for opening."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    data_offset: int


@dataclass(frozen=True, slots=True)
class _Record:
    """A line of the central directory as it stands there."""

    raw_name: bytes
    version_needed: int
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    mode: int
    offset: int


def read_directory(file: BinaryIO, limits: ImportLimits) -> list[Entry]:
    """The regular files in a ZIP, in the order of its directory; raises Unreadable for anything doubtful.

    Nothing is decompressed. Refused: a second end record, bytes that belong to no member, overlapping
    members, local headers that differ from the directory, names that leave the folder or collide on some
    file system, links and devices, encryption, and more than the limits allow by the sizes declared.
    """
    size = file.seek(0, 2)
    start, length, count, end = _find_end(file, size)
    if count > limits.max_members:
        raise Unreadable(f"The ZIP holds {count:,} files; at most {limits.max_members:,} can be imported.")
    if start + length != end:
        raise Unreadable(_damaged("its directory does not end where the end record begins"))
    if length > MAX_DIRECTORY_BYTES:
        raise Unreadable("The directory of the ZIP is too large. Split the files over several ZIPs.")
    file.seek(start)
    records = list(_records(file.read(length), count))
    names = [_checked_name(record) for record in records]
    _refuse_collisions(names)
    offsets = _check_locals(file, records, start)
    _check_sizes(records, names, size, limits)
    return [
        Entry(name, one.method, one.crc, one.packed_size, one.size, offsets[at])
        for at, (name, one) in enumerate(zip(names, records, strict=True))
        if not name.endswith("/")
    ]


def _damaged(what: str) -> str:
    return f"The ZIP is damaged or was tampered with: {what}. Make it anew and upload it again."


def _find_end(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """(start of the directory, its length, number of entries, where the end records begin)."""
    tail_start = max(0, size - 22 - MAX_COMMENT)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < 22:
        raise Unreadable("The ZIP has no end record: the upload may have been cut off. Upload it again.")
    disk, cd_disk, here, count, length, start, comment = struct.unpack("<4x4H2LH", tail[at : at + 22])
    if at + 22 + comment != len(tail):
        raise Unreadable(_damaged("bytes follow its end, or it has two ends"))
    if any(mark in tail[at + 22 :] for mark in (CENTRAL, LOCAL, END64, LOCATOR64)) or _other_end(tail, at):
        raise Unreadable(_damaged("it has two ends"))
    end = tail_start + at
    if FULL16 in (here, count) or FULL32 in (length, start):
        return _find_end64(file, end)
    if disk or cd_disk or here != count:
        raise Unreadable("The ZIP is one part of several. Upload it as one file.")
    return start, length, count, end


def _other_end(tail: bytes, ours: int) -> bool:
    """Whether an end record before ours also reaches exactly to the end, taking the rest for its comment."""
    at = tail.find(END)
    while 0 <= at < ours:
        if at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return True
        at = tail.find(END, at + 1)
    return False


def _find_end64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    file.seek(max(0, end - 20))
    locator = file.read(20)
    if end < 76 or locator[:4] != LOCATOR64:
        raise Unreadable(_damaged("its ZIP64 locator is missing"))
    disk, at, disks = struct.unpack("<4xLQL", locator)
    if disk or disks > 1 or at + 56 != end - 20:
        raise Unreadable(_damaged("its ZIP64 end record is not where it should be"))
    file.seek(at)
    record = file.read(56)
    if record[:4] != END64:
        raise Unreadable(_damaged("its ZIP64 end record is missing"))
    extra, disk, cd_disk, here, count, length, start = struct.unpack("<4xQ4x2L4Q", record)
    if extra != 44 or disk or cd_disk or here != count:
        raise Unreadable(_damaged("its ZIP64 end record makes no sense"))
    return start, length, count, at


def _records(directory: bytes, count: int) -> Iterator[_Record]:
    at = 0
    for _ in range(count):
        head = directory[at : at + 46]
        if len(head) < 46 or head[:4] != CENTRAL:
            raise Unreadable(_damaged("its directory is shorter than it says"))
        (needed, flags, method, crc, packed, size, name_n, extra_n, comment_n, disk, outer, offset) = (
            struct.unpack("<6x3H4x3L4H2x2L", head)
        )
        at += 46
        raw_name = directory[at : at + name_n]
        extra = directory[at + name_n : at + name_n + extra_n]
        at += name_n + extra_n + comment_n
        if len(raw_name) != name_n or at > len(directory) or disk not in (0, FULL16):
            raise Unreadable(_damaged("its directory is shorter than it says"))
        size, packed, offset = _wide(extra, [size, packed, offset])
        yield _Record(raw_name, needed, flags, method, crc, packed, size, outer >> 16, offset)
    if at != len(directory):
        raise Unreadable(_damaged("its directory is longer than it says"))


def _wide(extra: bytes, values: list[int]) -> list[int]:
    """The values with those that did not fit 32 bits taken from the ZIP64 field."""
    if FULL32 not in values:
        return values
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            wanted = [place for place, value in enumerate(values) if value == FULL32]
            if len(field) < 8 * len(wanted):
                break
            for place, value in zip(wanted, struct.unpack_from(f"<{len(wanted)}Q", field), strict=True):
                values[place] = value
            return values
        at += 4 + length
    raise Unreadable(_damaged("a ZIP64 size is missing"))


def _checked_name(record: _Record) -> str:
    """The member's name in `/` form, or a refusal of the whole archive."""
    name = _decoded(record)
    shown = ascii(name[:80])
    if len(record.raw_name) > MAX_PATH_BYTES:
        raise Unreadable(f"The ZIP holds a name of {len(record.raw_name):,} bytes: {shown}. Shorten it.")
    path = name.replace("\\", "/")
    parts = path.removesuffix("/").split("/")
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts) or parts[0][1:2] == ":":
        raise Unreadable(f"The ZIP holds a name that leads out of its folder: {shown}. It was not opened.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise Unreadable(f"The ZIP holds a name with a control character: {shown}. Rename that file.")
    if record.flags & (ENCRYPTED | STRONG | MASKED):
        raise Unreadable("The ZIP is encrypted. Make it again without a password.")
    if record.method not in (STORED, DEFLATED) or record.flags & PATCHED:
        raise Unreadable(f"{shown} in the ZIP is packed by an unusual method. Make the ZIP again.")
    kind = stat.S_IFMT(record.mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unreadable(f"The ZIP holds a link or a device: {shown}. Put the files themselves into it.")
    is_folder = path.endswith("/")
    if is_folder and record.size:
        raise Unreadable(_damaged(f"the folder {shown} has content"))
    if kind == stat.S_IFDIR and not is_folder:
        raise Unreadable(_damaged(f"{shown} is a folder and a file at once"))
    return path


def _decoded(record: _Record) -> str:
    """UTF-8 where the name is, for macOS writes it without saying so; else the code page of old ZIPs."""
    try:
        return record.raw_name.decode("utf-8")
    except UnicodeDecodeError:
        if record.flags & UTF8:
            raise Unreadable(_damaged("a name is not the UTF-8 it claims to be")) from None
        return record.raw_name.decode("cp437")


def _refuse_collisions(names: list[str]) -> None:
    """No two members may fall together on a file system that folds case or Unicode forms."""
    seen: dict[str, str] = {}
    for name in names:
        key = collision_key(name)
        if key in seen:
            raise Unreadable(
                f"The ZIP holds two files that many computers take for one: {seen[key][:80]!a} and "
                f"{name[:80]!a}. Rename one."
            )
        seen[key] = name
    for key in seen:
        at = key.find("/")
        while at >= 0:
            if key[:at] in seen and not seen[key[:at]].endswith("/"):
                raise Unreadable(_damaged(f"{seen[key[:at]][:80]!a} is a folder and a file at once"))
            at = key.find("/", at + 1)


def collision_key(name: str) -> str:
    """What is left of a path where case, Unicode form, and trailing dots and spaces do not count."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return "/".join(part.rstrip(" .") for part in folded.removesuffix("/").split("/"))


def _check_locals(file: BinaryIO, records: list[_Record], directory_start: int) -> list[int]:
    """Where each member's data begins, after seeing that the local headers say what the directory says."""
    offsets = [0] * len(records)
    expected = 0
    for at in sorted(range(len(records)), key=lambda at: records[at].offset):
        record = records[at]
        if record.offset != expected:
            raise Unreadable(_damaged("files in it overlap, or bytes lie between them"))
        offsets[at] = _check_local(file, record)
        expected = offsets[at] + record.packed_size
        if expected > directory_start:
            raise Unreadable(_damaged("a file reaches into its directory"))
        if record.flags & HAS_DESCRIPTOR:
            expected += _descriptor_length(file, record, expected)
    if expected != directory_start:
        raise Unreadable(_damaged("bytes in it belong to no file"))
    return offsets


def _check_local(file: BinaryIO, record: _Record) -> int:
    file.seek(record.offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != LOCAL:
        raise Unreadable(_damaged("a file is not where the directory says"))
    _, flags, method, crc, packed, size, name_n, extra_n = struct.unpack("<4x3H4x3L2H", head)
    body = file.read(name_n + extra_n)
    size, packed = _wide(body[name_n:], [size, packed])
    told = (crc, packed, size)
    known = (record.crc, record.packed_size, record.size)
    if record.flags & HAS_DESCRIPTOR:
        sizes_agree = all(ours in (0, theirs) for ours, theirs in zip(told, known, strict=True))
    else:
        sizes_agree = told == known
    same = (body[:name_n], flags, method) == (record.raw_name, record.flags, record.method)
    if not same or not sizes_agree:
        shown = record.raw_name[:80].decode("cp437")
        raise Unreadable(_damaged(f"{shown!a} is described in two ways"))
    return record.offset + 30 + int(name_n) + int(extra_n)


def _descriptor_length(file: BinaryIO, record: _Record, at: int) -> int:
    """Length of the data descriptor at `at`: with or without its mark, with sizes of 4 or 8 bytes."""
    file.seek(at)
    found = file.read(24)
    for mark in (DESCRIPTOR, b""):
        for layout in ("<L2L", "<L2Q"):
            whole = mark + struct.pack(layout, record.crc, *_fitting(record, layout))
            if found.startswith(whole):
                return len(whole)
    raise Unreadable(_damaged("the sizes after a file differ from those in the directory"))


def _fitting(record: _Record, layout: str) -> tuple[int, int]:
    mask = FULL32 if layout == "<L2L" else (1 << 64) - 1
    return record.packed_size & mask, record.size & mask


def _check_sizes(records: list[_Record], names: list[str], size: int, limits: ImportLimits) -> None:
    total = 0
    most = min(limits.max_archive_bytes, 8 * limits.ratio_free_bytes + limits.max_compression_ratio * size)
    for record, name in zip(records, names, strict=True):
        total += record.size
        if record.size > limits.max_member_bytes:
            raise Unreadable(
                f"{name[:80]!a} in the ZIP is {record.size:,} bytes; "
                f"at most {limits.max_member_bytes:,} are allowed."
            )
        allowed = limits.ratio_free_bytes + limits.max_compression_ratio * record.packed_size
        if record.size > allowed or (record.method == STORED and record.size != record.packed_size):
            raise Unreadable(f"{name[:80]!a} in the ZIP unpacks to far too much. It was not opened.")
    if total > most:
        raise Unreadable(f"The ZIP unpacks to {total:,} bytes; for its size at most {most:,} may be.")

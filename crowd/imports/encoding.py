"""Which character encoding a text file is in, decided from its bytes alone."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

from charset_normalizer import from_bytes

from crowd.imports.rows import Unreadable

SAMPLE_BYTES = 1 << 16
SCAN_BYTES = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LATIN = ["cp1252", "iso8859_15", "mac_roman", "cp1250", "iso8859_2", "cp1254", "cp1257", "cp1258"]
LEGACY = [  # the commoner first
    *LATIN,
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("cp932", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp949"),
]
KNOWN_FILES = (
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
)


def detect_encoding(path: Path) -> str:
    """The encoding of the file at `path`; raises Unreadable for what is no text."""
    head = _head(path)
    if not head:
        raise Unreadable("The file is empty. Upload a file with a header line and at least one row.")
    for magic, what in KNOWN_FILES:
        if head.startswith(magic):
            raise Unreadable(f"This is {what}, not text. Upload CSV, TSV, JSONL or a ZIP of images or audio.")
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    wide = _wide_without_mark(head)
    if wide is not None:
        return wide
    sample = _sample_with_non_ascii(path)
    if sample is None or _mostly_utf8(sample):
        return "utf-8"
    return _guess_legacy(sample)


def decoding_errors(encoding: str) -> str:
    """The error handler that keeps undecodable bytes as lone surrogates, so that one line is refused."""
    return "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark shows as a zero in every other byte of Western text."""
    even, odd = head[0::2], head[1::2]
    if not odd or head.count(0) < len(head) // 4:
        return None
    if odd.count(0) > 4 * even.count(0):
        return "utf-16-le"
    if even.count(0) > 4 * odd.count(0):
        return "utf-16-be"
    raise Unreadable("This is not a text file. Upload CSV, TSV, JSONL or a ZIP of images or audio.")


def _sample_with_non_ascii(path: Path) -> bytes | None:
    """Text around the first byte above 127, or None where the whole file is ASCII."""
    with path.open("rb") as file:
        while block := file.read(SCAN_BYTES):
            if block.isascii():
                continue
            first = next(at for at, byte in enumerate(block) if byte > 127)
            start = max(0, block.rfind(b"\n", 0, first) + 1)
            sample = block[start : start + SAMPLE_BYTES]
            if len(sample) < SAMPLE_BYTES:
                sample += file.read(SAMPLE_BYTES - len(sample))
            return sample
    return None


def _mostly_utf8(sample: bytes) -> bool:
    """Whether its non-ASCII bytes are UTF-8, give or take a broken byte in three.

    The odd broken character costs its own line; it must not turn the whole file into another encoding.
    """
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    whole = sum(character > "\x7f" for character in text) - broken
    return whole > 2 * broken


def _guess_legacy(sample: bytes) -> str:
    """The likeliest legacy encoding; among Latin ones that fit about equally well, the commonest."""
    matches = from_bytes(sample, cp_isolation=LEGACY, threshold=0.4)
    best = matches.best()
    if best is not None:
        near = {best.encoding}
        if best.encoding in LATIN:
            near |= {
                encoding
                for match in matches
                if match.coherence >= best.coherence - 0.05 and match.chaos <= best.chaos + 0.3
                for encoding in match.could_be_from_charset
            }.intersection(LATIN)
        chosen = min(near, key=LEGACY.index)
        if _reads_as_text(sample, chosen):
            return chosen
    raise Unreadable(
        "The character encoding could not be recognised. Save the file as UTF-8 and upload it again."
    )


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    strange = sum(unicodedata.category(character) in ("Cc", "Cn", "Co") for character in text)
    return strange - text.count("\n") - text.count("\r") - text.count("\t") <= len(text) // 100

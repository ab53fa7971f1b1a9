"""The process that opens strangers' pictures: a script of its own, kept warm, with little it could harm.

It is started by `images.py` within limits, and limits its CPU time anew for every picture. Each line on
standard input is a JSON request, each line on standard output its answer: the facts, or
`{"refused": "..."}`. Whatever kills it (memory, CPU, a crash in a codec) costs one picture.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageOps, ImageSequence, JpegImagePlugin, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
ORIENTATION = 0x0112
PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD acTL fcTL fdAT".split())
WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_EXIF, WEBP_XMP = 1 << 3, 1 << 2


class Refusal(Exception):
    """The picture is refused; the message says why."""


class Request(NamedTuple):
    """What one picture may be, and where its clean copy and its thumbnail go."""

    source: str
    target: str
    thumbnail: str | None
    max_pixels: int
    max_frames: int
    thumbnail_side: int


def clean(request: Request) -> dict[str, object]:
    """Decode the picture whole, write it without metadata and upright, and say what it is."""
    Image.MAX_IMAGE_PIXELS = request.max_pixels
    with Image.open(request.source, formats=FORMATS) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        frame_count = _decode(image, kind, request)
        image.seek(0)
        orientation = image.getexif().get(ORIENTATION, 1)
        shown: Image.Image = image
        if orientation in range(2, 9) and frame_count == 1:
            shown = ImageOps.exif_transpose(image)
            _save_again(shown, image, kind, request.target)
        else:
            Path(request.target).write_bytes(b"".join(STRIPPERS[kind](Path(request.source).read_bytes())))
        width, height = shown.size
        if request.thumbnail is not None:
            _save_thumbnail(shown, request.thumbnail, request.thumbnail_side)
    with Image.open(request.target, formats=FORMATS) as copy:
        if copy.size != (width, height):
            raise Refusal("The picture describes its size in two ways.")
    return {"format": kind.lower(), "width": width, "height": height, "frame_count": frame_count}


def _decode(image: Image.Image, kind: str, request: Request) -> int:
    """Decode every frame, for only that shows that the file is whole; returns their number."""
    width, height = image.size
    if width * height > request.max_pixels:
        raise Refusal(
            f"The picture has {width:,} × {height:,} pixels; at most {request.max_pixels:,} may be."
        )
    frame_count = 0
    for frame in ImageSequence.Iterator(image):
        frame_count += 1
        if frame_count > request.max_frames:
            raise Refusal(f"The picture has more than {request.max_frames:,} frames.")
        if frame_count * width * height > 10 * request.max_pixels:
            raise Refusal("The frames of the picture together have too many pixels.")
        frame.load()
        if kind == "JPEG":
            break
    return frame_count


def _save_again(upright: Image.Image, source: Image.Image, kind: str, target: str) -> None:
    profile = source.info.get("icc_profile")
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if kind == "JPEG" and isinstance(source, JpegImagePlugin.JpegImageFile):
        options |= {"qtables": source.quantization, "subsampling": JpegImagePlugin.get_sampling(source)}
    elif kind == "WEBP":
        options |= {"quality": 95}
    upright.info = {}
    upright.save(target, format=kind, exif=b"", **options)


def _save_thumbnail(image: Image.Image, target: str, side: int) -> None:
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((side, side))
    small.info = {}
    small.save(target, format="WEBP", quality=80, method=2)


def strip_png(content: bytes) -> Iterator[bytes]:
    """The chunks that make the picture, up to its end."""
    at = 8
    yield content[:8]
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">L", content, at)
        kind = content[at + 4 : at + 8]
        if kind in PNG_KEPT:
            yield content[at : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            return
    raise Refusal("The picture is cut off.")


def strip_jpeg(content: bytes) -> Iterator[bytes]:
    """The segments that make the picture, up to its end: no EXIF, no XMP, no comments, nothing behind it."""
    yield content[:2]
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise Refusal("The picture is damaged: a segment does not begin where it should.")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if _is_kept_segment(marker, content[at + 4 : at + 16]):
            yield content[at:end]
        if marker == 0xDA:
            at, end = end, _scan_end(content, end)
            yield content[at:end]
        at = end
    yield b"\xff\xd9"


def _is_kept_segment(marker: int, head: bytes) -> bool:
    """Application segments are metadata, save the JFIF header, colour profiles and Adobe's flag."""
    if marker == 0xFE:
        return False
    if not 0xE0 <= marker <= 0xEF:
        return True
    wanted = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
    return marker in wanted and head.startswith(wanted[marker])


def _scan_end(content: bytes, at: int) -> int:
    """Where the compressed data from `at` on ends: at the next marker that is no restart and no stuffing."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        following = content[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at
    return len(content)


def strip_webp(content: bytes) -> Iterator[bytes]:
    """The chunks that make the picture, with the flags for those that are gone cleared."""
    end = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    kept: list[bytes] = []
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        chunk = content[at : at + 8 + length + length % 2]
        if chunk[:4] == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~(WEBP_EXIF | WEBP_XMP) & 0xFF]) + chunk[9:]
        if chunk[:4] in WEBP_KEPT:
            kept.append(chunk)
        at += 8 + length + length % 2
    body = b"WEBP" + b"".join(kept)
    yield b"RIFF" + struct.pack("<L", len(body)) + body


def strip_gif(content: bytes) -> Iterator[bytes]:
    """The blocks that make the picture: no comments, no application data but the number of loops."""
    flags = content[10]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    yield content[:at]
    while at < len(content):
        kind = content[at]
        if kind == 0x3B:
            break
        if kind == 0x21:
            end = _blocks_end(content, at + 2)
            is_loop = content[at + 1] == 0xFF and content[at + 3 : at + 14] == b"NETSCAPE2.0"
            kept = content[at + 1] == 0xF9 or is_loop
        elif kind == 0x2C:
            local = content[at + 9]
            end = _blocks_end(content, at + 11 + (3 << (local & 7) + 1 if local & 0x80 else 0))
            kept = True
        else:
            raise Refusal("The picture is damaged: a block does not begin where it should.")
        if kept:
            yield content[at:end]
        at = end
    yield b";"


def _blocks_end(content: bytes, at: int) -> int:
    while at < len(content) and content[at]:
        at += 1 + content[at]
    return at + 1


STRIPPERS = {"PNG": strip_png, "JPEG": strip_jpeg, "WEBP": strip_webp, "GIF": strip_gif}


def answer(line: str, cpu_seconds: int) -> dict[str, object]:
    """The facts about one picture, or why it is refused."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, resource.RLIM_INFINITY))
    try:
        return clean(Request(**json.loads(line)))
    except Refusal as refusal:
        return {"refused": str(refusal)}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "The picture has too many pixels."}
    except UnidentifiedImageError:
        return {"refused": "The file is no PNG, JPEG, WebP or GIF picture that can be read."}
    except MemoryError:
        return {"refused": "The picture needs too much memory."}
    except Exception as error:
        return {"refused": f"The picture is damaged and cannot be read ({type(error).__name__})."}


def main(cpu_seconds: int) -> None:
    """Answer until standard input ends."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.init()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line, cpu_seconds)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))

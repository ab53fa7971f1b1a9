"""What kind of picture or recording some bytes are, by the bytes alone; names are never believed."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

HEAD_BYTES = 4096
MP4_BRANDS = frozenset(
    (
        b"M4A ",
        b"M4B ",
        b"mp41",
        b"mp42",
        b"isom",
        b"iso2",
        b"iso5",
        b"iso6",
        b"dash",
        b"qt  ",
        b"3gp4",
        b"3gp5",
    )
)
MPEG_BITRATE_FREE, MPEG_BITRATE_BAD, MPEG_RATE_BAD, MPEG_VERSION_BAD = 0, 15, 3, 1


class MediaKind(StrEnum):
    """What an item can show."""

    IMAGE = "image"
    AUDIO = "audio"


class Magic(NamedTuple):
    """A kind and the short name of its container: png, jpeg, webp, gif, wav, mp3, flac, ogg, mp4, webm."""

    kind: MediaKind
    container: str


def sniff_media(head: bytes) -> Magic | None:
    """The container that `head`, the first bytes of a file, begins; None for whatever is not on the list."""
    image = _image(head)
    if image is not None:
        return Magic(MediaKind.IMAGE, image)
    audio = _audio(head)
    return None if audio is None else Magic(MediaKind.AUDIO, audio)


def _image(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return None


def _audio(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    for mark, container in ((b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3")):
        if head.startswith(mark):
            return container
    if head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS:
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and any(name in head[:64] for name in (b"webm", b"matroska")):
        return "webm"
    return "mp3" if _is_mpeg_frame(head) else None


def _is_mpeg_frame(head: bytes) -> bool:
    """Whether an MPEG audio frame of layer III begins here, with no field at a forbidden value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return (
        version != MPEG_VERSION_BAD
        and layer == 1
        and bitrate not in (MPEG_BITRATE_FREE, MPEG_BITRATE_BAD)
        and rate != MPEG_RATE_BAD
    )

"""Checks pictures and makes clean copies of them, in a warm child process that may die without harm.

Starting Python and Pillow takes about 0.2 seconds, decoding a picture a few milliseconds: so one child
serves many pictures and is started again when a picture has killed it. Metadata (EXIF with GPS, XMP,
comments, whatever follows the end) is cut out of the container without touching a pixel; only a picture
that lies on its side is encoded anew, upright, with the quantisation tables it came with.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from crowd.domain.strict_json import JsonRefused, load_strict
from crowd.imports.confinement import SCRIPTS, Confinement, confined
from crowd.imports.rows import BadMedia

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
THUMBNAIL_MEDIA_TYPE = "image/webp"
MAX_ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """How large a picture may be, and what its decoding may cost; bytes, seconds, pixels."""

    max_bytes: int = 100 << 20
    max_pixels: int = 100_000_000
    max_frames: int = 500
    thumbnail_side: int = 480
    memory_bytes: int = 2 << 30
    cpu_seconds: int = 20
    wall_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a picture is, by its content; `width` and `height` in pixels as it is shown, upright."""

    format: str
    media_type: str
    width: int
    height: int
    frame_count: int


class ImageCleaner:
    """A warm child process for pictures; use as a context manager, from one thread at a time."""

    def __init__(self, limits: ImageLimits | None = None) -> None:
        self.limits = limits or ImageLimits()
        self._child: subprocess.Popen[bytes] | None = None

    def clean(self, source: Path, target: Path, *, thumbnail: Path | None = None) -> ImageFacts:
        """Write an upright copy of `source` without metadata to `target`, and a WebP thumbnail if asked.

        Raises BadMedia with a sentence; `target` and `thumbnail` do not exist then.
        """
        size = source.stat().st_size
        if not size:
            raise BadMedia("The file is empty.")
        if size > self.limits.max_bytes:
            raise BadMedia(f"The picture has {size:,} bytes; at most {self.limits.max_bytes:,} may be.")
        request: dict[str, object] = {
            "source": str(source.absolute()),
            "target": str(target.absolute()),
            "thumbnail": str(thumbnail.absolute()) if thumbnail else None,
            "max_pixels": self.limits.max_pixels,
            "max_frames": self.limits.max_frames,
            "thumbnail_side": self.limits.thumbnail_side,
        }
        try:
            return _facts(self._ask(request))
        except BadMedia:
            target.unlink(missing_ok=True)
            if thumbnail is not None:
                thumbnail.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        child = self._child = self._child or self._start()
        assert child.stdin is not None and child.stdout is not None
        try:
            os.write(child.stdin.fileno(), json.dumps(request).encode() + b"\n")
            answer = _read_line(child.stdout.fileno(), self.limits.wall_seconds)
        except (BrokenPipeError, TimeoutError):
            answer = b""
        if not answer:
            self.close()
            raise BadMedia("The picture took too much time or memory to read.")
        try:
            found = load_strict(answer, MAX_ANSWER_BYTES)
        except JsonRefused:
            found = None
        return found if isinstance(found, dict) else {}

    def _start(self) -> subprocess.Popen[bytes]:
        limits = Confinement(self.limits.memory_bytes, 4 * self.limits.max_bytes, cpu_seconds=0)
        script = [sys.executable, "-I", str(SCRIPTS / "pictures.py"), str(self.limits.cpu_seconds)]
        return subprocess.Popen(
            confined(script, limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=tempfile.gettempdir(),
            env={},
            start_new_session=True,
        )


def check_image(source: Path, limits: ImageLimits | None = None) -> ImageFacts:
    """What the picture at `source` is; raises BadMedia. For many pictures keep one ImageCleaner."""
    with ImageCleaner(limits) as cleaner, tempfile.TemporaryDirectory(prefix="image-") as place:
        return cleaner.clean(source, Path(place) / "clean")


def _read_line(pipe: int, seconds: float) -> bytes:
    """One line from the child, or what there is of it when the child ends; TimeoutError when it is late."""
    due = time.monotonic() + seconds
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not line.endswith(b"\n") and len(line) < MAX_ANSWER_BYTES:
            if not selector.select(max(0.0, due - time.monotonic())):
                raise TimeoutError
            piece = os.read(pipe, MAX_ANSWER_BYTES)
            if not piece:
                return b""
            line += piece
    return line if line.endswith(b"\n") else b""


def _facts(answer: dict[str, object]) -> ImageFacts:
    """The child's answer, believed no further than its types; a picture may have taken the child over."""
    refused = answer.get("refused")
    if refused is not None:
        raise BadMedia(str(refused))
    name, numbers = answer.get("format"), [answer.get(key) for key in ("width", "height", "frame_count")]
    width, height, frame_count = (one if isinstance(one, int) else 0 for one in numbers)
    if not isinstance(name, str) or name not in MEDIA_TYPES or min(width, height, frame_count) < 1:
        raise BadMedia("The picture could not be read.")
    return ImageFacts(name, MEDIA_TYPES[name], width, height, frame_count)

"""An item's picture or recording on its way from an archive into the blob store."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from crowd.imports.audio import AudioLimits, decode_audio
from crowd.imports.images import THUMBNAIL_MEDIA_TYPE, ImageCleaner, ImageLimits
from crowd.imports.magic import MediaKind
from crowd.imports.members import MediaMember
from crowd.imports.rows import BadMedia
from crowd.services.uploads import uploads_place
from crowd.settings import Settings
from crowd.storage.blobs import BlobStore, NewBlob


class KeptMedia(NamedTuple):
    """What was stored: the hash of the file as it came, what the item says of it, and the blobs' rows."""

    source_sha256: str
    media: dict[str, Any]
    blobs: tuple[NewBlob, ...]


class MediaKeeper:
    """Cleans, measures and stores media, one after the other; use as a context manager."""

    def __init__(self, blobs: BlobStore, settings: Settings) -> None:
        self._blobs = blobs
        self._max_audio_seconds = settings.max_audio_seconds
        self._cleaner = ImageCleaner(ImageLimits(max_pixels=settings.max_image_pixels))
        self._place = tempfile.TemporaryDirectory(prefix="import-", dir=uploads_place(settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleaner.close()
        self._place.cleanup()

    def keep(self, member: MediaMember) -> KeptMedia:
        """Store one member of an archive; raises BadMedia with a sentence."""
        source, target = Path(self._place.name) / "source", Path(self._place.name) / "target"
        try:
            source_sha256 = member.save(source)
            if member.kind is MediaKind.IMAGE:
                return self._keep_image(source_sha256, source, target)
            return self._keep_audio(source_sha256, source, target)
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    def _keep_image(self, source_sha256: str, source: Path, target: Path) -> KeptMedia:
        thumbnail = target.with_name("thumbnail")
        try:
            facts = self._cleaner.clean(source, target, thumbnail=thumbnail)
            picture = self._put(target, facts.media_type)
            small = self._put(thumbnail, THUMBNAIL_MEDIA_TYPE)
        finally:
            thumbnail.unlink(missing_ok=True)
        media = {
            "kind": "image",
            "blob": picture.sha256,
            "width": facts.width,
            "height": facts.height,
            "thumbnail": small.sha256,
        }
        return KeptMedia(source_sha256, media, (picture, small))

    def _keep_audio(self, source_sha256: str, source: Path, target: Path) -> KeptMedia:
        facts = decode_audio(source, target, AudioLimits(max_seconds=self._max_audio_seconds))
        if facts.is_shortened:
            raise BadMedia(
                f"The recording is longer than {self._max_audio_seconds:,} seconds. Cut it into pieces."
            )
        recording = self._put(target, facts.media_type)
        media = {
            "kind": "audio",
            "blob": recording.sha256,
            "duration_seconds": round(facts.duration_seconds, 3),
            "peaks": memoryview(facts.peaks).cast("b").tolist(),
        }
        return KeptMedia(source_sha256, media, (recording,))

    def _put(self, path: Path, media_type: str) -> NewBlob:
        sha256, size = self._blobs.put_file(path)
        return NewBlob(sha256, size, media_type)

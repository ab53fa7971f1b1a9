"""Turns a stranger's recording into one that any browser plays: decoded, trimmed, levelled, measured.

ffmpeg decodes in a confined process that is told the container, may use that demuxer and a few audio
decoders only, and sees its input as an open file, not as a name. pydub gets raw PCM, never a file.

Clips are stored as 16-bit WAV: every browser plays it, seeking is exact to the sample, nothing is lost, and
no second encoder runs. Beyond `wav_seconds` the size would hurt, so long recordings become MP3 at a
constant bit rate, in which browsers seek exactly too; Opus would be smaller, but not every Safari plays it.
"""

from __future__ import annotations

import tempfile
import warnings
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import imageio_ffmpeg
import numpy as np

from crowd.imports.confinement import Confinement, run_confined
from crowd.imports.magic import HEAD_BYTES, MediaKind, sniff_media
from crowd.imports.rows import BadMedia

if TYPE_CHECKING:
    from pydub import AudioSegment

DEMUXERS = {"wav": "wav", "mp3": "mp3", "flac": "flac", "ogg": "ogg", "mp4": "mov", "webm": "matroska"}
DECODERS = (
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,"
    "pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,mp3float,mp3,flac,vorbis,opus,libopus,aac,alac"
)
SAMPLE_RATES = "8000|11025|12000|16000|22050|24000|32000|44100|48000"
MAX_CHANNELS, MAX_RATE, SAMPLE_BYTES = 2, 48_000, 2
MP3_BITS_PER_CHANNEL = 64_000
SILENCE_STEP_MS = 10
RIFF_SLACK_BYTES = 1024


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """How long a recording may be and how it is levelled and cut; seconds, dB, dB below full scale."""

    max_bytes: int = 500 << 20
    max_seconds: float = 900.0
    min_seconds: float = 0.02
    wav_seconds: float = 60.0
    target_dbfs: float = -20.0
    ceiling_dbfs: float = -1.0
    max_gain_db: float = 30.0
    silent_dbfs: float = -80.0
    silence_below_peak_db: float = 45.0
    silence_margin_seconds: float = 0.2
    peak_count: int = 800
    confinement: Confinement = field(default_factory=Confinement)


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What a stored recording is.

    `peaks` are signed bytes, least and greatest sample of each of at most `peak_count` equal stretches by
    turns. `cut_start_seconds` is what was cut off in front; `is_shortened` that it was longer than allowed.
    """

    container: str
    media_type: str
    duration_seconds: float
    sample_rate: int
    channel_count: int
    peaks: bytes
    gain_db: float
    cut_start_seconds: float
    cut_end_seconds: float
    is_shortened: bool


class Pcm(NamedTuple):
    """Decoded sound: 16-bit little-endian samples, channels by turns."""

    samples: bytes
    sample_rate: int
    channel_count: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / (SAMPLE_BYTES * self.channel_count * self.sample_rate)


def decode_audio(source: Path, target: Path, limits: AudioLimits | None = None) -> AudioFacts:
    """Decode `source`, level and trim it, and write what a browser plays to `target`.

    Raises BadMedia with a sentence; `target` does not exist then.
    """
    limits = limits or AudioLimits()
    container = _container(source, limits)
    try:
        with tempfile.TemporaryDirectory(prefix="audio-") as name:
            place = Path(name)
            pcm = _decode(source, container, place, limits)
            kept, gain_db, cut_start, cut_end, is_shortened = _level_and_cut(pcm, limits)
            media_type = _store(kept, target, place, limits)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return AudioFacts(
        container,
        media_type,
        kept.seconds,
        kept.sample_rate,
        kept.channel_count,
        waveform_peaks(kept, limits.peak_count),
        gain_db,
        cut_start,
        cut_end,
        is_shortened,
    )


def _container(source: Path, limits: AudioLimits) -> str:
    size = source.stat().st_size
    if not size:
        raise BadMedia("The file is empty.")
    if size > limits.max_bytes:
        raise BadMedia(f"The recording has {size:,} bytes; at most {limits.max_bytes:,} may be.")
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    magic = sniff_media(head)
    if magic is None or magic.kind is not MediaKind.AUDIO:
        raise BadMedia("The file is no recording of a known kind (WAV, MP3, FLAC, Ogg, M4A, WebM).")
    told = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and told < 0x7FFFFFFF and told + 8 > size + RIFF_SLACK_BYTES:
        raise BadMedia(
            f"The recording is cut off: {size:,} of {told + 8:,} bytes are there. Upload it again."
        )
    return magic.container


def decode_command(container: str, max_seconds: float) -> list[str]:
    """ffmpeg's command line: standard input as `container`, standard output as 16-bit WAV."""
    demuxer = DEMUXERS[container]
    given = ["-protocol_whitelist", "fd", "-format_whitelist", demuxer, "-codec_whitelist", DECODERS]
    shape = f"aformat=sample_fmts=s16:sample_rates={SAMPLE_RATES}:channel_layouts=mono|stereo"
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1"),
        *(*given, "-t", f"{max_seconds:.3f}", "-f", demuxer, "-i", "fd:"),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-af", shape, "-threads", "1", "-bitexact", "-c:a", "pcm_s16le", "-f", "wav", "fd:"),
    ]


def _decode(source: Path, container: str, place: Path, limits: AudioLimits) -> Pcm:
    decoded = place / "decoded.wav"
    command = decode_command(container, limits.max_seconds + 1)
    if not run_confined(command, source, decoded, place, limits.confinement):
        raise BadMedia(f"The recording cannot be decoded: it is damaged, or not really {container.upper()}.")
    try:
        with wave.open(str(decoded), "rb") as sound:
            rate, channel_count, count = sound.getframerate(), sound.getnchannels(), sound.getnframes()
            if sound.getsampwidth() != SAMPLE_BYTES or channel_count > MAX_CHANNELS or rate > MAX_RATE:
                raise BadMedia("The recording cannot be decoded.")
            pcm = Pcm(sound.readframes(count), rate, channel_count)
    except (wave.Error, EOFError):
        raise BadMedia("The file holds no sound.") from None
    if not pcm.samples:
        raise BadMedia("The file holds no sound.")
    if pcm.seconds < limits.min_seconds:
        raise BadMedia(
            f"The recording lasts {pcm.seconds:.4f} seconds; at least {limits.min_seconds} are needed."
        )
    return pcm


def _level_and_cut(pcm: Pcm, limits: AudioLimits) -> tuple[Pcm, float, float, float, bool]:
    """(sound, gain in dB, seconds cut in front, seconds cut behind, whether it was too long)."""
    segment = _segment(pcm)
    is_shortened = pcm.seconds > limits.max_seconds
    if is_shortened:
        segment = segment[: int(limits.max_seconds * 1000)]
    if segment.max_dBFS < limits.silent_dbfs:
        raise BadMedia("The recording is silent from beginning to end.")
    start, end = _silent_ends_ms(segment, limits)
    if start or end:
        segment = segment[start : len(segment) - end]
    gain = min(limits.target_dbfs - segment.dBFS, limits.ceiling_dbfs - segment.max_dBFS, limits.max_gain_db)
    segment = segment.apply_gain(gain)
    kept = Pcm(bytes(segment.raw_data), pcm.sample_rate, pcm.channel_count)
    return kept, float(gain), start / 1000, end / 1000, is_shortened


def _segment(pcm: Pcm) -> AudioSegment:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for an ffmpeg of its own as it is imported
        from pydub import AudioSegment
    return AudioSegment(
        data=pcm.samples, sample_width=SAMPLE_BYTES, frame_rate=pcm.sample_rate, channels=pcm.channel_count
    )


def _silent_ends_ms(segment: AudioSegment, limits: AudioLimits) -> tuple[int, int]:
    """Milliseconds of silence at both ends beyond the margin; silence is far below the loudest sample."""
    from pydub.silence import detect_leading_silence

    threshold = segment.max_dBFS - limits.silence_below_peak_db
    margin = int(limits.silence_margin_seconds * 1000)
    leading = int(detect_leading_silence(segment, threshold, SILENCE_STEP_MS))
    trailing = int(detect_leading_silence(segment.reverse(), threshold, SILENCE_STEP_MS))
    return max(0, leading - margin), max(0, trailing - margin)


def waveform_peaks(pcm: Pcm, peak_count: int) -> bytes:
    """Least and greatest sample of each stretch, as signed bytes by turns; all channels together."""
    samples = np.frombuffer(pcm.samples, dtype="<i2")
    frame_count = len(samples) // pcm.channel_count
    edges = np.linspace(0, frame_count, min(peak_count, frame_count), endpoint=False).astype(np.int64)
    starts = edges * pcm.channel_count
    pairs = np.empty((len(starts), 2), dtype=np.int8)
    pairs[:, 0] = np.minimum.reduceat(samples, starts) >> 8
    pairs[:, 1] = np.maximum.reduceat(samples, starts) >> 8
    return pairs.tobytes()


def _store(pcm: Pcm, target: Path, place: Path, limits: AudioLimits) -> str:
    """Write the sound to `target`; returns its media type."""
    if pcm.seconds <= limits.wav_seconds:
        with target.open("wb") as file, wave.open(file, "wb") as sound:
            sound.setparams((pcm.channel_count, SAMPLE_BYTES, pcm.sample_rate, 0, "NONE", "not compressed"))
            sound.writeframes(pcm.samples)
        return "audio/wav"
    raw = place / "raw"
    raw.write_bytes(pcm.samples)
    if not run_confined(_encode_command(pcm), raw, target, place, limits.confinement):
        raise BadMedia("The recording could not be encoded as MP3.")
    return "audio/mpeg"


def _encode_command(pcm: Pcm) -> list[str]:
    shape = ["-f", "s16le", "-ar", str(pcm.sample_rate), "-ac", str(pcm.channel_count)]
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1"),
        *("-protocol_whitelist", "fd", *shape, "-i", "fd:"),
        *("-bitexact", "-c:a", "libmp3lame", "-b:a", str(MP3_BITS_PER_CHANNEL * pcm.channel_count)),
        *("-f", "mp3", "fd:"),
    ]

"""Recordings come out playable, level and measured; hostile ones reach no other file and no network."""

from __future__ import annotations

import io
import math
import socket
import struct
import subprocess
import threading
import wave
import zipfile
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from crowd.imports import Row, open_reader
from crowd.imports.audio import (
    DEMUXERS,
    AudioFacts,
    AudioLimits,
    Pcm,
    decode_audio,
    decode_command,
    waveform_peaks,
)
from crowd.imports.confinement import Confinement, run_confined
from crowd.imports.rows import BadMedia

RATE = 16_000
ENCODERS = {
    "wav": ["-c:a", "pcm_s24le", "-f", "wav"],
    "mp3": ["-c:a", "libmp3lame", "-f", "mp3"],
    "flac": ["-c:a", "flac", "-f", "flac"],
    "ogg": ["-c:a", "libopus", "-f", "ogg"],
    "mp4": ["-c:a", "aac", "-f", "ipod"],
    "webm": ["-c:a", "libopus", "-f", "webm"],
}


def tone(seconds: float, level: float = 0.25, rate: int = RATE, channel_count: int = 1) -> np.ndarray:
    at = np.arange(int(seconds * rate)) / rate
    return np.repeat((np.sin(2 * math.pi * 440 * at) * level * 32767).astype("<i2"), channel_count)


def wav(samples: np.ndarray, rate: int = RATE, channel_count: int = 1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channel_count, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def decoded(content: bytes, place: Path, limits: AudioLimits | None = None) -> tuple[AudioFacts, Path]:
    source, target = place / "source", place / "target"
    source.write_bytes(content)
    return decode_audio(source, target, limits), target


def refusal(content: bytes, place: Path, limits: AudioLimits | None = None) -> str:
    with pytest.raises(BadMedia) as caught:
        decoded(content, place, limits)
    assert not (place / "target").exists()
    return str(caught.value)


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def encoded(container: str, content: bytes, place: Path) -> bytes:
    source, target = place / "plain.wav", place / f"encoded.{container}"
    source.write_bytes(content)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-i", str(source)]
    subprocess.run(
        [*command, "-metadata", "title=SECRET TITLE", *ENCODERS[container], str(target)],
        check=True,
        timeout=60,
    )
    return target.read_bytes()


@pytest.mark.parametrize("container", sorted(DEMUXERS))
def test_every_container_on_the_list_is_decoded_and_loses_its_metadata(
    container: str, tmp_path: Path
) -> None:
    facts, target = decoded(encoded(container, wav(tone(1.0)), tmp_path), tmp_path)
    assert (facts.container, facts.media_type, facts.channel_count) == (container, "audio/wav", 1)
    assert facts.duration_seconds == pytest.approx(1.0, abs=0.1)
    assert b"SECRET" not in target.read_bytes()
    with wave.open(str(target), "rb") as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, facts.sample_rate)


def test_recording_is_levelled_to_the_target(tmp_path: Path) -> None:
    for level in (0.01, 0.9):
        facts, target = decoded(wav(tone(0.5, level)), tmp_path)
        stored = samples_of(target).astype(float) / 32768
        assert 20 * math.log10(math.sqrt(float(np.mean(stored**2)))) == pytest.approx(-20, abs=0.3)
        assert (facts.gain_db > 0) == (level < 0.1)


def test_levelling_never_clips(tmp_path: Path) -> None:
    sound = tone(1.0, 0.01)
    sound[8000:8040] = 20_000
    _, target = decoded(wav(sound), tmp_path)
    assert np.abs(samples_of(target)).max() <= 32768 * 10 ** (-1 / 20) + 1


def test_silence_at_both_ends_is_cut_to_a_margin(tmp_path: Path) -> None:
    quiet = np.zeros(RATE, dtype="<i2")
    facts, _ = decoded(wav(np.concatenate([quiet, tone(0.5), quiet, quiet])), tmp_path)
    assert facts.cut_start_seconds == pytest.approx(0.8, abs=0.03)
    assert facts.cut_end_seconds == pytest.approx(1.8, abs=0.03)
    assert facts.duration_seconds == pytest.approx(0.9, abs=0.05)


def test_pause_in_the_middle_is_kept(tmp_path: Path) -> None:
    facts, _ = decoded(wav(np.concatenate([tone(0.3), np.zeros(RATE, dtype="<i2"), tone(0.3)])), tmp_path)
    assert facts.duration_seconds == pytest.approx(1.6, abs=0.03)


def test_recording_over_the_limit_is_shortened_and_says_so(tmp_path: Path) -> None:
    facts, _ = decoded(wav(tone(3.0)), tmp_path, AudioLimits(max_seconds=2.0))
    assert facts.is_shortened
    assert facts.duration_seconds == pytest.approx(2.0, abs=0.01)
    facts, _ = decoded(wav(tone(2.0)), tmp_path, AudioLimits(max_seconds=2.0))
    assert not facts.is_shortened


def test_long_recording_is_stored_as_mp3(tmp_path: Path) -> None:
    facts, target = decoded(wav(tone(3.0)), tmp_path, AudioLimits(wav_seconds=2.0))
    assert facts.media_type == "audio/mpeg"
    assert target.stat().st_size < 40_000
    again, _ = decoded(target.read_bytes(), tmp_path)
    assert again.container == "mp3"
    assert again.duration_seconds == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("rate", "channel_count", "expected"), [(8000, 1, 8000), (44_100, 2, 44_100), (96_000, 2, 48_000)]
)
def test_rate_and_channels_are_kept_where_browsers_play_them(
    rate: int, channel_count: int, expected: int, tmp_path: Path
) -> None:
    facts, _ = decoded(wav(tone(0.3, 0.25, rate, channel_count), rate, channel_count), tmp_path)
    assert (facts.sample_rate, facts.channel_count) == (expected, channel_count)
    assert facts.duration_seconds == pytest.approx(0.3, abs=0.01)


def test_six_channels_become_two(tmp_path: Path) -> None:
    facts, _ = decoded(wav(tone(0.3, channel_count=6), channel_count=6), tmp_path)
    assert facts.channel_count == 2


def test_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    for limits in (AudioLimits(), AudioLimits(wav_seconds=0.1)):
        first, target = decoded(wav(tone(0.5)), tmp_path, limits)
        content = target.read_bytes()
        assert decoded(wav(tone(0.5)), tmp_path, limits)[0] == first
        assert target.read_bytes() == content


def test_peaks_are_pairs_of_signed_bytes_over_equal_stretches() -> None:
    samples = np.zeros(8000, dtype="<i2")
    samples[0], samples[-1] = 32767, -32768
    peaks = np.frombuffer(waveform_peaks(Pcm(samples.tobytes(), 8000, 1), 800), dtype=np.int8).reshape(-1, 2)
    assert peaks.shape == (800, 2)
    assert tuple(peaks[0]) == (0, 127)
    assert tuple(peaks[-1]) == (-128, 0)
    assert not peaks[1:-1].any()
    assert len(waveform_peaks(Pcm(samples[:3].tobytes(), 8000, 1), 800)) == 6


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (wav(np.zeros(0)), "holds no sound"),
        (wav(np.zeros(RATE)), "silent from beginning to end"),
        (wav(np.full(1, 9000)), "lasts 0.0001 seconds; at least 0.02 are needed"),
        (wav(tone(1.0))[:4000], "cut off"),
        (b"just text", "no recording of a known kind"),
        (b"ID3\x04\0\0\0\0\0\0" + b"noise" * 50, "cannot be decoded"),
        (b"fLaC" + bytes(100), "cannot be decoded"),
        (b"OggS" + bytes(100), "cannot be decoded"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(100), "cannot be decoded"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0webm" + bytes(100), "cannot be decoded"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(100), "cannot be decoded"),
    ],
)
def test_recording_that_cannot_be_used_is_refused_with_the_reason(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    assert sentence in refusal(content, tmp_path)


def test_file_over_the_limit_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    assert "at most 1,000" in refusal(wav(tone(0.5)), tmp_path, AudioLimits(max_bytes=1000))


def test_decoder_that_takes_too_long_or_too_much_costs_one_recording(tmp_path: Path) -> None:
    late = AudioLimits(confinement=Confinement(wall_seconds=0.001))
    assert "cannot be decoded" in refusal(wav(tone(0.5)), tmp_path, late)
    small = AudioLimits(confinement=Confinement(file_bytes=1000))
    assert "cannot be decoded" in refusal(wav(tone(0.5)), tmp_path, small)
    assert decoded(wav(tone(0.5)), tmp_path)[0].duration_seconds == pytest.approx(0.5, abs=0.01)


def test_no_other_ffmpeg_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("ffmpeg", "ffprobe", "avconv"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n")
        (tmp_path / name).chmod(0o755)
    decoded(wav(tone(0.5)), tmp_path)
    assert not (tmp_path / "called").exists()


class Listener:
    """A server on the loopback that counts who comes."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.hits = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._server.accept()
            except OSError:
                return
            self.hits += 1
            visitor.close()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def hostile_files(canary: Path, address: str) -> dict[str, bytes]:
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{canary}\n#EXTINF:9,\nfile://{canary}\n"
    playlist += f"#EXTINF:9,\n{address}/a.wav\n#EXT-X-ENDLIST\n"
    master = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{address}/child.m3u8\n"
    endless = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsource\n"
    joined = f"#EXTM3U\n#EXTINF:9,\nconcat:{address}/head|file://{canary}\n#EXT-X-ENDLIST\n"
    mpd = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    mpd += (
        f'<AdaptationSet mimeType="audio/mp4"><Representation><BaseURL>{address}/x.m4a</BaseURL><SegmentList>'
    )
    mpd += (
        f'<SegmentURL media="file://{canary}"/></SegmentList></Representation></AdaptationSet></Period></MPD>'
    )
    port = address.rsplit(":", 1)[1]
    gab2 = b"GAB2\0\2\0" + struct.pack("<L", 4) + b"a\0\0\0" + b"\4\0" + struct.pack("<L", len(playlist))
    xbin = gab2 + playlist.encode()
    strl = b"LIST" + struct.pack("<L", 4 + 64) + b"strlstrh" + struct.pack("<L", 56) + b"txts" + bytes(52)
    movi = b"LIST" + struct.pack("<L", 4 + 8 + len(xbin)) + b"movi00sb" + struct.pack("<L", len(xbin)) + xbin
    avi = b"AVI LIST" + struct.pack("<L", 4 + len(strl)) + b"hdrl" + strl + movi
    return {
        "hls": playlist.encode(),
        "hls-master": master.encode(),
        "hls-endless": endless.encode(),
        "hls-concat": joined.encode(),
        "ffconcat": f"ffconcat version 1.0\nfile '{canary}'\nfile '{address}/x'\n".encode(),
        "dash": mpd.encode(),
        "sdp": f"v=0\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n".encode(),
        "xbin-in-avi": b"RIFF" + struct.pack("<L", len(avi)) + avi,
        "rtsp-redirect": f"RTSPtext\nrtsp://127.0.0.1:{port}/x\n".encode(),
        "ram": f"{address}/x.ra\nfile://{canary}\n".encode(),
        "imf": f"<AssetMap xmlns='http://www.smpte-ra.org/schemas/429-9/2007/AM'>{canary}</AssetMap>".encode(),
    }


DISGUISES = {
    "plain": b"",
    "wav": b"RIFF\xff\xff\xff\xffWAVE",
    "mp3": b"ID3\x04\0\0\0\0\0\0",
    "mp4": b"\0\0\0\x10ftypM4A \0\0\0\0",
    "ogg": b"OggS",
    "webm": b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm",
}


@pytest.mark.parametrize("disguise", sorted(DISGUISES))
def test_hostile_file_is_refused_under_every_disguise_and_reaches_nothing(
    disguise: str, tmp_path: Path, listener: Listener
) -> None:
    canary = tmp_path / "tenant" / "canary.wav"
    canary.parent.mkdir()
    canary.write_bytes(wav(tone(1.0)))
    for content in hostile_files(canary, f"http://127.0.0.1:{listener.port}").values():
        refusal(DISGUISES[disguise] + content, tmp_path)
    assert listener.hits == 0


@pytest.mark.slow
def test_ffmpeg_itself_reads_no_other_file_even_when_the_first_bytes_are_believed(
    tmp_path: Path, listener: Listener
) -> None:
    canary = tmp_path / "tenant" / "canary.wav"
    canary.parent.mkdir()
    canary.write_bytes(wav(tone(1.0)))
    sound = tone(1.0).tobytes()[1000:1200]
    source, target = tmp_path / "source", tmp_path / "target"
    for content in hostile_files(canary, f"http://127.0.0.1:{listener.port}").values():
        source.write_bytes(content)
        for container in DEMUXERS:
            run_confined(
                decode_command(container, 10), source, target, tmp_path, Confinement(wall_seconds=10)
            )
            assert sound not in target.read_bytes()
    assert listener.hits == 0


def test_canary_would_sing_without_the_whitelists(tmp_path: Path) -> None:
    """The control: the same ffmpeg, told nothing, does read another file; so the tests above can fail."""
    canary, source = tmp_path / "canary.wav", tmp_path / "source"
    canary.write_bytes(wav(tone(1.0)))
    source.write_bytes(f"ffconcat version 1.0\nfile '{canary}'\n".encode())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "quiet", "-safe", "0", "-i", str(source)]
    output = subprocess.run(
        [*command, "-f", "s16le", "-"], capture_output=True, check=False, timeout=30
    ).stdout
    assert tone(1.0).tobytes()[1000:1200] in output


def test_video_beside_the_sound_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=d=1:s=64x64",
    ]
    command += ["-f", "lavfi", "-i", "sine=d=1", "-c:v", "libx264", "-c:a", "aac", "-shortest", str(path)]
    subprocess.run(command, check=True, timeout=60)
    facts, _ = decoded(path.read_bytes(), tmp_path)
    assert facts.duration_seconds == pytest.approx(1.0, abs=0.1)


@pytest.mark.slow
def test_every_spoken_digit_imports_from_a_zip(shared_data: Path, tmp_path: Path) -> None:
    sources = sorted((shared_data / "fsdd").glob("*.wav"))
    assert len(sources) == 120
    archive = tmp_path / "fsdd.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "manifest.csv", "file,text\n" + "".join(f"{one.name},{one.name[0]}\n" for one in sources)
        )
        for one in sources:
            file.write(one, one.name)
    count = 0
    with open_reader(archive, "fsdd.zip") as reader:
        for row in reader:
            assert isinstance(row, Row) and row.media is not None, row
            row.media.save(tmp_path / "member")
            facts = decode_audio(tmp_path / "member", tmp_path / "stored")
            assert facts.media_type == "audio/wav" and facts.sample_rate == 8000
            assert 0.1 < facts.duration_seconds < 3
            count += 1
    assert count == 120


def test_cover_picture_in_an_mp3_is_left_alone(tmp_path: Path) -> None:
    cover = b"\0image/png\0\3\0" + b"\x89PNG\r\n\x1a\n" + bytes(3000)
    frame = b"APIC" + struct.pack(">L", len(cover)) + b"\0\0" + cover
    size = len(frame)
    tag = b"ID3\3\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + frame
    facts, _ = decoded(tag + encoded("mp3", wav(tone(1.0)), tmp_path), tmp_path)
    assert facts.duration_seconds == pytest.approx(1.0, abs=0.1)

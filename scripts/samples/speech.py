"""Short spoken clips: espeak-ng reads our sentences in many voices, ffmpeg makes small MP3 files of them."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from random import Random

import imageio_ffmpeg

VOICES = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-us-nyc", "en-gb-x-gbcwmd")
TIMBRES = ("m1", "m3", "m7", "f2", "f3", "f4", "Alicia", "Andrea", "Michael", "Mike")
CLEAR = "anull"
TELEPHONE = "highpass=f=300,lowpass=f=3400,volume=1.2"
HISS = "anoisesrc=d=8:c=pink:r=22050:a=0.04:s=7[n];[s][n]amix=inputs=2:duration=first:normalize=0"


class SpeechToolMissingError(Exception):
    """espeak-ng is not on this machine."""


@dataclass(frozen=True)
class Reading:
    """How one sentence is read: words per minute, pitch 0..99, and what the line does to the sound."""

    voice: str
    speed: int
    pitch: int
    room: str


def reading(sentence: str) -> Reading:
    """The voice for a sentence; always the same for the same words."""
    rng = Random(sentence)  # voices, no secrets
    voice = f"{rng.choice(VOICES)}+{rng.choice(TIMBRES)}"
    room = rng.choices((CLEAR, TELEPHONE, HISS), weights=(6, 2, 2))[0]
    return Reading(voice, rng.randint(125, 170), rng.randint(35, 65), room)


def espeak() -> str:
    """Where espeak-ng is, or a clear refusal."""
    path = shutil.which("espeak-ng")
    if path is None:
        raise SpeechToolMissingError(
            "espeak-ng was not found, so no speech was made and the clips on disk are unchanged. "
            "Install it (Debian: apt install espeak-ng) and run this again."
        )
    return path


def speak(sentence: str, target: Path) -> None:
    """Writes `sentence` to `target` as mono MP3 at 22 050 Hz and 32 kbit/s."""
    how = reading(sentence)
    spoken = subprocess.run(
        [
            espeak(),
            "-v",
            how.voice,
            "-s",
            str(how.speed),
            "-p",
            str(how.pitch),
            "-g",
            "2",
            "--stdout",
            sentence,
        ],
        check=True,
        capture_output=True,
    ).stdout
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-y",
            "-f",
            "wav",
            "-i",
            "pipe:0",
            "-filter_complex",
            f"[0:a]volume=0.8,adelay=150,apad=pad_dur=0.2[s];{_through(how.room)}",
            "-ac",
            "1",
            "-ar",
            "22050",
            "-c:a",
            "libmp3lame",
            "-b:a",
            "32k",
            "-map_metadata",
            "-1",
            "-id3v2_version",
            "0",
            "-fflags",
            "+bitexact",
            "-flags:a",
            "+bitexact",
            str(target),
        ],
        check=True,
        input=spoken,
    )


def _through(room: str) -> str:
    return room if room == HISS else f"[s]{room}"

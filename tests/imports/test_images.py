"""Pictures come out upright, whole and without metadata, or not at all."""

from __future__ import annotations

import gzip
import io
import os
import signal
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from crowd.imports.images import MEDIA_TYPES, ImageCleaner, ImageFacts, ImageLimits, check_image
from crowd.imports.rows import BadMedia

SECRET = b"48.8584N 2.2945E Ada Lovelace"


@pytest.fixture(scope="module")
def cleaner() -> Iterator[ImageCleaner]:
    with ImageCleaner(ImageLimits(max_pixels=4_000_000)) as made:
        yield made


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new(mode, size, 200 if mode in ("L", "P") else (200, 30, 30, 255)[: len(mode)])
    image.paste(Image.new(mode, (size[0] // 2, size[1] // 2)), (0, 0))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = SECRET.decode()
    return made.tobytes()


def cleaned(cleaner: ImageCleaner, content: bytes, place: Path) -> tuple[ImageFacts, bytes]:
    source, target = place / "source", place / "target"
    source.write_bytes(content)
    facts = cleaner.clean(source, target)
    return facts, target.read_bytes()


def refusal(cleaner: ImageCleaner, content: bytes, place: Path) -> str:
    with pytest.raises(BadMedia) as caught:
        cleaned(cleaner, content, place)
    assert not (place / "target").exists()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_format_keeps_its_pixels_and_loses_its_metadata(
    kind: str, cleaner: ImageCleaner, tmp_path: Path
) -> None:
    options: dict[str, object] = {"comment": SECRET} if kind in ("GIF", "JPEG") else {}
    if kind == "PNG":
        note = PngImagePlugin.PngInfo()
        note.add_text("Author", SECRET.decode())
        note.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options = {"pnginfo": note}
    if kind != "GIF":
        options |= {"exif": exif(1)}
    content = picture(kind, **options)
    assert SECRET in content
    facts, clean = cleaned(cleaner, content, tmp_path)
    assert SECRET not in clean
    assert (facts.format, facts.media_type) == (kind.lower(), MEDIA_TYPES[kind.lower()])
    assert (facts.width, facts.height, facts.frame_count) == (60, 40, 1)
    with Image.open(io.BytesIO(clean)) as after, Image.open(io.BytesIO(content)) as before:
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
        assert not dict(after.getexif())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_picture_on_its_side_is_stored_upright(
    kind: str, orientation: int, cleaner: ImageCleaner, tmp_path: Path
) -> None:
    facts, clean = cleaned(cleaner, picture(kind, exif=exif(orientation)), tmp_path)
    assert (facts.width, facts.height) == ((60, 40) if orientation == 3 else (40, 60))
    assert SECRET not in clean
    dark = {3: (facts.width - 4, facts.height - 4), 6: (facts.width - 4, 4), 8: (4, facts.height - 4)}
    with Image.open(io.BytesIO(clean)) as after:
        assert after.size == (facts.width, facts.height)
        assert after.getexif().get(0x0112, 1) == 1
        assert max(after.convert("RGB").getpixel(dark[orientation])) < 60  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_follows_the_end_of_a_picture_is_cut_off(
    kind: str, cleaner: ImageCleaner, tmp_path: Path
) -> None:
    _, clean = cleaned(cleaner, picture(kind) + b"<html><script>alert(1)</script>", tmp_path)
    assert b"<script" not in clean


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_animation_keeps_its_frames(kind: str, cleaner: ImageCleaner, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 120, 240)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=50, loop=0)
    facts, clean = cleaned(cleaner, buffer.getvalue(), tmp_path)
    assert facts.frame_count == 3
    with Image.open(io.BytesIO(clean)) as after:
        assert getattr(after, "n_frames", 1) == 3


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "LA", "I;16", "1"])
def test_every_mode_gets_a_thumbnail(mode: str, cleaner: ImageCleaner, tmp_path: Path) -> None:
    source, target, small = tmp_path / "source", tmp_path / "target", tmp_path / "small"
    Image.new(mode, (1200, 300)).save(source, "JPEG" if mode == "CMYK" else "PNG")
    facts = cleaner.clean(source, target, thumbnail=small)
    assert (facts.width, facts.height) == (1200, 300)
    with Image.open(small) as image:
        assert (image.format, image.size) == ("WEBP", (480, 120))


def fits() -> bytes:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
        "END",
    ]
    return "".join(card.ljust(80) for card in cards).ljust(2880).encode()


@pytest.mark.parametrize(
    "content",
    [
        fits(),
        gzip.compress(fits()),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF\n",
        b"8BPS" + struct.pack(">H6xHLLHH", 1, 3, 10, 10, 8, 3) + bytes(400),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html>" * 50,
        picture("BMP"),
        picture("TIFF"),
        picture("PPM"),
        picture("JPEG2000"),
        b"#define x_width 8\n#define x_height 8\nstatic char x_bits[] = {0};",
    ],
    ids=["fits", "fits-gzip", "eps", "psd", "svg", "html", "bmp", "tiff", "ppm", "jpeg2000", "xbm"],
)
def test_other_formats_named_png_are_refused(content: bytes, cleaner: ImageCleaner, tmp_path: Path) -> None:
    assert "PNG, JPEG, WebP or GIF" in refusal(cleaner, content, tmp_path)


def test_file_that_is_a_picture_and_a_page_is_served_as_a_picture_only(
    cleaner: ImageCleaner, tmp_path: Path
) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("x", "<html><script>alert(1)</script>")
    facts, clean = cleaned(cleaner, picture("PNG", pnginfo=note), tmp_path)
    assert facts.media_type == "image/png"
    assert b"<script" not in clean


def blank_png(width: int, height: int, *, is_coloured: bool = False) -> bytes:
    """A black picture in hardly any bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    squeezer = zlib.compressobj()
    row = bytes(1 + width * (3 if is_coloured else 1))
    rows = b"".join(squeezer.compress(row) for _ in range(height)) + squeezer.flush()
    head = struct.pack(">2L5B", width, height, 8, 2 if is_coloured else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_small_file_with_too_many_pixels_is_refused(cleaner: ImageCleaner, tmp_path: Path) -> None:
    bomb = blank_png(4000, 3000)
    assert len(bomb) < 20_000
    assert "pixels" in refusal(cleaner, bomb, tmp_path)


def test_picture_that_needs_too_much_memory_costs_only_itself(tmp_path: Path) -> None:
    with ImageCleaner(ImageLimits(memory_bytes=256 << 20)) as cleaner:
        assert cleaned(cleaner, picture("PNG"), tmp_path)[0].width == 60
        (tmp_path / "target").unlink()
        assert "memory" in refusal(cleaner, blank_png(8000, 8000, is_coloured=True), tmp_path)
        assert cleaned(cleaner, picture("PNG"), tmp_path)[0].width == 60


def test_too_many_frames_are_refused(tmp_path: Path) -> None:
    frames = [Image.new("L", (5, 5), shade) for shade in range(12)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with ImageCleaner(ImageLimits(max_frames=10)) as cleaner:
        assert "more than 10 frames" in refusal(cleaner, buffer.getvalue(), tmp_path)
    with ImageCleaner(ImageLimits(max_pixels=25)) as cleaner:
        assert "together" in refusal(cleaner, buffer.getvalue(), tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_picture_that_is_cut_off_is_refused(kind: str, cleaner: ImageCleaner, tmp_path: Path) -> None:
    noise = Image.effect_noise((200, 200), 80)
    buffer = io.BytesIO()
    noise.save(buffer, kind)
    content = buffer.getvalue()
    assert refusal(cleaner, content[: len(content) // 2], tmp_path)


def test_empty_and_large_files_are_refused_before_they_are_opened(tmp_path: Path) -> None:
    with ImageCleaner(ImageLimits(max_bytes=100)) as cleaner:
        assert refusal(cleaner, b"", tmp_path) == "The file is empty."
        assert "at most 100" in refusal(cleaner, bytes(101), tmp_path)


def test_late_child_is_killed_and_the_next_picture_gets_a_new_one(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(picture("PNG"))
    with ImageCleaner(ImageLimits(wall_seconds=0.4)) as cleaner:
        child = cleaner._child = cleaner._start()
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(BadMedia, match="too much time"):
            cleaner.clean(source, target)
        assert child.poll() is not None
    with ImageCleaner() as cleaner:
        cleaner.clean(source, target)
        first = cleaner._child
        assert first is not None
        cleaner.clean(source, target)
        assert cleaner._child is first
        first.kill()
        first.wait()
        assert cleaner.clean(source, target).width == 60


def test_child_ends_with_its_parent(tmp_path: Path) -> None:
    cleaner = ImageCleaner()
    child = cleaner._start()
    assert child.stdin is not None and child.stdout is not None
    child.stdin.close()
    due = time.monotonic() + 20
    while child.poll() is None and time.monotonic() < due:
        time.sleep(0.02)
    assert child.poll() == 0
    child.stdout.close()


def test_one_picture_can_be_checked_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(picture("JPEG"))
    assert check_image(path) == ImageFacts("jpeg", "image/jpeg", 60, 40, 1)


def test_real_microscope_pictures_pass_unchanged_in_their_pixels(
    shared_data: Path, cleaner: ImageCleaner, tmp_path: Path
) -> None:
    sources = sorted((shared_data / "bccd" / "images").iterdir())
    assert len(sources) == 60
    for source in sources:
        facts = cleaner.clean(source, tmp_path / "target", thumbnail=tmp_path / "small")
        assert (facts.format, facts.width, facts.height) == ("jpeg", 640, 480)
    with Image.open(tmp_path / "target") as after, Image.open(sources[-1]) as before:
        assert after.tobytes() == before.tobytes()

"""A real Chromium, and a small server that shows rendered task templates under the house's content policy."""

import io
import json
import math
import re
import secrets
import struct
import threading
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page

from crowd.services.rendering import render_task
from crowd.storage.task_templates import template_named

ROOT = Path(__file__).resolve().parents[2]
NONCE = "@nonce@"  # a fresh one is put in its place for every response, as the house does
POLICY = (
    f"default-src 'none'; script-src 'self' 'nonce-{NONCE}'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".txt": "text/plain"}
SHELL = """<!doctype html>
<html lang="en"{attributes}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Work</title>
<meta name="htmx-config" content='{{"extensions": "hx-csp", "includeIndicatorCSS": false, "history": false}}'>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/tokens.css">
<link rel="stylesheet" href="/static/css/app.css">
<link rel="stylesheet" href="/static/css/elements.css">
<script nonce="{nonce}" src="/static/vendor/htmx.min.js"></script>
<script nonce="{nonce}" src="/static/vendor/hx-csp.min.js"></script>
<script nonce="{nonce}" type="module" src="/static/js/work.js"></script>
</head>
<body>
<header class="top-bar"><div class="top-bar-inner"><a class="brand" href="/">Crowd</a></div></header>
{main}
</body>
</html>"""
MAIN = """<main id="work" class="work" data-assignment="{assignment}" data-seconds-left="{seconds_left}">
<div class="work-bar"><h1 class="visually-hidden">Work</h1><span><strong>What customers want</strong></span>
<span>Pays <strong class="number">$0.03</strong></span><span data-time-left></span></div>
<div class="task" hx-ignore>{task}</div>
<form id="answer-form" method="post" action="/answer" hx-post="/answer" hx-target="#work" hx-swap="outerHTML"
 hx-nonce="{nonce}"><input type="hidden" name="token" value="{assignment}"><input type="hidden" name="answer">
</form></main>"""
DONE = '<main id="work" class="work"><h2>Nothing left to do</h2></main>'


@dataclass
class Site:
    """What the server shows: tasks in order, one after another; and what it was sent."""

    address: str
    tasks: list[str] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    seconds_left: int = 300
    html_attributes: str = ""
    failures: list[int] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def main(self) -> str:
        place = len(self.answers)
        if place >= len(self.tasks):
            return DONE
        return MAIN.format(
            assignment=f"a{place}", task=self.tasks[place], nonce=NONCE, seconds_left=self.seconds_left
        )

    def page(self) -> str:
        return SHELL.format(main=self.main(), nonce=NONCE, attributes=self.html_attributes)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        site = self.server.site
        site.requested.append(self.path)
        if path.startswith("/static/"):
            file = ROOT / path.lstrip("/")
            self._send(TYPES[file.suffix], file.read_bytes())
        elif path in site.media:
            self._send_media(*site.media[path])
        elif path == "/":
            self._send("text/html; charset=utf-8", site.page().encode())
        else:
            self._send("text/html", b"Not here", status=404)

    def do_POST(self) -> None:
        site = self.server.site
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        if site.failures:
            self._send("text/html", b"<h1>Bad gateway</h1>", status=site.failures.pop(0))
            return
        site.answers.append(json.loads(form["answer"][0]))
        self._send("text/html; charset=utf-8", site.main().encode())

    def _send_media(self, content_type: str, content: bytes) -> None:
        """Whole, or the range asked for: without ranges a browser cannot seek."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            self._send(content_type, content)
            return
        start = int(asked[1])
        end = min(int(asked[2] or len(content) - 1), len(content) - 1)
        extra = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
        self._send(content_type, content[start : end + 1], status=206, extra=extra)

    def _send(
        self, content_type: str, content: bytes, *, status: int = 200, extra: Mapping[str, str] | None = None
    ) -> None:
        nonce = secrets.token_urlsafe(16)
        content = content.replace(NONCE.encode(), nonce.encode())
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY.replace(NONCE, nonce))
        self.send_header("Accept-Ranges", "bytes")
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


@pytest.fixture
def site() -> Iterator[Site]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = Site(f"http://127.0.0.1:{server.server_address[1]}/")
    server.site.media["/media/tone"] = ("audio/wav", tone())
    server.site.media["/media/picture"] = ("image/png", picture())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(5000)
    yield context
    context.close()


@dataclass
class Complaints:
    """What the browser held against a page: console errors, exceptions and policy violations."""

    texts: list[str] = field(default_factory=list)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Iterator[Page]:
    """A page that fails its test when the browser complains about anything the test has not taken out."""
    page = context.new_page()
    page.on(
        "console", lambda message: complaints.texts.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: complaints.texts.append(str(error)))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error(e.violatedDirective, e.sample))"
    )
    yield page
    assert complaints.texts == []


Renderer = Callable[..., str]


@pytest.fixture
def rendered() -> Renderer:
    """Renders a task template by name with defaults: rendered(name, parameters={…}, **inputs)."""

    def render(name: str, parameters: Mapping[str, object] | None = None, **inputs: object) -> str:
        template = template_named(ROOT / "task_templates", name)
        given = {"text": "The parcel never came.", "image": "/media/picture", "audio": "/media/tone"}
        peaks = {"audio_peaks": [abs(math.sin(step / 9)) * (step % 17) / 17 for step in range(300)]}
        return render_task(
            template, given | peaks | inputs, template.default_parameters() | dict(parameters or {})
        )

    return render


def tone(seconds: float = 4.0, rate: int = 8000) -> bytes:
    """A spoken-length recording: a quiet tone that swells and fades."""
    samples = (
        int(8000 * math.sin(step / 6) * abs(math.sin(step / rate * 2))) for step in range(int(seconds * rate))
    )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def picture() -> bytes:
    """A drawn cup, so that there is something to look at."""
    image = Image.new("RGB", (640, 480), "#dfe7ef")
    pencil = ImageDraw.Draw(image)
    pencil.ellipse((380, 180, 500, 320), outline="#8a5a2b", width=22)
    pencil.rounded_rectangle((200, 130, 420, 380), 30, fill="#b3723a")
    pencil.ellipse((200, 105, 420, 160), fill="#5b3516")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

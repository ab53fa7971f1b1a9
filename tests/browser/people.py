"""A person at a browser: what everybody does there, whatever her role."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

PASSWORD = "a sentence is easy to remember"
PATIENCE = 30_000  # milliseconds; only a failing test waits so long
MOST_TABS = 60


class Person:
    """Somebody with a browser of her own."""

    def __init__(self, chromium: Browser, address: str, name: str) -> None:
        self.name, self.complaints = name, list[str]()
        self.context = chromium.new_context(
            base_url=address, viewport={"width": 1280, "height": 800}, accept_downloads=True
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: self._hear(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._hear(str(error)))

    def _hear(self, complaint: str) -> None:
        self.complaints.append(f"{self.page.url}: {complaint}")

    def open_account(self, path: str) -> None:
        """Fill in the form for a new account, and be signed in."""
        page = self.page
        page.goto(path)
        page.get_by_label("Name", exact=True).fill(self.name)
        page.get_by_label("E-mail address").fill(f"{self.name.split()[0].lower()}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Open the account").click()
        expect(page.get_by_role("link", name=self.name)).to_be_visible()

    def go(self, *links: str) -> None:
        """Follow links by what they say."""
        for link in links:
            self.page.get_by_role("link", name=link, exact=True).first.click()

    def tab_to(self, wanted: Locator) -> None:
        """Come to something by the Tab key alone."""
        for _ in range(MOST_TABS):
            if wanted.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is not reached by {MOST_TABS} Tabs at {self.page.url}")

    def fetched(self, address: str) -> bytes:
        """The bytes that her browser shows or plays."""
        answer = self.page.request.get(urljoin(self.page.url, address))
        assert answer.ok, f"{answer.status} {address}"
        return answer.body()

    def picture(self, name: str) -> None:
        """Keep what she sees, in few colours, where the environment asks for it."""
        directory = os.environ.get("CROWD_TEST_SCREENSHOTS", "")
        if not directory:
            return
        Path(directory).mkdir(parents=True, exist_ok=True)
        with Image.open(BytesIO(self.page.screenshot(animations="disabled"))) as seen:
            few = seen.convert("RGB").quantize(128, dither=Image.Dither.NONE)
            few.save(Path(directory) / f"{name}.png", optimize=True)

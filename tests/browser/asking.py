"""What the admin and the requester do: let people in, add money, upload, ask, launch, take home."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from crowd.domain.pay import format_amount
from tests.browser.material import Material
from tests.browser.people import Person
from tests.waiting import await_until

OVERLAP = 3
REWARD_MICROS = 60_000
RULES = {
    "Answers per task": str(OVERLAP),
    "Disputed below a confidence of": "70",
    "Reward per answer": "0.06",
    "Estimated time per answer": "20",
    "Approve by itself after": "0",
    "Judge a worker after": "2",
    "Pause below a trust of": "60",
}


@dataclass(frozen=True)
class Asked:
    """A launched project, and by which bytes its items are known to whoever sees or hears them."""

    material: Material
    public_id: str
    keys: dict[str, str]  # a text, or the SHA-256 of a picture or recording -> the item's key


def invitation(admin: Person, role: str) -> str:
    """The path of a link that gives a role."""
    admin.go("Users")
    admin.page.get_by_label("Role", exact=True).select_option(label=role)
    admin.page.get_by_role("button", name="Make a link").click()
    return urlsplit(admin.page.locator(".notice code").inner_text()).path


def add_money(admin: Person, requester: Person, amount: str) -> None:
    """Fill a requester's budget."""
    admin.go("Payouts", "Add money")
    options = admin.page.get_by_label("Requester").locator("option")
    admin.page.get_by_label("Requester").select_option(
        options.filter(has_text=requester.name).get_attribute("value")
    )
    admin.page.get_by_label("Amount").fill(amount)
    admin.page.get_by_label("Reason").fill("Payment 1")
    admin.page.get_by_role("button", name="Add the money").click()
    expect(admin.page.get_by_role("status")).to_contain_text(requester.name)


def upload(requester: Person, material: Material) -> dict[str, str]:
    """Upload a file, wait for its report, and learn how each item looks or sounds."""
    page = requester.page
    requester.go("Datasets", "Upload a dataset")
    page.get_by_label("File", exact=True).set_input_files(material.file)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Ready: every item can be used.")).to_be_visible()
    for name, figure in {
        "Rows read": len(material.rows),
        "Kept as items": len(material.rows),
        "Refused": 0,
    }.items():
        expect(page.locator(f"dt:text-is('{name}') + dd")).to_have_text(str(figure))
    if not material.has_media:
        return {row["text"]: row["id"] for row in material.rows}
    shown = page.locator(
        "#items article, #items tbody tr, section[aria-labelledby=items] :is(article, tbody tr)"
    )
    expect(shown).to_have_count(len(material.rows))
    return {_media_hash(requester, one): _key_in(one, material) for one in shown.all()}


def _media_hash(requester: Person, one: Locator) -> str:
    recording = one.locator("crowd-audio")
    source = recording.get_attribute("src") if recording.count() else one.locator("a").get_attribute("href")
    return sha256(requester.fetched(source or "")).hexdigest()


def _key_in(one: Locator, material: Material) -> str:
    said = one.inner_text()
    return next(key for key in material.truth if key in said)


def launch(requester: Person, material: Material, keys: dict[str, str], *, gold_percent: int) -> Asked:
    """Go through the wizard, read what it costs, launch everything, and wait for the tasks."""
    page = requester.page
    requester.go("Projects", "New project")
    page.locator(f"input[name=template][value={material.template}]").check()
    page.get_by_role("button", name="Continue").click()
    _ask(page, material)
    expect(page.get_by_label("Guidelines", exact=True)).not_to_be_empty()
    page.get_by_role("button", name="Save and continue").click()
    for label, value in (RULES | {"Share of gold tasks": str(gold_percent)}).items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Stop early when the answer is sure").uncheck()
    page.get_by_role("button", name="Save and continue").click()
    _read_the_cost(page, material)
    page.get_by_role("radio", name=re.compile("^Everything")).check()
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_text("Launched.")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text(f"0 of {len(material.rows)} tasks settled")
    return Asked(material, urlsplit(page.url).path.rsplit("/", 1)[1], keys)


def _ask(page: Page, material: Material) -> None:
    page.get_by_label("Project title").fill(material.title)
    page.get_by_label("Question").fill(material.question)
    if material.labels:
        page.get_by_label("Labels").fill("\n".join(material.labels))
    else:
        page.get_by_label("Summary (optional)").fill("Listen to one spoken sentence and write it down.")
    if not material.has_media:
        page.get_by_label("Column for “text”").select_option("text")
    page.get_by_label("Column with gold answers").select_option("gold")
    page.get_by_role("button", name="Save and continue").click()


def _read_the_cost(page: Page, material: Material) -> None:
    """What the last step says of items, gold, money and wage."""
    cost = format_amount(len(material.rows) * OVERLAP * REWARD_MICROS, "USD")
    figures = {
        "Items": str(len(material.rows)),
        "Gold answers": str(len(material.gold_keys)),
        "Reward": format_amount(REWARD_MICROS, "USD"),
        "Hourly wage": format_amount(REWARD_MICROS * 180, "USD"),
    }
    for name, figure in figures.items():
        expect(page.locator(f"dt:text-is('{name}') + dd")).to_have_text(figure)
    for name in ("Cost at the plain reward", "Set aside, at the highest tier"):
        expect(page.locator(f"tr:has(th:text-is('{name}')) td").nth(1)).to_have_text(cost)


def take_home(requester: Person, asked: Asked, place: Path) -> dict[str, Path]:
    """Make a release in each format and download it; the hash shown is the file's. By format."""
    page = requester.page
    page.goto(f"/projects/{asked.public_id}/releases")
    for title in ("CSV", "JSON Lines"):
        page.get_by_role("radio", name=re.compile(f"^{title}")).check()
        page.get_by_role("button", name="Make the release").click()
    expect(page.get_by_role("link", name=re.compile("^Download release"))).to_have_count(2)
    found = {}
    for row in page.locator("#rows tbody tr").all():
        with page.expect_download() as started:
            row.get_by_role("link", name=re.compile("^Download")).click()
        path = place / started.value.suggested_filename
        started.value.save_as(path)
        assert sha256(path.read_bytes()).hexdigest() == row.locator("code.hash").inner_text()
        found[path.suffix[1:]] = path
    return found


def await_consensus(manager: Person, asked: Asked) -> None:
    """Look at a project's page until every consensus stands on all answers given."""
    page = manager.page
    page.goto(f"/quality/{asked.public_id}")
    done = page.get_by_text("Every consensus stands on all answers given.")

    def is_done() -> bool:
        if done.count():
            return True
        page.reload()
        return bool(done.count())

    await_until(is_done)

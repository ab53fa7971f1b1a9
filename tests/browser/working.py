"""What a worker does: find a project by keyboard, and answer one task after another by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from playwright.sync_api import expect

from tests.browser.asking import Asked
from tests.browser.people import Person
from tests.waiting import await_until

Opinion = Callable[[str], str]  # what somebody answers about the item of this key


def begin(worker: Person, asked: Asked) -> None:
    """From the task list to the first task."""
    worker.page.goto("/tasks")
    start = worker.page.get_by_role("button", name=f"Start {asked.material.title}")
    worker.tab_to(start)
    worker.page.keyboard.press("Enter")
    expect(worker.page.locator("#work")).to_contain_text(asked.material.title)


def in_hand(worker: Person) -> str:
    """The task in hand; empty when there is none."""
    return worker.page.locator("#work").get_attribute("data-assignment") or ""


def seen(worker: Person, asked: Asked) -> str:
    """Which item the task shows, known by its words, or by the bytes of its picture or recording."""
    task = worker.page.locator("#work .task")
    shown = task.locator(".task-text, img.crowd-picture, crowd-audio")
    expect(shown).to_be_visible()
    if not asked.material.has_media:
        return asked.keys[shown.inner_text()]
    source = shown.get_attribute("src") or ""
    return asked.keys[sha256(worker.fetched(source)).hexdigest()]


def enter(worker: Person, asked: Asked, answer: str) -> None:
    """Give the answer by its key, or listen and type it; nothing is sent yet."""
    page = worker.page
    if asked.material.labels:
        expect(page.get_by_role("radiogroup")).to_be_focused()
        page.keyboard.press(str(1 + asked.material.labels.index(answer)))
        expect(page.get_by_role("radio", name=answer)).to_be_checked()
        return
    expect(page.get_by_label("What is said")).to_be_focused()
    expect(page.get_by_label("What is said")).to_have_value("")
    page.keyboard.press("Control+Space")
    await_until(lambda: page.locator(".task audio").evaluate("(sound) => sound.currentTime > 0"))
    page.keyboard.type(answer)


def send(worker: Person, asked: Asked) -> None:
    """Send what was entered, and see the next task, or that there is none."""
    before = in_hand(worker)
    worker.page.keyboard.press("Enter" if asked.material.labels else "Control+Enter")
    expect(worker.page.locator(f'#work[data-assignment="{before}"]')).to_have_count(0)


def answer_everything(worker: Person, asked: Asked, opinion: Opinion, *, picture: str = "") -> list[str]:
    """Work until nothing is left for her; the keys of the items answered, in order."""
    begin(worker, asked)
    answered = []
    while in_hand(worker):
        answered.append(seen(worker, asked))
        enter(worker, asked, opinion(answered[-1]))
        if len(answered) == 2 and picture:
            worker.picture(picture)
        send(worker, asked)
    expect(worker.page.get_by_role("heading", name="You have done all there is for you here")).to_be_focused()
    return answered

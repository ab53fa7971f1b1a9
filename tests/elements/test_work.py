"""The work page in a real browser: answered by keyboard alone, under the strict policy, losing nothing."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.elements.conftest import ROOT, Complaints, Renderer, Site
from tests.xss_payloads import PAYLOADS

pytestmark = pytest.mark.browser

AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
TEMPLATES = ["text-classification", "image-classification", "audio-transcription"]


def is_playing(page: Page) -> bool:
    return page.evaluate("() => !document.querySelector('audio').paused")


def heard(page: Page) -> float:
    return page.evaluate("() => document.querySelector('audio').currentTime")


def done(page: Page) -> None:
    expect(page.get_by_role("heading", name="Nothing left to do")).to_be_focused()


def test_texts_are_labelled_with_two_keys_each(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("text-classification", text=text) for text in ("Good", "Bad")]
    page.goto(site.address)
    expect(page.get_by_role("radiogroup")).to_be_focused()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Positive")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator(".task-text")).to_have_text("Bad")
    expect(page.get_by_role("radiogroup")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    done(page)
    assert site.answers == [{"category": {"label": "Positive"}}, {"category": {"label": "Negative"}}]


def test_a_picture_is_labelled_by_keyboard(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("image-classification")]
    page.goto(site.address)
    expect(page.get_by_role("img")).to_be_visible()
    page.wait_for_function("() => document.querySelector('img').naturalWidth === 640")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    done(page)
    assert site.answers == [{"category": {"label": "Dog"}}]


def test_a_recording_is_written_down_without_leaving_the_text(
    page: Page, site: Site, rendered: Renderer
) -> None:
    site.tasks = [rendered("audio-transcription")]
    page.goto(site.address)
    area = page.get_by_role("textbox", name="What is said")
    expect(area).to_be_focused()
    page.wait_for_function("() => document.querySelector('audio').readyState >= 2")
    page.keyboard.press("Control+Space")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    page.keyboard.press("Control+Space")
    assert not is_playing(page)
    page.evaluate("() => { document.querySelector('audio').currentTime = 3 }")
    page.keyboard.press("Control+ArrowLeft")
    assert heard(page) == pytest.approx(1)
    page.keyboard.press("Control+ArrowUp")
    expect(page.locator(".audio-rate")).to_have_text("1.25×")
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Control+ArrowDown")
    expect(page.locator(".audio-rate")).to_have_text("0.75×")
    page.keyboard.press("Control+Shift+Space")
    assert heard(page) < 0.9
    page.keyboard.type("Please water?")
    page.keyboard.press("Enter")
    page.keyboard.type("the plants 1")
    expect(area).to_be_focused()
    page.keyboard.press("Control+Enter")
    done(page)
    assert site.answers == [{"transcription": "Please water?\nthe plants 1"}]


def test_the_waveform_is_a_slider(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("audio-transcription")]
    page.goto(site.address)
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    slider = page.get_by_role("slider", name="Position in the recording")
    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert heard(page) == pytest.approx(2, abs=0.1)
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"0:0[12]\.\d of 0:04\.0"))
    page.keyboard.press("Home")
    assert heard(page) == 0


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_empty_answer_is_not_sent_and_says_what_is_missing(
    page: Page, site: Site, rendered: Renderer, name: str
) -> None:
    site.tasks = [rendered(name)]
    page.goto(site.address)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".error-message")).to_have_text(re.compile("to go on"))
    wrong = page.locator("[aria-invalid=true]")
    expect(wrong).to_have_attribute(
        "aria-describedby", page.locator(".error-message").get_attribute("id") or ""
    )
    expect(wrong).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator(".error-message")).to_have_count(0)
    assert site.answers == []


@pytest.mark.parametrize(("name", "key"), [("text-classification", "2"), ("audio-transcription", "x")])
def test_a_draft_comes_back_after_a_reload_and_goes_with_the_answer(
    page: Page, site: Site, rendered: Renderer, name: str, key: str
) -> None:
    site.tasks = [rendered(name), rendered(name)]
    page.goto(site.address)
    page.keyboard.press(key)
    page.reload()
    restored = page.get_by_role("radio", name="Neutral") if key == "2" else page.get_by_role("textbox")
    expect(restored).to_be_checked() if key == "2" else expect(restored).to_have_value("x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#work")).to_have_attribute("data-assignment", "a1")
    assert (
        page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('crowd.draft'))") == []
    )
    assert len(site.answers) == 1


def test_an_answer_that_did_not_arrive_is_kept_and_sent_again(
    page: Page, site: Site, rendered: Renderer, complaints: Complaints
) -> None:
    site.tasks = [rendered("text-classification")]
    site.failures = [502]
    page.goto(site.address)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing is lost")
    expect(page.get_by_role("radio", name="Negative")).to_be_checked()
    page.get_by_role("button", name="Send again").click()
    done(page)
    assert site.answers == [{"category": {"label": "Negative"}}]
    complaints.texts = [text for text in complaints.texts if "502" not in text]


def test_an_answer_given_offline_is_sent_when_the_line_is_back(
    page: Page, context: BrowserContext, site: Site, rendered: Renderer, complaints: Complaints
) -> None:
    site.tasks = [rendered("text-classification")]
    page.goto(site.address)
    context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("You are offline")
    context.set_offline(False)
    done(page)
    assert site.answers == [{"category": {"label": "Positive"}}]
    complaints.texts = [
        text for text in complaints.texts if "Failed to" not in text and "INTERNET" not in text
    ]


def test_someone_signed_out_keeps_the_answer(
    page: Page, site: Site, rendered: Renderer, complaints: Complaints
) -> None:
    site.tasks = [rendered("text-classification")]
    site.failures = [403]
    page.goto(site.address)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    page.get_by_role("link", name="Reload this page").click()
    expect(page.get_by_role("radio", name="Neutral")).to_be_checked()
    complaints.texts = [text for text in complaints.texts if "403" not in text]


def test_a_held_or_doubled_enter_sends_one_answer(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("text-classification"), rendered("text-classification")]
    page.goto(site.address)
    page.keyboard.press("1")
    page.evaluate(
        "() => { const form = document.querySelector('crowd-form'); form.submit(); form.submit(); }"
    )
    expect(page.locator("#work")).to_have_attribute("data-assignment", "a1")
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert len(site.answers) == 1


def test_keys_pressed_while_an_answer_is_on_its_way_change_nothing(
    page: Page, site: Site, rendered: Renderer
) -> None:
    site.tasks = [rendered("text-classification"), rendered("text-classification")]
    page.goto(site.address)
    page.evaluate(
        "() => document.addEventListener('crowd-submit', (e) => e.stopImmediatePropagation(), true)"
    )
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="Positive")).to_be_checked()


def test_one_key_shortcuts_can_be_switched_off(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("text-classification")]
    page.goto(site.address)
    page.keyboard.press("?")
    expect(page.get_by_role("region", name="Keys")).to_be_focused()
    page.get_by_role("checkbox", name="One-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Positive")).not_to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    done(page)


def test_fifty_labels_have_fifty_keys(page: Page, site: Site, rendered: Renderer) -> None:
    labels = [f"Label {number}" for number in range(50)]
    site.tasks = [rendered("text-classification", {"labels": labels}) for _ in range(3)]
    page.goto(site.address)
    for place, key in enumerate(("9", "a", "Shift+O")):
        expect(page.locator("#work")).to_have_attribute("data-assignment", f"a{place}")
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    done(page)
    assert [answer["category"] for answer in site.answers] == [{"label": labels[at]} for at in (8, 9, 49)]


def test_an_answer_quicker_than_htmx_still_goes_by_htmx(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("text-classification") for _ in range(3)]
    page.goto(site.address)
    page.evaluate(
        """() => new MutationObserver((_changes, observer) => {
          const form = document.querySelector("#work[data-assignment='a1'] crowd-form");
          if (!form) return;
          observer.disconnect();
          document.dispatchEvent(new KeyboardEvent("keydown", {key: "1", bubbles: true}));
          form.submit();
        }).observe(document.body, {childList: true, subtree: true})"""
    )
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#work")).to_have_attribute("data-assignment", "a2")
    assert page.url == site.address


def test_the_time_left_is_counted_and_announced_once_it_is_short(
    page: Page, site: Site, rendered: Renderer
) -> None:
    site.tasks, site.seconds_left = [rendered("text-classification")], 122
    page.clock.install()
    page.goto(site.address)
    expect(page.locator("[data-time-left]")).to_have_text("2:02 left")
    page.clock.run_for(3000)
    expect(page.get_by_role("status").filter(has_text="Two minutes left.")).to_have_count(1)
    page.clock.run_for(120_000)
    expect(page.get_by_role("alert")).to_contain_text("The time for this task is up")


@pytest.mark.parametrize("name", TEMPLATES)
def test_hostile_words_stay_words_in_the_browser(
    page: Page, site: Site, rendered: Renderer, name: str
) -> None:
    every = [
        rendered(name, {"question": payload, "reminder": payload, "labels": [payload, "Other"]}, text=payload)
        for payload in PAYLOADS
    ]
    site.tasks = [f"<div>{''.join(every)}</div>"]
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(site.address)
    expect(page.locator(".crowd-header")).to_have_count(len(PAYLOADS))
    page.evaluate("() => htmx.process(document.body)")
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.__canary === undefined")
    assert not [path for path in site.requested if "canary" in path]
    shown = page.locator(".crowd-header").all_text_contents()
    assert [words.replace("\r", "") for words in shown] == PAYLOADS


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, site: Site, rendered: Renderer, name: str, scheme: str) -> None:
    site.tasks = [rendered(name)]
    site.html_attributes = f' data-theme="{scheme}"'
    page.goto(site.address)
    page.keyboard.press("Control+Enter")
    page.evaluate(AXE)
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = page.evaluate("(options) => axe.run(document, options)", tags)["violations"]
    assert [(entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found] == []


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_narrow_screen_needs_no_sideways_scrolling_and_has_room_for_fingers(
    page: Page, site: Site, rendered: Renderer, name: str, direction: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    site.tasks = [rendered(name, text="Donaudampfschifffahrtsgesellschaftskapitän" * 5)]
    site.html_attributes = f' dir="{direction}"'
    page.goto(site.address)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    boxes = [target.bounding_box() for target in page.locator(".task :is(.choice, button, textarea)").all()]
    assert all(box and box["width"] >= 24 and box["height"] >= 24 for box in boxes)


def test_typed_words_do_not_follow_into_the_next_task(page: Page, site: Site, rendered: Renderer) -> None:
    site.tasks = [rendered("audio-transcription"), rendered("audio-transcription")]
    page.goto(site.address)
    for place, words in enumerate(("Seven boats.", "A fox.")):
        expect(page.locator("#work")).to_have_attribute("data-assignment", f"a{place}")
        expect(page.get_by_label("What is said")).to_be_focused()
        expect(page.get_by_label("What is said")).to_have_value("")
        page.keyboard.type(words)
        page.keyboard.press("Control+Enter")
    done(page)
    assert [answer["transcription"] for answer in site.answers] == ["Seven boats.", "A fox."]

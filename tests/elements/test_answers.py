"""The JSON that each element answers with is the one that the field documents."""

import pytest
from playwright.sync_api import Page, expect

from tests.elements.conftest import Site

pytestmark = pytest.mark.browser


def answer(page: Page, site: Site, markup: str, act: str = "() => {}") -> object:
    """The answer to a form with this markup, after `act` has run in the page."""
    site.tasks = [f"<crowd-form>{markup}</crowd-form>"]
    site.answers.clear()
    page.goto(site.address)
    page.evaluate(act)
    page.evaluate("() => document.querySelector('crowd-form').submit()")
    expect(page.locator("h2", has_text="Nothing left to do")).to_be_visible()
    return site.answers[0]


def test_a_classifier_answers_with_its_label(page: Page, site: Site) -> None:
    markup = """<crowd-classifier name="mood" header="Mood?" categories='["Glad", "Sad"]'>
      <classification-target>Text</classification-target><short-instructions>Short</short-instructions>
      <full-instructions header="All about it">Full</full-instructions></crowd-classifier>"""
    assert answer(page, site, markup, "() => document.querySelectorAll('input')[1].click()") == {
        "mood": {"label": "Sad"}
    }


def test_an_image_classifier_answers_with_label_and_comment(page: Page, site: Site) -> None:
    markup = """<crowd-image-classifier name="kind" src="/media/picture" header="?" categories='["A", "B"]'
      overlay='{"boundingBox": {"value": [{"label": "A", "left": 5, "top": 5, "width": 50, "height": 40}]}}'>
      <worker-comment header="Say why" link-text="Comment" placeholder="…"></worker-comment>
      </crowd-image-classifier>"""
    act = """() => { document.querySelector('input').click();
      document.querySelector('textarea').value = ' blurred ' }"""
    assert answer(page, site, markup, act) == {"kind": {"label": "A", "workerComment": "blurred"}}


def test_an_overlay_is_drawn_over_the_picture(page: Page, site: Site) -> None:
    site.tasks = [
        """<crowd-form><crowd-image-classifier name="k" src="/media/picture" header="?" categories='["A"]'
      overlay='{"boundingBox": {"value": [{"label": "Cup", "left": 5, "top": 5, "width": 9, "height": 9}]}}'>
        </crowd-image-classifier></crowd-form>"""
    ]
    page.goto(site.address)
    expect(page.locator("svg.crowd-overlay text")).to_have_text("Cup")


def test_radio_buttons_answer_each_under_their_own_name(page: Page, site: Site) -> None:
    markup = """<crowd-radio-group><crowd-radio-button name="btn1" value="yes">Yes</crowd-radio-button>
      <crowd-radio-button name="btn2" value="no" checked>No</crowd-radio-button></crowd-radio-group>
      <crowd-radio-button name="plain">Plain</crowd-radio-button>"""
    assert answer(page, site, markup, "() => document.querySelector('input').click()") == {
        "btn1": {"yes": True},
        "btn2": {"no": False},
        "plain": False,
    }


def test_radio_buttons_of_one_name_share_an_object(page: Page, site: Site) -> None:
    markup = """<crowd-radio-group><crowd-radio-button name="q" value="yes">Yes</crowd-radio-button>
      <crowd-radio-button name="q" value="no">No</crowd-radio-button></crowd-radio-group>"""
    assert answer(page, site, markup, "() => document.querySelector('input').click()") == {
        "q": {"yes": True, "no": False}
    }


def test_a_text_area_answers_with_its_text(page: Page, site: Site) -> None:
    markup = """<crowd-text-area name="words" value="Given" label="Words" rows="2" max-rows="4" char-counter
      max-length="40"></crowd-text-area>"""
    assert answer(page, site, markup) == {"words": "Given"}


def test_a_text_area_drops_what_its_pattern_does_not_allow(page: Page, site: Site) -> None:
    site.tasks = [
        """<crowd-form><crowd-text-area name="n" allowed-pattern="[0-9]" auto-validate auto-focus char-counter
        max-length="6" error-message="Digits only, please."></crowd-text-area></crowd-form>"""
    ]
    page.goto(site.address)
    page.keyboard.type("1a2")
    expect(page.get_by_role("textbox")).to_have_value("12")
    page.keyboard.press("x")
    expect(page.get_by_text("Digits only, please.")).to_be_visible()
    page.keyboard.type("345678")
    expect(page.get_by_role("textbox")).to_have_value("123456")
    expect(page.locator(".char-counter")).to_have_text("0 characters left")


def test_repeated_names_keep_every_value(page: Page, site: Site) -> None:
    markup = """<label>1<input name="tag" value="a"></label><label>2<input name="tag" value="b"></label>
      <label>c<input type="checkbox" name="box" value="x" checked></label>
      <label>d<input type="checkbox" name="box" value="y"></label>
      <label>e<input type="radio" name="one" value="r"></label>
      <label>f<input type="radio" name="one" value="s" checked></label>
      <label>g<select name="many" multiple><option selected>p</option><option selected>q</option></select>
      </label>
      <crowd-text-area name="t" label="t" value="1"></crowd-text-area>
      <crowd-text-area name="t" label="t" value="2"></crowd-text-area>
      <label>h<input name="__proto__" value="z"></label><button name="go" value="now">Go</button>"""
    site.tasks = [f"<crowd-form>{markup}</crowd-form>"]
    page.goto(site.address)
    page.get_by_role("button", name="Go").click()
    expect(page.locator("h2", has_text="Nothing left to do")).to_be_visible()
    assert site.answers == [
        {
            "t": ["1", "2"],
            "tag": ["a", "b"],
            "box": ["x"],
            "one": "s",
            "many": ["p", "q"],
            "__proto__": "z",
            "go": "now",
        }
    ]


def test_flattened_answers_have_dotted_names(page: Page, site: Site) -> None:
    markup = """<crowd-classifier name="mood" header="?" categories='["Glad"]'></crowd-classifier>
      <crowd-text-area name="why" label="Why" value="x"></crowd-text-area>"""
    site.tasks = [f'<crowd-form answer-format="flatten-objects">{markup}</crowd-form>']
    page.goto(site.address)
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h2", has_text="Nothing left to do")).to_be_visible()
    assert site.answers == [{"mood.label": "Glad", "why": "x"}]


def test_a_form_with_its_own_button_gets_no_second_one(page: Page, site: Site) -> None:
    markup = '<crowd-text-area name="t" label="t" value="v"></crowd-text-area>'
    button = '<crowd-button form-action="submit" variant="primary">Send it</crowd-button>'
    site.tasks = [f"<crowd-form>{markup}{button}</crowd-form>"]
    page.goto(site.address)
    expect(page.locator("button[type=submit]")).to_have_count(1)
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("h2", has_text="Nothing left to do")).to_be_visible()
    assert site.answers == [{"t": "v"}]


def test_a_missing_native_field_is_named_and_focused(page: Page, site: Site) -> None:
    site.tasks = ['<crowd-form><label>Name <input name="n" required></label></crowd-form>']
    page.goto(site.address)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Fill this in to go on.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="Nothing left to do")).to_be_visible()
    assert site.answers == [{"n": "Ada"}]


def test_instructions_show_the_summary_and_fold_the_rest(page: Page, site: Site) -> None:
    site.tasks = [
        """<crowd-form><crowd-instructions link-text="More"><short-summary>Be kind.</short-summary>
        <detailed-instructions>Always.</detailed-instructions><positive-example>Like so</positive-example>
        <negative-example>Not so</negative-example></crowd-instructions></crowd-form>"""
    ]
    page.goto(site.address)
    expect(page.get_by_text("Be kind.")).to_be_visible()
    expect(page.get_by_text("Always.")).to_be_hidden()
    page.get_by_text("More").click()
    expect(page.get_by_role("heading", name="Bad example")).to_be_visible()


def test_a_button_never_links_to_a_script(page: Page, site: Site) -> None:
    site.tasks = ['<crowd-form><crowd-button href="javascript:alert(1)">x</crowd-button></crowd-form>']
    page.goto(site.address)
    expect(page.locator("crowd-button a")).not_to_have_attribute("href", "javascript:alert(1)")


def test_a_cancelled_submission_leaves_the_form_open(page: Page, site: Site) -> None:
    site.tasks = ['<crowd-form><crowd-text-area name="t" label="t" value="v"></crowd-text-area></crowd-form>']
    page.goto(site.address)
    count = page.evaluate(
        """() => { let count = 0; const form = document.querySelector('crowd-form');
        form.addEventListener('crowd-submit', (event) => {
          count += 1; event.preventDefault(); event.stopPropagation(); });
        form.submit(); form.submit(); return count; }"""
    )
    assert count == 2

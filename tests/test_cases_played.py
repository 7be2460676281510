"""Every case in the built book, played in Chromium to each ending by mouse and by keyboard, and on paper."""

import gzip
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from built_site import HTML, visit
from informal_ict.vignettes.load import load_vignette, slugs
from informal_ict.vignettes.model import Vignette
from informal_ict.vignettes.path_codes import encode

LETTERS = "ABCD"
CASES = slugs()


def way_to(vignette: Vignette, ending: str) -> str:
    """The letters of the first way through the case that reaches an ending."""
    ways = [(vignette.start, "")]
    for name, letters in ways:
        if name == ending:
            return letters
        ways += [(choice.next, letters + letter) for letter, choice in vignette.nodes[name].lettered]
    raise AssertionError(f"nothing leads to {ending}")


def by_mouse(page: Page, scene: Locator, place: int) -> None:
    scene.get_by_role("radio").nth(place).click()


def by_keyboard(page: Page, scene: Locator, place: int) -> None:
    scene.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    for _ in range(place):
        page.keyboard.press("ArrowDown")


def shown_scenes(page: Page) -> Locator:
    return page.locator(".ict-vignette").first.get_by_role("radiogroup").filter(visible=True)


@pytest.mark.parametrize("slug", CASES)
def test_case_is_played_to_every_ending(site, browser, slug):
    vignette = load_vignette(slug)
    with visit(browser, f"{site}/chapters/cases/{slug}.html") as seen:
        if vignette.content_note:
            note = seen.page.locator(".ict-content-note")
            expect(note.get_by_role("link")).to_have_attribute(
                "href", f"{vignette.content_note.instead}.html"
            )
            expect(seen.page.locator(".ict-vignette")).to_be_hidden()
            opener = seen.page.locator(".ict-opens > summary")
            opener.focus()
            seen.page.keyboard.press("Enter")
        expect(seen.page.locator(".ict-vignette").first).to_be_visible()
        expect(seen.page.locator(".ict-path-code")).to_be_hidden()
        ends = [(name, node) for name, node in vignette.nodes.items() if node.is_ending]
        # A click and a key choose the same radio button, so both need not go to every ending.
        for choose, (name, node) in [(by_mouse, end) for end in ends] + [(by_keyboard, ends[0])]:
            way = way_to(vignette, name)
            for number, letter in enumerate(way):
                scene = shown_scenes(seen.page).nth(number)
                choose(seen.page, scene, LETTERS.index(letter))
                expect(scene.get_by_role("radio").nth(LETTERS.index(letter))).to_be_checked()
            case = seen.page.locator(".ict-vignette").first
            ending = case.locator(".ict-ending").filter(visible=True)
            expect(ending).to_have_count(1)
            assert _plain(node.title) in _plain(ending.text_content() or "")
            expect(case.locator(".ict-consequence").filter(visible=True)).to_have_count(len(way))
            expect(seen.page.locator(".ict-path-code code")).to_have_text(encode(vignette, way))
        prints_whole(seen.page, vignette)


def prints_whole(page: Page, vignette: Vignette) -> None:
    """On paper the played form is gone and every choice of the printed form stands open."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".ict-vignette").first).to_be_hidden()
    expect(page.locator(".ict-path-code")).to_be_hidden()
    options = page.locator("details.ict-option")
    expect(options).to_have_count(sum(len(node.choices) for node in vignette.nodes.values()))
    expect(options.filter(visible=True)).to_have_count(options.count())
    expect(page.locator("details.ict-option:not([open])")).to_have_count(0)


@pytest.mark.parametrize("slug", CASES)
def test_a_case_is_light(slug):
    """What its page weighs, gzipped, beyond the scripts and styles that all pages share."""
    page = (HTML / "chapters" / "cases" / f"{slug}.html").read_bytes()
    assert len(gzip.compress(page)) < 120_000


@pytest.mark.parametrize("slug", CASES)
def test_without_javascript_the_whole_case_is_on_the_page(site, browser, slug):
    vignette = load_vignette(slug)
    with visit(browser, f"{site}/chapters/cases/{slug}.html", javascript=False) as seen:
        text = _plain(seen.page.locator("main").text_content() or "")
        for node in vignette.nodes.values():
            assert _plain(node.title) in text
            for choice in node.choices:
                assert _plain(choice.label) in text
                assert _plain(choice.reasoning) in text
        folded = seen.page.locator("main details").first
        folded.locator("summary").click()
        expect(folded).to_have_attribute("open", "")


def _plain(text: str) -> str:
    """Letters only: the page has curly quotes, other spaces and links where the source has none."""
    return re.sub(r"[\W_]+", "", text).lower()

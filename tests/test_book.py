"""The built book as its readers meet it: in Chromium, without a kernel, another host, or even JavaScript."""

import re
from itertools import product
from urllib.parse import unquote

import pyreadstat
import pytest
from playwright.sync_api import Page, expect

from built_site import HTML, SCREENSHOTS, WIDTHS, Visit, visit
from informal_ict import contents, paths
from informal_ict.bench import budgets
from informal_ict.bench.measure import draw_widgets
from informal_ict.published import load_published
from informal_ict.questionnaire import load_questionnaire
from informal_ict.vignettes.load import load_vignette, slugs

PAGES = (*contents.pages(), "search", "genindex")
EXPLORER = "chapters/who-uses-ict"
CASE = "chapters/cases/friend-request"
WORKSHEET = "chapters/ethics-law-records"


def test_every_page_of_the_contents_is_there_and_checked_here(site):
    built = {str(p.relative_to(HTML).with_suffix("")) for p in HTML.rglob("*.html")}
    own = {page for page in built if not page.startswith("_")}
    assert own == {*PAGES, "404"}


@pytest.fixture(scope="module")
def links_and_anchors():
    """For each page that a test has visited, the links on it and the anchors in it."""
    return {}


@pytest.fixture(scope="module")
def looks():
    """Of the texts on all pages visited so far."""
    return set()


# The sidebars come from one template; with --thorough they are looked at on every page.
SIDEBARS_SEEN = {page.rpartition("/")[0]: page for page in reversed(PAGES)}.values()
ASIDES = (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article")
ARTICLE = ".bd-article"


def look(seen: Visit, width: str, mode: str) -> list[str]:
    """Accessibility at one width and in one mode, without looking at the same thing twice.

    A mode changes colours and nothing else. A wider window shows the sidebars, which a phone folds away; in
    the article itself nothing is closer together or more hidden there than on the phone.
    """
    if width == "phone":
        return seen.axe(colours_only=mode == "dark")
    with seen.without(ARTICLE):
        return seen.axe(ASIDES, colours_only=mode == "dark")


@pytest.mark.parametrize("page", PAGES)
def test_page_is_whole_light_private_and_accessible(
    site, browser, page, links_and_anchors, looks, screenshots, thorough
):
    address = f"{site}/{page}.html"
    with visit(browser, address, WIDTHS["phone"], looks=looks) as seen:
        seen.page.wait_for_function("document.fonts.status === 'loaded'")
        has_widget = seen.page.locator(".widget-subarea").count() > 0
        assert seen.transfer.bytes <= (budgets.WIDGET_PAGE if has_widget else budgets.TEXT_PAGE)
        assert not re.search(r"\{(?:stat|term|cite|ref)", seen.page.locator("main").text_content() or "")
        links = seen.page.eval_on_selector_all("a[href]", "all => all.map((one) => one.href)")
        anchors = seen.page.eval_on_selector_all("[id]", "all => all.map((one) => one.id)")
        links_and_anchors[address] = (set(links), set(anchors))
        seen.open_everything()
        draw_widgets(seen.page)
        for width, mode in product(("phone", "desktop"), ("light", "dark")):
            seen.show(WIDTHS[width], mode)
            expect(seen.page.locator("html")).to_have_attribute("data-theme", mode)
            if screenshots:
                SCREENSHOTS.mkdir(parents=True, exist_ok=True)
                name = f"{page.replace('/', '-')}-{width}-{mode}.png"
                seen.page.screenshot(path=SCREENSHOTS / name, full_page=True)
            assert mode == "dark" or not seen.scrolls_sideways(), width
            if width == "phone" or thorough or page in SIDEBARS_SEEN:
                assert look(seen, width, mode) == [], (width, mode)
        seen.show(WIDTHS["zoomed"], "light")
        assert not seen.scrolls_sideways(), "at four times its size"
        assert [url for url in seen.requests if not url.startswith((site, "data:", "blob:"))] == []
        assert seen.kept() <= {"mode", "theme"}
        assert seen.failed == []
        assert seen.errors == []


def test_every_link_within_the_book_leads_somewhere(site, links_and_anchors):
    assert len(links_and_anchors) == len(PAGES), "run together with the visits of the pages"
    broken = []
    for page, (links, _) in links_and_anchors.items():
        for link in links:
            address, _, anchor = link.partition("#")
            if not address.startswith(site):
                continue
            there = (HTML / unquote(address.removeprefix(site)).lstrip("/").partition("?")[0]).is_file()
            _, anchors = links_and_anchors.get(address, (set(), {unquote(anchor)}))
            if not there or (anchor and unquote(anchor) not in anchors):
                broken.append(f"{page}: {link}")
    assert broken == []


def explorer_of(page: Page):
    return page.locator(".ict-explorer")


def shown_chart(page: Page, starts_with: str) -> str:
    """The text alternative of the one chart that is shown, once it is the expected one."""
    chart = explorer_of(page).locator(".ict-chart:visible")
    expect(chart).to_have_count(1)
    expect(chart).to_have_attribute("aria-label", re.compile("^" + re.escape(starts_with)))
    return chart.get_attribute("aria-label") or ""


def test_explorer_changes_chart_table_and_test(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        explorer = explorer_of(seen.page)
        seen.page.wait_for_selector(".ict-explorer .ict-chart")
        shown_chart(seen.page, "Canada, age")
        explorer.get_by_role("button", name="United States").click()
        explorer.get_by_label("Factor").select_option("Social work setting")
        label = shown_chart(seen.page, "United States, social work setting")
        expect(explorer.locator(".ict-test:visible")).to_have_text(
            "χ²(8, N = 1,224) = 126.834, p < .001, Cramér's V = .32"
        )
        rows = explorer.locator(".ict-table:visible tbody tr")
        expect(rows).to_have_count(9)
        counts = [int(n.replace(",", "")) for n in rows.locator("td:nth-child(2)").all_text_contents()]
        assert sum(counts) == 1224
        expect(seen.page.locator("main > [role=status]")).to_have_text(label)


def test_explorer_reaches_every_panel(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        explorer = explorer_of(seen.page)
        seen.page.wait_for_selector(".ict-explorer .ict-chart")
        options = explorer.get_by_label("Factor").locator("option").all_text_contents()
        factors = [option.replace("\N{NO-BREAK SPACE}", " ") for option in options]
        charts = set()
        for country in ("Canada", "United States"):
            explorer.get_by_role("button", name=country).click()
            for factor in factors:
                explorer.get_by_label("Factor").select_option(factor)
                charts.add(shown_chart(seen.page, f"{country}, {factor.lower()}"))
        assert len(charts) == 2 * len(factors) >= 20


def test_explorer_says_which_printed_bound_does_not_hold(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        explorer = explorer_of(seen.page)
        explorer.get_by_role("button", name="United States").click()
        explorer.get_by_label("Factor").select_option("Geographical setting")
        expect(explorer.locator(".ict-caveat:visible")).to_contain_text(
            "p < .001, which these figures do not bear out"
        )


WITH_EXPLORABLE = [
    page.stem for page in sorted((paths.ROOT / "chapters").glob("*.md")) if "```{explore}" in page.read_text()
]


@pytest.mark.parametrize("page", WITH_EXPLORABLE)
def test_every_widget_of_a_chapter_works_by_keyboard_alone(site, browser, page):
    with visit(browser, f"{site}/chapters/{page}.html", WIDTHS["phone"]) as seen:
        for explorable in seen.page.locator(".ict-explorable").all():
            texts = set()
            for button in explorable.get_by_role("button").all():
                button.focus()
                seen.page.keyboard.press("Enter")
                expect(button).to_have_attribute("aria-pressed", "true")
                panel = explorable.locator(".ict-panel-text").filter(visible=True)
                expect(panel).to_have_count(1)
                expect(panel.locator("h4")).to_have_text((button.text_content() or "").strip())
                texts.add(panel.text_content())
            assert len(texts) == explorable.get_by_role("button").count()
        for check in seen.page.locator(".widget-subarea > .ict-self-check").all():
            for number, question in enumerate(check.get_by_role("radiogroup").all(), start=1):
                question.get_by_role("radio").first.focus()
                seen.page.keyboard.press("Space")
                seen.page.keyboard.press("ArrowDown")
                expect(question.get_by_role("radio").nth(1)).to_be_checked()
                expect(check.locator(".ict-why").filter(visible=True)).to_have_count(number)
        for area in seen.page.locator(".ict-worksheet textarea").all()[:2]:
            area.focus()
            seen.page.keyboard.type("In our own words.")
            expect(area).to_have_value("In our own words.")


def test_self_check_shows_the_reason_for_each_answer(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        check = seen.page.locator(".ict-self-check")
        group = check.get_by_role("radiogroup").first
        whys = set()
        for answer in group.get_by_role("radio").all():
            answer.check()
            expect(check.locator(".ict-why:visible")).to_have_count(1)
            whys.add(check.locator(".ict-why:visible").text_content())
        assert len(whys) == group.get_by_role("radio").count()
        assert any("This holds." in why for why in whys) and any("does not hold" in why for why in whys)


def test_without_javascript_every_table_of_the_explorer_is_on_the_page(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html", javascript=False) as seen:
        tables = seen.page.locator(".ict-on-paper .ict-table")
        assert tables.count() >= 20
        assert "126.834" in (seen.page.locator(".ict-without-widget").first.text_content() or "")


def _plain(text: str) -> str:
    """Letters only: the page has curly quotes, other spaces and links where the source has none."""
    return re.sub(r"[\W_]+", "", text).lower()


def test_on_paper_everything_folded_is_open(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        seen.page.emulate_media(media="print")
        assert seen.page.locator("main details:not([open])").count() == 0
        expect(seen.page.locator(".ict-explorer").first).to_be_hidden()
        expect(seen.page.locator(".ict-on-paper .ict-table").first).to_be_visible()


def test_after_printing_a_content_note_stands_before_its_case_again(site, browser):
    hard = next(slug for slug in slugs() if load_vignette(slug).content_note)
    with visit(browser, f"{site}/chapters/cases/{hard}.html") as seen:
        kept_open = seen.page.locator("main details.ict-option").first
        kept_open.locator("summary").click()
        seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(seen.page.locator(".ict-vignette").first).to_be_hidden()
        expect(kept_open).to_have_attribute("open", "")


def test_an_emptied_worksheet_says_so(site, browser):
    with visit(browser, f"{site}/{WORKSHEET}.html") as seen:
        form = seen.page.locator(".ict-worksheet").first
        form.get_by_role("textbox").first.fill("Something")
        form.get_by_role("button", name="Copy as text").click()
        expect(form.locator(".ict-worksheet-said")).to_contain_text(re.compile("Copied|did not allow"))
        form.get_by_role("button", name="Empty the form").click()
        expect(form.get_by_role("textbox").first).to_have_value("")
        expect(form.locator(".ict-worksheet-said")).to_have_text("The form is empty.")
        expect(seen.page.locator("main > [role=status]")).to_have_text("The form is empty.")


def test_a_number_leads_to_its_row(site, browser):
    with visit(browser, f"{site}/{EXPLORER}.html") as seen:
        number = seen.page.locator("main a[href$='#number-use-ca']").first
        number.click()
        seen.page.wait_for_url("**/every-published-number.html#number-use-ca")
        row = seen.page.locator("tr", has=seen.page.locator("#number-use-ca"))
        expect(row).to_be_in_viewport()
        expect(row).to_contain_text("2,604 people who answered")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_a_link_leads_to_its_place_past_what_is_not_laid_out(site, browser, width):
    *_, last = load_published()
    with visit(browser, f"{site}/chapters/every-published-number.html", WIDTHS[width]) as seen:
        seen.page.evaluate("(id) => { location.hash = id; }", f"number-{last}")
        row = seen.page.locator(f"#number-{last}")
        expect(row).to_be_in_viewport()
        seen.page.wait_for_timeout(500)  # what comes near gets its true height, and may move the rest
        expect(row).to_be_in_viewport()


def test_appendix_has_every_published_number_and_none_fails(site, browser):
    with visit(browser, f"{site}/chapters/every-published-number.html") as seen:
        ids = seen.page.locator("[id^=number-]").evaluate_all("all => all.map(one => one.id)")
        assert sorted(ids) == sorted(f"number-{number}" for number in load_published())
        text = seen.page.locator("main").text_content() or ""
        assert "DOES NOT MATCH" not in text and text.count("; matches") >= 70


def test_codebook_has_every_variable(site, browser):
    with visit(browser, f"{site}/chapters/data.html") as seen:
        names = seen.page.locator(".ict-variable code").all_text_contents()
        assert names == load_questionnaire().names
        assert "simulated" in (seen.page.locator("main p").first.text_content() or "").lower()


@pytest.mark.parametrize("page", [EXPLORER, "chapters/data", "index"])
def test_pages_with_the_data_say_that_it_is_simulated(site, browser, page):
    with visit(browser, f"{site}/{page}.html") as seen:
        assert "simulated" in (seen.page.locator("main").text_content() or "").lower()


def test_downloads_are_served_and_whole(site, browser, tmp_path):
    with visit(browser, f"{site}/chapters/data.html") as seen:
        links = seen.page.locator("main a[href*='_downloads']").evaluate_all(
            "all => all.map(one => one.href)"
        )
        by_name = {link.rsplit("/", 1)[1]: link for link in links}
        assert set(by_name) >= {
            "survey.csv",
            "survey.sav",
            "survey.xlsx",
            "published.csv",
            "datapackage.json",
        }
        answer = seen.page.request.get(by_name["survey.sav"])
        assert answer.ok
        (tmp_path / "survey.sav").write_bytes(answer.body())
    frame, _ = pyreadstat.read_sav(str(tmp_path / "survey.sav"))
    assert len(frame) == 3834


@pytest.mark.parametrize("page", ["curriculum-map", "references"])
def test_generated_lists_name_chapters_by_their_titles(site, browser, page):
    with visit(browser, f"{site}/chapters/{page}.html") as seen:
        seen.open_everything()
        links = seen.page.locator("main section a.reference.internal[href$='.html']").all()
        shown = {
            (link.get_attribute("href"), " ".join((link.text_content() or "").split())) for link in links
        }
        assert ("who-uses-ict.html", "Who uses ICT informally") in shown
        assert ("it-crept-in.html", "It crept in") in shown
        assert max(len(text) for _, text in shown) < 40


def test_search_finds_a_chapter(site, browser):
    with visit(browser, f"{site}/search.html?q=friend+request") as seen:
        expect(seen.page.locator("#search-results li a").first).to_be_visible(timeout=10_000)
        found = seen.page.locator("#search-results li a").all_text_contents()
        assert any("The friend request" in title for title in found)


FORBIDDEN = re.compile(r"\binteract\b|\.observe\(|\.on_click\(|\bOutput\(|\bjsdlink\b")


def test_widgets_of_the_book_use_jslink_only():
    sources = [
        *paths.ROOT.glob("chapters/**/*.md"),
        *paths.NOTEBOOKS.glob("*.md"),
        *paths.ROOT.glob("src/informal_ict/widgets/*.py"),
        *paths.ROOT.glob("src/informal_ict/vignettes/*.py"),
    ]
    assert len(sources) > 8
    assert [str(path) for path in sources if FORBIDDEN.search(path.read_text(encoding="utf-8"))] == []

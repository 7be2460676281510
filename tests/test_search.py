"""The search page finds what a student would look for, and keeps no word of it."""

import pytest
from playwright.sync_api import expect

from built_site import visit

# What a student types, in the words of a student, and a page that answers it: one of the first three found.
QUERIES = [
    ("friend request", "The friend request"),
    ("texting clients", "The 11:40 p.m. text"),
    ("googling a client", "Two searches"),
    ("bounderies", "Boundaries online"),
    ("chi square", "Crosstabs and chi-square"),
    ("cramer's v", "Crosstabs and chi-square"),
    ("p value", "Significant is not large"),
    ("effect size", "Significant is not large"),
    ("confidence interval", "Frequencies"),
    ("rural internet", "Differential access"),
    ("indigenous", "Differential access"),
    ("informed consent", "Ethics, law and records"),
    ("code of ethics", "Ethics, law and records"),
    ("how to cite", "About this book, and how to cite it"),
    ("therapeutic alliance", "The working relationship"),
    ("bronfenbrenner", "Ecological systems"),
    ("technology acceptance model", "Technology acceptance"),
    ("chatgpt", "The chatbot knew first"),
    ("recording a session", "The recorded session"),
    ("bad review online", "The one-star review"),
    ("supervisor policy", "Supervision and policy"),
    ("kappa", "Coding talk"),
    ("half day workshop", "How to use this book"),
    ("simulated data", "The data and how it was made"),
    ("cookies privacy", "What this site keeps about you"),
    ("download pdf", "Take the book along"),
]


@pytest.fixture(scope="module")
def search_page(site, browser):
    with visit(browser, f"{site}/search.html") as seen:
        yield seen


def search(page, words: str) -> list[str]:
    field = page.locator(".bd-search-container input[name=q]")
    field.fill(words)
    field.press("Enter")
    expect(page.locator("#search-results > p").first).to_contain_text(f'"{words}"')
    return page.locator(".ict-found > li > a").all_text_contents()


@pytest.mark.parametrize(("words", "page"), QUERIES)
def test_a_student_finds_the_page(search_page, words, page):
    first = search(search_page.page, words)[:3]
    assert any(title.startswith(page) for title in first), first


def test_nothing_found_is_said_and_helped(search_page):
    assert search(search_page.page, "xylophone quartz") == []
    expect(search_page.page.locator("#search-results")).to_contain_text("Try one word")


def test_the_words_searched_for_are_kept_nowhere_and_sent_nowhere(search_page):
    before = len(search_page.requests)
    search(search_page.page, "self-harm")
    assert len(search_page.requests) == before
    assert "self-harm" not in search_page.page.url
    kept = search_page.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "self" not in kept


def test_a_result_leads_to_its_page_and_says_what_is_there(site, browser):
    with visit(browser, f"{site}/search.html?q=group+chat") as seen:
        first = seen.page.locator(".ict-found > li").first
        assert len(first.locator("p").first.text_content() or "") > 40
        first.get_by_role("link").click()
        expect(seen.page.locator("h1").first).to_contain_text("The group chat")


def test_the_field_of_every_page_leads_to_the_results(site, browser):
    with visit(browser, f"{site}/chapters/glossary.html") as seen:
        seen.page.keyboard.press("Control+k")
        seen.page.keyboard.type("screenshot")
        seen.page.keyboard.press("Enter")
        expect(seen.page.locator(".ict-found > li > a").first).to_have_text("The screenshot")

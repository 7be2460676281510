"""The checks of a page, each on a page spoiled on purpose: a check that never fails shows nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from built_site import WIDTHS, Visit, visit
from informal_ict.bench import budgets
from test_book import look

PAGE = "chapters/take-along"
END = "</article>"


@contextmanager
def spoiled(site, browser, extra: str, mode: str = "light", width: str = "phone") -> Iterator[Visit]:
    """A light page with something added at the end of its text."""
    with visit(browser, f"{site}/{PAGE}.html", WIDTHS[width], mode) as seen:

        def spoil(route):
            answer = route.fetch()
            route.fulfill(response=answer, body=answer.text().replace(END, extra + END))

        seen.page.route("**/*.html", spoil)
        seen.transfer.bytes = 0
        seen.page.reload()
        yield seen


@pytest.mark.parametrize(
    ("extra", "width", "mode", "rule"),
    [
        ('<img src="../_static/favicon.svg">', "phone", "light", "image-alt"),
        ('<p style="color: #999; background: #fff">Pale</p>', "phone", "light", "color-contrast"),
        ('<p style="color: #555; background: #111">Dark</p>', "phone", "dark", "color-contrast"),
        ("<button></button>", "phone", "light", "button-name"),
        ('<div role="listitem" aria-checked="yes">x</div>', "phone", "light", "aria-allowed-attr"),
    ],
)
def test_a_broken_rule_of_accessibility_is_found(site, browser, extra, width, mode, rule):
    with spoiled(site, browser, extra, mode, width) as seen:
        assert [found for found in look(seen, width, mode) if found.startswith(rule)]


def test_a_pale_sidebar_is_found_at_the_width_that_shows_it(site, browser):
    with visit(browser, f"{site}/{PAGE}.html", WIDTHS["desktop"], "dark") as seen:
        seen.page.add_style_tag(content=".bd-sidebar-primary a {color: #333 !important}")
        assert [found for found in look(seen, "desktop", "dark") if found.startswith("color-contrast")]


def test_a_pale_text_is_found_after_other_texts_of_the_page_were_measured(site, browser):
    with visit(browser, f"{site}/{PAGE}.html", WIDTHS["phone"]) as seen:
        assert look(seen, "phone", "light") == []
        assert seen.looks
        seen.page.add_style_tag(content=".bd-article p {color: #999 !important}")
        assert [found for found in look(seen, "phone", "light") if found.startswith("color-contrast")]


def test_heavy_scripts_break_the_budget_and_another_host_is_seen(site, browser):
    scripts = "".join(f'<script src="{site}/_static/search-index.js?{again}"></script>' for again in "ab")
    with spoiled(site, browser, scripts + '<img alt="" src="//other.example/x">') as seen:
        seen.page.wait_for_load_state("networkidle")
        assert seen.transfer.bytes > budgets.TEXT_PAGE
        assert any("Content Security Policy" in error for error in seen.errors)


def test_what_moves_the_text_is_measured(site, browser):
    with visit(browser, f"{site}/{PAGE}.html", WIDTHS["phone"]) as seen:
        assert seen.page.evaluate("measured.shift") <= budgets.LAYOUT_SHIFT
        seen.page.evaluate("document.querySelector('article').style.paddingTop = '40rem'")
        seen.page.wait_for_function(f"measured.shift > {budgets.LAYOUT_SHIFT}")


def test_a_wide_thing_is_found_at_four_times_its_size(site, browser):
    with spoiled(site, browser, '<div style="width: 500px">Wide</div>', width="zoomed") as seen:
        assert seen.scrolls_sideways()

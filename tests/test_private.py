"""What the site keeps about its reader, and what its policy would stop."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import expect

from built_site import HTML, visit
from informal_ict.publish.security import HEADERS, PAGE_POLICY

CHAPTER = "chapters/it-crept-in"


@pytest.fixture
def another_host():
    """A server that is not the book's, and what it was asked for."""
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, format, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


TRY_EVERYTHING = """
async (host) => {
  const refused = new Set();
  document.addEventListener("securitypolicyviolation", (event) => refused.add(event.effectiveDirective));
  const make = (tag, more) => document.body.append(Object.assign(document.createElement(tag), more));
  make("img", {src: `${host}/image`});
  make("script", {src: `${host}/script.js`});
  make("link", {rel: "stylesheet", href: `${host}/style.css`});
  make("iframe", {src: `${host}/frame`});
  make("script", {textContent: "window.ran = true"});
  await fetch(`${host}/fetch`).catch(() => {});
  await new Promise((resume) => setTimeout(resume, 300));
  return [[...refused].sort(), window.ran ?? false];
}
"""


@pytest.mark.parametrize("headers", [True, False], ids=["served with headers", "on a host without headers"])
def test_the_policy_stops_every_request_to_another_host(site, browser, another_host, headers):
    host, asked = another_host
    with visit(browser, f"{site}/{CHAPTER}.html") as seen:
        if not headers:

            def without_headers(route):
                answer = route.fetch()
                kept = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
                route.fulfill(response=answer, headers=kept)

            seen.page.route("**/*.html", without_headers)
            seen.page.reload()
        refused, ran = seen.page.evaluate(TRY_EVERYTHING, host)
    assert asked == []
    assert not ran
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]


def test_every_page_carries_the_policy_and_every_answer_the_headers(site, browser):
    pages = [path for path in HTML.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 40
    assert [path.name for path in pages if PAGE_POLICY not in path.read_text(encoding="utf-8")] == []
    with visit(browser, f"{site}/index.html") as seen:
        answer = seen.page.request.get(f"{site}/_static/site.css")
        for name, value in HEADERS.items():
            assert answer.headers[name.lower()] == value


def test_marks_stay_in_this_browser_are_listed_and_can_be_cleared(site, browser):
    with visit(browser, f"{site}/{CHAPTER}.html") as seen:
        mark = seen.page.get_by_role("button", name="I have read this page")
        mark.focus()
        seen.page.keyboard.press("Enter")
        expect(mark).to_have_attribute("aria-pressed", "true")
        expect(seen.page.locator(".ict-read-count")).to_contain_text("1 of")
        expect(seen.page.locator(".bd-docs-nav .current > a .ict-read-mark").last).to_have_text(" (read)")
        assert json.loads(seen.page.evaluate("localStorage['ict-read']")) == [CHAPTER]
        seen.page.get_by_role("button", name="Color mode").click()
        seen.page.goto(f"{site}/chapters/privacy.html")
        listed = set(" ".join(seen.page.locator("main td code").all_text_contents()).split())
        kept = seen.kept()
        assert {"ict-read", "mode", "theme"} <= kept <= listed
        seen.page.get_by_role("button", name="Clear what this book keeps here").click()
        expect(seen.page.locator(".ict-forget-all [role=status]")).to_contain_text("Nothing")
        assert seen.kept() == set()
        seen.page.goto(f"{site}/{CHAPTER}.html")
        expect(seen.page.get_by_role("button", name="I have read this page")).to_have_attribute(
            "aria-pressed", "false"
        )


def test_a_page_works_where_the_browser_keeps_nothing(site, browser):
    with visit(browser, f"{site}/index.html") as seen:
        seen.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('kept out'); }})"
        )
        seen.page.goto(f"{site}/{CHAPTER}.html")
        # By keyboard: what comes near the window is drawn, and can move the button from under a pointer.
        seen.page.get_by_role("button", name="I have read this page").focus()
        seen.page.keyboard.press("Enter")
        expect(seen.page.locator(".ict-page-foot [role=status]")).to_contain_text("does not keep marks")

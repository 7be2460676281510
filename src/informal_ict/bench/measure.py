"""Measure a first visit to a page in Chromium, through its developer tools.

First contentful paint, total blocking time and cumulative layout shift are as https://web.dev/vitals defines
them, except that blocking time counts from the start of a visit, and layout shifts are summed over all of it.
Both can only come out larger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from informal_ict.bench.budgets import BYTES_A_SECOND, LATENCY, SLOW_DOWN

PHONE = {"width": 390, "height": 844}
QUIET = 300  # milliseconds without a request or a long task
OBSERVE = """
window.measured = {blocking: 0, shift: 0};
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) measured.blocking += Math.max(0, task.duration - 50);
}).observe({type: "longtask", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) measured.shift += one.value;
}).observe({type: "layout-shift", buffered: true});
"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
# A widget works when it is drawn and a choice in it has been taken: the page answers.
WIDGET_WORKS = """
async () => {
  const places = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')]
    .map((script) => script.parentElement).filter((place) => place.checkVisibility());
  if (!places.length) return null;
  places[0].scrollIntoView({block: "center"});
  const control = () => places[0].querySelector(".widget-subarea :is(input, button, select)");
  while (!control()) await new Promise((resume) => setTimeout(resume, 20));
  control().click();
  await new Promise((resume) => requestAnimationFrame(resume));
  return performance.now();
}
"""

COME_NEAR = """
async () => {
  const scripts = document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]');
  for (const place of [...scripts].map((script) => script.parentElement)) {
    if (!place.checkVisibility()) continue;
    const given = performance.now() + 20000;
    while (!place.querySelector(".widget-subarea > *")) {
      // What comes near on the way gets its true height only then.
      const halfAScreenBelow = place.getBoundingClientRect().top - 1.5 * innerHeight;
      scrollBy({top: halfAScreenBelow, behavior: "instant"});
      if (performance.now() > given) throw new Error(`Not drawn: ${place.textContent.slice(0, 200)}`);
      await new Promise((resume) => setTimeout(resume, 10));
    }
    await new Promise((resume) => setTimeout(resume, 50)); // nobody reads on sooner than that
  }
}
"""


@dataclass(frozen=True)
class Cost:
    """What one first visit cost."""

    bytes: int
    requests: int
    first_paint: float  # milliseconds, on the slow line
    widget_works: float | None  # milliseconds, on the slow line; None where the page shows no widget at once
    blocking: float  # milliseconds, on the slow processor, until the page has loaded
    blocking_with_widgets: float  # the same, and until every widget is drawn
    shift: float


class Transfer:
    """Counts what a page transfers: the body as it was sent, and the headers."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0
        self.requests = 0
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.requests += 1


@contextmanager
def _first_visit(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.add_init_script(OBSERVE)
        yield page, context.new_cdp_session(page)
    finally:
        context.close()


def draw_widgets(page: Page) -> None:
    """Come near each widget that can be seen, as one who reads downwards does, until all are drawn."""
    page.evaluate(COME_NEAR)


def on_slow_line(browser: Browser, address: str) -> tuple[float, float | None, Transfer]:
    """First paint, the time until the first widget works for one who goes straight there, transfer."""
    with _first_visit(browser) as (page, session):
        transfer = Transfer(session)
        speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY, **speed})
        page.goto(address, wait_until="load", timeout=120_000)
        widget_works = page.evaluate(WIDGET_WORKS)
        draw_widgets(page)
        page.wait_for_load_state("networkidle")
        first_paint = page.evaluate(FIRST_PAINT)
        return float(first_paint), widget_works, transfer


def on_slow_processor(browser: Browser, address: str) -> tuple[float, float, float]:
    """Total blocking time of loading, the same with all widgets drawn, and layout shift."""
    with _first_visit(browser) as (page, session):
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        page.goto(address, wait_until="load", timeout=120_000)
        page.wait_for_timeout(QUIET)
        blocking = page.evaluate("measured.blocking")
        draw_widgets(page)
        page.wait_for_timeout(QUIET)
        with_widgets, shift = page.evaluate("[measured.blocking, measured.shift]")
        return float(blocking), float(with_widgets), float(shift)


def measure(browser: Browser, address: str) -> Cost:
    """One visit on the slow line and one on the slow processor, each with an empty cache."""
    first_paint, widget_works, transfer = on_slow_line(browser, address)
    blocking, with_widgets, shift = on_slow_processor(browser, address)
    return Cost(transfer.bytes, transfer.requests, first_paint, widget_works, blocking, with_widgets, shift)

"""The built site in a real browser, and what a visit to one of its pages leaves behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, Page

from informal_ict.bench.measure import OBSERVE, Transfer, draw_widgets
from informal_ict.paths import BUILD, ROOT

HTML = BUILD / "html"
SCREENSHOTS = BUILD / "screenshots"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WIDTHS = {"phone": 390, "desktop": 1280, "zoomed": 320}  # 1280 at 400% is 320
SERIOUS = ("serious", "critical")
MARK = "data-one-of-a-look"
# Of texts with one look that is new the marked one is measured; axe-core keeps the rest of its rule.
MEASURE_MARKED = "(mark) => axe.configure({rules: [{id: 'color-contrast', selector: `[${mark}]`}]})"
RUN_AXE = """
([context, only]) => axe.run(
  context.length ? {include: context.flatMap((part) => [...document.querySelectorAll(part)])} : document,
  {runOnly: only, resultTypes: ["violations"], preload: false},
)
"""
GATHER_LOOKS = """
(context) => {
  const colours = new Map();
  const behind = (element) => {
    if (!element) return "";
    if (!colours.has(element)) {
      const {backgroundColor, backgroundImage, opacity, position, zIndex} = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity, position, zIndex].join();
      const plain = own === "rgba(0, 0, 0, 0),none,1,static,auto";
      colours.set(element, behind(element.parentElement) + (plain ? "" : `;${own}`));
    }
    return colours.get(element);
  };
  const longest = new Map();
  const parts = (context.length ? context : ["body"]).flatMap((part) => [...document.querySelectorAll(part)]);
  for (const element of parts.flatMap((part) => [part, ...part.querySelectorAll("*")])) {
    const words = [...element.childNodes].filter(({nodeType}) => nodeType === Node.TEXT_NODE);
    const text = words.map(({data}) => data.trim()).join("") || element.value || "";
    if (!text || !element.checkVisibility()) continue;
    const {color, fill, fontSize, fontWeight, textShadow} = getComputedStyle(element);
    const look = [
      element.tagName, element.getAttribute("class"), element.matches(":disabled"),
      color, fill, fontSize, fontWeight, textShadow, behind(element),
    ].join("|");
    if (!(longest.get(look)?.length >= text.length)) longest.set(look, {element, length: text.length});
  }
  window.ofEachLook = [...longest.values()].map(({element}) => element);
  return [...longest.keys()];
}
"""
MARK_SOME = """
([mark, places]) => {
  for (const marked of document.querySelectorAll(`[${mark}]`)) marked.removeAttribute(mark);
  for (const place of places) ofEachLook[place].setAttribute(mark, "");
}
"""
TAKE_OUT = """
(selector) => {
  const take = (element) => {
    const place = document.createComment("");
    element.replaceWith(place);
    return {element, place};
  };
  window.taken = [...document.querySelectorAll(selector)].map(take);
}
"""
PUT_BACK = "() => taken.forEach(({element, place}) => place.replaceWith(element))"
LAY_OUT_EVERYTHING = """
() => {
  if (document.getElementById("all-laid-out")) return;
  const style = document.createElement("style");
  style.id = "all-laid-out";
  style.textContent = "* {content-visibility: visible !important}";
  document.head.append(style);
}
"""
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Visit:
    """One open page, with everything that went wrong on it."""

    page: Page
    transfer: Transfer
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    looks: set[str] = field(default_factory=set)

    def show(self, width: int, mode: str) -> None:
        """Change the width of the window and the mode that the reader's device asks for."""
        self.page.set_viewport_size({"width": width, "height": 844})
        self.page.emulate_media(color_scheme="dark" if mode == "dark" else "light", reduced_motion="reduce")

    def open_everything(self) -> None:
        """Open whatever is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach((folded) => folded.open = true)")

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        self.lay_out_everything()
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def lay_out_everything(self) -> None:
        """Have the browser lay out what is far from the window too, and cut nothing off at its edges.

        What it has left out has no true place: its insides would seem to lie over what follows.
        """
        self.page.evaluate(LAY_OUT_EVERYTHING)

    @contextmanager
    def without(self, selector: str) -> Iterator[None]:
        """The page with some of its elements taken out, so that nothing has to look through them."""
        self.page.evaluate(TAKE_OUT, selector)
        yield
        self.page.evaluate(PUT_BACK)

    def axe(self, within: Sequence[str] = (), colours_only: bool = False) -> list[str]:
        """Serious and critical violations of WCAG 2.2 AA, as 'rule: element'.

        Of texts with one look (kind, class, colours, size, and all that lies behind) the longest is measured
        for its contrast, since axe-core would measure the same for each; and none, where a text with that
        look has passed in this visit or in others that share its looks.

        Args:
            within: only these parts of the page are looked at, where the page has them.
            colours_only: leave out every rule but that of contrast.
        """
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
            self.page.evaluate(MEASURE_MARKED, MARK)
        self.lay_out_everything()
        parts = [part for part in within if self.page.locator(part).count()]
        if within and not parts:
            return []
        here = self.page.evaluate(GATHER_LOOKS, parts)
        new = [place for place, look in enumerate(here) if look not in self.looks]
        if colours_only and not new:
            return []
        self.page.evaluate(MARK_SOME, [MARK, new])
        colours = {"type": "rule", "values": ["color-contrast"]}
        rules = colours if colours_only else {"type": "tag", "values": WCAG_2_2_AA}
        found = self.page.evaluate(RUN_AXE, [parts, rules])["violations"]
        if all(violation["id"] != "color-contrast" for violation in found):
            self.looks.update(here)
        return [
            f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
            for violation in found
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]

    def kept(self) -> set[str]:
        """Names of what the page left in the browser: cookies, and keys of both kinds of storage."""
        keys = self.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        return {*keys, *(f"cookie {one['name']}" for one in self.page.context.cookies())}


@contextmanager
def visit(
    browser: Browser,
    address: str,
    width: int = 1280,
    mode: str = "light",
    javascript: bool = True,
    until: Literal["load", "networkidle"] = "load",
    looks: set[str] | None = None,
) -> Iterator[Visit]:
    """Open one page with an empty cache.

    Args:
        browser: that opens it.
        address: of the page.
        width: of the window.
        mode: that the reader's device asks for.
        javascript: whether scripts may run.
        until: ``networkidle`` waits for whatever it still asks for.
        looks: of texts whose contrast need not be measured again; new ones are added.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if mode == "dark" else "light",
        java_script_enabled=javascript,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.add_init_script(OBSERVE)
    seen = Visit(page, Transfer(context.new_cdp_session(page)), looks=set() if looks is None else looks)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("requestfailed", lambda request: seen.failed.append(request.url))
    page.on("response", lambda r: seen.failed.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    try:
        page.goto(address, wait_until=until)
        if javascript:
            draw_widgets(page)
        yield seen
    finally:
        context.close()

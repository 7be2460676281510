"""The pages of the book as one plain HTML text, for the e-book, the PDF and the text files.

What can only be used in a browser goes; what was folded stands open; a drawing becomes a picture with its
text alternative; a link within the book leads to a place within the text.
"""

import multiprocessing
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from informal_ict.publish.pages import BuiltPage

# What a reader of paper cannot use. A widget and a played case stand on their page a second time, as text.
ONLY_IN_A_BROWSER = frozenset({"script", "style", "button"})
CLASSES_ONLY_IN_A_BROWSER = frozenset(
    {"headerlink", "ict-widget", "ict-path-code", "ict-opens", "ict-forget-all"}
)
COLOUR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]+))?\)")
DEFINED = re.compile(r"(--ict-[\w-]+):\s*(#[0-9a-fA-F]{3,8})")
STYLE = Path(__file__).parents[1] / "sphinxext" / "static" / "book.css"
SVG_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
BOXES = frozenset({"admonition", "sd-card", "ict-thread-printed"})
HOLDS_TEXT = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "td", "th", "dt", "dd", "li", "span", "a"})
WITHIN_A_LINE = frozenset({"a", "span", "strong", "em", "code"})
LINK_WITHIN = re.compile(r'href="#([^"]*)"')
BLANK_LINES = 4  # room to write by hand


def colours() -> dict[str, str]:
    """The book's colours in light mode, from its style sheet."""
    light = STYLE.read_text(encoding="utf-8").partition('html[data-theme="dark"]')[0]
    return dict(DEFINED.findall(light))


def place_of(page: str, anchor: str = "") -> str:
    """The identifier of a page, or of a place on it, within the whole text."""
    name = page.replace("/", "--")
    return f"{name}--{anchor}" if anchor else name


def whole_text(pages: Sequence[BuiltPage], pictures: Path) -> list[str]:
    """Every page as plain HTML, in reading order, with the drawings written into the folder ``pictures``."""
    known = frozenset(page.name for page in pages)
    with multiprocessing.Pool() as pool:
        made = pool.starmap(_text, [(page, known, pictures) for page in pages], chunksize=1)
    anchors = {other: name for _, names in made for other, name in names.items()}
    return [
        LINK_WITHIN.sub(lambda link: f'href="#{anchors.get(link[1], link[1])}"', text) for text, _ in made
    ]


def _text(page: BuiltPage, known: frozenset[str], pictures: Path) -> tuple[str, dict[str, str]]:
    """One page, and its anchors with the names that links to them shall have."""
    soup = BeautifulSoup(page.body, "html.parser")
    for tag in soup.find_all(_is_only_in_a_browser):
        tag.decompose()
    for code in soup.find_all("pre"):
        code.string = code.get_text()  # without the colours of its words
    _open_folded(soup)
    _set_off(soup)
    _blank_forms(soup)
    _draw(soup, place_of(page.name), pictures)
    _point_within(soup, page.name, known)
    anchors = _anchors(soup, place_of(page.name))
    return str(soup), anchors


def _is_only_in_a_browser(tag: Tag) -> bool:
    # Functions, since the same as CSS selectors takes three times as long.
    return (
        tag.name in ONLY_IN_A_BROWSER
        or _has_class(tag, CLASSES_ONLY_IN_A_BROWSER)
        or (
            _has_class(tag, frozenset({"label"}))
            and tag.parent is not None
            and _has_class(tag.parent, frozenset({"citation"}))
        )
    )


def _has_class(tag: Tag, classes: frozenset[str]) -> bool:
    return not classes.isdisjoint(tag.get("class") or ())


def _anchors(soup: BeautifulSoup, place: str) -> dict[str, str]:
    """Give each place of a page that a link may lead to one name, and return which name each other one has.

    Pandoc and Typst know the identifier of a heading and of a piece of text, one each, but not of a row, a
    cell, or an empty element. The title of the page has the name of the page.
    """
    title = soup.find("h1")
    assert isinstance(title, Tag), f"{place}: every page has a title"
    holders, name_at, names = {place: title}, {id(title): place}, {place: place}
    for tag in soup.find_all(id=True):
        other = str(tag.attrs.pop("id"))
        inside = tag if tag.name in HOLDS_TEXT else tag.find(_has_text)
        holder = inside if isinstance(inside, Tag) and _has_text(inside) else tag.find_next(_has_text)
        if not isinstance(holder, Tag):
            holder = title
        name = name_at.setdefault(id(holder), other)
        holders[name] = holder
        names[other] = name
    for name, holder in holders.items():
        if holder.name.startswith("h"):
            holder["id"] = name
        else:
            _first_words(holder).wrap(soup.new_tag("span", id=name))
    for section in soup.find_all("section"):
        section.unwrap()
    return names


def _first_words(tag: Tag) -> PageElement:
    first: PageElement = next(part for part in tag.contents if part.get_text(strip=True))
    return _first_words(first) if isinstance(first, Tag) and first.name not in WITHIN_A_LINE else first


def _has_text(tag: Tag) -> bool:
    return tag.name in HOLDS_TEXT and bool(tag.get_text(strip=True))


def _open_folded(soup: BeautifulSoup) -> None:
    for summary in soup.find_all("summary"):
        for icon in summary.find_all("svg"):
            icon.decompose()
        bold = soup.new_tag("strong")
        bold.string = " ".join(summary.get_text(" ").split())
        summary.clear()
        summary.append(bold)
        summary.name = "p"
    for folded in soup.find_all("details"):
        folded.name = "div"


def _set_off(soup: BeautifulSoup) -> None:
    """Boxes become quoted blocks, which every format sets off, and their titles bold."""
    for box in soup.find_all(lambda tag: _has_class(tag, BOXES)):
        box.name = "blockquote"
    for title in soup.find_all("p", class_="admonition-title"):
        title.wrap(soup.new_tag("p"))
        title.name = "strong"


def _blank_forms(soup: BeautifulSoup) -> None:
    for area in soup.find_all("textarea"):
        lines = soup.new_tag("p")
        for _ in range(BLANK_LINES):
            lines.append("_" * 60)
            lines.append(soup.new_tag("br"))
        area.replace_with(lines)
    for tag in soup.find_all(["form", "label"]):
        tag.name = "div" if tag.name == "form" else "p"


def _draw(soup: BeautifulSoup, name: str, pictures: Path) -> None:
    known = colours()
    for number, svg in enumerate(soup.find_all("svg"), start=1):
        if "sd-octicon" in str(svg.get("class")):
            svg.decompose()
            continue
        drawn = COLOUR.sub(lambda found: known.get(found[1]) or found[2] or "#000", str(svg))
        drawn = drawn.replace("currentColor", known["--ict-text"]).replace("viewbox=", "viewBox=")
        if "xmlns=" not in drawn:
            drawn = drawn.replace("<svg", f"<svg {SVG_NAMESPACE}", 1)
        picture = pictures / f"{name}-{number}.svg"
        picture.write_text(_restore_case(drawn), encoding="utf-8")
        image = soup.new_tag("img", src=picture.as_posix(), alt=str(svg.get("aria-label", "")))
        svg.replace_with(image)


def _restore_case(svg: str) -> str:
    # html.parser writes names in small letters; in SVG these two have a capital.
    return svg.replace("<clippath", "<clipPath").replace("</clippath", "</clipPath")


def _point_within(soup: BeautifulSoup, page: str, known: frozenset[str]) -> None:
    folder = PurePosixPath(page).parent
    for tag in soup.find_all(id=True):
        tag["id"] = place_of(page, str(tag["id"]))
    for image in soup.find_all("img"):
        source = str(image["src"])
        if not source.startswith(("data:", "/")):
            image["src"] = _normal(folder / source)
    for link in soup.find_all("a", href=True):
        address = str(link["href"])
        if re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = _normal(folder / path.removesuffix(".html")) if path else page
        if target in known:
            link["href"] = f"#{place_of(target, anchor)}"
        else:
            link.unwrap()  # a file to download, which is not in the text


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)

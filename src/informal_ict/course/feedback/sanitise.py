"""What may be shown of HTML and pictures that came from a submission: a list of what is allowed, no other.

The last word is bleach's, which parses as browsers do. Scripts, styles, forms, frames and drawings inside HTML
go with all that is in them; of attributes only those stay that cannot fetch, run or imitate anything.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from bs4 import BeautifulSoup

TOO_MUCH = 500_000  # characters; what is longer is no table that anybody reads
TOO_MANY = 20_000  # elements
TOO_DEEP = 100

TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
    ]
)
# These go with what is in them; of any other element the text stays.
DROPPED = [
    "applet",
    "audio",
    "base",
    "button",
    "canvas",
    "embed",
    "form",
    "frame",
    "frameset",
    "head",
    "iframe",
    "input",
    "link",
    "map",
    "math",
    "meta",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "param",
    "plaintext",
    "portal",
    "script",
    "select",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "track",
    "video",
    "xmp",
]
ATTRIBUTES = {
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt"},
    "ol": {"start", "type", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
EVERYWHERE = {"title", "lang", "dir"}
LINK = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f]*\Z", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}\Z")
DATA_URL = re.compile(
    r"data:(?P<mime>image/[a-z+]+)(?:;[^,;]*)*?(?P<base64>;base64)?,(?P<data>.*)\Z", re.DOTALL
)
SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
SVG = "image/svg+xml"

SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
SVG_TAGS = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "defs",
        "clipPath",
        "use",
        "title",
        "desc",
        "linearGradient",
        "radialGradient",
        "stop",
        "marker",
        "pattern",
        "style",
    ]
)
OWN_REFERENCE = re.compile(r"url\(\s*[\"']?#[\w.-]+[\"']?\s*\)")
FETCHING = re.compile(r"url\s*\(|@|\\|javascript:|data:|expression|image-set|src\s*\(", re.IGNORECASE)

PictureOf = Callable[[str], str | None]


def safe_html(html: str, picture_of: PictureOf | None = None, mark: str = "\0") -> str:
    """Reduce HTML to what a browser shows and does not run.

    Args:
        html: anything.
        picture_of: gives the ``data:`` address of a picture that is named in another way, or nothing.
        mark: a text in whose place markup will stand later, so it may stand in no attribute.

    Returns:
        HTML that makes no request and runs no script. What is too long to be read becomes a note.
    """
    if len(html) > TOO_MUCH or html.count("<") > TOO_MANY:
        return "<p>This was left out, because it is too long to be shown.</p>"
    soup = BeautifulSoup(html, "html.parser")
    for element in soup(DROPPED):
        element.extract()
    for image in soup("img"):
        source = str(image.get("src", ""))
        address = picture_address(source) or (picture_of(source) if picture_of else None)
        if address is None:
            image.replace_with(f"[picture left out: {image.get('alt') or 'without description'}]")
        else:
            image["src"] = address
            image["alt"] = image.get("alt") or "Picture without description"
    for element in soup(True):
        if sum(1 for _ in zip(element.parents, range(TOO_DEEP + 1), strict=False)) > TOO_DEEP:
            return f"<pre>{escape(soup.get_text()[:TOO_MUCH])}</pre>"
    cleaner = Cleaner(
        tags=TAGS,
        attributes=lambda tag, name, value: mark not in value and _may_stay(tag, name, value),
        protocols={"http", "https", "mailto", "data"},  # _may_stay has the say about each attribute
        strip=True,
        strip_comments=True,
        filters=[Finish],
    )
    return str(cleaner.clean(str(soup)))


class Finish(Filter):  # type: ignore[misc]  # bleach has no types
    """Let links tell nothing about the page they stand on, and keys reach what scrolls; drop empty pictures."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            name, attributes = token.get("name"), token.get("data")
            if token["type"] == "StartTag" and name == "a":
                attributes[(None, "rel")] = "noopener noreferrer nofollow"
            elif token["type"] == "StartTag" and name in ("pre", "table"):
                attributes[(None, "tabindex")] = "0"
            elif name == "img" and (None, "src") not in attributes:
                continue
            yield token


def _may_stay(tag: str, name: str, value: str) -> bool:
    if name not in ATTRIBUTES.get(tag, set()) | EVERYWHERE:
        return False
    if name == "href":
        return bool(LINK.match(value))
    if name == "src":
        return bool(PICTURE.match(value))
    return True


def picture_address(source: str) -> str | None:
    """Give the ``data:`` address of a picture back in its plainest form, or nothing if it is no such address."""
    found = DATA_URL.match(source.strip())
    if not found:
        return None
    data = found["data"]
    if found["base64"]:
        return picture(found["mime"], data)
    return picture(found["mime"], base64.b64encode(unquote_to_bytes(data)).decode())


def picture(mime: str, data: str) -> str | None:
    """Give a picture as a ``data:`` address.

    Args:
        mime: what it is said to be.
        data: in base64; an SVG as text or in base64.

    Returns:
        The address, or nothing if it is not a picture of that kind.
    """
    if mime == SVG:
        text = data if data.lstrip().startswith("<") else _decoded(data).decode("utf-8", errors="replace")
        content = safe_svg(text)
    else:
        content = _decoded(data)
        if not content.startswith(SIGNATURES.get(mime, b"\x00unknown kind")):
            return None
    return f"data:{mime};base64,{base64.b64encode(content).decode()}" if content else None


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):  # then it is no picture, which the caller says
        return b""


def safe_svg(text: str) -> bytes:
    """Reduce an SVG to shapes and text, for use as the address of an image; nothing if it is none.

    Inside an image a browser runs and fetches nothing of an SVG. This is for a picture opened by itself.
    """
    if "<!ENTITY" in text or len(text) > 20 * TOO_MUCH:
        return b""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return b""
    if root.tag != f"{SVG_NAMESPACE}svg":
        return b""
    parents = [root]
    while parents:
        parent = parents.pop()
        _keep_harmless_attributes(parent)
        for child in list(parent):
            if _is_shape(child):
                parents.append(child)
            else:
                parent.remove(child)
    ElementTree.register_namespace("", SVG_NAMESPACE.strip("{}"))
    ElementTree.register_namespace("xlink", HREF.split("}")[0].strip("{"))
    return ElementTree.tostring(root)


def _is_shape(element: ElementTree.Element) -> bool:
    name = str(element.tag).removeprefix(SVG_NAMESPACE)
    if name == "style":
        return not FETCHING.search(OWN_REFERENCE.sub("", "".join(element.itertext())))
    return name in SVG_TAGS


def _keep_harmless_attributes(element: ElementTree.Element) -> None:
    for name, value in list(element.attrib.items()):
        inside = name == HREF or name == "href"
        fetches = not value.startswith("#") if inside else bool(FETCHING.search(OWN_REFERENCE.sub("", value)))
        if fetches or name.lower().startswith("on") or (name.startswith("{") and name != HREF):
            del element.attrib[name]

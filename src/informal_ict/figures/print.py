"""Diagrams for paper: the same SVG with the book's light colours and the typeface of what is printed."""

import re
from typing import Final, NamedTuple
from xml.etree import ElementTree

from informal_ict.figures.diagrams import SVG, load_diagram
from informal_ict.paths import DIAGRAMS
from informal_ict.vignettes.load import published_numbers

# The light colours of sphinxext/static/book.css, which a test compares.
COLOURS: Final = {
    "accent": "#1f6f78",
    "accent-strong": "#0f4f57",
    "surface": "#f3f7f6",
    "border": "#c9d4d3",
    "muted": "#55636b",
    "text": "#1c2529",
    "caution": "#8a4200",
}
VARIABLE = re.compile(r"var\(--ict-([a-z-]+)\)")


class PrintedDiagram(NamedTuple):
    """An SVG that stands by itself, and what it shows in words."""

    svg: str
    alternative: str


def diagram_for_print(name: str) -> PrintedDiagram:
    """One diagram of chapters/figures.

    Raises:
        InputError: naming the file and what is wrong with it.
    """
    root = load_diagram(name, published_numbers(), folder=DIAGRAMS)
    title, description = (" ".join((root.findtext(f"{SVG}{tag}") or "").split()) for tag in ("title", "desc"))
    root.set("font-family", "Libertinus Serif")
    root.set("color", COLOURS["text"])
    ElementTree.register_namespace("", SVG.strip("{}"))
    svg = VARIABLE.sub(lambda found: COLOURS[found[1]], ElementTree.tostring(root, encoding="unicode"))
    return PrintedDiagram(svg, f"{title.rstrip('.')}. {description}")

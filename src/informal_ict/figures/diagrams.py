"""Diagrams drawn by hand as SVG in chapters/figures, checked and made ready to stand in a page.

A diagram is drawn 360 units wide, about as wide as a phone shows it, so its letters stay readable there.
Its colours are the book's CSS variables, so it follows light and dark. ``<desc>`` is its text alternative.
A ``<g data-part="name">`` can be emphasised by an explorable.
"""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from informal_ict.errors import InputError
from informal_ict.markdown import STAT
from informal_ict.paths import DIAGRAMS
from informal_ict.published import PublishedNumber
from informal_ict.reading import read_text

SVG = "{http://www.w3.org/2000/svg}"
WIDTH, TALLEST, SMALLEST_LETTER = 360.0, 560.0, 12.0
COLOUR_ATTRIBUTES = ("fill", "stroke", "color", "stop-color")
COLOURS = {"none", "currentColor"} | {
    f"var(--ict-{name})"
    for name in ("accent", "accent-strong", "surface", "border", "muted", "text", "caution")
}
# Shapes and letters; nothing that runs, loads or leads elsewhere, or that HTML would take for its own.
TAGS = {
    *("svg", "title", "desc", "g", "text", "tspan"),
    *("rect", "circle", "ellipse", "line", "path", "polygon", "polyline"),
}


def load_diagram(name: str, numbers: Mapping[str, PublishedNumber], *, folder: Path = DIAGRAMS) -> Element:
    """Read and check one diagram, with published numbers filled in.

    Args:
        name: the file name without ``.svg``.
        numbers: the published numbers, by id, for the stat roles in its text.
        folder: where the file is.

    Raises:
        InputError: naming the file and the first thing that would not work on a page.
    """
    path = folder / f"{name}.svg"
    try:
        root = ElementTree.fromstring(_filled(read_text(path), numbers, path.name))
    except ElementTree.ParseError as error:
        raise InputError(f"{path.name}: not well-formed SVG: {error}") from None
    problem = fault(root)
    if problem:
        raise InputError(f"{path.name}: {problem}")
    return root


def _filled(svg: str, numbers: Mapping[str, PublishedNumber], file: str) -> str:
    def number(match: re.Match[str]) -> str:
        if match[1] not in numbers:
            raise InputError(f"{file}: published.csv has no number {match[1]!r}")
        return escape(numbers[match[1]].display)

    return STAT.sub(number, svg)


def fault(root: Element) -> str:
    """The first rule of this module that an SVG breaks, in words; empty when it keeps them all."""
    box = [_number(side) for side in (root.get("viewBox") or "").split()]
    if root.tag != f"{SVG}svg" or len(box) != 4:
        return "the root must be <svg> with a viewBox"
    if box[:3] != [0, 0, WIDTH] or not 0 < box[3] <= TALLEST:
        return (
            f"viewBox must be 0 0 {WIDTH:.0f} and at most {TALLEST:.0f} high, and is {root.get('viewBox')!r}"
        )
    for needed in ("title", "desc"):
        if not (root.findtext(f"{SVG}{needed}") or "").strip():
            return f"<{needed}> is missing or empty: it says what is to be seen"
    for element in root.iter():
        tag = str(element.tag).removeprefix(SVG)
        if tag not in TAGS:
            return f"<{tag}> does not belong in a diagram"
        if {"style", "id", "class"} & set(element.attrib):
            return f"<{tag}> has a style, class or id; use attributes, and data-part for parts"
        for attribute, value in element.attrib.items():
            if attribute.startswith(("on", "{")) or attribute == "href" or "url(" in value:
                return f"<{tag}> has {attribute}={value!r}, which runs or loads something"
        for attribute in COLOUR_ATTRIBUTES:
            colour = element.get(attribute)
            if colour is not None and colour not in COLOURS:
                return f"<{tag}> has {attribute}={colour!r}; colours are {', '.join(sorted(COLOURS))}"
        size = element.get("font-size")
        if size is not None and not _number(size) >= SMALLEST_LETTER:
            return (
                f"<{tag}> has letters of {size}; the smallest readable on a phone are {SMALLEST_LETTER:.0f}"
            )
    if (
        not any(element.get("font-size") for element in root.iter())
        and root.find(f".//{SVG}text") is not None
    ):
        return "font-size is set nowhere, so letters may be too small"
    return ""


def _number(text: str) -> float:
    """A length in units of the drawing; NaN, which is no length at all, for anything else."""
    try:
        return float(text.removesuffix("px"))
    except ValueError:
        return float("nan")


def parts(root: Element) -> set[str]:
    """The names of the parts that can be emphasised."""
    return {part for element in root.iter() if (part := element.get("data-part"))}


def svg_html(root: Element, *, part: str = "", spoken: str = "") -> str:
    """A diagram as inline SVG with the name that a screen reader speaks.

    Args:
        root: a diagram from load_diagram.
        part: the ``data-part`` to emphasise, or none.
        spoken: what is spoken in place of the title and description.
    """
    title, description = (" ".join((root.findtext(f"{SVG}{tag}") or "").split()) for tag in ("title", "desc"))
    alternative = spoken or f"{title.rstrip('.')}. {description}"
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    svg = ElementTree.tostring(root, encoding="unicode")
    svg = re.sub(r"<(title|desc)>.*?</\1>", "", svg, flags=re.DOTALL)
    svg = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    if part:
        svg = svg.replace(f'data-part="{part}"', f'data-part="{part}" class="ict-chosen"')
    svg = re.sub(r">\s+<", "> <", svg).strip()
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alternative)}" class="ict-diagram"', 1)

"""Formulas as MathML, which browsers show without a script, made by pandoc."""

import json
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from xml.etree import ElementTree

import pypandoc

PANDOC_API = [1, 23]
SECONDS = 20  # a formula made to keep a parser busy is shown as it was typed
MEMORY = "256m"
LONGEST = 2000
WIDE = 40  # signs of TeX
TAGS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mprescripts",
        "none",
        "mtable",
        "mtr",
        "mtd",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "semantics",
    ]
)
ATTRIBUTES = frozenset(
    [
        "display",
        "mathvariant",
        "stretchy",
        "fence",
        "separator",
        "form",
        "accent",
        "accentunder",
        "columnalign",
        "columnspacing",
        "rowspacing",
        "width",
        "height",
        "depth",
        "lspace",
        "rspace",
        "voffset",
        "linethickness",
        "displaystyle",
        "scriptlevel",
        "minsize",
        "maxsize",
        "notation",
        "symmetric",
        "largeop",
        "movablelimits",
    ]
)
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def formulas_html(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """Give formulas as HTML that needs no script.

    Args:
        formulas: TeX, and whether it stands on a line of its own.

    Returns:
        MathML; for one that pandoc does not know, what was typed, to be read as text.
    """
    return list(_converted(tuple(formulas))) if formulas else []


@lru_cache(maxsize=2048)
def _converted(formulas: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    paragraphs = [
        {"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath" if alone else "InlineMath"}, tex]}]}
        for tex, alone in formulas
        if len(tex) <= LONGEST
    ]
    document = {"pandoc-api-version": PANDOC_API, "meta": {}, "blocks": paragraphs}
    made = iter(_paragraphs(json.dumps(document)))
    return tuple(
        (_mathml(next(made, None), len(tex)) if len(tex) <= LONGEST else "") or as_typed(tex, alone)
        for tex, alone in formulas
    )


def as_typed(tex: str, alone: bool) -> str:
    """A formula as text."""
    signs = "$$" if alone else "$"
    return f"<code>{escape(f'{signs}{tex.strip()}{signs}')}</code>"


def _paragraphs(document: str) -> list[ElementTree.Element]:
    command = [pypandoc.get_pandoc_path(), "+RTS", f"-M{MEMORY}", "-RTS"]
    options = ["--from=json", "--to=html", "--mathml", "--sandbox", "--quiet"]
    try:
        done = subprocess.run(
            [*command, *options], input=document, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return list(ElementTree.fromstring(f"<all>{done.stdout}</all>"))
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ElementTree.ParseError):
        return []  # every formula is then shown as it was typed


def _mathml(paragraph: ElementTree.Element | None, length: int) -> str:
    found = None if paragraph is None else paragraph.find(f"{NAMESPACE}math")
    made = "" if found is None else _written(found)
    # Browsers do not break a formula into lines, so one that is wider than a phone scrolls.
    return f'<span class="wide" tabindex="0">{made}</span>' if made and length > WIDE else made


def _written(element: ElementTree.Element) -> str:
    """Write an element anew, of known names only: nothing of a submission passes as markup."""
    name = str(element.tag).removeprefix(NAMESPACE)
    if name not in TAGS:
        return ""
    kept = "".join(f' {key}="{escape(value)}"' for key, value in element.attrib.items() if key in ATTRIBUTES)
    inside = escape(element.text or "") + "".join(
        _written(child) + escape((child.tail or "").strip()) for child in element
    )
    return inside if name == "semantics" else f"<{name}{kept}>{inside}</{name}>"

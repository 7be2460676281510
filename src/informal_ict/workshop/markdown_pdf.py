"""Pages written in the book's Markdown as tagged PDF: MyST to pandoc's Markdown, to Typst, to PDF.

Roles of the book are filled in here; citations are set by pandoc from references.bib.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pypandoc
import yaml

from informal_ict.errors import InputError
from informal_ict.facilitator_sheets import one_line
from informal_ict.figures.print import diagram_for_print
from informal_ict.paths import ROOT
from informal_ict.published import PublishedNumber
from informal_ict.reading import read_text
from informal_ict.sphinxext.stat import ROLES
from informal_ict.sphinxext.workshop import standard_text
from informal_ict.typeset import document_facts, set_markup
from informal_ict.vignettes.load import published_numbers

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
TITLE = re.compile(r"^# (.+)\n", re.MULTILINE)
LINK_WITHIN = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)\s]*\)")
DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,})\{", re.MULTILINE)
# Markup of pandoc that the book's Markdown does not have must stay text.
READER = "markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-subscript-superscript-example_lists"
OPTIONS = ("--citeproc", "--wrap=none", "--shift-heading-level-by=-1")
ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
REFERENCES = ROOT / "references.bib"


def page_pdf(source: Path, *, kind: str, body: str) -> bytes:
    """A page as PDF.

    Args:
        source: a page in the book's Markdown.
        kind: what stands above its title, unless its front matter says so.
        body: the size of its text in points.

    Raises:
        InputError: naming the page and what could not be put on paper.
    """
    text = read_text(source)
    front = front_matter(text)
    title, markup = typst_markup(text, source.name)
    facts = document_facts(title, one_line(front.get("question") or _description(front) or title))
    diagram = diagram_for_print(front["diagram"]) if "diagram" in front else None
    data = {
        "document": facts,
        "kind": front.get("kind", kind),
        "title": title,
        "question": front.get("question", ""),
        "diagram": diagram._asdict() if diagram else None,
    }
    document = f'#import "page.typ": *\n#show: page-of.with(json(bytes(sys.inputs.data)), {body}pt)\n{markup}'
    return set_markup(document, source.name, data=json.dumps(data))


def typst_markup(text: str, file: str) -> tuple[str, str]:
    """A page of the book as its title and the markup of what stands beneath it.

    Raises:
        InputError: for a role or directive that has no form on paper, or an unknown number or standard.
    """
    plain = to_pandoc(text, file, published_numbers())
    found = TITLE.search(plain)
    if not found:
        raise InputError(f"{file}: has no title")
    converted = pypandoc.convert_text(
        plain[found.end() :],
        "typst",
        format=READER,
        extra_args=[*OPTIONS, f"--bibliography={REFERENCES}"],
    )
    return found[1], converted


def to_pandoc(text: str, file: str, numbers: Mapping[str, PublishedNumber]) -> str:
    """MyST as pandoc's Markdown, with numbers and standards filled in and links within the book left out.

    Raises:
        InputError: for a role or directive that has no form on paper, or an unknown number or standard.
    """
    text = LABEL.sub("", FRONT_MATTER.sub("", text))
    if DIRECTIVE.search(text):
        raise InputError(f"{file}: a directive cannot be put on paper; write it as text or take it out")

    def filled(match: re.Match[str]) -> str:
        role, content = match[1], match[2]
        if role in ROLES and content not in numbers:
            raise InputError(f"{file}: published.csv has no number {content!r}")
        if role not in _ON_PAPER and role not in ROLES:
            raise InputError(f"{file}: the role {role!r} has no form on paper")
        try:
            return ROLES[role](numbers[content]) if role in ROLES else _ON_PAPER[role](content)
        except (KeyError, ValueError) as error:
            raise InputError(f"{file}: {role} {content!r}: {error}") from None

    return LINK_WITHIN.sub(r"*\1*", ROLE.sub(filled, text))


def front_matter(text: str) -> dict[str, Any]:
    """What a page says about itself before its title."""
    found = FRONT_MATTER.match(text)
    return (yaml.safe_load(found[1]) or {}) if found else {}


def _description(front: Mapping[str, Any]) -> str:
    description: str = front.get("myst", {}).get("html_meta", {}).get("description", "")
    return description


def _spoken(content: str) -> str:
    """The text of a role with a title: 'use <informal use>' is 'use'."""
    return content.partition("<")[0].strip()


def _cited(content: str) -> str:
    return f"[{_cited_in_text(content)}]"


def _cited_in_text(content: str) -> str:
    keys = [key.strip() for key in content.split(",")]
    for key in keys:
        if key not in _works():  # pandoc would only warn, and print the key with a question mark
            raise ValueError(f"{key!r} is not in {REFERENCES.name}")
    return "; ".join(f"@{key}" for key in keys)


@cache
def _works() -> frozenset[str]:
    return frozenset(ENTRY.findall(read_text(REFERENCES)))


_ON_PAPER: dict[str, Callable[[str], str]] = {
    "term": _spoken,
    "ref": _spoken,
    "standard": standard_text,
    "cite": _cited,
    "cite:p": _cited,
    "cite:t": _cited_in_text,
}

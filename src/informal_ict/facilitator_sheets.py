"""Facilitator sheets: each case on one A4 page, as tagged PDF.

What stands on a sheet is decided here, as data; how it looks, in workshop/templates/facilitator-sheet.typ.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import typst

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.paths import CASE_PAGES, ROOT
from informal_ict.reading import read_yaml
from informal_ict.typeset import compiler as compiler_of
from informal_ict.typeset import pages, pdf
from informal_ict.vignettes.evidence import CERTAINTY
from informal_ict.vignettes.load import load_all, load_standards
from informal_ict.vignettes.model import ContentNote, Node, Standard, Step, Vignette
from informal_ict.vignettes.printed import names

# In points, the best first. Text smaller than the last is not read in a room; then a case has to be shorter.
BODY_SIZES = ("10.5", "10.25", "10", "9.75", "9.5", "9.25", "9", "8.75", "8.5")

# A citation and the place in its source: 1.06(h), 1.05 (passage on technology), IV.
CITATION = re.compile(r"(.+?) (\d[\d.]*(?:\([a-z\d]+\))*(?: \(.+\))?|[IVX]+)")


class Shelf(NamedTuple):
    """What a sheet needs from outside its case."""

    standards: Mapping[str, Standard]
    titles: Mapping[str, str]
    book: str
    author: str


def load_shelf(cases: Iterable[Vignette]) -> Shelf:
    """The standards, the titles of these cases by slug, and the book's title and author."""
    config = read_yaml(ROOT / "_config.yml")
    titles = {case.slug: case.title for case in cases}
    return Shelf(load_standards().standards, titles, config["title"], config["author"])


def write_sheets(folder: Path) -> list[Path]:
    """Write the sheet of every case, in the order of their numbers.

    Raises:
        InputError: for a faulty case, or one that does not fit on its page.
    """
    cases = load_all()
    shelf = load_shelf(cases)
    return [write_sheet(case, shelf, folder) for case in cases]


def write_sheet(vignette: Vignette, shelf: Shelf, folder: Path) -> Path:
    """Write one case's sheet to ``<slug>.pdf``.

    Raises:
        InputError: naming the case, if it does not fit on its page or cannot be set.
    """
    target = folder / f"{vignette.slug}.pdf"
    write_atomically(target, sheet_pdf(vignette, shelf))
    return target


def sheet_pdf(vignette: Vignette, shelf: Shelf) -> bytes:
    """One case's sheet, in the largest size of text that fits on the page.

    Raises:
        InputError: naming the case, if it does not fit in the smallest size or cannot be set.
    """
    data = sheet_data(vignette, shelf)
    file = f"{vignette.slug}.yml"
    try:
        place = bisect_left(BODY_SIZES, True, key=lambda body: len(pages(compiler(data, body))) == 1)
        if place < len(BODY_SIZES):
            return pdf(compiler(data, BODY_SIZES[place]))
    except typst.TypstError as error:
        raise InputError(f"{file}: its facilitator sheet cannot be set: {error.message}") from None
    smallest = BODY_SIZES[-1]
    raise InputError(f"{file}, facilitator: does not fit on one page at {smallest} points; shorten its texts")


def compiler(data: Mapping[str, Any], body: str) -> typst.Compiler:
    """The template with a case's data and a size of text in points, ready to be set."""
    return compiler_of("facilitator-sheet.typ", sheet=json.dumps(data), body=body)


def sheet_data(vignette: Vignette, shelf: Shelf) -> dict[str, Any]:
    """Everything that stands on the sheet of a case, ready to become JSON.

    Raises:
        KeyError: for a standard or a case that the shelf does not have.
    """
    notes = vignette.facilitator
    return {
        "document": {
            "title": f"{vignette.title}: facilitator sheet",
            "author": shelf.author,
            "book": shelf.book,
        },
        "number": vignette.number,
        "title": vignette.title,
        "place": vignette.rules.place,
        "field": vignette.field,
        "people": [{"name": person.name, "role": person.role} for person in vignette.people],
        "minutes": vignette.minutes,
        "summary": one_line(vignette.summary),
        "content_note": content_note(vignette.content_note, shelf.titles),
        "timing": _timing(notes.timing),
        "total_minutes": sum(step.minutes for step in notes.timing),
        "map": _map(vignette),
        "questions": [one_line(text) for text in notes.questions],
        "positions": [
            {"position": one_line(one.position), "answer": one_line(one.answer)} for one in notes.positions
        ],
        "sensitivities": [one_line(text) for text in notes.sensitivities],
        "variations": [one_line(text) for text in notes.variations],
        "standards": list(by_certainty([shelf.standards[key] for key in vignette.standards])),
        "book": {
            "page": f"{(CASE_PAGES / vignette.slug).relative_to(ROOT).as_posix()}.html",
            "frameworks": list(vignette.frameworks),
            "competencies": list(vignette.competencies),
        },
    }


def one_line(text: str) -> str:
    """A text without the line breaks of its source, which are for those who write it."""
    return " ".join(text.split())


def source_and_place(citation: str) -> tuple[str, str]:
    """A citation as its source and the place in it, which is empty for a source cited whole."""
    found = CITATION.fullmatch(citation)
    return (found[1], found[2]) if found else (citation, "")


def content_note(note: ContentNote | None, titles: Mapping[str, str]) -> dict[str, str] | None:
    """What may be hard in a case, and the title of the case to take in its place."""
    if note is None:
        return None
    return {"about": one_line(note.about), "instead": titles[note.instead]}


def _timing(steps: Sequence[Step]) -> list[dict[str, str | int]]:
    starts = accumulate((step.minutes for step in steps), initial=0)
    return [
        {"at": f"{start // 60}:{start % 60:02}", "step": step.step, "minutes": step.minutes}
        for start, step in zip(starts, steps, strict=False)
    ]


def _map(vignette: Vignette) -> list[dict[str, Any]]:
    called = {name: _short(spoken) for name, spoken in names(vignette).items()}
    return [
        {
            "number": number,
            "title": vignette.nodes[name].title,
            "ending": vignette.nodes[name].is_ending,
            "ways": _ways(vignette.nodes[name], called),
        }
        for name, number in called.items()
    ]


def _short(name: str) -> str:
    """'3' for Scene 3 and 'E1' for Ending 1."""
    return name.removeprefix("Scene ").replace("Ending ", "E")


def _ways(node: Node, called: Mapping[str, str]) -> list[dict[str, str]]:
    """Where the choices of a scene lead, with those that lead to the same place together."""
    letters: dict[str, list[str]] = {}
    for letter, choice in node.lettered:
        letters.setdefault(called[choice.next], []).append(letter)
    return [{"choices": "".join(those), "to": to} for to, those in letters.items()]


def by_certainty(standards: Sequence[Standard]) -> Iterator[dict[str, Any]]:
    """Standards by how sure we are of them, with the places in each source together."""
    for certainty, meaning in CERTAINTY.items():
        cited: dict[str, list[str]] = {}
        for standard in standards:
            if standard.certainty == certainty:
                source, place = source_and_place(standard.citation)
                cited.setdefault(source, []).extend([place] if place else [])
        if cited:
            sources = [{"source": source, "places": places} for source, places in cited.items()]
            yield {"certainty": f"{meaning[0].upper()}{meaning[1:]}", "cited": sources}

"""The cases as table cards: the first scene and its decision on the front, questions on the back."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from informal_ict.facilitator_sheets import Shelf, by_certainty, content_note, load_shelf, one_line
from informal_ict.files import write_atomically
from informal_ict.paths import CASE_PAGES, ROOT
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import Questionnaire, load_questionnaire
from informal_ict.typeset import document_facts, set_pdf
from informal_ict.vignettes.evidence import NOT_STATED, Finding, findings
from informal_ict.vignettes.load import load_all, published_numbers
from informal_ict.vignettes.model import Vignette

PICTURE = re.compile("[\N{WATCH}-\N{BLACK LARGE SQUARE}\U0001f000-\U0001faff]")


def write_table_cards(folder: Path) -> Path:
    """Write the cards of all cases, two to a sheet, in the order of their numbers.

    Raises:
        InputError: for a faulty case, or one whose card is too full.
    """
    target = folder / "table-cards.pdf"
    write_atomically(target, set_pdf("table-cards.typ", cards_data(), "The table cards"))
    return target


def cards_data() -> dict[str, Any]:
    """Everything that stands on the cards, ready to become JSON."""
    cases = load_all()
    shelf, numbers, questionnaire = load_shelf(cases), published_numbers(), load_questionnaire()
    facts = document_facts(
        "Table cards of the cases",
        "For each case the first scene, its decision, and questions to talk about.",
    )
    return {"document": facts, "cards": [card_data(case, shelf, numbers, questionnaire) for case in cases]}


def card_data(
    case: Vignette, shelf: Shelf, numbers: Mapping[str, PublishedNumber], questionnaire: Questionnaire
) -> dict[str, Any]:
    """Both sides of one case's card."""
    scene, note = case.nodes[case.start], case.content_note
    return {
        "number": case.number,
        "title": case.title,
        "place": case.rules.place,
        "field": case.field,
        "page": f"{(CASE_PAGES / case.slug).relative_to(ROOT).as_posix()}.html",
        "content_note": content_note(note, shelf.titles),
        "setting": paragraphs(case.setting),
        "scene_title": scene.title,
        "scene": paragraphs(scene.text),
        "thread": [
            {
                "sender": message.sender,
                "at": message.at,
                "text": in_letters(message.text),
                "worker": case.role_of(message.sender) == "worker",
            }
            for message in scene.thread
        ],
        "question": one_line(scene.question),
        "choices": [(letter, one_line(choice.label)) for letter, choice in scene.lettered],
        "questions": [one_line(text) for text in case.facilitator.questions],
        "supervision": [one_line(text) for text in case.closing.supervision],
        "findings": finding_lines(findings(case.data, numbers, questionnaire)),
        "standards": list(by_certainty([shelf.standards[key] for key in case.standards])),
    }


def finding_lines(rows: Sequence[Finding]) -> list[str]:
    """What the survey found, one line a question, with both countries in it where both were asked."""
    asked: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in rows:
        where = "the United States" if row.country == "United States" else row.country
        asked.setdefault((row.what, row.base), {}).setdefault(row.value, []).append(where)
    return [_finding_line(what, base, values) for (what, base), values in asked.items()]


def _finding_line(what: str, base: str, values: Mapping[str, Sequence[str]]) -> str:
    shares = [
        value if where == ["all"] else f"{value} in {' and '.join(where)}" for value, where in values.items()
    ]
    of_whom = "" if base == NOT_STATED else f", of {base}"
    return f"{what[0].upper()}{what[1:]}: {' and '.join(shares)}{of_whom}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text of a case, each in one line."""
    return [one_line(paragraph) for paragraph in text.strip().split("\n\n")]


def in_letters(message: str) -> str:
    """A message with each picture in it as its name, since printed type has no pictures: [thumbs up sign]."""
    return PICTURE.sub(lambda found: f"[{unicodedata.name(found[0]).lower()}]", message)

"""A case as a file that a notebook can play with nothing of this package beside it.

The texts are those of the played form in the book, from the same renderer. Left out are the model progress
note, which students would otherwise find before they write their own, the authors' standing of an option,
and the facilitator's notes.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from informal_ict.files import write_atomically
from informal_ict.markdown import inline, markdown
from informal_ict.vignettes import panels
from informal_ict.vignettes.graph import in_order
from informal_ict.vignettes.load import load_standards, load_vignette
from informal_ict.vignettes.model import Node, Standard, Vignette

STANDARDS_FILE = "standards.csv"
STANDARDS_COLUMNS = ("key", "country", "certainty", "citation", "paraphrase", "note")


def write_case_files(slugs: Sequence[str], folder: Path) -> None:
    """Write what a notebook needs to play some cases: a file for each, and the standards as a table.

    Nothing is written when there are no cases.

    Raises:
        InputError: if a case or the standards have a fault.
    """
    for slug in slugs:
        write_case_file(slug, folder / f"{slug}.json")
    if slugs:
        write_standards(folder / STANDARDS_FILE)


def write_case_file(slug: str, target: Path) -> None:
    """Write one case as JSON.

    Raises:
        InputError: if the case or the standards have a fault.
    """
    content = case_content(load_vignette(slug), load_standards().standards)
    write_atomically(target, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def case_content(vignette: Vignette, standards: Mapping[str, Standard]) -> dict[str, Any]:
    """What a reader meets in a case, texts as HTML; a scene stands before those that it leads to."""
    return {
        "title": vignette.title,
        "place": vignette.rules.place,
        "content_note": inline(" ".join(vignette.content_note.about.split()))
        if vignette.content_note
        else "",
        "setting": markdown(vignette.setting),
        "rules": markdown(vignette.rules.here),
        "start": vignette.start,
        "scenes": {
            name: _scene(vignette, vignette.nodes[name], standards) for name in in_order(vignette.graph)
        },
        "closing": _questions("Think it over", vignette.closing.reflection)
        + _questions("Bring it to supervision", vignette.closing.supervision),
    }


def _scene(vignette: Vignette, node: Node, standards: Mapping[str, Standard]) -> dict[str, Any]:
    return {
        "title": node.title,
        "text": panels.ending(vignette, node) if node.is_ending else panels.scene(vignette, node),
        "question": node.question,
        "choices": [
            {
                "letter": letter,
                "label": choice.label,
                "follows": panels.consequence(choice, standards),
                "risk": choice.risk.strip(),
                "standards": list(choice.standards),
                "next": choice.next,
            }
            for letter, choice in node.lettered
        ],
    }


def _questions(heading: str, items: Iterable[str]) -> str:
    return f"<h3>{escape(heading)}</h3><ul>{''.join(f'<li>{inline(item)}</li>' for item in items)}</ul>"


def write_standards(target: Path) -> None:
    """Write every standard that cases may cite, one a row, with how sure we are of number and words.

    Raises:
        InputError: if data/standards.yml has a fault.
    """
    table = io.StringIO()
    rows = csv.DictWriter(table, STANDARDS_COLUMNS, lineterminator="\n")
    rows.writeheader()
    for key, standard in load_standards().standards.items():
        rows.writerow({"key": key, **standard.model_dump()})
    write_atomically(target, table.getvalue().encode())

"""A handed-in notebook written anew, of the parts that are known and harmless.

Templates of nbconvert and nbgrader put metadata, tags, sizes and identifiers of a notebook into pages. Whoever
edits the file chooses them. So nothing is searched for and removed: what is not named here does not get through.
"""

import math
import re
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from informal_ict.course.feedback.markdown import safe_markdown
from informal_ict.course.feedback.sanitise import SVG, picture, safe_html

NAME = re.compile(r"[\w .+-]{1,128}\Z")
LONGEST = 100_000  # characters of one output
PICTURES = ("image/png", "image/jpeg", "image/gif")
RICHEST_FIRST = ("text/html", SVG, *PICTURES, "text/markdown", "text/latex", "text/plain")
NOTHING_TO_SEE = "This output was left out, because it can be shown only by running it."
FLAGS = ("grade", "solution", "locked", "task")


class KeepHarmlessParts(Preprocessor):
    """The step that formgrader's exporter takes before it shows a submission."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Write one notebook anew."""
        return harmless_notebook(nb), resources


def harmless_notebook(notebook: NotebookNode) -> NotebookNode:
    """Write a notebook anew, of harmless parts. The original stays as it is."""
    made = new_notebook()
    made.cells = [harmless_cell(cell) for cell in notebook.cells]
    language = notebook.metadata.get("language_info", {})
    lexer = language.get("pygments_lexer") or language.get("name") if isinstance(language, dict) else None
    if isinstance(lexer, str) and NAME.match(lexer):
        made.metadata["language_info"] = {"name": lexer, "pygments_lexer": lexer}
    return made  # type: ignore[no-any-return]


def harmless_cell(cell: NotebookNode) -> NotebookNode:
    """Write a cell anew; a raw one becomes text that shows its source."""
    about = harmless_nbgrader(cell.metadata.get("nbgrader"))
    metadata = {"nbgrader": about} if about else {}
    source = cell.source if isinstance(cell.source, str) else ""
    if cell.cell_type == "code":
        outputs = [made for output in cell.get("outputs", []) if (made := harmless_output(output))]
        count = cell.get("execution_count")
        return new_code_cell(  # type: ignore[no-any-return]
            source,
            outputs=outputs,
            execution_count=count if isinstance(count, int) else None,
            metadata=metadata,
        )
    if cell.cell_type != "markdown":
        fence = "`" * (max((len(run) for run in re.findall(r"`+", source)), default=0) + 3)
        source = f"{fence}\n{source}\n{fence}"
    made = new_markdown_cell(source, metadata=metadata)
    attachments = cell.get("attachments")
    if isinstance(attachments, dict):
        made["attachments"] = harmless_attachments(attachments)
    return made  # type: ignore[no-any-return]


def harmless_attachments(attachments: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Keep those pictures dropped into a text that are pictures."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items():
        for mime in (SVG, *PICTURES):
            data = bundle.get(mime) if isinstance(bundle, dict) else None
            if data is not None and (address := picture(mime, joined(data))):
                kept[name] = {mime: address.split(",", 1)[1]}
    return kept


def harmless_nbgrader(about: Any) -> dict[str, Any]:
    """Keep what nbgrader and its templates know, each of the type that they expect; nothing without a name."""
    if not isinstance(about, dict) or not NAME.match(str(about.get("grade_id", ""))):
        return {}
    kept: dict[str, Any] = {flag: about.get(flag) is True for flag in FLAGS}
    kept["grade_id"] = str(about["grade_id"])
    for number in ("points", "score"):
        if number in about:
            kept[number] = finite(about[number])
    if isinstance(about.get("comment"), str):
        kept["comment"] = about["comment"]
    if about.get("needs_manual_grade") is not None:
        kept["needs_manual_grade"] = about["needs_manual_grade"] is True
    return kept


def finite(value: Any) -> float:
    """A number, or 0 for what is none."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def harmless_output(output: NotebookNode) -> NotebookNode | None:
    """Write an output anew, with its richest harmless form alone; nothing for an unknown kind."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=shortened(joined(output.get("text", ""))))  # type: ignore[no-any-return]
    if kind == "error":
        traceback = output.get("traceback", [])
        lines = [shortened(joined(line)) for line in traceback] if isinstance(traceback, list) else []
        return new_output(  # type: ignore[no-any-return]
            "error",
            ename=shortened(joined(output.get("ename", ""))),
            evalue=shortened(joined(output.get("evalue", ""))),
            traceback=lines,
        )
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        found = harmless_data(data if isinstance(data, dict) else {})
        return new_output("display_data", data=found) if found else None
    return None


def harmless_data(data: dict[str, Any]) -> dict[str, str]:
    """The richest form of an output that can be shown without running it: pictures and text as HTML, or text."""
    for mime in RICHEST_FIRST:
        if mime not in data:
            continue
        text = joined(data[mime])
        if mime == "text/plain":
            return {mime: shortened(text)}
        if mime == SVG or mime in PICTURES:
            address = picture(mime, text)
            html = f'<img src="{address}" alt="Picture made by the code above">' if address else ""
        else:
            html = safe_html(text) if mime == "text/html" else safe_markdown(text)
        if "<img" in html or re.sub(r"<[^>]*>|\s", "", html):
            return {"text/html": html}
    return {"text/plain": NOTHING_TO_SEE} if data else {}


def joined(text: Any) -> str:
    """A text that a notebook may hold as a list of lines."""
    if isinstance(text, list):
        return "".join(map(str, text))
    return text if isinstance(text, str) else ""


def shortened(text: str) -> str:
    """A text, or its beginning and a note if nobody would read it to the end."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more characters were left out."

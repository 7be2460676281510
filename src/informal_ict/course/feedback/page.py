"""The page of feedback that a student opens: marks first, then the notebook with checks and comments in it.

One file with its style in it. Its policy lets no script run and asks nobody for anything, so even a fault in
the cleaning of a submission would harm no reader.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import markdown_it
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from traitlets import Unicode, default

from informal_ict.course.feedback.hide_marking import without_colours
from informal_ict.course.feedback.markdown import safe_markdown
from informal_ict.course.feedback.marks import KEY, Mark, Marks
from informal_ict.course.feedback.rubric import Judged, judged
from informal_ict.course.feedback.sanitise import picture
from informal_ict.course.feedback.untrusted import PICTURES, harmless_notebook
from informal_ict.errors import InputError

POLICY = "default-src 'none'; img-src data:; style-src '{style}'; base-uri 'none'; form-action 'none'"
HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6}) +(?P<text>.+?)(?: +#+)?\s*$", re.MULTILINE)
FENCED = re.compile(r"^ {0,3}(?P<fence>```+|~~~+).*?^ {0,3}(?P=fence)[^\n]*$", re.MULTILINE | re.DOTALL)
NUMBER_AND_POINTS = re.compile(r"^\d+\.\s+|\s*\([\d.]+ points?\)\s*$")
LARGEST_PICTURE = 5_000_000  # bytes
SUFFIXES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
DEEPER = 2  # the page has headings of its own above those of the notebook


@dataclass(frozen=True)
class Shown:
    """One output of a cell: HTML, or text; an error also has the lines that led to it."""

    html: str = ""
    text: str = ""
    error: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class Step:
    """One cell of the notebook with everything that was said about it.

    Attributes:
        kind: text, code, check for a test that the computer ran, or judged for what a person said of a task,
            which stands under the answer.
        html: its content.
        anchor: where links to it lead.
        mark: what it earned.
        comment: what the marker wrote, as HTML.
        criteria: what was looked for.
        outputs: what it showed.
    """

    kind: str
    html: str
    anchor: str = ""
    mark: Mark | None = None
    comment: str = ""
    criteria: list[Judged] = field(default_factory=list)
    outputs: list[Shown] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A line of the table of marks."""

    title: str
    anchor: str
    mark: Mark
    commented: bool


class FeedbackExporter(Exporter):
    """Make the page from a marked notebook, after ``GetMarks`` and ``HideMarking``."""

    output_mimetype = "text/html"
    language_code = Unicode("en", help="Language of the course, as HTML writes it.").tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as all exporters to text
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the page of one notebook.

        Raises:
            InputError: if the marks were not looked up before.
        """
        cleaned, resources = super().from_notebook_node(nb, resources, **kw)
        marks = resources.get("nbgrader", {}).get(KEY)
        if not isinstance(marks, Marks):
            raise InputError("Feedback needs GetMarks among c.GenerateFeedback.preprocessors.")
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        return feedback_html(cleaned, marks, folder, self.language_code), resources


def feedback_html(notebook: NotebookNode, marks: Marks, folder: Path, language: str = "en") -> str:
    """Write the page.

    Args:
        notebook: as it was marked, without hidden tests and mark schemes.
        marks: what the gradebook holds about it.
        folder: where its pictures are.
        language: of the course.
    """
    notebook = harmless_notebook(notebook)
    steps = list(_steps(notebook, marks, folder))
    titles = question_titles(notebook)
    listed = {step.mark.grade_id: step for step in steps if step.mark}
    rows = [
        Row(
            titles.get(name, name),
            listed[name].anchor if name in listed else "",
            mark,
            bool(name in listed and listed[name].comment),
        )
        for name, mark in _in_order(marks.by_cell, list(listed))
    ]
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            language=language,
            policy=POLICY.format(style=f"sha256-{digest}"),
            style=Markup(style),
            title=_title(notebook) or marks.assignment,
            marks=marks,
            rows=rows,
            steps=steps,
        )
    )


def _in_order(marks: dict[str, Mark], shown: list[str]) -> list[tuple[str, Mark]]:
    """Those of the notebook in its order, then those whose cell is not there."""
    return [(name, marks[name]) for name in [*shown, *(set(marks) - set(shown))] if name in marks]


def _steps(notebook: NotebookNode, marks: Marks, folder: Path) -> Iterator[Step]:
    """Go through the cells; what is said of a task comes after the cells that answer it."""
    waiting: Step | None = None
    for cell in notebook.cells:
        step = _step(cell, notebook, marks, folder)
        if waiting and (cell.metadata.get("nbgrader") or HEADING.match(cell.source)):
            yield waiting
            waiting = None
        if step and cell.metadata.get("nbgrader", {}).get("task"):
            waiting = replace(step, kind="judged")
            yield Step(kind="text", html=step.html)
        elif step:
            yield step
    if waiting:
        yield waiting


def _step(cell: NotebookNode, notebook: NotebookNode, marks: Marks, folder: Path) -> Step | None:
    about = cell.metadata.get("nbgrader", {})
    name = about.get("grade_id", "")
    mark = marks.by_cell.get(name)
    comment = marks.comments.get(name, "")
    criteria: list[Judged] = []
    if mark and not mark.unread and name in marks.criteria:
        criteria, comment = judged(marks.criteria[name], mark.score, comment)
    elif name in marks.criteria:
        criteria = [Judged(criterion, None) for criterion in marks.criteria[name]]
    said = Step(
        kind="text",
        html="",
        anchor=f"cell-{name}" if mark else "",
        mark=mark,
        comment=safe_markdown(comment) if comment.strip() else "",
        criteria=criteria,
    )
    if cell.cell_type == "markdown":
        if not cell.source.strip() and not mark:
            return None
        html = safe_markdown(deeper(cell.source), _pictures(cell, folder))
        return replace(said, html=html)
    if not cell.source.strip() and not cell.outputs and not mark:
        return None
    is_check = bool(mark) and not about.get("solution")
    language = notebook.metadata.get("language_info", {}).get("pygments_lexer", "ipython3")
    outputs = [_shown(output) for output in cell.outputs]
    kind = "check" if is_check else "code"
    return replace(said, kind=kind, html=coloured(cell.source, language), outputs=outputs)


def _shown(output: NotebookNode) -> Shown:
    if output.output_type == "stream":
        return Shown(text=without_colours(output.text))
    if output.output_type == "error":
        lines = [without_colours(line) for line in output.traceback]
        plainly = f"{output.ename}: {output.evalue}"
        if len(lines) == 1 and lines[0] != plainly:  # HideMarking has left the message alone
            return Shown(error=lines[0])
        said = output.evalue if output.ename == "AssertionError" and output.evalue else plainly
        return Shown(error=without_colours(said), traceback="\n".join(lines) if len(lines) > 1 else "")
    data = output.data
    return (
        Shown(html=data["text/html"])
        if "text/html" in data
        else Shown(text=without_colours(data["text/plain"]))
    )


def coloured(source: str, language: str) -> str:
    """Code as HTML, its parts named by class."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return str(highlight(source, lexer, HtmlFormatter(nowrap=True)))


def deeper(source: str) -> str:
    """Move the headings of a text down, beneath those of the page; a line of code is no heading."""

    def move(text: str) -> str:
        return HEADING.sub(lambda m: f"{'#' * min(6, len(m['level']) + DEEPER)} {m['text']}", text)

    parts, end = [], 0
    for block in FENCED.finditer(source):
        parts += [move(source[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, move(source[end:])])


def question_titles(notebook: NotebookNode) -> dict[str, str]:
    """The heading above each graded cell, or in it, without its number and its points."""
    titles: dict[str, str] = {}
    above = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for heading in HEADING.finditer(FENCED.sub("", cell.source)):
                above = NUMBER_AND_POINTS.sub("", NUMBER_AND_POINTS.sub("", plain(heading["text"])))
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name and above:
            titles[name] = above
    return titles


def plain(markdown: str) -> str:
    """A line of Markdown as text."""
    (token,) = markdown_it.MarkdownIt("commonmark").parseInline(markdown)
    return "".join(child.content for child in token.children or []).strip()


def _title(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for heading in HEADING.finditer(FENCED.sub("", cell.source)):
                if len(heading["level"]) == 1:
                    return plain(heading["text"])
    return ""


def _pictures(cell: NotebookNode, folder: Path) -> Callable[[str], str | None]:
    """Find a picture that was dropped into a cell, or lies beside the notebook and nowhere else."""

    def find(source: str) -> str | None:
        if source.startswith("attachment:"):
            bundle = cell.get("attachments", {}).get(source.removeprefix("attachment:"), {})
            return next((picture(mime, data) for mime, data in bundle.items()), None)
        mime = SUFFIXES.get(Path(source).suffix.lower())
        try:
            path = (folder / source).resolve()
            inside = path.is_relative_to(folder.resolve()) and path.is_file()
            if mime not in PICTURES or not inside or path.stat().st_size > LARGEST_PICTURE:
                return None
            return picture(mime, base64.b64encode(path.read_bytes()).decode())
        except (OSError, ValueError):
            return None  # no name of a file; the page says that a picture was left out

    return find


def points(value: float) -> str:
    """A number of points as people write it."""
    return f"{round(value, 2):g}"


@cache
def _style() -> str:
    return "\n" + Path(__file__).with_name("page.css").read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("informal_ict.course.feedback", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    return environment

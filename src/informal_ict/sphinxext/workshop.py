"""What the book shows of the workshop: run sheets, preparation, files; and a standard by role."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import Node, system_message
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import nested_parse_with_titles

from informal_ict.errors import InputError
from informal_ict.paths import VIGNETTES
from informal_ict.sphinxext.generated import Generated
from informal_ict.vignettes.evidence import CERTAINTY
from informal_ict.vignettes.load import STANDARDS, load_standards
from informal_ict.workshop.materials import MATERIALS, load_materials
from informal_ict.workshop.run_sheet_myst import (
    files_myst,
    lead_myst,
    overview_myst,
    steps_myst,
    timeline_myst,
)
from informal_ict.workshop.run_sheets import (
    RUN_SHEETS,
    SLIDES,
    TIMELINE,
    RunSheet,
    load_run_sheet,
    load_timeline,
)


class _FromRunSheet(Generated):
    """Something made from the run sheet ``workshop/run-sheets/<name>.yml``."""

    required_arguments = 1

    def sources(self) -> Iterable[Path]:
        """The run sheet and what it refers to."""
        referred = (*sorted(SLIDES.glob("*.md")), *sorted(VIGNETTES.glob("*.yml")))
        return [RUN_SHEETS / f"{self.arguments[0]}.yml", MATERIALS, *referred]

    def sheet(self) -> RunSheet:
        """The run sheet. Raises InputError with its first fault."""
        return load_run_sheet(RUN_SHEETS / f"{self.arguments[0]}.yml")


class RunSheetTable(_FromRunSheet):
    """The steps with their minutes."""

    def myst(self) -> str:
        """A table."""
        return overview_myst(self.sheet())


class RunSheetLead(_FromRunSheet):
    """What the workshop is, for whom, and what it needs."""

    def myst(self) -> str:
        """Paragraphs and a list."""
        return lead_myst(self.sheet(), load_materials())


class RunSheetSteps(_FromRunSheet):
    """Every step, at the end of a section and one heading level below it."""

    def run(self) -> list[nodes.Node]:
        """The sections. Raises DirectiveError with the fault of a source file."""
        for source in self.sources():
            self.env.note_dependency(str(source))
        try:
            text = steps_myst(self.sheet(), load_materials(), "#" * (self.state.memo.section_level + 1))
        except InputError as error:
            raise self.error(str(error)) from error
        # MyST hangs each section on the open section of the page; only other content lands in this parent.
        parent = nodes.Element()
        parent.document = self.state.document
        nested_parse_with_titles(self.state, StringList(text.splitlines(), source=self.env.docname), parent)
        return parent.children


class WorkshopTimeline(Generated):
    """What to prepare, and when."""

    def sources(self) -> Iterable[Path]:
        """The timeline."""
        return [TIMELINE]

    def myst(self) -> str:
        """Lists of tasks."""
        return timeline_myst(load_timeline())


class WorkshopFiles(Generated):
    """What is in the pack."""

    def sources(self) -> Iterable[Path]:
        """The materials."""
        return [MATERIALS]

    def myst(self) -> str:
        """Lists of files."""
        return files_myst(load_materials())


def standard_text(key: str) -> str:
    """A standard with its certainty, as it stands in a sentence. Raises KeyError for an unknown key."""
    standard = load_standards().standards[key]
    return f"{standard.citation} ({CERTAINTY[standard.certainty]})"


class StandardRole(SphinxRole):
    """``{standard}`nasw-1.06h```: its citation, and how sure we are of it."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """The text, or an error that names the key."""
        self.env.note_dependency(str(STANDARDS))
        try:
            return [nodes.inline("", standard_text(self.text))], []
        except KeyError:
            message = self.inliner.reporter.error(
                f"standard: {self.text!r} is not in data/standards.yml", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives and the role."""
    app.add_directive("run-sheet-lead", RunSheetLead)
    app.add_directive("run-sheet-steps", RunSheetSteps)
    app.add_directive("run-sheet-table", RunSheetTable)
    app.add_directive("workshop-timeline", WorkshopTimeline)
    app.add_directive("workshop-files", WorkshopFiles)
    app.add_role("standard", StandardRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The decks: one for each run sheet, put together from its steps and made by Sphinx with reveal.js.

A step brings its part of ``workshop/slides``, and its times and words as speaker notes. Breaks and cases get
slides of their own, so a deck cannot say anything else than its run sheet.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from informal_ict.errors import InputError
from informal_ict.facilitator_sheets import one_line
from informal_ict.files import write_atomically
from informal_ict.reading import read_text
from informal_ict.vignettes.load import load_vignette
from informal_ict.workshop.run_sheets import SLIDES, RunSheet, Step, load_run_sheets

SLIDE = re.compile(r"^## ", re.MULTILINE)
CITATION = re.compile(r"(\{cite\}`)([\w-]+`)")
FIRST_HEADING = re.compile(r"\A# (.+)\n")
TITLE = "It crept in"
SUBTITLE = "Informal ICT use in social work"
# What ships with reveal.js and no slide uses.
UNUSED = (
    *(f"revealjs/plugin/{name}" for name in ("highlight", "markdown", "math", "search", "zoom")),
    *("revealjs/dist/theme", "revealjs/css", "revealjs/dist/reveal.esm.js"),
    *("revealjs/plugin/notes/plugin.js", "revealjs/plugin/notes/notes.esm.js"),
)


def write_slides(folder: Path) -> list[Path]:
    """Write every deck as ``<run sheet>.html`` into a folder, with all that it needs beside it.

    Raises:
        InputError: for a faulty run sheet, or with what Sphinx says of a faulty slide.
    """
    sheets = load_run_sheets()
    with TemporaryDirectory() as name:
        work = Path(name)
        for sheet in sheets:
            write_atomically(work / "source" / f"{sheet.slug}.md", deck_myst(sheet).encode())
        _run_sphinx(work, first=sheets[0].slug)
        shutil.copytree(work / "html", folder, dirs_exist_ok=True, ignore=_left_out)
    return [folder / f"{sheet.slug}.html" for sheet in sheets]


def deck_myst(sheet: RunSheet) -> str:
    """A whole deck as MyST: title, the slides of each step, sources.

    Raises:
        InputError: for slides that do not begin with a title.
    """
    parts = [
        f"---\norphan: true\n---\n\n# {TITLE}\n\n{SUBTITLE}\n\n{sheet.title}",
        *(part for at, step in sheet.timed for part in _slides_of(at, step)),
        "## Sources\n\n```{bibliography}\n:filter: docname in docnames\n:style: plain\n"
        f":keyprefix: {_prefix(sheet)}\n:labelprefix: {_prefix(sheet)}\n```",
    ]
    # Each deck has its own list of sources, so its keys are told from those of the others.
    return CITATION.sub(rf"\1{_prefix(sheet)}\2", "\n\n".join(parts)) + "\n"


def _prefix(sheet: RunSheet) -> str:
    return f"{sheet.slug}-"


def _slides_of(at: str, step: Step) -> Iterator[str]:
    notes = _notes([f"*{at}, {step.minutes} minutes: {step.title}.*", one_line(step.do), _spoken(step)])
    if step.kind == "break":
        minutes = f":::{{container}} minutes\n{step.minutes} minutes\n:::"
        yield f"## {step.title}\n\n{minutes}\n\n{notes}"
        return
    path = SLIDES / f"{step.slides}.md"
    text = read_text(path)
    title = FIRST_HEADING.match(text)
    if not title:
        raise InputError(f"{path.name}: must begin with a title")
    first, *rest = SLIDE.split(text[title.end() :])
    yield f"## {title[1]}\n\n{notes}\n{first}"
    yield from _case_slides(step.cases)
    yield from (f"### {slide}" for slide in rest)


def _case_slides(slugs: Sequence[str]) -> Iterator[str]:
    """The case of a step, or the titles of those among which a group chooses."""
    if len(slugs) == 1:
        yield f"### {load_vignette(slugs[0]).title}\n\n```{{case-slide}} {slugs[0]}\n```"
    elif slugs:
        titles = "\n".join(f"- {load_vignette(slug).title}" for slug in slugs)
        yield f"### Which of these could have been yours?\n\n{titles}"


def _spoken(step: Step) -> str:
    return f'You may say: "{one_line(step.say)}"' if step.say else ""


def _notes(paragraphs: Sequence[str]) -> str:
    return "```{revealjs-notes}\n" + "\n\n".join(filter(None, paragraphs)) + "\n```"


def _run_sphinx(work: Path, first: str) -> None:
    """Make the decks. A process of its own, as Sphinx keeps what it has loaded for the life of one."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--builder",
        "revealjs",
        "--quiet",
        "--fail-on-warning",
        "--keep-going",
    ]
    options = ["--conf-dir", str(SLIDES), "--doctree-dir", str(work / "doctrees")]
    defined = ["--define", f"root_doc={first}"]
    finished = subprocess.run(
        [*command, *options, *defined, str(work / "source"), str(work / "html")],
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise InputError(f"the slides were not made:\n{finished.stderr.strip()}")


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What a deck does not need: parts of reveal.js, maps of scripts, and what Sphinx keeps for itself."""
    here = Path(folder)
    return {
        name
        for name in names
        if any((here / name).as_posix().endswith(unused) for unused in UNUSED)
        or name.endswith(".map")
        or name in (".buildinfo", "objects.inv", "_sources", "searchindex.js", "search.html", "genindex.html")
    }

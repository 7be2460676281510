"""Notebooks of the book as downloads: a zip that runs in any Jupyter, from an empty folder.

The book's notebooks are MyST Markdown with roles that only the book knows. In the download these are plain
text: a published number as it stands in a sentence, a citation as author and year, a term as its word.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from pybtex.database import BibliographyData, parse_file

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.published import PublishedNumber, load_published
from informal_ict.reading import read_text
from informal_ict.sphinxext.stat import ROLES

ALWAYS = ("data/survey.csv", "data/notebook.mplstyle")
READS = re.compile(r"""["']\.\./(data/[\w./-]+)["']""")
OWN_MODULE = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")
BOX = re.compile(r"^(`{3,})\{admonition\} ([^\n]+)\n(?::[^\n]*\n)*\n?(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
TITLED = re.compile(r"(.+?) <[^>]*>")


def analysis_notebooks() -> list[Path]:
    """The notebooks for students: those that need nothing of this package."""
    sources = sorted(paths.NOTEBOOKS.glob("*.md"))
    return [path for path in sources if "informal_ict" not in "".join(_code(read_text(path)))]


def write_notebook_downloads(folder: Path) -> list[Path]:
    """Write ``<slug>.zip`` for every analysis notebook.

    Raises:
        InputError: for a role that the download has no plain text for, or a data file that is not there.
    """
    numbers, works = load_published(), parse_file(str(paths.ROOT / "references.bib"))
    written = []
    for source in analysis_notebooks():
        target = folder / f"{source.stem}.zip"
        write_atomically(target, zipped(source, numbers, works))
        written.append(target)
    return written


def zipped(source: Path, numbers: Mapping[str, PublishedNumber], works: BibliographyData) -> bytes:
    """The notebook and what it reads, in the folders in which it looks for them."""
    text = read_text(source)
    wanted = dict.fromkeys([*ALWAYS, *READS.findall(text)])
    wanted |= dict.fromkeys(f"notebooks/{name}.py" for name in OWN_MODULE.findall(text) if _own(name))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        notebook = nbformat.writes(plain_notebook(text, source.name, numbers, works))
        _add(archive, f"notebooks/{source.stem}.ipynb", notebook.encode())
        for name in wanted:
            path = paths.ROOT / name
            if not path.is_file():
                raise InputError(f"{source.name}: reads {name}, which is not there")
            _add(archive, name, path.read_bytes())
    return buffer.getvalue()


def plain_notebook(
    text: str, name: str, numbers: Mapping[str, PublishedNumber], works: BibliographyData
) -> NotebookNode:
    """A notebook without outputs whose text any Jupyter can show."""
    notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        if cell.cell_type == "markdown":
            cell.source = plain_text(cell.source, name, numbers, works)
        folded = "hide-cell" in cell.metadata.get("tags", [])
        cell.metadata = {"jupyter": {"source_hidden": True}} if folded else {}
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    return notebook


def plain_text(text: str, name: str, numbers: Mapping[str, PublishedNumber], works: BibliographyData) -> str:
    """Markdown of the book as Markdown that every Jupyter shows.

    Raises:
        InputError: for a role, a number or a work that is not known.
    """
    roles: dict[str, Callable[[str], str]] = {
        "term": lambda content: _title(content),
        "download": lambda content: _title(content),
        "cite": lambda keys: f"({'; '.join(_work(key.strip(), works, ', ') for key in keys.split(','))})",
        "cite:t": lambda key: _work(key, works, " (") + ")",
    }
    roles |= {role: partial(_number, shown, numbers) for role, shown in ROLES.items()}

    def plain(match: re.Match[str]) -> str:
        role, content = match.groups()
        if role not in roles:
            raise InputError(f"{name}: the download has no plain text for the role {{{role}}}")
        try:
            return roles[role](content)
        except KeyError as error:
            raise InputError(f"{name}: {{{role}}}`{content}`: there is no {error.args[0]!r}") from None

    text = BOX.sub(lambda box: f"**{box[2].strip()}**\n\n{box[3]}", LABEL.sub("", text))
    return LINK.sub(r"\1", ROLE.sub(plain, text))


def _number(shown: Callable[[PublishedNumber], str], numbers: Mapping[str, PublishedNumber], key: str) -> str:
    return shown(numbers[key])


def _title(content: str) -> str:
    titled = TITLED.fullmatch(content)
    return titled[1] if titled else content


def _work(key: str, works: BibliographyData, joint: str) -> str:
    entry = works.entries[key]
    people = [" ".join(person.last_names).strip("{}") for person in entry.persons["author"]]
    named = (
        people[0] if len(people) == 1 else " and ".join(people) if len(people) == 2 else f"{people[0]} et al."
    )
    return f"{named}{joint}{entry.fields['year']}"


def _code(text: str) -> list[str]:
    return re.findall(r"^```\{code-cell\}.*?^```$", FRONT_MATTER.sub("", text), re.MULTILINE | re.DOTALL)


def _own(module: str) -> bool:
    return (paths.NOTEBOOKS / f"{module}.py").is_file()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # A fixed date: the same sources give the same zip.
    entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)

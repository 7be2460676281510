"""Nothing that only a marker may read is in the built book or in what it offers to download."""

import io
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from built_site import HTML
from every_answer import SOURCES
from informal_ict.course.feedback import fingerprint
from nbgrader_course import marking_lines

TEXTS = {".html", ".txt", ".md", ".ipynb", ".json", ".js", ".csv", ".yml", ".xhtml", ".py", ".svg"}
ARCHIVES = {".zip", ".epub", ".docx", ".xlsx"}
TELLING = 40  # letters; shorter lines of code may be anybody's


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The text of a file, and of every file packed in it."""
    ending = Path(name).suffix
    if ending in ARCHIVES:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from texts(f"{name}/{inner}", archive.read(inner))
    elif ending in TEXTS:
        yield name, content.decode("utf-8", errors="replace")


@pytest.fixture(scope="module")
def published(site: str) -> dict[str, str]:
    """Letters and digits of everything that is served; the packed copy of the pages is left to the pages."""
    found: dict[str, str] = {}
    for path in sorted(HTML.rglob("*")):
        if path.is_file() and path.name != "book.zip":
            for name, text in texts(str(path.relative_to(HTML)), path.read_bytes()):
                found[name] = fingerprint(unescape(text))
    return found


def test_there_is_something_to_look_through(published: dict[str, str]) -> None:
    assert sum(name.endswith(".html") for name in published) > 50
    assert any("notebooks" in name and name.endswith(".ipynb") for name in published)
    rubric = fingerprint("Names at least two settings with their percentages, and makes the base clear")
    assert rubric in published["chapters/assignments/crosstabs.html"]


@pytest.mark.parametrize("assignment", SOURCES.values(), ids=SOURCES)
def test_no_marking_material_is_published(published: dict[str, str], assignment) -> None:
    secrets = [line for line in marking_lines(assignment) if len(line) >= TELLING]
    assert len(secrets) > 20
    everything = "\n".join(published.values())
    leaked = {line for line in secrets if line in everything}
    assert leaked == set(), [
        name for name, text in published.items() if leaked and next(iter(leaked)) in text
    ]

"""The book as one EPUB, one tagged PDF, and a plain text of each page, by pandoc and Typst."""

import json
import subprocess
import tempfile
from bisect import bisect
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any

import pypandoc
import typst

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.publish.pages import BuiltPage
from informal_ict.publish.paper import whole_text

HERE = Path(__file__).parent
EPUB = "book.epub"
PDF = "book.pdf"
COLUMNS = 80  # of a line of plain text
MARK = "\N{SYMBOL FOR RECORD SEPARATOR}"

Document = dict[str, Any]  # pandoc's own form of a text, as JSON


def write_books(pages: Sequence[BuiltPage], site: Path, title: str) -> list[Path]:
    """Write the e-book, the PDF and the text of each page into a site.

    Raises:
        InputError: if pandoc or Typst refuses the text.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        texts = whole_text(pages, work)
        with ThreadPoolExecutor() as side_by_side:
            document = _read(texts, site, side_by_side)
            document["meta"] = _metadata(title)
            epub = side_by_side.submit(_write_epub, document, site)
            pdf = side_by_side.submit(_write_pdf, document, site, work)
            plain = side_by_side.submit(_write_texts, document, pages, site)
            return [epub.result(), pdf.result(), *plain.result()]


def _read(texts: Sequence[str], site: Path, side_by_side: Executor) -> Document:
    """All pages in pandoc's own form. Halves are read apart, which gives what reading the whole gives."""
    lengths = list(accumulate(map(len, texts)))
    half = bisect(lengths, lengths[-1] // 2)
    read = side_by_side.map(
        lambda part: json.loads(_pandoc("\n".join(part).encode(), site, "--from=html", "--to=json")),
        (texts[:half], texts[half:]),
    )
    first, second = read
    document: Document = first | {"blocks": first["blocks"] + second["blocks"]}
    return document


def _write_epub(document: Document, site: Path) -> Path:
    target = site / EPUB
    look = ("--split-level=1", "--toc", "--toc-depth=2", f"--css={HERE / 'ebook.css'}")
    _pandoc(_bytes(document), site, "--from=json", "--to=epub3", *look, f"--output={target}")
    return target


def _write_pdf(document: Document, site: Path, work: Path) -> Path:
    source = work / "book.typ"
    template = f"--template={HERE / 'book-template.typ'}"
    media = f"--extract-media={work / 'media'}"
    written = _pandoc(_bytes(document), site, "--from=json", "--to=typst", "--standalone", template, media)
    source.write_bytes(written)
    try:
        pdf = bytes(typst.compile(str(source), root="/"))
    except RuntimeError as error:
        raise InputError(f"{PDF}: Typst says: {error}") from None
    write_atomically(site / PDF, pdf)
    return site / PDF


def _write_texts(document: Document, pages: Sequence[BuiltPage], site: Path) -> list[Path]:
    """One run of pandoc for all pages: a line with a mark stands before each title, and there it is cut."""
    marked = []
    for block in document["blocks"]:
        if block["t"] == "Header" and block["c"][0] == 1:
            marked.append({"t": "Para", "c": [{"t": "Str", "c": MARK}]})
        marked.append(block)
    text = _pandoc(
        _bytes(document | {"blocks": marked}), site, "--from=json", "--to=plain", f"--columns={COLUMNS}"
    )
    cut = text.decode().split(f"{MARK}\n")[1:]
    if len(cut) != len(pages):
        raise InputError(f"text of pages: {len(cut)} texts for {len(pages)} pages")
    written = []
    for page, part in zip(pages, cut, strict=True):
        target = site / f"{page.name}.txt"
        write_atomically(target, f"{part.strip()}\n".encode())
        written.append(target)
    return written


def _metadata(title: str) -> dict[str, Any]:
    """Also what a library tells readers about accessibility (https://www.w3.org/TR/epub-a11y-11/)."""
    texts = {
        "title": title,
        "author": "The contributors to this course module",
        "lang": "en-CA",
        "rights": "CC BY 4.0; the survey data in this book is simulated",
        "accessibilitySummary": "Every picture has a text alternative, and a table where it shows numbers.",
    }
    lists = {
        "accessModes": ["textual", "visual"],
        "accessModesSufficient": ["textual"],
        "accessibilityFeatures": ["alternativeText", "structuralNavigation", "tableOfContents"],
        "accessibilityHazards": ["none"],
    }
    inlines = {name: _inlines(text) for name, text in texts.items()}
    return inlines | {
        name: {"t": "MetaList", "c": [_inlines(text) for text in texts]} for name, texts in lists.items()
    }


def _inlines(text: str) -> dict[str, Any]:
    return {"t": "MetaInlines", "c": [{"t": "Str", "c": text}]}


def _bytes(document: Document) -> bytes:
    return json.dumps(document).encode()


def _pandoc(text: bytes, site: Path, *options: str) -> bytes:
    command = [pypandoc.get_pandoc_path(), *options, f"--resource-path={site}"]
    finished = subprocess.run(command, input=text, capture_output=True)
    said = finished.stderr.decode().strip()
    if finished.returncode or "Could not fetch resource" in said:
        raise InputError(f"pandoc: {said}")
    return finished.stdout

"""Setting type: a template of workshop/templates and its data to tagged PDF, through Typst.

Every text reaches a template as a string in JSON, which Typst never reads as markup.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import typst

from informal_ict.errors import InputError
from informal_ict.paths import WORKSHOP
from informal_ict.reading import read_yaml

TEMPLATES = WORKSHOP / "templates"
# Typst refuses a page that does not keep to it: without a title, or with a character that its fonts lack.
ACCESSIBLE: Final = "ua-1"


def compiler(template: str, **inputs: str) -> typst.Compiler:
    """A file of workshop/templates with its inputs, ready to be set."""
    # Fonts of the machine would make pages that differ from one machine to the next.
    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, ignore_system_fonts=True, sys_inputs=inputs)


def pages(document: typst.Compiler) -> list[bytes]:
    """The pages as SVG."""
    return _as_list(document.compile(format="svg"))


def pdf(document: typst.Compiler) -> bytes:
    """The tagged PDF. Raises typst.TypstError where it cannot be set."""
    return b"".join(_as_list(document.compile(format="pdf", pdf_standards=ACCESSIBLE)))


def set_pdf(template: str, data: Mapping[str, Any], what: str, **inputs: str) -> bytes:
    """The PDF of a template with its data.

    Args:
        template: the name of a file in workshop/templates.
        data: what the template gets as its input ``data``.
        what: what is set, for the message if it fails.
        inputs: further inputs of the template.

    Raises:
        InputError: naming what could not be set, and why.
    """
    return _pdf(compiler(template, data=json.dumps(data), **inputs), what)


def set_markup(markup: str, what: str, **inputs: str) -> bytes:
    """The PDF of a text in Typst's own markup, as pandoc writes it, which may import any template.

    Raises:
        InputError: naming what could not be set, and why.
    """
    document = typst.Compiler(markup.encode(), root=TEMPLATES, ignore_system_fonts=True, sys_inputs=inputs)
    return _pdf(document, what)


def document_facts(title: str, description: str) -> dict[str, str]:
    """What a PDF says about itself, with the book and its author from _config.yml."""
    config = read_yaml(WORKSHOP.parent / "_config.yml")
    return {"title": title, "description": description, "author": config["author"], "book": config["title"]}


def _pdf(document: typst.Compiler, what: str) -> bytes:
    try:
        return pdf(document)
    except typst.TypstError as error:
        raise InputError(f"{what} cannot be set: {error.message}") from None


def _as_list(compiled: bytes | list[bytes] | None) -> list[bytes]:
    """What Typst gives back, which is a list only if there is more than one."""
    if compiled is None:
        raise AssertionError("Typst gives nothing back only if told to write to a file")
    return [compiled] if isinstance(compiled, bytes) else compiled

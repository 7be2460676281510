"""Forms and the certificate as Word documents, since agencies edit in Word.

pandoc writes them; the look comes from its own reference document with the book's colours and a few styles.
"""

import io
import re
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree

import pypandoc

from informal_ict.facilitator_sheets import one_line
from informal_ict.figures.print import COLOURS
from informal_ict.files import write_atomically
from informal_ict.vignettes.printed import plain
from informal_ict.workshop.forms import (
    FORM_NAMES,
    Certificate,
    Form,
    FormField,
    load_certificate,
    load_form,
    standards_of,
)

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPEFACE: Final = "Calibri"  # every Word has it, and it reads well on screen
HINT, BLANK, CENTRED = "Hint", "To fill in", "Centred"
TICK = "\N{BALLOT BOX}"
SIZE_OF = {"Title": 40, "Heading 1": 28, "Heading 2": 24, "heading 1": 28, "heading 2": 24}  # half points


def write_word_documents(folder: Path) -> list[Path]:
    """Write every form and the certificate as .docx.

    Raises:
        InputError: naming the source that is at fault.
    """
    reference = reference_document()
    texts = {form.name: form_markdown(form) for form in map(load_form, FORM_NAMES)}
    texts["certificate"] = certificate_markdown(load_certificate())
    written = []
    for name, text in texts.items():
        target = folder / f"{name}.docx"
        write_atomically(target, docx(text, reference))
        written.append(target)
    return written


def docx(text: str, reference: bytes) -> bytes:
    """A text in pandoc's Markdown as a Word document with the styles of another."""
    with TemporaryDirectory() as folder:
        styles, target = Path(folder, "reference.docx"), Path(folder, "document.docx")
        styles.write_bytes(reference)
        pypandoc.convert_text(
            text,
            "docx",
            format="markdown-tex_math_dollars-raw_html-citations",
            outputfile=str(target),
            extra_args=[f"--reference-doc={styles}"],
        )
        return target.read_bytes()


def form_markdown(form: Form) -> str:
    """A form in pandoc's Markdown, with a paragraph to write in where paper has lines."""
    blanks = "\n\n".join(_styled(f"{blank}: [ ]", BLANK) for blank in form.blanks)
    fields = "\n\n".join(_field(field, form.scale) for field in form.fields)
    return "\n\n".join(
        [_front(form.title), plain(form.lead), blanks, fields, _styled(one_line(form.foot), HINT)]
    )


def certificate_markdown(certificate: Certificate) -> str:
    """A certificate in pandoc's Markdown."""
    blank = {key: f"{name}: [ ]" for key, name in certificate.blanks.items()}
    lines = [
        _styled(blank["name"], CENTRED),
        _styled(certificate.statement, CENTRED),
        f"# {plain(certificate.workshop)}",
        "\n".join(f"- {plain(item)}" for item in certificate.contents),
        *(_styled(blank[key], BLANK) for key in ("hours", "date", "place", "facilitator", "signature")),
        _styled(one_line(certificate.foot), HINT),
    ]
    return "\n\n".join([_front(certificate.title), *lines])


def reference_document() -> bytes:
    """Pandoc's own reference document with the book's colours, one typeface and the styles used here."""
    default = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"],
        capture_output=True,
        check=True,
    ).stdout
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(default)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, _styles(content) if item.filename == "word/styles.xml" else content)
    return changed.getvalue()


def _front(title: str) -> str:
    return f'---\ntitle: "{title}"\nlang: en-CA\n---'


def _styled(text: str, style: str) -> str:
    return f'::: {{custom-style="{style}"}}\n{plain(text)}\n:::'


def _field(field: FormField, scale: tuple[str, ...]) -> str:
    parts = [f"# {plain(field.label)}"]
    if field.hint:
        parts.append(_styled(one_line(field.hint), HINT))
    parts += [plain(sentence) for sentence in field.wording]
    if field.standards:
        parts.append(_styled(f"Speak to this: {'; '.join(standards_of(field))}.", HINT))
    if field.options:
        parts.append("\n".join(f"- {TICK} {plain(option)}" for option in field.options))
    if field.statements:
        parts.append(_table(field.statements, scale))
    if field.lines and not field.wording:
        parts.append(_styled("[ ]", BLANK))
    return "\n\n".join(parts)


def _table(statements: tuple[str, ...], scale: tuple[str, ...]) -> str:
    """A pipe table; the dashes of its second row give the widths of the columns."""
    header = ["How far is it true?", *scale]
    rows = [[plain(statement), *(TICK for _ in scale)] for statement in statements]
    rule = ["-" * 50, *(f":{'-' * 10}:" for _ in scale)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


def _styles(xml: bytes) -> bytes:
    for prefix, uri in re.findall(r'xmlns:(\w+)="([^"]+)"', xml.decode()):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(xml)
    for fonts in root.iter(_w("rFonts")):
        fonts.attrib.clear()
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(_w(kind), TYPEFACE)
    for style in root.iter(_w("style")):
        name = style.find(_w("name"))
        if name is not None and name.get(_w("val")) in SIZE_OF:
            _look(style, colour=COLOURS["accent"], half_points=SIZE_OF[str(name.get(_w("val")))], bold=True)
    root.append(_style(HINT, colour=COLOURS["muted"], half_points=19))
    root.append(_style(BLANK, colour=COLOURS["text"], half_points=22, line_below=True))
    root.append(_style(CENTRED, colour=COLOURS["text"], half_points=24, centred=True))
    changed: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return changed


def _w(tag: str) -> str:
    return f"{{{W}}}{tag}"


def _look(style: ElementTree.Element, *, colour: str, half_points: int, bold: bool = False) -> None:
    """Set the colour and the size of a style's letters."""
    letters = style.find(_w("rPr"))
    if letters is None:
        letters = ElementTree.SubElement(style, _w("rPr"))
    for tag in ("b", "bCs", "color", "sz", "szCs"):
        for old in letters.findall(_w(tag)):
            letters.remove(old)
    # The order of these is part of the format.
    if bold:
        ElementTree.SubElement(letters, _w("b"))
    ElementTree.SubElement(letters, _w("color")).set(_w("val"), colour.lstrip("#"))
    for tag in ("sz", "szCs"):
        ElementTree.SubElement(letters, _w(tag)).set(_w("val"), str(half_points))


def _style(
    name: str, *, colour: str, half_points: int, line_below: bool = False, centred: bool = False
) -> ElementTree.Element:
    """A paragraph style based on the body text."""
    attributes = {_w("type"): "paragraph", _w("customStyle"): "1", _w("styleId"): name.replace(" ", "")}
    style = ElementTree.Element(_w("style"), attributes)
    ElementTree.SubElement(style, _w("name")).set(_w("val"), name)
    ElementTree.SubElement(style, _w("basedOn")).set(_w("val"), "BodyText")
    paragraph = ElementTree.SubElement(style, _w("pPr"))
    if line_below:
        border = ElementTree.SubElement(ElementTree.SubElement(paragraph, _w("pBdr")), _w("bottom"))
        for key, value in {
            "val": "single",
            "sz": "4",
            "space": "6",
            "color": COLOURS["muted"].lstrip("#"),
        }.items():
            border.set(_w(key), value)
    ElementTree.SubElement(paragraph, _w("spacing")).set(_w("after"), "160")
    if centred:
        ElementTree.SubElement(paragraph, _w("jc")).set(_w("val"), "center")
    _look(style, colour=colour, half_points=half_points)
    return style

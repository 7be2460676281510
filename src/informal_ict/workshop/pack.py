"""The workshop pack: a folder that opens offline from a memory stick, and the same as a zip.

``PARTS`` is the list of what goes into it; its first page lists what workshop/materials.yml says of them.
"""

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from informal_ict.errors import InputError
from informal_ict.facilitator_sheets import one_line, write_sheets
from informal_ict.files import write_atomically
from informal_ict.paths import BUILD, ROOT
from informal_ict.questionnaire import load_questionnaire
from informal_ict.reading import read_text, read_yaml
from informal_ict.sphinxext.stat import label_of
from informal_ict.typeset import TEMPLATES
from informal_ict.vignettes.evidence import NOT_STATED, findings
from informal_ict.vignettes.load import load_all, published_numbers
from informal_ict.workshop.handouts import write_guide, write_handouts
from informal_ict.workshop.materials import Material, load_materials
from informal_ict.workshop.run_sheet_pdf import file_name, write_run_sheets
from informal_ict.workshop.run_sheets import MODES, SLIDES, load_run_sheets
from informal_ict.workshop.slides import write_slides
from informal_ict.workshop.table_cards import write_table_cards
from informal_ict.workshop.word_documents import write_word_documents
from informal_ict.workshop_questionnaire import write_questionnaire

PACK: Final = BUILD / "workshop"
ARCHIVE: Final = BUILD / "informal-ict-workshop.zip"
FIRST_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that the format knows: same pack, same zip
STAT = re.compile(r"\{stat(?:-[npv])?\}`([^`]+)`")
KINDS = {".pdf": "PDF", ".docx": "Word", ".html": "page", ".csv": "CSV", ".xlsx": "Excel"}

# What goes into the pack, that which takes longest first. Each takes the folder of the pack.
PARTS: tuple[Callable[[Path], object], ...] = (
    lambda pack: write_slides(pack / "slides"),
    lambda pack: write_table_cards(pack / "hand-out"),
    lambda pack: write_guide(pack / "lead"),
    lambda pack: write_run_sheets(pack / "lead" / "run-sheets"),
    lambda pack: write_sheets(pack / "lead" / "facilitator-sheets"),
    lambda pack: write_handouts(pack / "hand-out"),
    lambda pack: write_word_documents(pack / "hand-out"),
    lambda pack: write_questionnaire(pack / "before-and-after"),
)


def build_pack(pack: Path = PACK, archive: Path = ARCHIVE) -> list[Path]:
    """Make the pack anew, then its zip; on an error the last ones stay. Returns its first page and the zip.

    Raises:
        InputError: for a fault in a source, or a file that the first page lists and no part makes.
    """
    pack.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=pack.parent, prefix=f".{pack.name}-") as folder:
        new = Path(folder, pack.name)
        _write_parts(new)
        shutil.rmtree(pack, ignore_errors=True)
        new.rename(pack)
    write_archive(pack, archive)
    return [pack / "index.html", archive]


def _write_parts(pack: Path) -> None:
    # Typst, pandoc and Sphinx all work outside of Python's lock.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for made in [pool.submit(part, pack) for part in PARTS]:
            made.result()
    write_atomically(pack / "pack.css", (TEMPLATES / "pack.css").read_bytes())
    write_atomically(pack / "LICENSE.txt", (ROOT / "LICENSE").read_bytes())
    write_atomically(pack / "numbers.html", _page("numbers.html.j2", numbers=numbers_on_slides()))
    write_atomically(pack / "index.html", _page("index.html.j2", **first_page(pack)))


def write_archive(pack: Path, archive: Path) -> None:
    """Zip a folder under its own name, byte for byte the same for the same files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for file in sorted(path for path in pack.rglob("*") if path.is_file()):
            name = f"{archive.stem}/{file.relative_to(pack).as_posix()}"
            entry = zipfile.ZipInfo(name, FIRST_OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, file.read_bytes())
    write_atomically(archive, content.getvalue())


def first_page(pack: Path) -> dict[str, Any]:
    """What stands on the first page.

    Raises:
        InputError: for a material whose file is not in the pack.
    """
    config = read_yaml(ROOT / "_config.yml")
    titles = _titles()
    there = [(key, material) for key, material in load_materials().items() if material.group]
    groups = [
        {"name": name, "parts": [_part(pack, key, material, titles) for key, material in members]}
        for name, members in groupby(there, key=lambda entry: entry[1].group)
    ]
    sheets = [
        {
            **sheet.model_dump(include={"slug", "title", "length"}),
            "group": one_line(sheet.group),
            "modes": [{"name": name.lower(), "file": file_name(sheet, mode)} for mode, name in MODES.items()],
        }
        for sheet in load_run_sheets()
    ]
    return {"book": config["title"], "author": config["author"], "sheets": sheets, "groups": groups}


def _titles() -> dict[str, str]:
    """What people call the files of a folder, by name without ending, in the order of the list."""
    sheets = load_run_sheets()
    return {
        **{sheet.slug: sheet.title for sheet in sheets},
        **{
            Path(file_name(sheet, mode)).stem: f"{sheet.title}, {name.lower()}"
            for sheet in sheets
            for mode, name in MODES.items()
        },
        **{case.slug: f"{case.number}. {case.title}" for case in load_all()},
    }


def numbers_on_slides() -> list[dict[str, str]]:
    """Every published number that a slide shows, with its base and its caveat.

    Raises:
        InputError: for a number that published.csv does not have.
    """
    numbers, questionnaire = published_numbers(), load_questionnaire()
    shown = dict.fromkeys(
        key for path in sorted(SLIDES.glob("*.md")) for key in STAT.findall(read_text(path))
    )
    unknown = [key for key in shown if key not in numbers]
    if unknown:
        raise InputError(f"workshop/slides: published.csv has no number {unknown[0]!r}")
    return [
        {
            "id": label_of(found.id),
            "value": found.value,
            "what": f"{found.what[0].upper()}{found.what[1:]}",
            "country": "" if found.country == "all" else found.country,
            "base": "" if found.base == NOT_STATED else found.base,
            "status": numbers[found.id].status,
            "note": numbers[found.id].note,
            "source": numbers[found.id].slide,
        }
        for found in findings(list(shown), numbers, questionnaire)
    ]


def _part(pack: Path, key: str, material: Material, titles: Mapping[str, str]) -> dict[str, Any]:
    """A material with its files, each with a name that people know it by."""
    order = {name: place for place, name in enumerate(titles)}
    files = []
    for place in filter(None, (material.file, material.editable, *material.also)):
        path = pack / place
        if not path.exists():
            raise InputError(f"materials.yml: {key}: {place} is not in the pack")
        inside = sorted(path.glob("*.*"), key=lambda file: (order.get(file.stem, 0), file.name))
        files += [_file(pack, file, material, titles) for file in inside or [path] if file.suffix in KINDS]
    return {"key": key, **material.model_dump(include={"name", "about", "print"}), "files": files}


def _file(pack: Path, file: Path, material: Material, titles: Mapping[str, str]) -> dict[str, str]:
    name = material.name
    if material.file.endswith("/") or file.relative_to(pack).as_posix() in material.also:
        name = titles.get(file.stem) or file.stem.replace("-", " ").capitalize()
    return {"href": file.relative_to(pack).as_posix(), "name": name, "kind": KINDS[file.suffix]}


def _page(template: str, **content: Any) -> bytes:
    # Autoescape, since titles of cases hold quotes.
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template(template).render(**content).encode()

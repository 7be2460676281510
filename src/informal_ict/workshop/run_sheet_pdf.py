"""Run sheets as PDF: one for each length and mode, so that whoever leads prints only hers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from informal_ict.facilitator_sheets import one_line
from informal_ict.files import write_atomically
from informal_ict.typeset import document_facts, set_pdf
from informal_ict.workshop.materials import Material, load_materials
from informal_ict.workshop.run_sheets import (
    MODES,
    Mode,
    Moment,
    RunSheet,
    load_run_sheets,
    load_timeline,
)


def file_name(sheet: RunSheet, mode: Mode) -> str:
    """The name of the PDF: half-day-online.pdf."""
    return f"{sheet.slug}-{mode}.pdf"


def write_run_sheets(folder: Path) -> list[Path]:
    """Write every run sheet in every mode.

    Raises:
        InputError: for a faulty run sheet, timeline or list of materials.
    """
    timeline, materials = load_timeline(), load_materials()
    written = []
    for sheet in load_run_sheets():
        for mode in MODES:
            target = folder / file_name(sheet, mode)
            data = run_sheet_data(sheet, mode, timeline, materials)
            write_atomically(target, set_pdf("run-sheet.typ", data, f"{sheet.slug}.yml ({mode})"))
            written.append(target)
    return written


def run_sheet_data(
    sheet: RunSheet, mode: Mode, timeline: Iterable[Moment], materials: Mapping[str, Material]
) -> dict[str, Any]:
    """Everything that stands on the run sheet of a mode, ready to become JSON."""
    steps = [(at, step.in_mode(mode)) for at, step in sheet.timed]
    needed = dict.fromkeys(key for _, step in steps for key in step.materials)
    title = f"{sheet.title}: {MODES[mode].lower()}"
    return {
        "document": document_facts(f"Run sheet. {title}", one_line(sheet.lead)),
        "foot": f"Run sheet, {title.lower()}",
        "title": sheet.title,
        "mode": MODES[mode],
        "length": sheet.length,
        "breaks": sum(step.minutes for _, step in steps if step.kind == "break"),
        "lead": one_line(sheet.lead),
        "group": one_line(sheet.group),
        "aims": [one_line(aim) for aim in sheet.aims],
        "materials": [{"name": materials[key].name, "print": materials[key].print} for key in needed],
        "steps": [
            {
                "at": at,
                "minutes": step.minutes,
                "title": step.title,
                "break_": step.kind == "break",
                "do": one_line(step.do),
                "say": one_line(step.say),
                "materials": [materials[key].name for key in step.materials],
            }
            for at, step in steps
        ],
        "timeline": [
            {"when": moment.when, "tasks": [one_line(task.do) for task in moment.tasks if mode in task.modes]}
            for moment in timeline
        ],
    }

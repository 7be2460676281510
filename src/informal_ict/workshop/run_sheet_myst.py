"""Run sheets as MyST Markdown, for the pages of the book."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from informal_ict.vignettes.printed import plain
from informal_ict.workshop.materials import Material
from informal_ict.workshop.run_sheets import MODES, Moment, RunSheet, Step


def lead_myst(sheet: RunSheet, materials: Mapping[str, Material]) -> str:
    """What the workshop is, for whom, and what it needs, before its first step."""
    aims = "\n".join(f"- {plain(aim)}" for aim in sheet.aims)
    needed = "; ".join(plain(materials[key].name) for key in sheet.materials)
    parts = [
        plain(sheet.lead),
        f"**For** {plain(sheet.group)}.",
        f"**What people leave with**\n\n{aims}",
        f"**What you need**, in one mode or another: {needed}.",
    ]
    return "\n\n".join(parts) + "\n"


def steps_myst(sheet: RunSheet, materials: Mapping[str, Material], heading: str) -> str:
    """A section for each step, with what differs online and in a mixed group."""
    return "\n\n".join(_step(at, step, materials, heading) for at, step in sheet.timed) + "\n"


def overview_myst(sheet: RunSheet) -> str:
    """The steps as a table of times, minutes and titles."""
    rows = [f"| {at} | {step.minutes} | {plain(step.title)} |" for at, step in sheet.timed]
    return "\n".join(["| From | Minutes | What |", "|---|---|---|", *rows]) + "\n"


def timeline_myst(timeline: Iterable[Moment]) -> str:
    """What to prepare, and when, with the modes to which a task belongs if not to all."""
    parts = []
    for moment in timeline:
        tasks = []
        for task in moment.tasks:
            only = "" if len(task.modes) == len(MODES) else f" *({_modes(task.modes)}.)*"
            tasks.append(f"- {plain(task.do)}{only}")
        parts += [f"**{plain(moment.when)}**", "\n".join(tasks)]
    return "\n\n".join(parts) + "\n"


def files_myst(materials: Mapping[str, Material]) -> str:
    """What is in the pack, by group."""
    there = [material for material in materials.values() if material.file]
    parts = []
    for group, members in groupby(there, key=lambda material: material.group):
        parts.append(f"**{group}**")
        parts.append(
            "\n".join(
                f"- {plain(one.name)}{', also for Word' if one.editable else ''}: {plain(one.about)}"
                for one in members
            )
        )
    return "\n\n".join(parts) + "\n"


def _modes(modes: Iterable[str]) -> str:
    return " and ".join(MODES[mode].lower() for mode in MODES if mode in modes).capitalize()


def _step(at: str, step: Step, materials: Mapping[str, Material], heading: str) -> str:
    parts = [f"{heading} {at}, {plain(step.title)} ({step.minutes} minutes)", plain(step.do)]
    if step.say:
        parts.append(f'*You may say:* "{plain(step.say)}"')
    parts += list(_differences(step))
    if step.materials:
        parts.append(f"*Needed:* {'; '.join(plain(materials[key].name) for key in step.materials)}.")
    return "\n\n".join(parts)


def _differences(step: Step) -> Iterator[str]:
    for mode in MODES:
        there = step.in_mode(mode)
        if there.do != step.do:
            yield f"**{MODES[mode]}, instead:** {plain(there.do)}"
        if there.say != step.say:
            yield f'**{MODES[mode]}, you may say:** "{plain(there.say)}"'

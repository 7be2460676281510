"""A case as MyST Markdown: for paper, for a screen reader, and for a browser without JavaScript."""

import re
from collections.abc import Iterator, Sequence

from informal_ict.vignettes.evidence import CERTAINTY, STANDARDS_LEAD, Finding
from informal_ict.vignettes.graph import in_order
from informal_ict.vignettes.model import Choice, ContentNote, Node, Standard, Standards, Vignette

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def setting_myst(vignette: Vignette) -> str:
    """Who and where, before anything happens."""
    return vignette.setting.strip()


def label(vignette: Vignette, name: str) -> str:
    """The label of a scene or ending, for links from anywhere in the book."""
    return f"case-{vignette.slug}-{name}"


def names(vignette: Vignette) -> dict[str, str]:
    """'Scene 3' or 'Ending 1' for every node, numbered in the order of the page."""
    order = in_order(vignette.graph)
    scenes = [name for name in order if not vignette.nodes[name].is_ending]
    endings = [name for name in order if vignette.nodes[name].is_ending]
    numbered = {name: f"Scene {number}" for number, name in enumerate(scenes, start=1)}
    return numbered | {name: f"Ending {number}" for number, name in enumerate(endings, start=1)}


def vignette_myst(
    vignette: Vignette,
    standards: Standards,
    rows: Sequence[Finding],
    notes: Sequence[str],
    heading: str = "#",
) -> str:
    """The whole case under headings of one level, without the facilitator's notes."""
    called = names(vignette)
    parts = [_content_note(vignette.content_note)] if vignette.content_note else []
    parts += [_node(vignette, name, called, standards.standards, heading) for name in called]
    parts.append(_closing(vignette, standards, rows, notes, heading))
    return "\n\n".join(parts) + "\n"


def _content_note(note: ContentNote) -> str:
    return (
        f"**Content note.**\n{note.about.strip()}\n"
        f"You may take {{ref}}`another case <case-{note.instead}>` in its place."
    )


def plain(text: str) -> str:
    """Plain text in one line of Markdown, so that no character of it is taken for markup."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def _node(
    vignette: Vignette, name: str, called: dict[str, str], standards: dict[str, Standard], heading: str
) -> str:
    node = vignette.nodes[name]
    parts = [f"({label(vignette, name)})=\n{heading} {called[name]}: {plain(node.title)}", node.text.strip()]
    if node.thread:
        parts.append(_thread(vignette, node))
    if node.question:
        parts.append(f"**{plain(node.question)}**")
    for letter, choice in node.lettered:
        parts.append(_choice(vignette, letter, choice, called, standards))
    return "\n\n".join(parts)


def _thread(vignette: Vignette, node: Node) -> str:
    messages = "\n".join(
        f"- **{plain(message.sender)}, {plain(message.at)}:** {plain(message.text)}"
        for message in node.thread
    )
    return f"::::{{container}} ict-thread-printed\n{messages}\n::::"


def _choice(
    vignette: Vignette,
    letter: str,
    choice: Choice,
    called: dict[str, str],
    standards: dict[str, Standard],
) -> str:
    cited = [standards[key] for key in choice.standards]
    speaks = "; ".join(f"{plain(one.citation)} ({CERTAINTY[one.certainty]})" for one in cited)
    goes_on = f"{{ref}}`Go on to {called[choice.next]} <{label(vignette, choice.next)}>`"
    return "\n\n".join(
        [
            f"::::{{dropdown}} {letter}\\. {plain(choice.label)}\n:class-container: ict-option",
            choice.consequence.strip(),
            f"**Why it matters.**\n{choice.reasoning.strip()}",
            f"**Who bears the risk.**\n{choice.risk.strip()}",
            f"**Standards that speak to this.**\n{speaks}.",
            f"{goes_on}.\n::::",
        ]
    )


def _closing(
    vignette: Vignette, standards: Standards, rows: Sequence[Finding], notes: Sequence[str], heading: str
) -> str:
    closing = vignette.closing
    return "\n\n".join(
        [
            f"{heading} Think it over",
            _list(closing.reflection),
            f"{heading} Bring it to supervision",
            _list(closing.supervision),
            f"{heading} A model progress note",
            closing.document.strip(),
            f"{heading} How common is this?",
            "\n".join(_table(rows)),
            "Keep in mind:" if notes else "",
            _list([plain(note) for note in notes]),
            f"{heading} Rules and standards in this case",
            f"**It plays in {plain(vignette.rules.place)}.**\n{vignette.rules.here.strip()}",
            f"**Elsewhere.**\n{vignette.rules.elsewhere.strip()}",
            STANDARDS_LEAD,
            _list([_standard(standards.standards[key]) for key in vignette.standards]),
        ]
    )


def _table(rows: Sequence[Finding]) -> Iterator[str]:
    yield "| What | Where | Share | Of whom |"
    yield "|---|---|---|---|"
    for row in rows:
        yield f"| {plain(row.what)} | {plain(row.country)} | {{stat}}`{row.id}` | {plain(row.base)} |"


def _standard(standard: Standard) -> str:
    note = f" {plain(standard.note)}" if standard.note else ""
    return (
        f"**{plain(standard.citation)}** ({standard.country}). "
        f"{plain(standard.paraphrase)} *\\[{CERTAINTY[standard.certainty]}\\]*{note}"
    )


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {item.strip()}" for item in items)

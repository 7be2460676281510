"""The HTML panels that a case is played with. Markdown of a case never brings its own HTML along."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from informal_ict.markdown import inline, markdown
from informal_ict.vignettes.evidence import CERTAINTY, STANDARDS_LEAD, Finding
from informal_ict.vignettes.model import Choice, Closing, ContentNote, Message, Node, Standard, Vignette


def content_note_html(note: ContentNote, instead: Vignette, case_html: str) -> str:
    """A case behind a note that says what comes up in it, where help is, and a way past it."""
    return (
        '<div class="ict-content-note"><p><strong>Before you open this case.</strong> '
        f"{inline(' '.join(note.about.split()))}</p>"
        "<p>If it touches you, you can stop at any point, and you need not say why. "
        "If you or someone you know is in danger now, call the emergency number where you are. "
        "A crisis line or someone you trust can be there for you at any hour.</p>"
        "<p>You may take another case in its place: "
        f'<a href="{instead.slug}.html">{escape(instead.title)}</a>.</p>'
        f'</div><details class="ict-opens"><summary>Open the case</summary>{case_html}</details>'
    )


def path_code_html(slug: str, version: str, case_html: str) -> str:
    """A case with room for the code of the way that its reader took; the script fills it at an ending."""
    return (
        f'<div class="ict-played" data-case="{slug}" data-version="{version}">{case_html}'
        '<div class="ict-path-code" hidden><p>Your path in this case: <code></code> '
        '<button type="button">Copy my path</button> <span class="ict-small" role="status"></span></p>'
        '<p class="ict-small">The code holds the letters that you chose, and nothing about you. '
        "If your class compares its paths, give it to your instructor.</p></div></div>"
    )


def scene(vignette: Vignette, node: Node) -> str:
    """The panel that a scene opens with: heading, text and message thread."""
    return "".join(
        [
            f'<h3 class="ict-scene-title">{escape(node.title)}</h3>',
            markdown(node.text),
            thread(vignette, node),
        ]
    )


def thread(vignette: Vignette, node: Node) -> str:
    """The messages of a scene as a list; who speaks stands in words, not only in the side or the colour."""
    if not node.thread:
        return ""
    messages = "".join(_bubble(message, vignette.role_of(message.sender)) for message in node.thread)
    return f'<ol class="ict-thread" aria-label="Messages">{messages}</ol>'


def _bubble(message: Message, role: str) -> str:
    return (
        f'<li class="ict-message ict-from-{role}">'
        f'<span class="ict-sender">{escape(message.sender)}, {escape(message.at)}</span> '
        f'<span class="ict-bubble">{escape(message.text)}</span></li>'
    )


def consequence(choice: Choice, standards: Mapping[str, Standard]) -> str:
    """What follows from a choice, why it matters, who bears the risk, and which standards speak."""
    count = len(choice.standards)
    title = "One standard speaks to this" if count == 1 else f"{count} standards that speak to this"
    return (
        f'<div class="ict-consequence"><h4>What follows</h4>{markdown(choice.consequence)}'
        f"<h4>Why it matters</h4>{markdown(choice.reasoning)}"
        f"<h4>Who bears the risk</h4>{markdown(choice.risk)}"
        f'<details class="ict-standards"><summary>{title}</summary>'
        f"{_standards(choice.standards, standards)}</details></div>"
    )


def _standards(keys: Sequence[str], standards: Mapping[str, Standard]) -> str:
    items = "".join(f"<li>{_standard(standards[key])}</li>" for key in keys)
    return f'<p class="ict-small">{escape(STANDARDS_LEAD)}</p><ul>{items}</ul>'


def _standard(standard: Standard) -> str:
    certainty = CERTAINTY[standard.certainty]
    note = f" {escape(standard.note)}" if standard.note else ""
    return (
        f"<strong>{escape(standard.citation)}</strong> ({escape(standard.country)}). "
        f'{escape(standard.paraphrase)} <span class="ict-certainty">[{escape(certainty)}]</span>{note}'
    )


def ending(vignette: Vignette, node: Node) -> str:
    """The panel of an ending."""
    return (
        f'<h3 class="ict-scene-title"><span class="ict-kicker">An ending</span> {escape(node.title)}</h3>'
        f"{markdown(node.text)}{thread(vignette, node)}"
    )


def closing(content: Closing, rows: Iterable[Finding], notes: Sequence[str]) -> str:
    """What stands under every ending: questions, the survey, a model note, and how to try another way."""
    return (
        '<p class="ict-again">This is one way through. Change any answer above, and the rest follows.</p>'
        f"<h3>Think it over</h3>{_list(content.reflection)}"
        f"<h3>Bring it to supervision</h3>{_list(content.supervision)}"
        f'<details class="ict-common"><summary>How common is this?</summary>{common(rows, notes)}</details>'
        f'<details class="ict-document"><summary>A model progress note</summary>'
        f"{markdown(content.document)}</details>"
    )


def common(rows: Iterable[Finding], notes: Sequence[str]) -> str:
    """The published numbers of a case as a table, with what to keep in mind about them."""
    body = "".join(
        f'<tr><th scope="row">{escape(row.what)}</th><td>{escape(row.country)}</td>'
        f"<td>{escape(row.value)}</td><td>{escape(row.base)}</td></tr>"
        for row in rows
    )
    caution = f"<p>Keep in mind:</p>{_list(notes)}" if notes else ""
    return (
        '<div class="ict-common-table" role="region" aria-label="Survey findings" tabindex="0"><table>'
        "<caption>From the published survey, 2017</caption>"
        '<thead><tr><th scope="col">What</th><th scope="col">Where</th><th scope="col">Share</th>'
        f'<th scope="col">Of whom</th></tr></thead><tbody>{body}</tbody></table></div>{caution}'
    )


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>"

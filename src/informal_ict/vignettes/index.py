"""The index of cases: a card for each, and lists to find one by theme, standard, field, length and so on."""

from collections.abc import Callable, Iterable, Sequence

from informal_ict.vignettes.model import Standards, Vignette
from informal_ict.vignettes.printed import plain

SHORT = 20


def case_index_myst(cases: Sequence[Vignette], standards: Standards) -> str:
    """The whole index as MyST Markdown, to stand on a page beside the pages of the cases."""
    citation = {key: standard.citation for key, standard in standards.standards.items()}
    ways = {
        f"If you have {SHORT} minutes": _short(cases),
        "By theme": _grouped(cases, lambda case: case.themes),
        "By framework": _grouped(cases, lambda case: case.frameworks),
        "By field of practice": _grouped(cases, lambda case: [case.field]),
        "By the place whose rules it plays under": _grouped(cases, lambda case: [case.rules.place]),
        "By length": _grouped(cases, lambda case: [f"{case.minutes} minutes"]),
        "By standard": _grouped(cases, lambda case: [citation[key] for key in case.standards]),
    }
    return "\n\n".join(
        [
            *(_card(case) for case in cases),
            "**Find a case**",
            *(f"::::{{dropdown}} {way}\n{found}\n::::" for way, found in ways.items()),
        ]
    )


def _link(case: Vignette) -> str:
    return f"[{plain(case.title)}]({case.slug}.md)"


def _card(case: Vignette) -> str:
    facts = [
        case.field,
        case.rules.place,
        f"about {case.minutes} minutes",
        f"themes: {', '.join(case.themes)}",
    ]
    note = [f"**Content note.** {' '.join(case.content_note.about.split())}"] if case.content_note else []
    return "\n\n".join(
        [
            "::::{container} ict-case",
            f"**{case.number}. {_link(case)}**",
            case.summary.strip(),
            *note,
            f":::{{container}} ict-case-facts\n{plain('; '.join(facts))}.\n:::\n::::",
        ]
    )


def _grouped(cases: Sequence[Vignette], names_of: Callable[[Vignette], Iterable[str]]) -> str:
    groups: dict[str, list[str]] = {}
    for case in cases:
        for name in names_of(case):
            groups.setdefault(name, []).append(_link(case))
    return "\n".join(
        f"- **{plain(name[0].upper() + name[1:])}.** {'; '.join(groups[name])}." for name in sorted(groups)
    )


def _short(cases: Sequence[Vignette]) -> str:
    links = [_link(case) for case in cases if case.minutes <= SHORT]
    return (
        f"Choose one of these: {'; '.join(links)}.\n"
        "Play it to one ending, then go back and change the answer you were least sure of.\n"
        "Read the part for supervision last, and note one thing to bring there."
    )

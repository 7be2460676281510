"""Facilitator sheets: one A4 page a case, nothing of its notes left out, and no text taken for markup."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from informal_ict import facilitator_sheets as sheets
from informal_ict import typeset
from informal_ict.errors import InputError
from informal_ict.typeset import ACCESSIBLE, pages
from informal_ict.vignettes.evidence import CERTAINTY
from informal_ict.vignettes.graph import in_order
from informal_ict.vignettes.load import load_all, load_standards, load_vignette, slugs
from informal_ict.vignettes.model import Vignette

A4_IN_POINTS = (595.28, 841.89)
MARKUP = "*bold* _lean_ #strong[x] $x^2$ [y] @ref <tag> `raw` \\ // /* -- ~ = + #sys.inputs"


@cache
def load(slug: str) -> Vignette:
    return load_vignette(slug)


@pytest.fixture(params=slugs())
def case(request: pytest.FixtureRequest) -> Vignette:
    return load(request.param)


@pytest.fixture(scope="module")
def shelf() -> sheets.Shelf:
    loaded = []
    for slug in slugs():
        with suppress(InputError):  # one faulty case fails its own tests and no others
            loaded.append(load(slug))
    return sheets.load_shelf(loaded)


@pytest.fixture
def data(case: Vignette, shelf: sheets.Shelf) -> dict[str, Any]:
    return sheets.sheet_data(case, shelf)


@pytest.fixture(scope="module")
def pdf_of(shelf: sheets.Shelf) -> Callable[[str], bytes]:
    """The sheet of a case, set once for all tests."""
    return cache(lambda slug: sheets.sheet_pdf(load(slug), shelf))


@pytest.fixture
def pdf(case: Vignette, pdf_of: Callable[[str], bytes]) -> bytes:
    return pdf_of(case.slug)


@pytest.fixture
def friend_request() -> Vignette:
    return load("friend-request")


def with_notes(case: Vignette, **notes: Any) -> Vignette:
    return case.model_copy(update={"facilitator": case.facilitator.model_copy(update=notes)})


def strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from strings(part)


def facilitator_texts(case: Vignette) -> list[str]:
    notes = case.facilitator
    texts = [*notes.questions, *notes.sensitivities, *notes.variations, *(step.step for step in notes.timing)]
    for one in notes.positions:
        texts += [one.position, one.answer]
    return [sheets.one_line(text) for text in texts]


def bare(text: str) -> str:
    """Text with straight quotes and without room between its letters, since a line may break anywhere."""
    return "".join(text.translate(str.maketrans("‘’“”", "''\"\"")).split())


def said_by(command: list[str], pdf: bytes, folder: Path) -> str:
    """What a command of poppler prints about a PDF."""
    file = folder / "sheet.pdf"
    file.write_bytes(pdf)
    told = subprocess.run([part.format(file) for part in command], capture_output=True, check=True)
    return told.stdout.decode()


def text_of(pdf: bytes, folder: Path) -> str:
    return bare(said_by(["pdftotext", "-raw", "{}", "-"], pdf, folder))


def read_aloud(pdf: bytes, folder: Path) -> str:
    """The text in the order of its tags, as a screen reader meets it."""
    told = said_by(["pdfinfo", "-enc", "UTF-8", "-struct-text", "{}"], pdf, folder)
    return bare(" ".join(re.findall(r'^ *"(.*)"$', told, re.MULTILINE)))


# ---- the page


def test_every_case_is_one_a4_page(pdf: bytes) -> None:
    ((width, height),) = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert (float(width), float(height)) == pytest.approx(A4_IN_POINTS, abs=0.01)
    assert re.findall(rb"/Type/Pages/Count (\d+)", pdf) == [b"1"]


def test_the_largest_size_that_fits_is_taken(shelf: sheets.Shelf, pdf_of: Callable[[str], bytes]) -> None:
    data = sheets.sheet_data(load("late-text"), shelf)
    fits = [len(pages(sheets.compiler(data, body))) == 1 for body in sheets.BODY_SIZES]
    assert fits == sorted(fits)
    assert not fits[0]
    assert typeset.pdf(sheets.compiler(data, sheets.BODY_SIZES[fits.index(True)])) == pdf_of("late-text")


def test_the_sizes_go_down_to_what_can_be_read_in_a_room() -> None:
    sizes = [float(size) for size in sheets.BODY_SIZES]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] >= 8.5


def test_a_sheet_sets_without_a_warning(data: dict[str, Any]) -> None:
    sheet = sheets.compiler(data, sheets.BODY_SIZES[-1])
    assert sheet.compile_with_warnings(format="pdf", pdf_standards=ACCESSIBLE)[1] == []


def test_the_pdf_is_tagged_and_says_its_title_language_and_author(
    case: Vignette, shelf: sheets.Shelf, pdf: bytes
) -> None:
    text = pdf.decode("latin-1")
    assert f"{case.title}: facilitator sheet".replace("'", "&apos;") in text
    assert "/Lang(en)" in text
    assert f"/Author({shelf.author})" in text
    assert "/MarkInfo<</Marked true" in text
    assert "<pdfuaid:part>1<" in text


def test_only_fonts_that_come_with_typst_are_used(pdf: bytes) -> None:
    fonts = re.findall(r"/BaseFont/[A-Z]{6}\+(\w+)", pdf.decode("latin-1"))
    assert set(fonts) == {"LibertinusSerif"}


# ---- what stands on it


def test_every_text_for_the_facilitator_is_in_the_data(
    case: Vignette, shelf: sheets.Shelf, data: dict[str, Any]
) -> None:
    shown = set(strings(data))
    assert set(facilitator_texts(case)) <= shown
    assert {case.title, sheets.one_line(case.summary), case.rules.place} <= shown
    if case.content_note:
        assert {sheets.one_line(case.content_note.about), shelf.titles[case.content_note.instead]} <= shown


def test_every_text_of_the_data_is_on_the_page(data: dict[str, Any], pdf: bytes, tmp_path: Path) -> None:
    shown = text_of(pdf, tmp_path)
    del data["document"]["title"]  # tested above; it is in the window's title and not on the page
    data["people"] = [person["name"] for person in data["people"]]
    assert [text for text in strings(data) if bare(text) not in shown] == []
    assert f"{data['total_minutes']}minutes" in shown


def test_the_sheet_is_read_in_the_order_of_a_session(
    friend_request: Vignette, pdf_of: Callable[[str], bytes], tmp_path: Path
) -> None:
    heard = read_aloud(pdf_of("friend-request"), tmp_path)
    notes = friend_request.facilitator
    order = [friend_request.title, notes.timing[0].step, notes.sensitivities[0], "Map of the case"]
    order += [notes.questions[0], notes.positions[0].position, notes.variations[0], "In the book:"]
    places = [heard.index(bare(text)) for text in order]
    assert places == sorted(places)


def test_the_steps_follow_each_other_and_make_the_sum(data: dict[str, Any]) -> None:
    now = 0
    for step in data["timing"]:
        assert step["at"] == f"{now // 60}:{now % 60:02}"
        now += step["minutes"]
    assert now == data["total_minutes"]


def test_the_map_has_every_scene_and_ending_and_every_choice(case: Vignette, data: dict[str, Any]) -> None:
    nodes = data["map"]
    assert {node["title"] for node in nodes} == {node.title for node in case.nodes.values()}
    by_number = {node["number"]: node for node in nodes}
    assert len(by_number) == len(case.nodes)
    assert [node["ending"] for node in nodes] == sorted(node["ending"] for node in nodes)
    scenes = [case.nodes[name] for name in in_order(case.graph) if not case.nodes[name].is_ending]
    for scene, node in zip(scenes, nodes, strict=False):
        leads = {letter: way["to"] for way in node["ways"] for letter in way["choices"]}
        for letter, choice in scene.lettered:
            assert by_number[leads[letter]]["title"] == case.nodes[choice.next].title


def test_every_standard_of_the_case_is_cited_with_its_certainty(
    case: Vignette, shelf: sheets.Shelf, data: dict[str, Any]
) -> None:
    shown = [
        f"{group['certainty']}: {cited['source']} {place}".strip().lower()
        for group in data["standards"]
        for cited in group["cited"]
        for place in cited["places"] or [""]
    ]
    standards = [shelf.standards[key] for key in case.standards]
    meant = [f"{CERTAINTY[one.certainty]}: {one.citation}".lower() for one in standards]
    assert sorted(shown) == sorted(meant)


@pytest.mark.parametrize(
    ("citation", "source", "place"),
    [
        ("NASW Code of Ethics 1.06(h)", "NASW Code of Ethics", "1.06(h)"),
        (
            "NASW Code of Ethics 1.05 (passage on technology)",
            "NASW Code of Ethics",
            "1.05 (passage on technology)",
        ),
        (
            "CASW Guidelines for Ethical Practice (2005) 1.5",
            "CASW Guidelines for Ethical Practice (2005)",
            "1.5",
        ),
        ("OCSWSSW Standards of Practice, Principle IV", "OCSWSSW Standards of Practice, Principle", "IV"),
        ("HIPAA guidance on unencrypted messages (2013 rule)", None, ""),
        ("Local law on recording a conversation", None, ""),
    ],
)
def test_a_citation_is_a_source_and_a_place(citation: str, source: str | None, place: str) -> None:
    assert sheets.source_and_place(citation) == (source or citation, place)


def test_no_citation_loses_a_character() -> None:
    for standard in load_standards().standards.values():
        assert " ".join(sheets.source_and_place(standard.citation)).strip() == standard.citation


# ---- text that is not wanted as it comes


@pytest.fixture
def full_of_markup(friend_request: Vignette) -> Vignette:
    notes = friend_request.facilitator
    changed = with_notes(
        friend_request,
        questions=(MARKUP, *notes.questions[1:]),
        sensitivities=(MARKUP, *notes.sensitivities[1:]),
        variations=(MARKUP, *notes.variations[1:]),
        positions=(notes.positions[0].model_copy(update={"position": MARKUP, "answer": MARKUP}),),
        timing=(notes.timing[0].model_copy(update={"step": MARKUP}), *notes.timing[1:]),
    )
    nodes = {**changed.nodes, "drift": changed.nodes["drift"].model_copy(update={"title": MARKUP})}
    return changed.model_copy(update={"title": MARKUP, "summary": MARKUP, "nodes": nodes})


@pytest.mark.parametrize("element", ["strong", "emph", "raw", "math.equation", "ref", "link"])
def test_markup_characters_make_no_markup(
    full_of_markup: Vignette, shelf: sheets.Shelf, element: str
) -> None:
    sheet = sheets.compiler(sheets.sheet_data(full_of_markup, shelf), sheets.BODY_SIZES[-1])
    assert json.loads(sheet.query(element)) == []


def test_markup_characters_are_shown_as_they_are(
    full_of_markup: Vignette, shelf: sheets.Shelf, tmp_path: Path
) -> None:
    shown = text_of(sheets.sheet_pdf(full_of_markup, shelf), tmp_path)
    assert shown.count(bare(MARKUP)) == 9


def test_a_case_too_long_for_its_page_is_named(
    friend_request: Vignette, shelf: sheets.Shelf, tmp_path: Path
) -> None:
    endless = with_notes(friend_request, questions=("Why did nobody ask this before? " * 40,) * 6)
    with pytest.raises(InputError, match=r"^friend-request\.yml, facilitator: does not fit on one page"):
        sheets.write_sheet(endless, shelf, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_character_that_the_fonts_lack_is_named(friend_request: Vignette, shelf: sheets.Shelf) -> None:
    unknown = with_notes(friend_request, questions=("What does 👍 say?",))
    with pytest.raises(InputError, match=r"^friend-request\.yml: .*👍"):
        sheets.sheet_pdf(unknown, shelf)


# ---- the command


def test_the_command_writes_the_same_sheet_for_every_case(
    informal_ict: Any, pdf_of: Callable[[str], bytes], tmp_path: Path
) -> None:
    result = informal_ict("sheets", "--target", tmp_path)
    assert result.status == 0, result.err
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {f"{slug}.pdf": pdf_of(slug) for slug in slugs()}
    said = [Path(line.removeprefix("wrote ")).stem for line in result.out.split("\n") if line]
    assert said == [case.slug for case in load_all()]

"""The workshop pack, built once: it opens from a folder, asks nobody, and everyone can read it."""

import re
import subprocess
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pypandoc
import pytest
from playwright.sync_api import Browser

from built_site import Visit, visit
from informal_ict.errors import InputError
from informal_ict.facilitator_sheets import one_line
from informal_ict.figures.print import COLOURS
from informal_ict.publish.paper import STYLE
from informal_ict.vignettes.load import load_all, published_numbers
from informal_ict.workshop import handouts, markdown_pdf, pack, slides, table_cards
from informal_ict.workshop.forms import FORM_NAMES, load_certificate, load_form
from informal_ict.workshop.materials import load_materials
from informal_ict.workshop.run_sheets import MODES, load_run_sheets

DECKS = [sheet.slug for sheet in load_run_sheets()]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack as it lies on a memory stick: made, zipped, and unpacked somewhere else."""
    made, stick = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("stick")
    archive = made / "informal-ict-workshop.zip"
    written = pack.build_pack(made / "workshop", archive)
    assert written == [made / "workshop" / "index.html", archive]
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        packed.extractall(stick)
    return stick / "informal-ict-workshop"


@pytest.fixture(scope="module")
def pdfs(built: Path) -> dict[str, Path]:
    return {path.relative_to(built).as_posix(): path for path in sorted(built.rglob("*.pdf"))}


def said_by(*command: object) -> str:
    return subprocess.run([*map(str, command)], capture_output=True, check=True).stdout.decode()


def bare(text: str) -> str:
    """Text with straight quotes and without room between its letters, since a line may break anywhere."""
    return "".join(text.translate(str.maketrans("‘’“”", "''\"\"")).split())


def text_of(pdf: Path, *options: str) -> str:
    return bare(said_by("pdftotext", "-raw", *options, pdf, "-"))


class _Page(HTMLParser):
    """The links, what is loaded, and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)


def page(path: Path) -> _Page:
    return _Page(path.read_text(encoding="utf-8"))


# ---- what is in it


def test_the_pack_has_every_part(built, pdfs):
    for sheet in load_run_sheets():
        assert (built / "slides" / f"{sheet.slug}.html").exists()
        for mode in MODES:
            assert f"lead/run-sheets/{sheet.slug}-{mode}.pdf" in pdfs
    assert {Path(name).stem for name in pdfs if "facilitator-sheets" in name} == {
        case.slug for case in load_all()
    }
    assert len([name for name in pdfs if name.startswith("hand-out/frameworks/")]) == 3
    for name in (*FORM_NAMES, "certificate"):
        assert f"hand-out/{name}.pdf" in pdfs
        assert (built / "hand-out" / f"{name}.docx").exists()


def test_the_first_page_lists_every_file_that_people_open(built):
    listed = {unquote(urlsplit(link).path) for link in page(built / "index.html").links}
    for_people = {
        path.relative_to(built).as_posix()
        for path in built.rglob("*")
        if path.suffix in pack.KINDS and "_static" not in path.parts and path.name != "index.html"
    }
    assert for_people <= listed
    text = (built / "index.html").read_text(encoding="utf-8")
    for material in load_materials().values():
        assert not material.group or material.name in text


def test_every_link_of_the_pack_leads_somewhere(built):
    pages = {path: page(path) for path in built.rglob("*.html") if "plugin" not in path.parts}
    assert len(pages) == 2 + len(DECKS)
    for path, found in pages.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.netloc == "doi.org", link
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_relative_to(built.resolve()) or target == path, link
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment and not parts.fragment.startswith("/"):
                assert parts.fragment in page(target).ids, f"{path.name}: {link}"


def test_a_file_that_no_part_makes_is_named(tmp_path):
    with pytest.raises(InputError, match=r"^materials\.yml: slides: slides/ is not in the pack"):
        pack.first_page(tmp_path)


def test_a_pack_that_cannot_be_made_leaves_the_last_one(tmp_path, monkeypatch):
    last, archive = tmp_path / "workshop" / "index.html", tmp_path / "workshop.zip"
    last.parent.mkdir()
    last.write_text("the last one")
    archive.write_bytes(b"the last zip")
    monkeypatch.setattr(pack, "PARTS", ())  # so that the first page lists what no part makes
    with pytest.raises(InputError, match="is not in the pack"):
        pack.build_pack(last.parent, archive)
    assert (last.read_text(), archive.read_bytes()) == ("the last one", b"the last zip")
    assert sorted(tmp_path.iterdir()) == [last.parent, archive]


def test_the_same_pack_gives_the_same_zip(built, tmp_path):
    first, second = tmp_path / "a" / "x.zip", tmp_path / "b" / "x.zip"
    for archive in (first, second):
        archive.parent.mkdir()
        pack.write_archive(built / "lead", archive)
    assert first.read_bytes() == second.read_bytes()


def test_the_command_and_make_build_it(informal_ict, monkeypatch):
    monkeypatch.setattr(pack, "build_pack", lambda: [pack.PACK / "index.html", pack.ARCHIVE])
    result = informal_ict("workshop")
    assert result.status == 0
    assert [Path(line).name for line in result.out.split("\n") if line] == ["index.html", pack.ARCHIVE.name]
    assert "$(BIN)/informal-ict workshop" in (pack.ROOT / "Makefile").read_text(encoding="utf-8")


# ---- on paper


def test_every_pdf_is_tagged_and_titled_on_a4(pdfs):
    for name, path in pdfs.items():
        facts = dict(line.split(":", 1) for line in said_by("pdfinfo", path).strip().split("\n"))
        assert facts["Tagged"].strip() == "yes", name
        assert facts["Title"].strip(), name
        width, height = sorted(float(side) for side in re.findall(r"[\d.]+", facts["Page size"])[:2])
        assert (width, height) == pytest.approx((595.28, 841.89), abs=0.5), name
        text = path.read_bytes().decode("latin-1")
        assert re.search(r"/Lang\(en(-CA)?\)", text), name
        assert "<pdfuaid:part>1<" in text, name


def test_every_font_is_embedded(pdfs):
    for name, path in pdfs.items():
        rows = said_by("pdffonts", path).strip().split("\n")[2:]
        assert rows, name
        for row in rows:
            embedded, subset = row.split()[-5:-3]
            assert (embedded, subset) == ("yes", "yes"), f"{name}: {row}"


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        *((f"hand-out/frameworks/{path.stem}.pdf", 1) for path in handouts.FRAMEWORKS.glob("*.md")),
        ("hand-out/action-plan.pdf", 1),
        ("hand-out/evaluation.pdf", 1),
        ("hand-out/certificate.pdf", 1),
        ("hand-out/eight-contacts.pdf", 2),
        ("hand-out/communication-agreement.pdf", 2),
        ("hand-out/table-cards.pdf", 14),
    ],
)
def test_a_handout_has_as_many_pages_as_it_should(pdfs, name, pages):
    assert f"Pages:           {pages}\n" in said_by("pdfinfo", pdfs[name])


def test_the_guide_on_paper_says_what_its_page_says(pdfs):
    shown = text_of(pdfs["lead/facilitator-guide.pdf"])
    source = handouts.GUIDE.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", source, re.MULTILINE)
    assert {"The new lecturer", "The skeptical senior colleague", "The field instructor"} <= set(headings)
    assert {"The agency supervisor", "The director", "Sensitive content"} <= set(headings)
    for heading in headings:
        assert bare(heading) in shown
    for key in re.findall(r"\{stat\}`([^`]+)`", source):
        assert bare(published_numbers()[key].display) in shown
    assert bare("NASW Code of Ethics 1.06(h) (seen in a copy of the source)") in shown
    assert "{" not in shown


def test_every_profile_and_every_moment_has_its_parts():
    source = handouts.GUIDE.read_text(encoding="utf-8")
    for chapter, labels in {
        "The people you may meet": ("Brings:", "Fears:", "Needs:", "A question that opens:"),
        "Difficult moments": ("You may hear:", "Behind it:", "You may say:"),
    }.items():
        section = source.split(f"## {chapter}\n")[1].split("\n## ")[0]
        entries = section.split("\n### ")[1:]
        assert len(entries) >= 5
        for entry in entries:
            assert [f"**{label}**" in entry for label in labels] == [True] * len(labels), entry


def test_the_diagram_of_a_framework_has_a_text_alternative(pdfs):
    assert b"Nested arches around Esi" in pdfs["hand-out/frameworks/ecological-systems.pdf"].read_bytes()


def test_a_page_with_an_unknown_number_work_or_role_is_named():
    numbers = published_numbers()
    for text, message in {
        "{stat}`no-such`": r"x\.md: published\.csv has no number 'no-such'",
        "{cite}`nobody1999`": r"x\.md: cite 'nobody1999': .*not in references\.bib",
        "{standard}`nasw-9`": r"x\.md: standard 'nasw-9'",
        "{doc}`there`": r"x\.md: the role 'doc' has no form on paper",
        "```{self-check} a\n```": r"x\.md: a directive cannot be put on paper",
    }.items():
        with pytest.raises(InputError, match=message):
            markdown_pdf.to_pandoc(text, "x.md", numbers)


def test_colours_on_paper_are_those_of_the_book():
    style = STYLE.read_text(encoding="utf-8")
    light = style[: style.index('html[data-theme="dark"]')]
    assert dict(re.findall(r"--ict-([a-z-]+): (#[0-9a-f]{6});", light)) == COLOURS


# ---- the cards


def test_every_card_has_the_scene_on_its_front_and_the_questions_on_its_back(pdfs):
    """The sheet turns on its long edge: what is above on the front is above on the back."""
    half = ("-x", "0", "-W", "595", "-H", "421")
    cards = table_cards.cards_data()["cards"]
    for number, card in enumerate(cards):
        sheet, below = number // 2, number % 2
        side = {
            name: text_of(
                pdfs["hand-out/table-cards.pdf"],
                *("-f", str(of), "-l", str(of), *half, "-y", str(421 * below)),
            )
            for name, of in {"front": 2 * sheet + 1, "back": 2 * sheet + 2}.items()
        }
        messages = [message["text"] for message in card["thread"]]
        choices = [label for _, label in card["choices"]]
        for text in (card["title"], *card["setting"], *card["scene"], *messages, card["question"], *choices):
            assert bare(text) in side["front"], (card["title"], text)
        if card["content_note"]:
            assert bare(card["content_note"]["about"]) in side["front"]
        for text in (card["title"], *card["questions"], *card["supervision"], *card["findings"]):
            assert bare(text) in side["back"], (card["title"], text)
        for group in card["standards"]:
            assert bare(f"{group['certainty']}:") in side["back"]


def test_a_picture_in_a_message_is_named():
    assert table_cards.in_letters("Seen 👍") == "Seen [thumbs up sign]"
    assert table_cards.in_letters("sorry. its late – ok?") == "sorry. its late – ok?"


def test_a_card_joins_countries_that_say_the_same():
    rows = [
        table_cards.Finding("a", "rural", "Canada", "lower", "people"),
        table_cards.Finding("b", "rural", "United States", "lower", "people"),
        table_cards.Finding("c", "north", "Canada", "low", "not stated"),
    ]
    assert table_cards.finding_lines(rows) == [
        "Rural: lower in Canada and the United States, of people",
        "North: low in Canada",
    ]


# ---- forms, on paper and for Word


@pytest.mark.parametrize("name", FORM_NAMES)
def test_a_form_asks_the_same_on_paper_and_in_word(built, pdfs, name):
    form = load_form(name)
    on_paper = text_of(pdfs[f"hand-out/{name}.pdf"])
    in_word = pypandoc.convert_file(
        str(built / "hand-out" / f"{name}.docx"), "plain", extra_args=["--wrap=none"]
    )
    texts = [form.title, form.lead, form.foot, *form.blanks]
    for field in form.fields:
        texts += [field.label, field.hint, *field.options, *field.wording]
        for statement in field.statements:
            assert bare(statement) in on_paper
    for text in texts:
        assert bare(text) in on_paper, text
        assert bare(one_line(text)) in bare(in_word) or text == form.title, text


@pytest.mark.parametrize("name", [*FORM_NAMES, "certificate"])
def test_a_word_document_opens_with_headings_and_styles(built, name):
    with zipfile.ZipFile(built / "hand-out" / f"{name}.docx") as document:
        assert document.testzip() is None
        body = document.read("word/document.xml").decode()
        styles = document.read("word/styles.xml").decode()
        facts = document.read("docProps/core.xml").decode()
    source: Any = load_certificate() if name == "certificate" else load_form(name)
    headings = [source.workshop] if name == "certificate" else [field.label for field in source.fields]
    of_style = re.findall(r'<w:pStyle w:val="Heading1" ?/>.*?</w:p>', body, re.DOTALL)
    told = [bare("".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", heading))) for heading in of_style]
    assert told == [bare(heading) for heading in headings]
    assert bare(source.title) in bare(re.sub(r"<[^>]+>", "", facts))
    for style in re.findall(r'<w:pStyle w:val="([^"]+)"', body):
        assert f'w:styleId="{style}"' in styles, style
    assert 'w:val="1f6f78"' in styles


def test_every_standard_of_the_policy_carries_its_certainty(pdfs):
    shown = text_of(pdfs["hand-out/informal-ict-policy.pdf"])
    for field in load_form("informal-ict-policy").fields:
        assert field.wording and field.standards
        for standard in handouts.standards_of(field):
            assert standard.endswith(("(seen)", "(recalled)", "(to check)"))
            assert bare(standard) in shown


def test_a_form_that_adds_to_no_field_or_has_no_room_is_named(tmp_path):
    source = {"title": "T", "kind": "K", "lead": "L", "foot": "F"}
    worksheet = "worksheet: policy-outline"
    for more, message in {
        f"{worksheet}\nadds: {{Nothing: {{wording: [a], standards: [nasw-1.01]}}}}": "no field 'Nothing'",
        f"{worksheet}\nadds: {{Purpose: {{wording: [a], standards: [x-1]}}}}": "'x-1' is not in",
        "fields: [{label: A}]": "needs lines, options or statements",
        "fields: [{label: A, statements: [b]}]": "A: statements need a scale",
    }.items():
        lines = [f"{key}: {value}" for key, value in source.items()]
        (tmp_path / "broken.yml").write_text("\n".join([*lines, more]), encoding="utf-8")
        with pytest.raises(InputError, match=rf"^broken\.yml: .*{message}"):
            load_form("broken", tmp_path)


def test_the_contacts_are_those_of_the_book_with_their_reading(pdfs):
    front, back = (text_of(pdfs["hand-out/eight-contacts.pdf"], "-f", str(n), "-l", str(n)) for n in (1, 2))
    contacts = handouts.contacts_data()["contacts"]
    assert len(contacts) == 8
    for contact in contacts:
        assert bare(contact["text"]) in front
        assert bare(f"{contact['arrangement']}. {contact['why']}") in back
        assert bare(contact["why"]) not in front


# ---- in a browser, from the folder


def within(built: Path, seen: Visit) -> list[str]:
    """What a page asked for that is not a file of the pack."""
    return [url for url in seen.requests if not url.startswith(built.as_uri()) and url != "about:blank"]


@pytest.mark.parametrize("name", ["index", "numbers"])
def test_a_page_of_the_pack_reads_on_a_light_phone_and_a_dark_desktop(built, browser, name):
    with visit(browser, (built / f"{name}.html").as_uri(), 390) as seen:
        assert seen.page.locator("script").count() == 0
        assert not within(built, seen)
        assert not seen.errors and not seen.failed  # before axe, which asks for the style again
        for width, mode in ((390, "light"), (1280, "dark")):
            seen.show(width, mode)
            assert not seen.axe(), (width, mode)
            assert not seen.scrolls_sideways(), (width, mode)


@pytest.fixture(scope="module", params=DECKS)
def deck(request: pytest.FixtureRequest, built: Path, browser: Browser) -> Iterator[tuple[str, Visit]]:
    address = (built / "slides" / f"{request.param}.html").as_uri()
    with visit(browser, address) as seen:
        seen.page.set_viewport_size({"width": 1280, "height": 720})
        seen.page.wait_for_function("window.Reveal && Reveal.isReady()")
        yield request.param, seen


CURRENT = """() => {
  const slide = Reveal.getCurrentSlide(), area = slide.getBoundingClientRect();
  const beyond = [...slide.querySelectorAll('p, li, h1, h2, h3, td, svg')].filter((part) => {
    const box = part.getBoundingClientRect();
    return !part.closest('aside') && (box.bottom > innerHeight || box.right > innerWidth || box.left < 0);
  });
  return {
    title: slide.querySelector('h1, h2, h3').textContent,
    notes: slide.querySelector('aside.notes')?.textContent ?? '',
    beyond: beyond.map((part) => part.textContent.slice(0, 60)),
    small: [...slide.querySelectorAll('p, li, td')].filter((part) =>
      !part.closest('aside, .ict-figure, .citation') && parseFloat(getComputedStyle(part).fontSize) < 30
    ).map((part) => part.textContent.slice(0, 60)),
  };
}"""


def test_the_right_arrow_goes_through_a_deck_in_the_order_of_its_run_sheet(deck):
    slug, seen = deck
    sheet = next(sheet for sheet in load_run_sheets() if sheet.slug == slug)
    total = seen.page.evaluate("Reveal.getTotalSlides()")
    slides_seen = []
    for _ in range(total):
        slides_seen.append(seen.page.evaluate(CURRENT))
        seen.page.keyboard.press("ArrowRight")
    assert [slide["beyond"] for slide in slides_seen] == [[]] * total
    assert [slide["small"] for slide in slides_seen] == [[]] * total
    assert slides_seen[0]["title"] == slides.TITLE
    assert slides_seen[-1]["title"] == "Sources"
    told = [slide["notes"].strip().split("\n")[0] for slide in slides_seen]
    begun = [note for note in told if re.match(r"\d+:\d\d, ", note)]
    assert begun == [f"{at}, {step.minutes} minutes: {step.title}." for at, step in sheet.timed]
    said = bare(" ".join(slide["notes"] for slide in slides_seen))
    for step in sheet.steps:
        assert bare(step.say) in said


def test_a_deck_asks_nobody_and_axe_finds_nothing(deck, built):
    slug, seen = deck
    assert not within(built, seen)
    assert not seen.errors and not seen.failed
    seen.page.evaluate("Reveal.slide(1)")
    assert not seen.axe()
    assert "user-scalable=no" not in (built / "slides" / f"{slug}.html").read_text(encoding="utf-8")


def test_numbers_on_slides_are_published_ones_and_lead_to_their_row(deck, built):
    _, seen = deck
    rows = page(built / "numbers.html").ids
    links = seen.page.locator(".slides a[href*='numbers.html#']").evaluate_all(
        "(links) => links.map((link) => [link.getAttribute('href').split('#')[1], link.textContent])"
    )
    assert len(links) >= 8
    for target, shown in links:
        assert target in rows
        assert shown == published_numbers()[target.removeprefix("number-")].display


def test_notes_open_in_a_window_of_their_own_from_the_folder(built, browser):
    with visit(browser, (built / "slides" / "sixty-minutes.html").as_uri()) as seen:
        seen.page.wait_for_function("window.Reveal && Reveal.isReady()")
        with seen.page.expect_popup() as opened:
            seen.page.keyboard.press("s")
        notes = opened.value.locator(".speaker-controls-notes .value")
        seen.page.keyboard.press("ArrowRight")
        notes.get_by_text("0:00, 5 minutes: Welcome.").wait_for(timeout=10_000)
        assert not within(built, seen)


def test_a_deck_prints_a_page_a_slide(built, browser, tmp_path):
    with visit(browser, f"{(built / 'slides' / 'sixty-minutes.html').as_uri()}?print-pdf") as seen:
        seen.page.locator(".pdf-page").last.wait_for()
        total = seen.page.evaluate("Reveal.getTotalSlides()")
        seen.page.pdf(path=str(tmp_path / "deck.pdf"), prefer_css_page_size=True, print_background=True)
    assert f"Pages:           {total}\n" in said_by("pdfinfo", tmp_path / "deck.pdf")
    assert bare(published_numbers()["use-ca"].display) in text_of(tmp_path / "deck.pdf")


def test_slides_that_sphinx_refuses_are_named(tmp_path, monkeypatch):
    broken = tmp_path / "slides"
    broken.mkdir()
    (broken / "welcome.md").write_text("No title here.\n", encoding="utf-8")
    monkeypatch.setattr(slides, "SLIDES", broken)
    with pytest.raises(InputError, match=r"^welcome\.md: must begin with a title"):
        slides.deck_myst(load_run_sheets()[0])

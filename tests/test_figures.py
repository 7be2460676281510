"""Figures, explorables and worksheets: what is refused, and how it is said."""

from pathlib import Path

import pytest
from ipywidgets.embed import dependency_state

from informal_ict import paths
from informal_ict.curriculum import load_curriculum
from informal_ict.errors import InputError
from informal_ict.figures.charts import Pair, count_chart, paired_chart
from informal_ict.figures.diagrams import load_diagram, parts, svg_html
from informal_ict.published import load_published
from informal_ict.widgets.explorable import explorable_on_paper, explorable_widget, load_explorable
from informal_ict.widgets.self_check import load_self_check
from informal_ict.worksheets import load_worksheet, worksheet_html

NUMBERS = load_published()
GOOD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 100" font-size="13">
<title>A box</title><desc>One box, and so nothing follows.</desc>
<g data-part="box"><rect x="1" y="1" width="9" height="9" fill="none" stroke="var(--ict-accent)"/></g>
<text x="5" y="50" fill="var(--ict-text)">A &amp; {stat}`use-ca`</text></svg>"""


def diagram(folder: Path, svg: str):
    (folder / "drawn.svg").write_text(svg, encoding="utf-8")
    return load_diagram("drawn", NUMBERS, folder=folder)


@pytest.mark.parametrize("path", sorted(paths.DIAGRAMS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_diagram_keeps_the_rules_and_says_what_follows(path):
    root = load_diagram(path.stem, NUMBERS)
    spoken = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert len(spoken.split()) >= 25, "the text alternative must be enough for someone who does not see it"
    assert "{stat}" not in svg_html(root)


def test_a_diagram_stands_in_the_page_with_its_name_and_number(tmp_path):
    root = diagram(tmp_path, GOOD)
    html = svg_html(root)
    assert html.startswith('<svg role="img" aria-label="A box. One box, and so nothing follows."')
    assert "A &amp; 78.1%" in html and "<title" not in html and "xmlns" not in html
    assert parts(root) == {"box"}
    assert 'data-part="box" class="ict-chosen"' in svg_html(root, part="box")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0 0 360 100", "0 0 800 100", "viewBox must be 0 0 360"),
        ("0 0 360 100", "0 0 360 900", "at most 560 high"),
        ("0 0 360 100", "wide", "viewBox"),
        ("<title>A box</title>", "", "<title> is missing"),
        ("One box, and so nothing follows.", " ", "<desc> is missing or empty"),
        ("var(--ict-accent)", "#ff0000", "stroke='#ff0000'"),
        ('font-size="13"', 'font-size="9"', "letters of 9"),
        ('font-size="13"', 'font-size="1em"', "letters of 1em"),
        (' font-size="13"', "", "font-size is set nowhere"),
        ("<g data", '<g id="a" data', "has a style, class or id"),
        ("<text", "<script>1</script><text", "<script> does not belong"),
        ("use-ca", "use-nowhere", "no number 'use-nowhere'"),
        ("<text", "<iframe/><text", "<iframe> does not belong"),
        ("<text", "<use/><text", "<use> does not belong"),
        ("<text", '<text onclick="go()"', "has onclick='go()'"),
        ("<text", '<text xmlns:x="http://www.w3.org/1999/xlink" x:href="a"', "runs or loads something"),
        ("<text", '<text filter="url(//elsewhere)"', "runs or loads something"),
        ("</svg>", "", "not well-formed"),
    ],
)
def test_a_faulty_diagram_is_refused_in_words(tmp_path, old, new, said):
    with pytest.raises(InputError, match=r"^drawn\.svg: ") as caught:
        diagram(tmp_path, GOOD.replace(old, new))
    assert said in str(caught.value)


EXPLORABLE = """label: Level
diagram: ecological-levels
panels:
  - {name: One, part: micro, text: First.}
  - {name: Two, text: Second.}
  - {name: Three, text: Third.}
"""


@pytest.mark.parametrize("path", sorted(paths.EXPLORABLES.glob("*.yml")), ids=lambda path: path.stem)
def test_every_explorable_loads_and_prints_whole(path):
    explorable = load_explorable(path, NUMBERS)
    printed = explorable_on_paper(explorable, NUMBERS)
    assert printed.count("<details>") == len(explorable.panels)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("part: micro", "part: moon", "'ecological-levels' has no part 'moon'"),
        ("name: Two", "name: One", "two panels have the same name"),
        ("text: Second.", "words: Second.", r"panels.1.text"),
        ("diagram: ecological-levels", "diagram: nowhere", "nowhere.svg: the file is not there"),
        ("diagram: ecological-levels\n", "", "no part 'micro'"),
        (
            "Second.",
            "'{stat}`use-mars`'",
            "broken.yml: panels.1.text: published.csv has no number 'use-mars'",
        ),
    ],
)
def test_a_faulty_explorable_is_refused_in_words(tmp_path, old, new, said):
    path = tmp_path / "broken.yml"
    path.write_text(EXPLORABLE.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_explorable(path, NUMBERS)
    assert said in str(caught.value)


@pytest.mark.parametrize("path", sorted(paths.WORKSHEETS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_field_of_a_worksheet_has_a_label_and_keeps_nothing(path):
    worksheet = load_worksheet(path)
    html = worksheet_html(worksheet, path.stem)
    assert html.count("<label for=") == html.count("<textarea id=") == len(worksheet.fields)
    assert html.count('autocomplete="off"') == len(worksheet.fields) + 1


def test_a_faulty_worksheet_is_refused_in_words(tmp_path):
    path = tmp_path / "broken.yml"
    path.write_text("title: T\nlead: L\nfields: [{label: A, hint: B, lines: 99}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^broken\.yml: fields"):
        load_worksheet(path)


def test_a_chart_of_pairs_says_both_numbers_without_colour():
    svg = paired_chart([Pair("Searched", 35.9, 36.2, ("35.9%", "36.2%"))], "About a third in both.")
    assert 'aria-label="About a third in both."' in svg
    assert "CA 35.9%" in svg and "US 36.2%" in svg
    assert "#1f6f78" not in svg.replace("var(--ict-accent, #1f6f78)", "")


def test_a_chart_of_counts_shows_every_option():
    svg = count_chart(["A. Call", "B. Write"], [3, 0], "Three call.")
    assert "A. Call" in svg and "B. Write" in svg and ">3<" in svg and ">0<" in svg


def test_dollar_signs_in_an_option_are_no_formula():
    svg = count_chart(["A. Pay $5 or $6", "B. Pay $x_{ $"], [3, 0], "Three pay.")
    assert "A. Pay $5 or $6" in svg and "B. Pay $x_{ $" in svg


def test_a_panel_without_a_part_emphasises_nothing_and_does_not_say_so(tmp_path):
    path = tmp_path / "levels.yml"
    path.write_text(EXPLORABLE, encoding="utf-8")
    state = str(dependency_state([explorable_widget(load_explorable(path, NUMBERS), NUMBERS)]))
    assert "with One emphasised" in state
    assert "with Two emphasised" not in state


def test_a_self_check_without_questions_is_refused(tmp_path):
    path = tmp_path / "empty.yml"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"^empty\.yml: has no questions"):
        load_self_check(path)


def test_a_yaml_file_that_holds_itself_is_refused(tmp_path):
    path = tmp_path / "endless.yml"
    path.write_text("&a [*a]", encoding="utf-8")
    with pytest.raises(InputError, match=r"^endless\.yml: not valid YAML: Circular"):
        load_worksheet(path)


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_worksheet(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("epas: [1, 4, 6]", "epas: [12]", "chapters.it-crept-in.epas: there is no competency 12"),
        ("{title: Crosstabs, ", "{", "assignments.crosstabs.title: Field required"),
        ("  it-crept-in:", "  it-never-was:", "chapters.it-never-was: there is no chapters"),
    ],
)
def test_a_curriculum_that_speaks_of_what_is_not_there_is_refused(tmp_path, old, new, said):
    path = tmp_path / "curriculum.yml"
    text = paths.CURRICULUM.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"^curriculum\.yml: ") as caught:
        load_curriculum(path)
    assert said in str(caught.value)

"""The report as a facilitator makes it and a group reads it: the command, the page in a browser, the PDF."""

import re
import subprocess
import time
from html.parser import HTMLParser
from math import sqrt

import pytest

import response_files
from built_site import AXE, WCAG_2_2_AA, WIDTHS, visit
from informal_ict.published import load_published
from test_compare_dialects import LINES, counted, expected, plain_table

REHEARSAL = response_files.people(7, 25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rehearsal")


@pytest.fixture(scope="module")
def report(folder):
    """The rehearsal: 25 invented people, the workbook of Microsoft Forms, a page and a PDF."""
    from informal_ict.compare.report import write_comparison

    answers = response_files.write(folder, "Microsoft Forms", REHEARSAL)
    started = time.process_time()
    write_comparison(answers, folder / "report.html", folder / "report.pdf", whose="The <b>Tuesday</b> group")
    took = time.process_time() - started
    return (folder / "report.html").read_text(encoding="utf-8"), (folder / "report.pdf").read_bytes(), took


class Cells(HTMLParser):
    """The rows of every table, as text."""

    def __init__(self):
        super().__init__()
        self.rows, self._cell = [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join(self._cell.split()))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data


def wilson(count, people, z=1.959963984540054):
    """The ends of the interval from the formula of 1927, in whole percent."""
    share = count / people
    middle = share + z * z / (2 * people)
    reach = z * sqrt(share * (1 - share) / people + z * z / (4 * people * people))
    low, high = (100 * (middle + sign * reach) / (1 + z * z / people) for sign in (-1, 1))
    return low, high


def test_it_is_made_in_the_meeting(report):
    assert report[2] < 10


def test_the_rehearsal_is_right_to_the_count(report):
    cells = Cells()
    cells.feed(report[0])
    table, numbers = plain_table(REHEARSAL), load_published()
    said = expected(table)
    assert 3 < sum(one != "not shown" for one in said.values()) < len(LINES)
    found = {re.sub(r" \(of \w+\)$", "", row[0]): row for row in cells.rows if len(row) == 5}
    for line, (name, code) in LINES.items():
        _, you, interval, canada, united_states = found[line]
        if said[line] == "not shown":
            assert (you, interval) == ("not shown", "")
            continue
        count, people = counted(table, name, code)
        low, high = wilson(count, people)
        assert you == f"{count} of {people}, {100 * count / people:.0f}%"
        assert interval == f"{low:.0f}% to {high:.0f}%"
        for cell, key in ((canada, "ca"), (united_states, "us")):
            number = next(
                n
                for n in numbers.values()
                if n.id.endswith(f"-{key}") and n.statistic == "percent" and cell.startswith(f"{n.display} ")
            )
            place = "below" if number.number < low else "above" if number.number > high else "within"
            assert cell == f"{number.display} {place}"


def test_it_says_what_it_is(report):
    page = " ".join(report[0].split())
    for said in (
        "25 people answered",
        "No number on this page stands for fewer than five people",
        "not a sample of anyone",
        "You are not a sample.",
        "The interval is Wilson’s",
        "Not shown, to protect small groups:",
        "The survey’s own wording was not published",
        "Only everyone as the base fits the count published for three countries.",
        "Columns for names or addresses stood there with nothing in them: Email; Name.",
    ):
        assert said in page
    assert "anonymous" not in page


def test_a_name_of_a_group_is_no_markup(report):
    assert "The &lt;b&gt;Tuesday&lt;/b&gt; group" in report[0]


def test_no_hidden_count_is_in_the_page_or_its_charts(report):
    for line, (name, code) in LINES.items():
        count, people = counted(plain_table(REHEARSAL), name, code)
        if expected(plain_table(REHEARSAL))[line] == "not shown":
            assert f"{line}: {count} of {people}" not in report[0].casefold()
            assert f">you {100 * count / people:.0f}%<" not in svg_of(report[0], name)


def svg_of(page, name):
    number = list(response_files.QUESTIONS).index(name) + 1
    return page.split(f'id="question-{number}"')[1].split("</section>")[0].replace("\n", "")


def test_the_page_in_a_browser(report, folder, browser):
    with visit(browser, (folder / "report.html").as_uri(), WIDTHS["phone"]) as seen:
        assert [url for url in seen.requests if not url.startswith("file:")] == []
        assert seen.page.locator("script").count() == 0
        assert seen.page.locator("svg.ict-chart").count() == 8
        for device, mode in (("phone", "light"), ("desktop", "dark"), ("zoomed", "light")):
            seen.show(WIDTHS[device], mode)
            seen.open_everything()
            assert not seen.scrolls_sideways()
            assert device == "zoomed" or axe(seen.page) == []
        ground = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert seen.failed == []


def axe(page):
    """Violations; the page's own policy lets no script in, so axe comes from outside of it."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags})", WCAG_2_2_AA)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def test_it_works_printed(report, folder, browser):
    with visit(browser, (folder / "report.html").as_uri(), WIDTHS["desktop"]) as seen:
        pdf = seen.page.pdf(format="A4")
    assert "All the counts that can be shown" in text_of(pdf, folder)
    assert "Only everyone as the base fits" in text_of(pdf, folder)  # folded on the screen


def text_of(pdf, folder):
    (folder / "some.pdf").write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", folder / "some.pdf", "-"], capture_output=True, check=True)
    return " ".join(said.stdout.decode().split())


def test_the_pdf_says_the_same_and_is_tagged(report, folder):
    told = subprocess.run(["pdfinfo", folder / "report.pdf"], capture_output=True, check=True).stdout.decode()
    assert re.search(r"Tagged:\s+yes", told) and re.search(r"Title:\s+Our answers beside", told)
    said = text_of(report[1], folder)
    for line, count in expected(plain_table(REHEARSAL)).items():
        assert line in said and (count == "not shown" or count in said)
    fonts = subprocess.run(
        ["pdffonts", folder / "report.pdf"], capture_output=True, check=True
    ).stdout.decode()
    assert all(re.search(r"\byes\s+(yes|no)\s+(yes|no)\s", line) for line in fonts.splitlines()[2:])


def test_any_script_in_a_name_can_be_printed(informal_ict, tmp_path):
    path = tmp_path / "answers.csv"
    lines = response_files.template(REHEARSAL).decode().splitlines()
    path.write_text("\n".join(f"{line},{'反馈 😀 Ἀ' if line is lines[0] else ''}" for line in lines), "utf-8")
    out, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    result = informal_ict("compare", path, "--out", out, "--pdf", pdf, "--whose", "Équipe 反馈 “Łódź”")
    assert result.status == 0, result.err
    assert "Équipe 反馈 “Łódź”" in out.read_text(encoding="utf-8")
    assert "Équipe ?? “Łódź”" in text_of(pdf.read_bytes(), tmp_path)


def test_no_report_is_written_over_the_answers_or_each_other(informal_ict, folder, tmp_path):
    answers = response_files.write(tmp_path, "Microsoft Forms", REHEARSAL)
    content = answers.read_bytes()
    (tmp_path / "same.xlsx").symlink_to(answers)
    page = tmp_path / "report.html"
    for arguments, said in (
        (("--out", answers), "read or written already"),
        (("--out", tmp_path / "same.xlsx"), "read or written already"),
        (("--out", page, "--pdf", page), "read or written already"),
        (("--out", tmp_path), "is a folder; name the file to write"),
    ):
        result = informal_ict("compare", answers, *arguments)
        assert result.status == 1 and said in result.err
    assert answers.read_bytes() == content and not page.exists()


def test_the_threshold_can_be_chosen(informal_ict, folder, tmp_path):
    answers = response_files.write(tmp_path, "Google Forms", REHEARSAL)
    result = informal_ict("compare", answers, "--out", tmp_path / "r.html", "--smallest", 3)
    assert result.status == 0, result.err
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "stands for fewer than three people" in page
    assert page.count("not shown") < (folder / "report.html").read_text(encoding="utf-8").count("not shown")

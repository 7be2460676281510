"""Feedback as a student opens it and formgrader as a teacher does: nothing of a submission runs in either."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from playwright.sync_api import Browser, Page

import hostile_notebook as hostile
from built_site import AXE
from formgrader_server import formgrader_of
from informal_ict.assignments.rubrics import mark_scheme, read_rubric
from informal_ict.course.build import CONFIG
from informal_ict.course.feedback.make import load_course, make_feedback
from informal_ict.course.feedback.marks import Mark, Marks, Sum
from informal_ict.course.feedback.page import feedback_html
from informal_ict.course.feedback.rubric import criteria_in, judged
from informal_ict.course.feedback.sanitise import safe_html
from informal_ict.paths import ASSIGNMENTS
from marked_course import ASSIGNMENT, HIDDEN, NOTEBOOK, TASK, Submission, about, make_course

TOKEN = "feedback"
NO_OTHERS = dict.fromkeys(
    (
        "jupyter_lsp",
        "jupyter_server_terminals",
        "jupyterlab",
        "jupyterlab_jupytext",
        "notebook",
        "notebook_shim",
    ),
    False,
)
TABLE = (
    "<style scoped>td{background:url(http://evil.invalid)}</style><table border='1' class='dataframe'>"
    "<tr><th>setting</th><th>n</th></tr><tr><td>Hospital</td><td>41</td></tr></table>"
)
HONEST = Submission(
    "Bélanger",
    scores={"test-share": 0, TASK: 3},
    messages={"test-share": "AssertionError: Divide by the people asked."},
    comments={TASK: "2 + 1\n\nWhom does *half* count?", "share": "Look at the base."},
    penalty=1,
    cells=[
        new_markdown_cell("## Notes\n\n$\\frac{a}{b}$ and ![mine](own.png) ![not mine](../../../secret.png)"),
        new_code_cell(
            "survey", outputs=[new_output("display_data", data={"text/html": TABLE, "text/plain": "x"})]
        ),
        new_code_cell("copy()", outputs=[new_output("stream", text=f"{HIDDEN}\n")]),
        new_code_cell("x" * 300, outputs=[new_output("stream", text="y" * 200_000)]),
    ],
)
HOSTILE = Submission(
    "mallory",
    answer="\n\n".join(hostile.HTML.values()),
    cells=hostile.hostile_cells(),
    metadata=hostile.NOTEBOOK_METADATA,
    comments={TASK: hostile.HTML["script"] + hostile.HTML["event handler of a picture"]},
)
UNREAD = Submission("unread", unread=True)


WHAT_COULD_RUN = """() => [...document.querySelectorAll("*")].flatMap((one) => {
  const names = [...one.attributes].map((attribute) => attribute.name);
  const leads = one.getAttribute("href") ?? "";
  return [
    ...names.filter((name) => name.startsWith("on") || name == "style"),
    ...(/^(script|iframe|object|embed|form|input|base|svg|link)$/i.test(one.tagName) ? [one.tagName] : []),
    ...(/^(https?:|mailto:|#|$)/.test(leads) ? [] : [leads]),
  ];
})"""


@dataclass
class Watched:
    """A page in a browser with everything that it did."""

    page: Page
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def touch_everything(self) -> None:
        """Do what a reader may do to each thing on the page."""
        self.page.evaluate(
            """() => {
              for (const one of document.querySelectorAll("details")) one.open = !one.open;
              for (const one of document.querySelectorAll("body *")) {
                for (const kind of ["mouseover", "focus", "toggle", "error", "load", "animationstart"])
                  one.dispatchEvent(new Event(kind, {bubbles: true}));
                const leads = one.closest("a")?.getAttribute("href") ?? "";
                const elsewhere = /^(https?|mailto):/.test(leads) || one.closest(".navbar, .scoring-buttons");
                if (!elsewhere) one.click?.();
              }
            }"""
        )
        self.page.wait_for_timeout(300)


@contextmanager
def watched(
    browser: Browser, own: str = "file://", headers: dict[str, str] | None = None
) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, extra_http_headers=headers or {})
    page = context.new_page()
    seen = Watched(page)
    page.on(
        "request",
        lambda one: None if one.url.startswith((own, "data:image/")) else seen.asked.append(one.url),
    )
    page.on("console", lambda one: seen.said.append(one.text))
    page.on("pageerror", lambda one: seen.said.append(str(one)))
    page.on("dialog", lambda one: (seen.dialogs.append(one.message), one.dismiss()))
    context.on("page", lambda one: seen.opened.append(one.url) if one != page else None)
    try:
        yield seen
    finally:
        context.close()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedback")
    make_course(folder, [HONEST, HOSTILE, UNREAD])
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    home = folder / "autograded" / "Bélanger" / ASSIGNMENT
    for picture in (home / "own.png", folder / "secret.png"):
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + picture.name.encode())
    (folder / "autograded" / "mallory" / ASSIGNMENT / "evil.html").write_text("<script>alert(1)</script>")
    return folder


@pytest.fixture(scope="module")
def pages(course: Path) -> dict[str, Path]:
    given = make_feedback(course)
    assert [one.problem for one in given] == ["", "", ""]
    return {one.student: one.written[0] for one in given}


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def shown(data: dict[str, str]) -> NotebookNode:
    return new_code_cell("x", outputs=[new_output("display_data", data=data)])


# These neither swallow what follows them nor send the page away.
REACH = (
    *(
        "script",
        "event handler of a picture",
        "handler of a fold that opens itself",
        "field that focuses itself",
    ),
    *(
        "script from elsewhere",
        "picture from elsewhere",
        "style that fetches",
        "style of an element that fetches",
    ),
    *("style sheet", "frame"),
)


def test_stock_feedback_lets_these_attacks_in(browser: Browser, tmp_path: Path) -> None:
    """Otherwise the tests below would show nothing."""
    page = tmp_path / "stock.html"
    cells = [shown({"text/html": hostile.HTML[one]}) for one in REACH]
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(new_notebook(cells=cells))
    page.write_text(html, encoding="utf-8")
    with watched(browser) as seen:
        seen.page.route(re.compile("^http"), lambda route: route.abort())
        seen.page.goto(page.as_uri())
        seen.page.wait_for_timeout(300)
        assert seen.page.title() == "HARMED"
        assert len(seen.dialogs) >= 4
        asked = {url.rsplit("/", 1)[-1] for url in seen.asked if url.startswith(hostile.EVIL)}
        assert asked >= {"script.js", "pixel.png", "style.png", "inline.png", "sheet.css", "frame"}


@pytest.mark.parametrize("policy", [True, False], ids=["as it is", "without its policy"])
def test_nothing_of_a_submission_runs(
    pages: dict[str, Path], browser: Browser, tmp_path: Path, policy: bool
) -> None:
    """The cleaning alone is enough, and the policy stands behind it."""
    page = tmp_path / "page.html"
    html = text(pages["mallory"])
    page.write_text(html if policy else re.sub(r"<meta http-equiv=[^>]*>", "", html), encoding="utf-8")
    with watched(browser) as seen:
        seen.page.goto(page.as_uri())
        seen.touch_everything()
        seen.page.wait_for_timeout(300)
        assert (seen.dialogs, seen.asked, seen.opened, seen.said) == ([], [], [], [])
        assert seen.page.title() == "Feedback: Counts"
        assert seen.page.url.split("#")[0] == page.as_uri()
        left = seen.page.evaluate(WHAT_COULD_RUN)
        assert left == []
        assert seen.page.evaluate("document.querySelectorAll('style').length") == 1
        assert seen.page.evaluate("document.querySelectorAll('main > h1').length") == 1


def test_the_policy_alone_stops_a_script(pages: dict[str, Path], browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    attacks = "".join(
        hostile.HTML[one] for one in ("script", "event handler of a picture", "style that fetches")
    )
    page.write_text(text(pages["unread"]).replace("<main>", f"<main>{attacks}"), encoding="utf-8")
    with watched(browser) as seen:
        seen.page.goto(page.as_uri())
        seen.page.wait_for_timeout(300)
        assert (seen.dialogs, seen.asked) == ([], [])
        assert len([one for one in seen.said if "Content Security Policy" in one]) >= 3


def test_marks_and_comments_are_shown(pages: dict[str, Path], browser: Browser) -> None:
    with watched(browser) as seen:
        seen.page.goto(pages["Bélanger"].as_uri())
        page = seen.page
        assert page.locator("html").get_attribute("lang") == "en"
        assert " ".join(page.locator(".total").inner_text().split()) == (
            "2 of 6 points 1 point is taken off, because it was handed in late."
        )
        rows = [" ".join(row.split()) for row in page.locator("main > table tbody tr").all_inner_texts()]
        assert rows == ["The share 0 / 2 none", "What it means with a comment 3 / 4 part"]
        assert "Divide by the people asked." in page.locator(".check.none").inner_text()
        reached = [one.strip() for one in page.locator(".reached").all_inner_texts()]
        assert reached == [
            "2, your answer: Names a number and of whom.",
            "1, your answer: One thing so general that it fits anything.",
        ]
        comments = [" ".join(one.split()) for one in page.locator(".comment").all_inner_texts()]
        assert comments == ["Comment Look at the base.", "Comment Whom does half count?"]
        assert page.locator("math mfrac").count() == 1
        assert page.locator(".output table td").all_inner_texts() == ["Hospital", "41"]
        page.get_by_role("link", name="What it means").click()
        assert page.url.endswith(f"#cell-{TASK}")


def test_hidden_tests_and_mark_schemes_stay_out(pages: dict[str, Path]) -> None:
    for page in pages.values():
        html = text(page)
        assert "HIDDEN TESTS" not in html and "hidden_share_of_everybody" not in html
        assert "exemplar" not in html and "A note for markers" not in html and "A strong answer" not in html


def test_pictures_come_from_the_own_folder_only(pages: dict[str, Path]) -> None:
    html = text(pages["Bélanger"])
    assert html.count("data:image/png;base64,") == 1
    assert "[picture left out: not mine]" in html


def test_what_is_not_marked_yet_is_not_shown_as_nothing(pages: dict[str, Path]) -> None:
    html = text(pages["unread"])
    assert "1 question is still to be marked" in html
    assert re.search(r"–\s*/ 4", html) and "reached" not in html.split("<main>")[1]


def test_files_handed_in_are_not_copied(pages: dict[str, Path]) -> None:
    assert [path.name for path in pages["mallory"].parent.iterdir()] == [f"{NOTEBOOK}.html"]


def test_pages_are_accessible(pages: dict[str, Path], browser: Browser) -> None:
    with watched(browser) as seen:
        seen.page.goto(pages["Bélanger"].as_uri())
        seen.page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        seen.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        for width, mode in ((390, "light"), (1280, "dark")):
            seen.page.set_viewport_size({"width": width, "height": 844})
            seen.page.emulate_media(color_scheme=mode)
            assert not seen.page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert [one["id"] for one in seen.page.evaluate("axe.run(document)")["violations"]] == []


def test_the_command(course: Path, pages: dict[str, Path], informal_ict) -> None:
    again = informal_ict("feedback", course)
    assert (again.status, again.out.splitlines()[0]) == (0, "0 pages written, 0 submissions without a page.")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, "unread")
        for grade in notebook.grades:
            if grade.name == TASK:
                grade.manual_score, grade.needs_manual_grade = 4, False
        gradebook.db.commit()
    one = informal_ict("feedback", course, ASSIGNMENT, "--students", "unread", "--force")
    assert (one.status, one.out) == (0, "1 pages written, 0 submissions without a page.\n")
    assert "6 of 6 points" in text(pages["unread"])
    nobody = informal_ict("feedback", course, "--students", "nobody")
    assert nobody.status == 1 and "nobody" in nobody.err
    nowhere = informal_ict("feedback", course / "feedback")
    assert nowhere.status == 1 and "gradebook" in nowhere.err


def test_a_notebook_that_cannot_be_read_stops_no_other(
    course: Path, pages: dict[str, Path], informal_ict
) -> None:
    broken = course / "autograded" / "mallory" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    before = broken.read_bytes()
    broken.write_text("{", encoding="utf-8")
    try:
        result = informal_ict("feedback", course, "--force")
    finally:
        broken.write_bytes(before)
    assert result.status == 1
    assert "2 pages written, 1 submissions without a page." in result.out
    assert re.search(r"no page\s+mallory, survey: \S+", result.out)


def test_stock_nbgrader_makes_the_same_page(course: Path, pages: dict[str, Path]) -> None:
    ours = text(pages["Bélanger"])
    config, directory = load_course(course)
    result = NbGraderAPI(directory, config=config).generate_feedback(ASSIGNMENT, "Bélanger")
    assert result["success"], result
    assert text(pages["Bélanger"]) == ours


def test_formgrader_runs_nothing_of_a_submission(course: Path, browser: Browser) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, "mallory").id
    only_ours = f"--ServerApp.jpserver_extensions={NO_OTHERS}"
    with (
        formgrader_of(course, TOKEN, only_ours) as address,
        watched(browser, address, {"Authorization": f"token {TOKEN}"}) as seen,
    ):
        page = seen.page
        page.goto(f"{address}/formgrader/submissions/{submission}/")
        page.wait_for_selector(f"#{TASK}_extra_credit[placeholder='0']")
        page.wait_for_selector(f"#{TASK}-comment[placeholder]")
        assert page.get_by_text("A strong answer").count() == 1  # the marker sees the mark scheme
        page.locator(".glyphicon.name-hidden").click()
        assert page.locator("a.name-shown").is_visible()
        with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
            page.locator(f"input#{TASK}").fill("1")
            page.locator(f"input#{TASK}").press("Tab")
        assert saved.value.ok
        seen.touch_everything()
        page.wait_for_timeout(300)
        assert (seen.dialogs, seen.asked, seen.opened, seen.said) == ([], [], [], [])
        assert page.title() == NOTEBOOK


def test_criteria_are_read_from_the_mark_schemes_of_all_our_tasks() -> None:
    folders = [path.parent for path in ASSIGNMENTS.glob("*/rubric.yml")]
    tasks = [task for folder in folders for task in read_rubric(folder).tasks.values()]
    assert len(tasks) >= 6
    for task in tasks:
        assert criteria_in(mark_scheme(task)) == task.criteria


@pytest.mark.parametrize(
    ("score", "comment", "reached", "left"),
    [
        (3, "2 + 1. Good.", [2, 1], "Good."),
        (3, "1+2", [1, 2], ""),
        (3, "2 + 1 = 3 points\n\nGood.", [2, 1], "Good."),
        (3, "Good.", [None, None], "Good."),
        (3, "2 + 2", [None, None], "2 + 2"),
        (4, "Good.", [2, 2], "Good."),
        (0, "", [0, 0], ""),
        (2.5, "", [None, None], ""),
        (3, "2 + 1 + 0", [None, None], "2 + 1 + 0"),
        (3, "2 + 12 people", [None, None], "2 + 12 people"),
    ],
)
def test_levels_are_shown_only_where_they_are_known(score, comment, reached, left) -> None:
    criteria = criteria_in("**1. A**\n- 2: x\n- 1: y\n- 0: z\n**2. B**\n- 2: x\n- 1: y\n- 0: z")
    found, rest = judged(criteria, score, comment)
    assert ([one.reached for one in found], rest) == (reached, left)


@pytest.mark.parametrize(
    "traceback", [["-----", "x = 1", "AssertionError: Count again."], ["AssertionError: Count again."]]
)
def test_the_message_of_a_check_stands_alone(traceback: list[str]) -> None:
    """Whether the whole traceback was kept, as nbgrader does, or its last line."""
    failed = new_output("error", ename="AssertionError", evalue="Count again.", traceback=traceback)
    check = new_code_cell("assert x", metadata=about("test", grade=True, points=1), outputs=[failed])
    marks = Marks("x", ASSIGNMENT, NOTEBOOK, {"test": Mark("test", 1, 0, False)}, {}, Sum(0, 1, 0), None)
    assert "<p>Count again.</p>" in feedback_html(new_notebook(cells=[check]), marks, Path())


@pytest.mark.parametrize("html", ["<b>" * 20_000, "<div>" * 5_000 + "x", "<a><b>" * 9_000, "<table>" * 3_000])
def test_html_made_to_keep_a_machine_busy(html: str) -> None:
    start = time.process_time()
    assert len(safe_html(html)) < 100_000
    assert time.process_time() - start < 3


def test_written_answers_and_marks_without_a_cell() -> None:
    """Other courses mark an answer in its own cell, and a student may have deleted one."""
    essay = about("essay", grade=True, solution=True, points=3)
    notebook = new_notebook(
        cells=[new_markdown_cell("# Why?\n\nBecause."), new_markdown_cell("So.", metadata=essay)]
    )
    marks = Marks(
        student="x",
        assignment=ASSIGNMENT,
        notebook=NOTEBOOK,
        by_cell={"essay": Mark("essay", 3, 1.5, False), "gone": Mark("gone", 2, 0, False)},
        comments={"essay": "Say *more*."},
        total=Sum(1.5, 5, 0),
        whole=Sum(4.25, 10, 0),
    )
    html = " ".join(feedback_html(notebook, marks, Path()).split())
    assert "1.5 of 5 points</strong> in this notebook, 4.25 of 10 in the whole assignment" in html
    assert '<p class="label">1.5 of 3 points</p>' in html and "Say <em>more</em>." in html
    assert 'gone <span class="small">(its cell is not in this notebook)</span>' in html

"""One bad submission never stops the run: it gets a reason, and everybody else a grade."""

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from informal_ict.grading import handed_in
from informal_ict.grading.compare import contents, sqlite_url
from small_course import HW, QUICK, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
OPTIONS = ("--no-sandbox", "--preload", QUICK)


def break_json(folder: Path) -> None:
    (folder / "one.ipynb").write_text((folder / "one.ipynb").read_text()[:-40])


def empty(folder: Path) -> None:
    (folder / "one.ipynb").write_text("")


def json_list(folder: Path) -> None:
    (folder / "one.ipynb").write_text("[1, 2]")


def deep_json(folder: Path) -> None:
    (folder / "one.ipynb").write_text("[" * 100_000)


def binary(folder: Path) -> None:
    (folder / "one.ipynb").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")


def schema(version: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(schema_version=version))

    return change


def rename(folder: Path) -> None:
    (folder / "one.ipynb").rename(folder / "one (1).ipynb")


def rename_both(folder: Path) -> None:
    rename(folder)
    (folder / "two.ipynb").rename(folder / "zwei.ipynb")


def nothing(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        path.unlink()


def too_large(folder: Path) -> None:
    with (folder / "one.ipynb").open("r+b") as file:
        file.truncate(200 * 1024 * 1024)


def link(folder: Path) -> None:
    secret = folder.parent.parent.parent / "source" / HW / "one.ipynb"
    (folder / "one.ipynb").unlink()
    (folder / "one.ipynb").symlink_to(secret)


def pipe(folder: Path) -> None:
    (folder / "one.ipynb").unlink()
    os.mkfifo(folder / "one.ipynb")


def folder_of_that_name(folder: Path) -> None:
    (folder / "one.ipynb").unlink()
    (folder / "one.ipynb").mkdir()


def kernel_dies(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[0].update(source="import os; os._exit(1)"))


def too_many_points(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[0].update(source="import builtins; answer = 42"))
    path = folder / "two.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells[0].source = "class T(int):\n    def __eq__(self, other): return True\ntotal = T(3)"
    nbformat.write(nb, path)


def edit(folder: Path, change: Callable[[nbformat.NotebookNode], object]) -> None:
    notebook = nbformat.read(folder / "one.ipynb", as_version=4)
    change(notebook)
    (folder / "one.ipynb").write_text(json.dumps(notebook))


# What is done to a submission, the problem that is named, and a word of its explanation.
BAD: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "broken": (break_json, "not_a_notebook", "damaged"),
    "empty": (empty, "not_a_notebook", "empty"),
    "list": (json_list, "not_a_notebook", "data"),
    "deep": (deep_json, "not_a_notebook", "damaged"),
    "binary": (binary, "not_a_notebook", "not text"),
    "old-schema": (schema(1), "refused", "older version"),
    "new-schema": (schema(99), "refused", "newer version"),
    "renamed": (rename, "missing", "one (1)"),
    "renamed-both": (rename_both, "missing", "zwei"),
    "nothing": (nothing, "missing", ""),
    "large": (too_large, "too_large", "200 MB"),
    "link": (link, "not_a_notebook", "link"),
    "pipe": (pipe, "not_a_notebook", "ordinary file"),
    "folder": (folder_of_that_name, "not_a_notebook", "ordinary file"),
    "dies": (kernel_dies, "kernel_died", ""),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All bad submissions between two good ones, graded."""
    folder = make_course(tmp_path_factory.mktemp("bad") / "course")
    for student, (spoil, _, _) in BAD.items():
        spoil(hand_in(folder, student))
    hand_in(folder, "aa-first")
    hand_in(folder, "zz-last")
    duplicate = hand_in(folder, "copies-cells")
    edit(duplicate, lambda nb: nb.cells.append(nb.cells[0].copy()))
    unknown = hand_in(folder, "unknown-id", "not a time at all")
    edit(unknown, lambda nb: nb.cells[0].metadata.nbgrader.update(grade_id="invented"))
    links = hand_in(folder, "links")
    (links / "secret").symlink_to("/etc/passwd")
    (links / "linked").symlink_to(folder / "source", target_is_directory=True)
    (links / "own.txt").write_text("own")
    return folder


@pytest.fixture(scope="module")
def report(course: Path) -> dict[str, dict]:
    from informal_ict.cli import app

    begin = time.monotonic()
    document = course / "report.json"
    command = ["grade", str(course), *OPTIONS, "--quiet", "--report", str(document)]
    assert app(command, standalone_mode=False) == 1
    assert time.monotonic() - begin < 120
    found = json.loads(document.read_text())
    assert found["stopped"] is None
    return {one["student"]: one for one in found["submissions"]}


@pytest.mark.parametrize("student", BAD)
def test_a_bad_submission_has_its_reason(report: dict[str, dict], student: str) -> None:
    _, problem, word = BAD[student]
    failure = report[student]["failures"][0]
    assert (failure["notebook"], failure["problem"]) == ("one", problem)
    assert word in failure["detail"]
    assert "Traceback" not in failure["detail"]


def test_everybody_else_is_graded(course: Path, report: dict[str, dict]) -> None:
    held = contents(sqlite_url(course))
    for student in ("aa-first", "zz-last", "links", "copies-cells"):
        assert report[student]["state"] == "graded"
        assert held["grade", HW, student, "one", "test-answer"][0] == 2
    assert (course / "autograded" / "zz-last" / HW / "one.ipynb").exists()


@pytest.mark.parametrize("student", ["broken", "large", "dies", "old-schema"])
def test_the_other_notebook_counts_and_the_bad_one_waits(
    course: Path, report: dict[str, dict], student: str
) -> None:
    held = contents(sqlite_url(course))
    assert held["grade", HW, student, "two", "test-total"][0] == 1
    assert held["grade", HW, student, "one", "test-answer"][:4] == (None, None, None, True)
    assert report[student]["state"] == "failed"
    assert "one/test-answer" in report[student]["waiting"]


def test_a_missing_notebook_counts_nothing_as_in_stock(course: Path, report: dict[str, dict]) -> None:
    held = contents(sqlite_url(course))
    assert held["grade", HW, "renamed", "one", "test-answer"][:4] == (0, None, None, False)
    assert held["grade", HW, "renamed-both", "one", "test-answer"][:4] == (None, None, None, True)
    assert report["renamed"]["state"] == "graded"


def test_a_person_finds_in_formgrader_what_ended_itself(course: Path, report: dict[str, dict]) -> None:
    notebook = nbformat.read(course / "autograded" / "dies" / HW / "one.ipynb", as_version=4)
    assert "its code ended the kernel" in notebook.cells[0].source
    assert "os._exit" in notebook.cells[1].source


def test_links_are_not_followed(course: Path, report: dict[str, dict]) -> None:
    names = {path.name for path in (course / "autograded" / "links" / HW).iterdir()}
    assert names == {"one.ipynb", "two.ipynb", "data.txt", "own.txt"}
    assert any("secret was left out" in remark for remark in report["links"]["remarks"])
    assert any("timestamp.txt" in remark for remark in report["unknown-id"]["remarks"])


def test_what_nbgrader_warns_of_is_in_the_report(report: dict[str, dict]) -> None:
    assert any("answer" in remark for remark in report["copies-cells"]["remarks"])
    assert any("invented" in remark for remark in report["unknown-id"]["remarks"])


def test_a_failed_one_is_tried_again_when_it_is_put_right(
    course: Path, report: dict[str, dict], informal_ict: Callable
) -> None:
    hand_in(course, "broken")
    hand_in(course, "list")
    result = informal_ict("grade", course, "--students", "broken,list,zz*", *OPTIONS, "--json")
    found = json.loads(result.out)
    assert [one["state"] for one in found["submissions"]] == ["graded", "graded", "graded before"]
    assert result.status == 0
    held = contents(sqlite_url(course))
    assert held["grade", HW, "broken", "one", "test-answer"][0] == 2


def test_a_failing_resubmission_keeps_no_old_score(tmp_path: Path, informal_ict: Callable) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "abdi", "2026-01-01 10:00:00 UTC")
    hand_in(course, "chen", "2026-01-01 10:00:00 UTC")
    options = ("grade", course, *OPTIONS)
    assert informal_ict(*options).status == 0
    with Gradebook(sqlite_url(course), "small") as gradebook:
        grade = gradebook.find_grade("essay", "one", HW, "abdi")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.find_comment("essay", "one", HW, "abdi").manual_comment = "Clear."
        gradebook.db.commit()
    json_list(hand_in(course, "abdi", "2026-02-01 10:00:00 UTC"))
    result = informal_ict(*options)
    assert result.status == 1
    assert "abdi" in result.out
    assert "a file of data, not a notebook" in " ".join(result.out.split())
    held = contents(sqlite_url(course))
    assert held["submission", HW, "abdi"][0].month == 2
    assert held["grade", HW, "abdi", "one", "test-answer"][:4] == (None, None, None, True)
    assert held["grade", HW, "abdi", "one", "essay"][:4] == (None, 2, None, True)
    assert held["comment", HW, "abdi", "one", "essay"] == (None, "Clear.")
    assert held["grade", HW, "chen", "one", "test-answer"][0] == 2
    assert not (course / "autograded" / "abdi" / HW / "one.ipynb").exists()


def test_too_many_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    for name in "abcde":
        (tmp_path / name).write_text(name)
    found = handed_in.read_handed_in(tmp_path, [], 2)
    assert list(found.files) == ["a", "b"]
    assert [remark[:15] for remark in found.remarks] == ["c was left out:", "There are more "]


def test_a_folder_that_cannot_be_read_stops_nobody(
    tmp_path: Path, informal_ict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a user who is not root; the tests may run as root, who reads everything."""
    course = make_course(tmp_path / "course", "c.Execute.enabled = False\n")
    hand_in(course, "abdi")
    shut = hand_in(course, "chen") / "shut"
    shut.mkdir()
    stock = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path == shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stock(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    result = informal_ict("grade", course, *OPTIONS, "--json")
    found = {one["student"]: one for one in json.loads(result.out)["submissions"]}
    assert (found["abdi"]["state"], found["chen"]["state"]) == ("graded", "failed")
    assert "Permission denied" in found["chen"]["failures"][0]["detail"]

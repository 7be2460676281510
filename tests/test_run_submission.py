"""One submission, run through the door that the grading command uses: real kernels, checks outside."""

import dataclasses
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from every_answer import ANSWERS, SOURCES
from informal_ict.assignments.answers import Answer, fill_in
from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.hidden_tests import HiddenCheck, recognise, write_out
from informal_ict.assignments.trial import student_files
from informal_ict.grading import outside
from informal_ict.grading.in_kernel_results import described
from informal_ict.grading.jobs import Job, Limits, Problem, Ran
from informal_ict.grading.plain_data import NotPlainDataError, Opaque, make
from informal_ict.paths import ASSIGNMENTS
from informal_ict.vignettes.case_file import write_case_files
from running_jobs import run


@cache
def files_of(slug: str) -> dict[str, bytes]:
    """What students have beside the notebook."""
    with TemporaryDirectory() as folder:
        write_case_files(SOURCES[slug].header.cases, Path(folder))
        cases = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    return cases | {path.name: path.read_bytes() for path in student_files(SOURCES[slug], ASSIGNMENTS / slug)}


def job_of(slug: str, notebook: NotebookNode, **more: Any) -> Job:
    return Job(slug, "student", {slug: nbformat.writes(notebook)}, files_of(slug), Limits(), (), **more)


def answered(slug: str, answer: Answer) -> NotebookNode:
    assignment = SOURCES[slug]
    notebook = fill_in(assignment, assignment.notebook, answer)
    if answer.kind == "blank":
        for grade_id in (assignment.student_number, *assignment.tests):
            find_cell(notebook, grade_id).source = "raise NotImplementedError"
    return notebook


def errors(notebook: NotebookNode) -> dict[str, str]:
    return {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.source): f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


def ran_notebook(ran: Ran, name: str) -> NotebookNode:
    assert ran.failures == ()
    return nbformat.reads(ran.notebooks[name], as_version=4)


def plain(*sources: str, tests: Mapping[int, str] = {}) -> NotebookNode:
    """A notebook of another course: cells of code, those in ``tests`` marked."""
    cells = []
    for place, source in enumerate(sources):
        cell = new_code_cell(source)
        if place in tests:
            about = {"grade": True, "grade_id": tests[place], "locked": True, "points": 1}
            cell.metadata["nbgrader"] = about | {"schema_version": 3, "solution": False, "task": False}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run_plain(*sources: str, tests: Mapping[int, str] = {}, sandbox: bool = True, **limits: Any) -> Ran:
    text = nbformat.writes(plain(*sources, tests=tests))
    return run(Job("a", "s", {"a": text}, {}, Limits(**limits), (), sandbox))


@pytest.mark.parametrize("slug", SOURCES)
def test_every_test_of_our_assignments_is_recognised(slug: str) -> None:
    assignment = SOURCES[slug]
    for test, check in assignment.checks.items():
        written = recognise(find_cell(assignment.notebook, test).source)
        assert written is not None
        assert f"{written.function}({', '.join(written.arguments)})" == check.call
        assert "HIDDEN" not in written.visible


def test_a_right_and_a_blank_submission() -> None:
    """Those of the other assignments are in ``test_answers.py``, through the grading command."""
    slug = "crosstabs"
    answers = ANSWERS[slug]
    slips = next(one for one in answers.values() if one.kind == "misconception")
    for answer in (answers["reference"], answers["blank"], slips):
        ran = run(job_of(slug, answered(slug, answer)))
        failed = errors(ran_notebook(ran, slug))
        assert {test for test in SOURCES[slug].tests.values() if test in failed} == set(answer.loses)
        assert ran.evidence == ()
        assert "marking" not in str(ran_notebook(ran, slug).cells[-1].get("outputs"))


DATA = {
    "floats": 0.1 + 0.2,
    "nan": math.nan,
    "infinite": -math.inf,
    "large": 10**300,
    "flag": True,
    "numpy": np.float32(0.1),
    "numpy flag": np.bool_(False),
    "text": "naïve 'ß' \\ \n",
    "nested": {"a": [1, (2.0, {3}), None], ("b", 1): frozenset({4})},
    "array": np.array([[1.5, np.nan], [3, 4]]),
    "times": np.array(["2024-01-01", "NaT"], dtype="datetime64[ns]"),
    "objects": np.array([1, "two", None], dtype=object),
    "series": pd.Series([1, 2], index=["a", "b"], name="n"),
    "nullable": pd.Series([1, None], dtype="Int64"),
    "texts": pd.Series(["a", pd.NA], dtype="string"),
    "categories": pd.Series(pd.Categorical(["low", "high"], ["low", "high"], ordered=True)),
    "intervals": pd.cut(pd.Series([1, 5, 9]), [0, 3, 6, 9]),
    "several levels": pd.DataFrame({"x": [1, 2], "y": ["a", "b"]}).set_index(["x", "y"]).assign(z=1.5),
    "crosstab": pd.crosstab(pd.Series(["a", "b", "a"], name="r"), pd.Series(["x", "y", "y"], name="c")),
    "same names": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "dates": pd.DataFrame({"d": pd.date_range("2024-01-01", periods=2, tz="America/Toronto")}),
}


@pytest.mark.parametrize("name", DATA)
def test_results_arrive_as_they_were(name: str) -> None:
    value = DATA[name]
    made = make(described(value))
    assert type(made) is type(value)
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(made, value, check_freq=False)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(made, value)
    else:
        np.testing.assert_equal(made, value)


class Chameleon:
    """Equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 42.0


class Loud(float):
    """A number that says that it equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __sub__(self, other: float) -> float:
        return 0.0


def test_what_is_no_data_arrives_as_nothing_that_a_check_accepts() -> None:
    made = make(described(Chameleon()))
    assert isinstance(made, Opaque) and made != 42 and "Chameleon" in repr(made)
    with pytest.raises(TypeError):
        bool(made)
    assert make(described(Loud(3.0))) != 4.0
    assert type(make(described([Loud(3.0)]))[0]) is float
    assert isinstance(make(described(lambda: 42)), Opaque)


def test_what_is_too_large_or_bottomless_is_no_data() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert isinstance(make(described(endless)), Opaque)
    assert isinstance(make(described(range(10**12).__iter__())), Opaque)
    assert isinstance(make(described("x" * 10**7)), Opaque)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "exec", "value": "1"},
        {"kind": "array", "dtype": "V8", "shape": [1], "value": [1]},
        {"kind": "array", "dtype": "<i8", "shape": [2], "value": [1]},
        {"kind": "extension", "dtype": "Sparse[int]", "value": [1], "extra": None},
        {"kind": "series", "value": 1},
        {"kind": "timestamp", "value": "yesterday, or so"},
        {"kind": "list", "value": "abc"},
        None,
        [1],
    ],
)
def test_what_describes_no_data_is_refused(told: Any) -> None:
    try:
        made = make(told)
    except NotPlainDataError:
        return
    assert isinstance(made, np.ndarray) and made.dtype == object


def test_a_second_notebook_reads_what_the_first_wrote_and_files_come_back() -> None:
    first = plain("open('found.txt', 'w').write('42')\nopen('given.txt', 'a').write('more')")
    second = plain("print(open('found.txt').read())")
    notebooks = {"one": nbformat.writes(first), "two": nbformat.writes(second)}
    given = {"given.txt": b"some", "deep/same.txt": b"same"}
    ran = run(Job("a", "s", notebooks, given, Limits(), ()))
    assert ran_notebook(ran, "two").cells[0].outputs[0].text == "42\n"
    assert ran.files == {"found.txt": b"42", "given.txt": b"somemore"}


def test_outputs_and_errors_are_as_in_stock() -> None:
    ran = run_plain(
        "print('a')\nprint('b')\n1 + 1",
        "1 / 0",
        "import sys; print('warned', file=sys.stderr)",
        "assert False, 'no'",
        "0.5",
        "raise KeyboardInterrupt",
        tests={3: "t1", 4: "t2"},
    )
    cells = ran_notebook(ran, "a").cells
    assert [output.output_type for output in cells[0].outputs] == ["stream", "execute_result"]
    assert (cells[0].outputs[0].text, cells[0].outputs[1].data["text/plain"]) == ("a\nb\n", "2")
    assert (cells[1].outputs[0].ename, cells[1].outputs[0].evalue) == (
        "ZeroDivisionError",
        "division by zero",
    )
    assert (cells[2].outputs[0].name, cells[2].outputs[0].text) == ("stderr", "warned\n")
    assert cells[3].outputs[0].ename == "AssertionError"
    assert cells[4].outputs[0].data["text/plain"] == "0.5"
    assert cells[5].outputs[0].ename == "KeyboardInterrupt"
    assert ran.evidence == ()


def test_output_is_capped_while_it_comes() -> None:
    ran = run_plain(
        "for _ in range(200): print('x' * 100_000)",
        "print('y' * 40_000_000)",
        "assert False, 'z' * 10**6",
        tests={2: "t"},
        output_bytes=20_000,
    )
    first, second, third = ran_notebook(ran, "a").cells
    for cell in (first, second):
        assert sum(len(output.text) for output in cell.outputs) < 21_000
        assert "left out" in cell.outputs[-1].text
    assert third.outputs[0].ename == "AssertionError"
    assert len(ran.notebooks["a"]) < 200_000


def test_a_cell_that_takes_too_long_is_interrupted_and_the_next_runs() -> None:
    ran = run_plain("while True: pass", "print('on')", cell_seconds=0.5)
    cells = ran_notebook(ran, "a").cells
    assert "CellTimeoutError" in errors(ran_notebook(ran, "a"))["while True: pass"]
    assert cells[1].outputs[0].text == "on\n"


def test_half_a_character_and_a_name_of_bytes_can_be_written_to_files() -> None:
    ran = run_plain(
        "print(chr(0xDC80), 'half')", "open(b'\\xff.txt', 'w'); open('whole.txt', 'w').write('x')"
    )
    assert "half" in ran.notebooks["a"].encode("utf-8").decode()
    assert ran.files == {"whole.txt": b"x"}


def test_a_kernel_that_is_not_installed_is_said() -> None:
    notebook = plain("1")
    notebook.metadata.kernelspec.name = "scheme"
    ran = run(Job("a", "s", {"a": nbformat.writes(notebook)}, {}, Limits(), ()))
    assert ran.failures[0].problem is Problem.NO_SUCH_KERNEL and "scheme" in ran.failures[0].detail


def test_an_empty_tag_does_not_spare_a_cell_its_run() -> None:
    notebook = plain("assert False", "assert False", tests={0: "t1", 1: "t2"})
    notebook.cells[0].metadata["tags"] = ["skip-execution"]
    notebook.cells[1].metadata["tags"] = [""]
    ran = run(Job("a", "s", {"a": nbformat.writes(notebook)}, {}, Limits(), ()))
    assert set(errors(ran_notebook(ran, "a"))) == {"t1", "t2"}


@pytest.mark.parametrize(
    "about", [{"locked": True}, {"locked": False, "grade_id": "mine"}, {"locked": True, "grade_id": 5}]
)
def test_a_test_that_a_student_wrote_is_run_in_the_student_s_kernel(about: dict[str, Any]) -> None:
    """nbgrader leaves a cell without a name, or unlocked, whose text is not from the gradebook."""
    source = "### BEGIN HIDDEN TESTS\nwhere()\n### END HIDDEN TESTS"
    marking = "FOLDER = ''\n\ndef where():\n    assert False, FOLDER\n"
    notebook = plain(write_out(source, HiddenCheck("where", "where()"), marking))
    notebook.cells[0].metadata["nbgrader"] = {"grade": True, "points": 1, "solution": False, **about}
    ran = run(Job("a", "s", {"a": nbformat.writes(notebook)}, {}, Limits(), ()))
    (error,) = errors(ran_notebook(ran, "a")).values()
    assert error == "AssertionError: /student/submission"


def test_checks_read_the_course_s_data_and_not_the_student_s() -> None:
    notebook = answered("crosstabs", ANSWERS["crosstabs"]["reference"])
    notebook.cells.insert(0, new_code_cell("open('survey.csv', 'w').write('emptied')"))
    for cell in notebook.cells[1:]:
        cell.source = cell.source.replace('pd.read_csv("survey.csv"', 'pd.read_csv("kept.csv"')
    job = job_of("crosstabs", notebook)
    job = dataclasses.replace(job, files={**job.files, "kept.csv": job.files["survey.csv"]})
    assert errors(ran_notebook(run(job), "crosstabs")) == {}


def test_where_checks_cannot_be_made_nobody_loses_a_mark(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The process that marks does not start: the machine's fault, and the next submission tries anew."""
    job = job_of("crosstabs", answered("crosstabs", ANSWERS["crosstabs"]["reference"]))
    outside.running_marker.cache_clear()
    with monkeypatch.context() as broken:
        broken.setattr(
            outside, "environment", lambda: {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"}
        )
        ran = run(job)
    assert [failure.problem for failure in ran.failures] == [Problem.MACHINE]
    assert "did not start" in ran.failures[0].detail
    assert ran.notebooks == {}
    assert errors(ran_notebook(run(job), "crosstabs")) == {}

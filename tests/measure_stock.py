"""Measure what stock ``nbgrader autograde`` does with hostile and broken submissions.

For the column of SECURITY.md, by hand: ``python tests/measure_stock.py FILE [PATTERN...]`` adds a line of
JSON to the file for each kind whose category and name match, such as ``marks/*``. Each kind comes before an
honest student, in a course of its own, in a throw-away sandbox without a network. The question that is marked
outside here has a test with an ordinary hidden assertion there. Kinds that take all memory or all processes
want a control group with limits around this program. The tests do not call it.
"""

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from hostile_class import HONEST, HUSH, MARKER, OURS, Student, assignment_of, hand_in_all, sources
from hostile_kinds import read_kinds
from hostile_run import state_of, surroundings
from informal_ict.grading.compare import contents, sqlite_url
from informal_ict.paths import ROOT
from running_kernels import command_lines
from small_course import add_assignment, make_course

# As an instructor has them who sets nothing, but for the time of one cell.
SETTINGS = 'c.Execute.timeout = 5\nc.Execute.shutdown_kernel = "graceful"\n'
LONGEST = 60  # seconds
USUAL_TEST = f"""\
import math
assert "rows" in globals(), "There is no `rows` yet."
### BEGIN HIDDEN TESTS
{MARKER} = 2
assert rows == {MARKER} or math.isclose(rows, {MARKER}), "Count again."
### END HIDDEN TESTS"""
CLOSED_OFF = (
    "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc "
    "--tmpfs /tmp --tmpfs /var/tmp --tmpfs /run --setenv HOME /tmp"
)


def main() -> None:
    """Measure each kind that is asked for."""
    target, patterns = Path(sys.argv[1]), sys.argv[2:] or ["*"]
    with TemporaryDirectory(prefix="stock-", dir=target.resolve().parent) as name:
        course = make_course(Path(name) / "course", SETTINGS)
        for assignment, notebook in sources().items():
            if assignment == OURS:
                notebook.cells[1].source = USUAL_TEST
            add_assignment(course, assignment, {"tiny": notebook}, {"tiny.csv": "row\n1\n2\n"})
        for key in read_kinds():
            if any(fnmatch.fnmatch("/".join(key), pattern) for pattern in patterns):
                with target.open("a") as file:
                    file.write(json.dumps(in_a_sandbox(*key, Path(name))) + "\n")


def in_a_sandbox(category: str, name: str, shared: Path) -> dict[str, object]:
    """Measure one kind where nothing of this machine can be changed or reached."""
    result = shared / "result.json"
    result.unlink(missing_ok=True)
    command = [*CLOSED_OFF.split(), "--ro-bind", str(ROOT), str(ROOT), "--bind", str(shared), "/run/shared"]
    command += [sys.executable, __file__, "--inside", category, name]
    began = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST + 60)
        said = done.stderr[-1000:]
    except subprocess.TimeoutExpired:
        said = "It did not end."
    seen = json.loads(result.read_text()) if result.exists() else {"broke_off": said}
    return {"category": category, "name": name, "all_seconds": time.monotonic() - began, **seen}


def inside(category: str, name: str) -> None:
    """Grade two students, and write down what is seen."""
    shared, course = Path("/run/shared"), Path("/tmp/course")
    shutil.copytree(shared / "course", course)
    assignment = assignment_of(category)
    # Where others keep their work, for those who look for it.
    neighbour = Student("aa-first", OURS, HONEST[OURS], 9_000_001)
    students = [
        Student("attacker", assignment, read_kinds()[category, name], 9_000_002),
        Student("zz-last", assignment, HONEST[assignment], 9_000_003),
    ]
    Path("/tmp/elsewhere").mkdir()
    with surroundings(Path("/tmp/elsewhere")) as around:
        hand_in_all(course, students, around.words)
        if assignment == OURS:
            hand_in_all(Path("/tmp/course"), [neighbour], around.words)
        was = state_of(course)
        began = time.monotonic()
        seen = autograde(course, assignment)
        seen["seconds"] = round(time.monotonic() - began, 1)
        time.sleep(1)
        mine = ("bwrap", sys.executable + " " + __file__)
        seen["left"] = [line for line in command_lines() if line and not line.startswith(mine)]
        seen["reached"] = [str(one) for one in around.reached]
        seen["landmarks"] = [str(path) for path in around.landmarks(course)]
        now = state_of(course) if (course / "nbgrader_config.py").exists() else {}
        seen["changed"] = sorted(one for one in was.keys() | now.keys() if was.get(one) != now.get(one))
    seen |= results(course, assignment)
    (shared / "result.json").write_text(json.dumps(seen))
    os._exit(0)


def autograde(course: Path, assignment: str) -> dict[str, object]:
    """Call the command as an instructor does."""
    command = [str(Path(sysconfig.get_path("scripts"), "nbgrader")), "autograde", assignment]
    command.append("--CourseDirectory.student_id_exclude=aa-first")
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    log = Path("/tmp/log")
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=course, stdout=file, stderr=file, env=os.environ | {"PATH": path}
        )
        try:
            status: int | str = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            status = "did not end"
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if "ERROR" in line or "Error" in line]
    return {"status": status, "errors": [line[:200] for line in errors[-4:]]}


def results(course: Path, assignment: str) -> dict[str, object]:
    """Marks of both, and what the attacker's folder holds."""
    held = contents(sqlite_url(course))
    scores = {
        student: [value[2] for key, value in held.items() if key == ("submission", assignment, student)]
        for student in ("attacker", "zz-last")
    }
    waiting = [str(key[-1]) for key, value in held.items() if key[0] == "grade" and value[3]]
    place = course / "autograded" / "attacker" / assignment
    last = course / "autograded" / "zz-last" / assignment
    shown, size = "", 0
    for path in sorted(place.rglob("*")) if place.exists() else []:
        if path.is_file():
            size += path.stat().st_size
            shown += text_of(path)
    return {
        "scores": scores,
        "waiting": waiting,
        "last_is_marked": last.exists() and any(last.glob("*.ipynb")),
        "files": sorted(path.relative_to(place).as_posix() for path in place.rglob("*"))[:12],
        "links": [path.name for path in place.rglob("*") if path.is_symlink()] if place.exists() else [],
        "megabytes": round(size / 1e6, 1),
        "hush": HUSH in shown,
        "marker": MARKER in shown,
        "sees_its_parent": "autograde" in shown,
        "output": shown[-300:],
    }


def text_of(path: Path) -> str:
    """What a file holds; of a notebook, what its cells have shown."""
    with path.open("rb") as file:
        text = file.read(120_000_000).decode(errors="replace")
    if path.suffix != ".ipynb":
        return text
    try:
        cells = nbformat.reads(text, as_version=4).cells
    except Exception as error:  # whatever a broken notebook makes of the reader
        return f"{type(error).__name__}"
    return "".join(repr(cell.get("outputs", "")) for cell in cells)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(*sys.argv[2:])
    else:
        main()

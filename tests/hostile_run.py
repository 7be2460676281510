"""One run of ``informal-ict grade`` over the hostile class, watched from outside."""

import ctypes
import json
import os
import socket
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from jupyter_core.paths import jupyter_runtime_dir

from hostile_class import HUSH, Student, everybody, new_class
from informal_ict.grading.compare import Key, contents, sqlite_url
from informal_ict.paths import ROOT
from nbgrader_course import in_a_process
from running_kernels import command_lines, until

LANDMARK = "hostile-was-here"  # in the name of files that are written where none may be
PR_SET_CHILD_SUBREAPER = 36
LOOK_EVERY = 0.5  # seconds
GIVEN_FEEDBACK = ("leaks", "other-courses")  # it shows outputs, in which every kind is searched for leaks


@dataclass
class Surroundings:
    """What hostile submissions reach for.

    Attributes:
        secret: a file of somebody else's.
        words: what the kinds are told: where the secret, this machine's own files and the listeners are.
        reached: what the listeners got.
    """

    secret: Path
    words: dict[str, str]
    reached: list[bytes] = field(default_factory=list)

    def landmarks(self, course: Path) -> list[Path]:
        """Files that a submission has left where it may not write."""
        places = [self.secret.parent, course, *course.glob("autograded/*"), *course.glob("autograded/*/*")]
        places += [Path.home(), ROOT, Path(sysconfig.get_path("purelib"))]
        places += map(Path, ("/etc", "/usr/lib", "/tmp", "/var/tmp", "/dev/shm"))
        return [path for place in places for path in place.glob(f"*{LANDMARK}*")]


@contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """A secret in a file and in the environment, and listeners on loopback and on a name without a file."""
    secret = folder / "secret.txt"
    secret.write_text(HUSH)
    os.environ["HOSTILE_SECRET"] = HUSH
    name = f"informal-ict-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as named,
    ):
        datagrams.bind(listener.getsockname())
        named.bind(f"\0{name}")
        named.listen()
        words = {
            "<SECRET>": str(secret),
            "<HOME>": str(Path.home()),
            "<REPOSITORY>": str(ROOT),
            "<RUNTIME>": jupyter_runtime_dir(),
            "<PORT>": str(listener.getsockname()[1]),
            "<ABSTRACT>": name,
        }
        about = Surroundings(secret, words)
        for one in (listener, named):
            threading.Thread(target=accept, args=(one, about.reached), daemon=True).start()
        datagrams.settimeout(0.1)
        threading.Thread(target=receive, args=(datagrams, about.reached), daemon=True).start()
        yield about
    del os.environ["HOSTILE_SECRET"]


def accept(server: socket.socket, reached: list[bytes]) -> None:
    """Note every connection until the socket is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            reached.append(connection.recv(100))


def receive(server: socket.socket, reached: list[bytes]) -> None:
    """Note every datagram until the socket is closed."""
    while True:
        try:
            reached.append(server.recv(100))
        except TimeoutError:
            continue
        except OSError:
            return


@dataclass
class Watch:
    """Looks from outside for what is left when a submission has been recorded.

    Attributes:
        course: the course that is graded.
        students: who is in it.
        outlived: names of those who left a process.
        handles: how many files each executor had open at each look, by its pid.
    """

    course: Path
    students: list[Student]
    outlived: set[str] = field(default_factory=set)
    handles: dict[int, list[int]] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look again and again until it is over."""
        by_number = {str(one.number): one for one in self.students}
        while not self._over.wait(LOOK_EVERY):
            recorded = {one.number for one in self.students if self.is_recorded(one)}
            for line in command_lines():
                student = by_number.get(line.rpartition(" ")[2])
                if line.startswith("sleep") and student is not None and student.number in recorded:
                    self.outlived.add(student.name)
            for pid in executors():
                with suppress(OSError):  # it ends with the run
                    self.handles.setdefault(pid, []).append(len(list(Path(f"/proc/{pid}/fd").iterdir())))

    def is_recorded(self, student: Student) -> bool:
        """Whether there is a result, so that the kernels have ended."""
        return (self.course / "autograded" / student.name / student.assignment).exists()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look beside what happens within."""
        thread = threading.Thread(target=self.look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """Be the parent of all processes that are started within and outlive their own."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def children(of: int | str = "self") -> set[int]:
    """Processes that this one, or another, is the parent of."""
    found: set[int] = set()
    with suppress(OSError):  # another may end
        for path in Path(f"/proc/{of}/task").glob("*/children"):
            found.update(map(int, path.read_text().split()))
    return found


def executors() -> set[int]:
    """Processes that a command forked from itself: they have its command line."""
    found = set()
    for command in children():
        for pid in children(command):
            with suppress(OSError):
                lines = [Path(f"/proc/{one}/cmdline").read_bytes() for one in (command, pid)]
                if b"informal_ict.cli" in lines[0] and lines[0] == lines[1]:
                    found.add(pid)
    return found


def all_end(pids: set[int], seconds: float = 10) -> bool:
    """Whether processes end within a time."""
    left = set(pids)

    def reap() -> bool:
        for pid in tuple(left):
            if os.waitpid(pid, os.WNOHANG)[0]:
                left.remove(pid)
        return not left

    with suppress(AssertionError):
        until(reap, seconds)
    return not left


def state_of(course: Path) -> dict[str, tuple[int, int, int]]:
    """Every file of a course that grading has no business to change, with its size and times."""
    kept = [course / "nbgrader_config.py"]
    for step in ("source", "release", "submitted"):
        kept += sorted((course / step).rglob("*"))
    about = {path.relative_to(course).as_posix(): path.lstat() for path in kept}
    return {name: (one.st_ino, one.st_size, one.st_mtime_ns) for name, one in about.items()}


@dataclass
class Graded:
    """The class after the run.

    Attributes:
        course: its folder.
        report: the JSON report of the run.
        said: what the command printed.
        around: what there was to reach.
        outlived: students of whom a process was there after they were recorded.
        handles: how many files each executor had open at each look.
        all_ended: whether every process has ended with the command.
        changed: files of the course that were changed, and may not be.
    """

    course: Path
    report: dict
    said: str
    around: Surroundings
    outlived: set[str]
    handles: list[list[int]]
    all_ended: bool
    changed: set[str]

    @cached_property
    def outcomes(self) -> dict[tuple[str, str], dict]:
        """What the report says, by assignment and student."""
        return {(one["assignment"], one["student"]): one for one in self.report["submissions"]}

    @cached_property
    def held(self) -> dict[Key, tuple[object, ...]]:
        """What the gradebook holds."""
        return contents(sqlite_url(self.course))

    def marks(self, student: Student) -> float:
        """What a student has in the gradebook."""
        _, _, score = self.held["submission", student.assignment, student.name]
        assert isinstance(score, float)
        return score

    def place(self, step: str, student: Student) -> Path:
        """Where a step keeps a submission."""
        return self.course / step / student.name / student.assignment

    def files(self, step: str, student: Student) -> list[Path]:
        """The files that a step has made."""
        return [path for path in sorted(self.place(step, student).rglob("*")) if not path.is_dir()]

    def output(self, student: Student) -> str:
        """What the cells have shown."""
        return "".join(
            repr(cell.get("outputs", ""))
            for path in self.files("autograded", student)
            if path.suffix == ".ipynb"
            for cell in nbformat.read(path, as_version=4).cells
        )


def grade_the_class(folder: Path) -> Graded:
    """Make the class, grade it with one command, and give its students their feedback."""
    students = everybody()
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    before = children()
    with surroundings(elsewhere) as around, orphans_come_here():
        course = new_class(folder / "course", students.values(), around.words)
        was = state_of(course)
        watch = Watch(course, list(students.values()))
        report = folder / "report.json"
        with watch.looking():
            said = in_a_process("grade", course, "--jobs", 2, "--report", report, status=1)
        all_ended = all_end(children() - before)
        now = state_of(course)
        names = [one.name for one in students.values() if one.name.startswith(GIVEN_FEEDBACK)]
        said += in_a_process("feedback", course, "--students", ",".join(names))
    return Graded(
        course=course,
        report=json.loads(report.read_text()),
        said=said,
        around=around,
        outlived=watch.outlived,
        handles=list(watch.handles.values()),
        all_ended=all_ended,
        changed={name for name in was.keys() | now.keys() if was.get(name) != now.get(name)},
    )

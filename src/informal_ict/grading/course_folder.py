"""An nbgrader course folder with its own configuration, as ``nbgrader autograde`` would read it."""

import glob
import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbgrader.converters.autograde import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets import TraitError
from traitlets.config.loader import Config, ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from informal_ict.errors import InputError
from informal_ict.grading.jobs import Limits

CONFIG = "nbgrader_config"
LOG = "informal_ict.grading"
LIMITS = "SubmissionLimits"


@dataclass(frozen=True, order=True)
class Submission:
    """One student's work on one assignment.

    Attributes:
        assignment: its name.
        student: whose it is.
        folder: where it was handed in.
    """

    assignment: str
    student: str
    folder: Path = field(compare=False)

    def __str__(self) -> str:
        return f"{self.student}/{self.assignment}"


@dataclass(frozen=True)
class Course:
    """A course folder and its settings.

    Attributes:
        root: the folder.
        directory: nbgrader's own view of it.
        config: its whole configuration.
        execute: settings of ``Execute`` that differ from nbgrader's defaults, as plain data.
        cell_seconds: wall time of one cell.
        runs: whether notebooks are executed; ``Execute.enabled`` can switch it off.
        limits: what a submission may use, where the course says other than usual.
    """

    root: Path
    directory: CourseDirectory
    config: Config
    execute: Mapping[str, object]
    cell_seconds: float | None
    runs: bool
    limits: Mapping[str, int]

    def place(self, step: str, submission: Submission) -> Path:
        """Where a step of nbgrader keeps a submission."""
        return Path(self.directory.format_path(step, submission.student, submission.assignment))


def open_course(root: Path) -> Course:
    """Read a course's configuration.

    Raises:
        InputError: if the folder is not there, or asks for something that cannot be done here.
    """
    if not root.is_dir():
        raise InputError(f"{root}: there is no such folder.")
    root = root.resolve()
    config = read_config(root)
    config.CourseDirectory.root = str(root)
    log = logging.getLogger(LOG)
    try:
        directory = CourseDirectory(config=config, log=log)
        converter = Autograde(coursedir=directory, config=config, log=log)
        execute = Execute(parent=converter)  # type: ignore[no-untyped-call]
    except TraitError as error:
        raise InputError(f"{root / CONFIG}.py: {error}") from None
    if directory.notebook_id != "*":
        raise InputError("CourseDirectory.notebook_id limits the notebooks; grading takes whole submissions.")
    check_preprocessors(converter)
    return Course(
        root=root,
        directory=directory,
        config=config,
        execute=plain_settings(execute, config),
        cell_seconds=execute.timeout,
        runs=execute.enabled,
        limits=own_limits(config, root),
    )


def read_config(root: Path) -> Config:
    """Read ``nbgrader_config`` where nbgrader looks for it: Jupyter's own folders first, then the course.

    Raises:
        InputError: if a file has an error.
    """
    merged = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        for loader, suffix in ((PyFileConfigLoader, ".py"), (JSONFileConfigLoader, ".json")):
            try:
                merged.merge(loader(CONFIG + suffix, path=folder).load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:
                place = Path(folder, CONFIG + suffix)
                raise InputError(f"{place}: it cannot be read ({type(error).__name__}: {error})") from error
    # Names of an older nbgrader, which still takes them.
    if "AutogradeApp" in merged:
        merged.Autograde.merge(merged.AutogradeApp)
    return merged


def own_limits(config: Config, root: Path) -> dict[str, int]:
    """Read what the configuration says about limits, such as ``c.SubmissionLimits.memory_bytes = 4 << 30``.

    Raises:
        InputError: if it names a limit that there is not, or one that is no whole number above 0.
    """
    place = root / f"{CONFIG}.py"
    # The time of one cell has nbgrader's own setting, Execute.timeout.
    known = sorted({one.name for one in fields(Limits)} - {"cell_seconds"})
    limits: dict[str, int] = dict(config[LIMITS]) if LIMITS in config else {}
    for name, value in limits.items():
        if name not in known:
            raise InputError(f"{place}: there is no {LIMITS}.{name}; there is {', '.join(known)}.")
        if type(value) is not int or value <= 0:
            raise InputError(f"{place}: {LIMITS}.{name} is {value!r}, and has to be a whole number above 0.")
    return limits


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Let a configuration import modules of its course, as if nbgrader was called in its folder."""
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))


def check_preprocessors(converter: Autograde) -> None:
    """See that notebooks can be executed elsewhere and come back.

    Raises:
        InputError: if a step of the course's own would be left out or come too late.
    """
    steps = [resolved(step) for step in converter.autograde_preprocessors]
    own = [step for step in steps if is_execute(step) and step is not Execute]
    if own:
        raise InputError(
            f"Autograde.autograde_preprocessors runs notebooks with {own[0]!r}, a class of the course's own, "
            "which cannot be sent to a sandbox. Use nbgrader's Execute, or grade with nbgrader autograde."
        )
    if Execute in steps and steps.index(Execute) > 0:
        raise InputError(
            f"Autograde.autograde_preprocessors has {steps[0]!r} before Execute. "
            "Put it at the end of Autograde.sanitize_preprocessors, which does the same."
        )
    if any(is_execute(resolved(step)) for step in converter.sanitize_preprocessors):
        raise InputError("Autograde.sanitize_preprocessors runs notebooks, which only a later step may do.")


def resolved(step: Any) -> Any:
    """A preprocessor that may be given by its name."""
    return import_item(step) if isinstance(step, str) else step


def is_execute(step: Any) -> bool:
    """Whether a preprocessor runs notebooks."""
    kind = step if isinstance(step, type) else type(step)
    return any(one.__name__ in {"Execute", "ExecutePreprocessor"} for one in kind.__mro__)


def plain_settings(execute: Execute, config: Config) -> dict[str, object]:
    """What the configuration says about ``Execute``, as data that can be sent to another machine.

    Raises:
        InputError: if it says something that is no plain data.
    """
    sections = [config[name] for name in execute.section_names() if name in config]
    names = {name for section in sections for name in section if execute.has_trait(name)}
    names -= {"timeout", "enabled"}  # the one is among the limits, the other is looked at here
    settings = {name: getattr(execute, name) for name in sorted(names)}
    for name, value in settings.items():
        try:
            json.dumps(value)
        except TypeError:
            raise InputError(
                f"Execute.{name} is {value!r}, which cannot be sent to where notebooks run; "
                "leave it out, or grade with nbgrader autograde."
            ) from None
    return settings


def find_submissions(course: Course, assignments: Sequence[str], students: Sequence[str]) -> list[Submission]:
    """List what was handed in, as nbgrader would.

    Args:
        course: the course.
        assignments: which ones.
        students: names or patterns of names; all of them if there is none.

    Raises:
        InputError: if nothing was handed in for a student that is named without a pattern.
    """
    directory = course.directory
    patterns = students or [directory.student_id]
    excluded = set(directory.student_id_exclude.split(","))
    found = []
    for assignment in assignments:
        escaped = glob.escape(assignment)
        place = directory.format_path(directory.submitted_directory, "*", escaped)
        regexp = directory.format_path(
            directory.submitted_directory, "(?P<student>.*)", re.escape(assignment), escape=True
        )
        for path in sorted(glob.glob(place)):  # noqa: PTH207, the pattern is nbgrader's
            match = re.fullmatch(regexp, path)
            if match is None or not Path(path).is_dir() or match["student"] in excluded:
                continue
            if any(fnmatch(match["student"], pattern) for pattern in patterns):
                found.append(Submission(assignment, match["student"], Path(path)))
    names = {one.student for one in found}
    for pattern in students:
        if not any(fnmatch(name, pattern) for name in names):
            raise InputError(f"{pattern}: nothing was handed in by a student of this name.")
    return found

"""Read a vignette and check everything about it that a machine can check.

Shape is checked by the JSON Schema beside the vignettes; references between fields are checked here.
All faults are reported at once, each naming the file, the node and the field, because the people who
write cases are not the people who write code.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from pydantic import ValidationError as PydanticError

from informal_ict.errors import InputError
from informal_ict.paths import DATA, VIGNETTES
from informal_ict.published import PublishedNumber, load_published
from informal_ict.reading import first_problem, read_yaml
from informal_ict.vignettes import graph
from informal_ict.vignettes.model import Standards, Vignette

STANDARDS = DATA / "standards.yml"
SCHEMA = VIGNETTES / "vignette.schema.json"
# On paper the texts of a case are MyST, which would take these for HTML, a directive or a role.
MORE_THAN_MARKDOWN = re.compile(r"</?[A-Za-z]|<[!?]|^\s*(?:`{3}|~{3}|:{3})|\{[\w:-]+\}`", re.MULTILINE)


def slugs() -> list[str]:
    """The cases there are, by file name without ending."""
    return sorted(path.stem for path in VIGNETTES.glob("*.yml"))


def load_vignette(
    slug: str,
    *,
    folder: Path = VIGNETTES,
    standards: Standards | None = None,
    numbers: Collection[str] | None = None,
) -> Vignette:
    """Read and check one case.

    Args:
        slug: the file name without ``.yml``.
        folder: where the file is.
        standards: what may be cited; data/standards.yml if not given.
        numbers: ids of published numbers that exist; those of data/published.csv if not given.

    Raises:
        InputError: listing every fault, one a line, each with file, node and field.
    """
    path = folder / f"{slug}.yml"
    if standards is None and numbers is None and path.exists():
        return _load_unchanged(path, path.stat().st_mtime_ns)
    known = standards or load_standards()
    return _load(path, known, published_numbers() if numbers is None else numbers)


@cache
def _load_unchanged(path: Path, modified: int) -> Vignette:
    """A case as the file had it at that time; a build asks for each a dozen times."""
    return _load(path, load_standards(), published_numbers())


def _load(path: Path, standards: Standards, numbers: Collection[str]) -> Vignette:
    content = read_yaml(path)
    problems = [_in(path, fault) for fault in _shape_faults(content)]
    if not problems:
        vignette = Vignette.model_validate({"slug": path.stem, **content})
        faults = [*_markup_faults(content), *reference_faults(vignette, standards, numbers)]
        problems = [_in(path, fault) for fault in faults]
    if problems:
        # A node without two of its fields is reported twice by jsonschema, in the same words.
        raise InputError("\n".join(dict.fromkeys(problems)))
    return vignette


def load_all(folder: Path = VIGNETTES) -> list[Vignette]:
    """Every case, in the order of their numbers.

    Raises:
        InputError: for the first faulty case, for two with one number, or for a note that names no case.
    """
    cases = sorted((load_vignette(slug, folder=folder) for slug in slugs()), key=lambda case: case.number)
    for before, after in pairwise(cases):
        if before.number == after.number:
            raise InputError(f"{before.slug}.yml, number: {after.slug}.yml has {after.number} as well")
    known = {case.slug for case in cases if not case.content_note}
    for case in cases:
        if case.content_note and case.content_note.instead not in known:
            raise InputError(
                f"{case.slug}.yml, content_note, instead: {case.content_note.instead!r} "
                "is no case, or has a content note itself"
            )
    return cases


@cache
def load_standards(path: Path = STANDARDS) -> Standards:
    """Read and check data/standards.yml.

    Raises:
        InputError: naming the file, the standard and the field.
    """
    schema = Standards.model_json_schema()
    schema["$defs"]["Standard"]["properties"]["paraphrase"]["pattern"] = r"\.$"
    content = read_yaml(path)
    # JSON knows only text as a key; the numbers of competencies are text to the schema.
    as_json = json.loads(json.dumps(content, default=str, skipkeys=True))
    problems = [_in(path, _explain(error)) for error in _errors(schema, as_json)]
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))
    try:
        return Standards.model_validate(content)
    except PydanticError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


@cache
def published_numbers() -> dict[str, PublishedNumber]:
    """The published numbers, read once for however many cases a page or a test loads."""
    return load_published()


def reference_faults(vignette: Vignette, standards: Standards, numbers: Collection[str]) -> Iterator[str]:
    """What does not fit together in a case of the right shape, each as 'node, field: what is wrong'."""
    yield from _unknown("standards", vignette.standards, standards.standards, "data/standards.yml")
    yield from _unknown("data", vignette.data, numbers, "data/published.csv")
    yield from _unknown("competencies", vignette.competencies, standards.competencies, "data/standards.yml")
    names = {person.name for person in vignette.people}
    cited: set[str] = set()
    broken = False
    for name, node in vignette.nodes.items():
        for number, message in enumerate(node.thread, start=1):
            if message.sender not in names:
                yield f"node {name}, message {number}, from: {message.sender!r} is not one of people"
        for number, choice in enumerate(node.choices, start=1):
            place = f"node {name}, choice {number}"
            cited.update(choice.standards)
            for key in choice.standards:
                if key not in vignette.standards:
                    yield f"{place}, standards: {key!r} is not in this case's own list of standards"
            if choice.next not in vignette.nodes:
                broken = True
                yield f"{place}, next: there is no node {choice.next!r}"
    for key in vignette.standards:
        if key not in cited:
            yield f"standards: {key!r} is listed, but no choice cites it"
    if vignette.start not in vignette.nodes:
        yield f"start: there is no node {vignette.start!r}"
    elif not broken:
        yield from _graph_faults(vignette)


def _graph_faults(vignette: Vignette) -> Iterator[str]:
    loop = graph.cycle(vignette.graph)
    if loop:
        yield f"node {loop[0]}, next: the scenes go round in a circle: {' -> '.join(loop)}"
    for name in sorted(set(vignette.nodes) - graph.reachable(vignette.graph, vignette.start)):
        yield f"node {name}: no choice leads here from {vignette.start!r}"


def _markup_faults(content: Any, place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Texts that are more than Markdown. Text messages are shown letter by letter, and may hold anything."""
    if isinstance(content, str):
        found = MORE_THAN_MARKDOWN.search(content)
        if found:
            what = f"{found[0].strip()!r} would be taken for HTML, a directive or a role"
            yield f"{_place(list(place))}: {what}"
    elif isinstance(content, dict):
        for field, part in content.items():
            if field != "thread":
                yield from _markup_faults(part, (*place, field))
    elif isinstance(content, list):
        for index, part in enumerate(content):
            yield from _markup_faults(part, (*place, index))


def _unknown(field: str, keys: Sequence[Any], known: Collection[Any], home: str) -> Iterator[str]:
    for key in keys:
        if key not in known:
            yield f"{field}: {key!r} is not in {home}"


def _in(path: Path, fault: str) -> str:
    """A fault with its file; one that concerns the whole file has no place before its colon."""
    return f"{path.name}{fault}" if fault.startswith(":") else f"{path.name}, {fault}"


def _shape_faults(content: Any) -> Iterator[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for error in _errors(schema, content):
        yield _explain(error)


def _errors(schema: dict[str, Any], content: Any) -> list[ValidationError]:
    found = Draft202012Validator(schema).iter_errors(content)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


def _explain(error: ValidationError) -> str:
    say: dict[str, Callable[[Any, Any], str]] = {
        "additionalProperties": lambda _, found: _surplus(error, found),
        "dependentRequired": lambda rule, found: _companion(rule, found),
        "enum": lambda rule, found: f": {found!r} is none of: {', '.join(map(str, rule))}",
        "maxItems": lambda rule, found: f": there are {len(found)}, and at most {rule} are wanted",
        "minItems": lambda rule, found: f": there are {len(found)}, and at least {rule} are wanted",
        "maxLength": lambda rule, found: f": {len(found)} characters long, and at most {rule} are wanted",
        "minLength": lambda _, __: ": is empty",
        "required": lambda rule, found: _missing(rule, found),
        "type": lambda rule, found: f": should be {_in_words(rule)}, and is {found!r}",
    }
    where = _place(list(error.absolute_path))
    explain = say.get(error.validator)
    what = explain(error.validator_value, error.instance) if explain else f": {error.message}"
    return (where + what).removeprefix(", ")


def _place(path: list[str | int]) -> str:
    """A path into the file as people would say it: node request, choice 2, risk."""
    one_of = {"choices": "choice", "thread": "message"}
    words: list[str] = []
    for part in path:
        if isinstance(part, int):
            plural = words.pop()
            words.append(f"{one_of.get(plural, plural)} {part + 1}")
        elif words == ["nodes"]:
            words = [f"node {part}"]
        else:
            words.append(part)
    return ", ".join(words)


def _missing(required: list[str], found: dict[str, Any]) -> str:
    return f", {', '.join(field for field in required if field not in found)}: is missing"


def _companion(rule: dict[str, list[str]], found: dict[str, Any]) -> str:
    for field, companions in rule.items():
        missing = [name for name in companions if field in found and name not in found]
        if missing:
            return f", {missing[0]}: is missing, though {field} is there"
    raise AssertionError("jsonschema reported a missing companion, and none is missing")


def _surplus(error: ValidationError, found: dict[str, Any]) -> str:
    known = error.schema.get("properties", {})
    surplus = [str(field) for field in found if field not in known]
    return f", {', '.join(surplus)}: there is no such field; there are {', '.join(known)}"


def _in_words(kind: str | list[str]) -> str:
    words = {"string": "text", "array": "a list", "object": "fields with values", "integer": "a whole number"}
    return " or ".join(words.get(one, one) for one in ([kind] if isinstance(kind, str) else kind))

"""Rules for the book's prose, and a report of its length and reading level.

What is read is what a reader reads: pages without their front matter, code and targets of links, and the
texts of data files. The dictionary is Hunspell's for Canadian English (npm: dictionary-en-ca); words that it
lacks, such as names, stand in ``data/words.txt``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import textstat
from spylls.hunspell import Dictionary

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.reading import read_text, read_yaml

DICTIONARY = paths.ROOT / "node_modules" / "dictionary-en-ca" / "index"
OWN_WORDS = paths.DATA / "words.txt"
HARDEST_GRADE = 12.0
WORDS_A_MINUTE = 200

TAG = re.compile(r"<[^>]+>")
FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})\s*(\{[\w-]+\})?")
READ_INSIDE = {
    *("{admonition}", "{note}", "{tip}", "{warning}", "{important}", "{margin}", "{dropdown}"),
    *("{diagram}", "{glossary}", "{container}", "{revealjs-notes}"),
}
INLINE = (
    re.compile(r"\{[\w:-]+\}`[^`]*`"),  # roles
    re.compile(r"(`+).+?\1"),  # inline code
    re.compile(r"(?<=\])\([^)\s]*\)"),  # link targets
    re.compile(r"<https?://[^>]*>"),
    re.compile(r"^\([\w-]+\)=\s*$"),  # labels
)
TITLED_ROLE = re.compile(r"\{(?:term|ref)\}`([^`<]+?)(?: <[^`>]*>)?`")
TYPED_NUMBER = {
    "a percentage": re.compile(r"\d\s*%|\d\s+per\s?cent\b", re.IGNORECASE),
    "a chi-square": re.compile(
        r"(?:χ²|χ2|chi-squared?|X²)\s*(?:\([^)]*\))?\s*(?:=|of|was|is)?\s*\d", re.IGNORECASE
    ),
    "an N": re.compile(r"\b[Nn]\s*=\s*\d"),
    "a count": re.compile(r"\b\d{1,3},\d{3}\b"),
}
LATIN = re.compile(r"\b(?:e\.\s?g\.|i\.\s?e\.|etc\.|viz\.|cf\.)", re.IGNORECASE)
FILLER_PHRASES = (
    *("it is (?:important|worth|interesting) (?:to note|noting|to remember)", "in today['’]s"),
    *(
        "delv(?:e|es|ing)",
        "leverag(?:e|es|ing)",
        "utili[sz](?:e|es|ing)",
        "plethora",
        "myriad",
        "seamless(?:ly)?",
    ),
    *(
        "cutting[- ]edge",
        r"game[- ]chang\w+",
        "due to the fact that",
        "needless to say",
        "at the end of the day",
    ),
    *("when it comes to", "a wide range of", "plays? an? (?:key|vital|crucial|important) role"),
    *("ever[- ](?:changing|evolving)", "digital (?:age|landscape)"),
)
FILLER = re.compile(rf"\b(?:{'|'.join(FILLER_PHRASES)})\b", re.IGNORECASE)
ABBREVIATIONS = re.compile(r"\b(?:U\.S|U\.K|a\.m|p\.m|Dr|Ms|Mr|Mrs|St|al|No|vs)\.$")
LABEL = re.compile(r"^(?:[-*+]|\d+\.)?\s*\*\*[^*]+\*\*\s+")
SENTENCE_END = re.compile(r"[.!?][\"'”’)*_]*(?=\s+[\"'“‘(*_\[{]*[A-Z\d{])")
WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-zÀ-ÿ]+)*")
IMAGE_WITHOUT_TEXT = re.compile(r"!\[\s*\]\(")
HEADING = re.compile(r"^(#{1,6}) \S")


class Reading(NamedTuple):
    """How long and how hard a page is: words, minutes, and the Flesch-Kincaid grade (Kincaid et al. 1975)."""

    page: str
    words: int
    minutes: int
    grade: float


def pages() -> list[Path]:
    """Every page of the book."""
    folders = (paths.CHAPTERS, paths.NOTEBOOKS)
    return [paths.ROOT / "index.md", *(page for folder in folders for page in sorted(folder.rglob("*.md")))]


def texts() -> list[Path]:
    """Every other file whose texts people read: those on pages, and those of the workshop."""
    folders = (paths.SELF_CHECKS, paths.EXPLORABLES, paths.WORKSHEETS, paths.VIGNETTES)
    single = [paths.DATA / "own-questionnaire.yml", paths.DATA / "self-assessment.yml"]
    workshop = [path for ending in ("yml", "md") for path in sorted(paths.WORKSHOP.rglob(f"*.{ending}"))]
    return [*single, *(path for folder in folders for path in sorted(folder.glob("*.yml"))), *workshop]


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines a reader reads, numbered, with an X for each role, code or target of a link.

    Left out are front matter, code, options of directives and comments.
    """
    lines = text.split("\n")
    # A line of dashes that nothing closes is no front matter.
    start = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    skipped_until = ""
    open_directives: list[str] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        stripped = line.strip()
        fence = FENCE.match(stripped)
        if skipped_until:
            skipped_until = "" if stripped == skipped_until else skipped_until
        elif fence and fence[2] in READ_INSIDE:
            open_directives.append(fence[1])
            argument = "" if fence[2] == "{diagram}" else stripped[fence.end() :]
            yield number, _plain(argument)
        elif open_directives and stripped == open_directives[-1]:
            open_directives.pop()
        elif fence:
            skipped_until = fence[1]
        elif not stripped.startswith("%") and not re.match(r":[\w-]+:", stripped):
            yield number, _plain(line)


def _plain(line: str) -> str:
    line = TITLED_ROLE.sub(r"\1", line)
    for pattern in INLINE:
        line = pattern.sub(" X ", line)
    return line


def strings_of(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a YAML file, with its place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from strings_of(part, f"{where}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from strings_of(part, f"{where}[{index}]")


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """What is read in a page or a data file, as (place, line)."""
    if path.suffix == ".md":
        for number, line in prose_lines(read_text(path)):
            yield str(number), line
    else:
        for where, text in strings_of(read_yaml(path)):
            # Keys and ids are not prose, and text messages are written as people write them.
            if " " in text and ".thread[" not in where:
                for line in text.split("\n"):
                    yield where, _plain(line)


def typed_numbers(text: str) -> list[str]:
    """The kinds of published number that are typed in a text, which should come by role."""
    return [kind for kind, pattern in TYPED_NUMBER.items() if pattern.search(_plain(text))]


def sentences_end_inside(line: str) -> bool:
    """Whether a line holds the end of one sentence and the beginning of another."""
    text = LABEL.sub("", line.strip())
    text = re.sub(r"^(?:[-*+>]|\d+\.)\s+", "", text)
    text = LABEL.sub("", text)
    return any(not ABBREVIATIONS.search(text[: end.start() + 1]) for end in SENTENCE_END.finditer(text))


def heading_faults(text: str) -> list[str]:
    """Headings that skip a level, and a page without exactly one title."""
    skipped_until = ""
    levels: list[int] = []
    faults: list[str] = []
    for line in text.split("\n"):
        fence = FENCE.match(line.strip())
        if skipped_until or fence:
            closes = skipped_until and line.strip() == skipped_until
            skipped_until = "" if closes else skipped_until or (fence[1] if fence else "")
        elif heading := HEADING.match(line):
            level = len(heading[1])
            if levels and level > levels[-1] + 1:
                faults.append(f"{line.strip()!r} skips a level")
            levels.append(level)
    if levels.count(1) != 1:
        faults.append(f"there are {levels.count(1)} titles")
    return faults


@cache
def _dictionary() -> Dictionary:
    if not DICTIONARY.with_suffix(".dic").exists():
        raise InputError(f"{DICTIONARY}.dic: the dictionary is not there; python3 bootstrap.py installs it")
    return Dictionary.from_files(str(DICTIONARY))


@cache
def _own_words() -> frozenset[str]:
    lines = read_text(OWN_WORDS).split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _known(word: str) -> bool:
    word = word.replace("’", "'")
    base = word.removesuffix("'s")
    return any(w in _own_words() or _dictionary().lookup(w) for w in (word, base))


def misspelled(text: str) -> list[str]:
    """The words that neither the Canadian dictionary nor our own list has."""
    return [word for word in WORD.findall(text) if len(word) > 1 and not _known(word)]


def faults(path: Path) -> list[str]:
    """Everything in one file that breaks a rule of the prose, as 'file:place: what'."""
    found = []
    for place, line in lines_of(path):
        problems = list(typed_numbers(line))
        # A folded YAML string is one line, however it stands in the file.
        problems += ["two sentences"] if path.suffix == ".md" and sentences_end_inside(line) else []
        problems += ["a Latin abbreviation"] if LATIN.search(line) else []
        problems += [f"filler: {filler[0]}" for filler in FILLER.finditer(line)]
        problems += ["an image without a text alternative"] if IMAGE_WITHOUT_TEXT.search(line) else []
        problems += [f"not in the dictionary: {word}" for word in misspelled(TAG.sub(" ", line))]
        found += [f"{path.name}:{place}: {problem}: {line.strip()[:100]}" for problem in problems]
    if path.suffix == ".md":
        found += [f"{path.name}: {fault}" for fault in heading_faults(read_text(path))]
    return found


def reading(path: Path) -> Reading:
    """Length of one page, tables included, and the reading level of its sentences."""
    lines = [line.strip() for _, line in prose_lines(read_text(path))]
    lines = [line for line in lines if line and not line.startswith("#")]
    words = len(_running(lines).split())
    sentences = _running([line for line in lines if not line.startswith("|")])
    grade = round(float(textstat.textstat.flesch_kincaid_grade(sentences)), 1) if sentences else 0.0
    page = str(path.relative_to(paths.ROOT))
    return Reading(page, words, max(1, round(words / WORDS_A_MINUTE)), grade)


def _running(lines: Iterable[str]) -> str:
    text = " ".join(re.sub(r"[*_|>#]|^\d+\.|^-", "", line) for line in lines)
    return re.sub(r"\[([^\]]*)\]\s*X", r"\1", text).replace(" X ", " ")


def report(of: Iterable[Path]) -> tuple[list[Reading], list[str]]:
    """The reading level of each page, and every fault, hard pages among them."""
    files: Sequence[Path] = list(of)
    readings = [reading(path) for path in files if path.suffix == ".md"]
    found = [fault for path in files for fault in faults(path)]
    found += [
        f"{page.page}: grade {page.grade}, and at most {HARDEST_GRADE:.0f} is wanted"
        for page in readings
        if page.grade > HARDEST_GRADE
    ]
    return readings, found

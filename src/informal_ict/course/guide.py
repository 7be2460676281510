"""The instructor's guide: everything that has answers in it, made into the course and never into the book.

One HTML page for each assignment: the teaching note, the reference solutions, what goes wrong and what it
costs, and the rubrics with their exemplars.
"""

from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from informal_ict.assignments.answers import read_answers
from informal_ict.assignments.questions import computer_points, marks_in_words, questions
from informal_ict.assignments.rubrics import mark_scheme
from informal_ict.assignments.source import Assignment
from informal_ict.reading import read_text

TEACHING_NOTE = "teaching-note.md"
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}: instructor's guide</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
h1, h2, h3 {{ line-height: 1.25; }}
.warning {{ border-left: .3rem solid #b3541e; padding: .1rem 1rem; }}
pre {{ overflow-x: auto; padding: .75rem; border: 1px solid #8885; border-radius: .3rem; }}
blockquote {{ margin: 0 0 0 .2rem; padding-left: 1rem; border-left: .2rem solid #8888; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid #8885; padding: .3rem .6rem; text-align: left; vertical-align: top; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def guide_html(assignment: Assignment, home: Path) -> str:
    """Write the guide to one assignment.

    Args:
        assignment: what it is about.
        home: the folder of its source, with the teaching note and the answers.

    Raises:
        InputError: if the teaching note is missing or an answers file is faulty.
    """
    text = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide_markdown(assignment, home))
    return PAGE.format(title=escape(assignment.header.title), body=text)


def guide_markdown(assignment: Assignment, home: Path) -> str:
    """Write the guide as Markdown; see ``guide_html``."""
    computer = computer_points(assignment)
    asked = questions(assignment)
    titles = {question.grade_id: question.title for question in asked}
    parts = [
        f"# {assignment.header.title}",
        "**For instructors only.** This page holds the answers. Keep it out of what students can open.",
        f"About {assignment.header.minutes} minutes for a beginner. {assignment.total} points: "
        f"{computer} by the computer, {assignment.total - computer} by a person.",
        _one_level_down(read_text(home / TEACHING_NOTE)),
        "## Questions and reference solutions",
        "Many other ways are right too; the checks accept them.",
    ]
    answer_of = {test: answer for answer, test in assignment.tests.items()}
    for number, question in enumerate(asked, start=1):
        parts.append(f"### {number}. {question.title} ({marks_in_words(question.points)})")
        if question.by_person:
            parts.append("Marked by a person; see the rubric below.")
        else:
            parts.append(f"```python\n{assignment.solution(answer_of[question.grade_id])}\n```")
    parts += ["## What goes wrong, and what it costs", _mistakes(assignment, home, titles)]
    parts.append("## Rubrics, with three marked answers each")
    for task in assignment.rubric.tasks.values():
        parts += [f"### {task.title} ({marks_in_words(task.points)})", mark_scheme(task)]
    return "\n\n".join(parts)


def _mistakes(assignment: Assignment, home: Path, titles: dict[str, str]) -> str:
    answers = read_answers(home / "answers", assignment).values()
    rows = [
        f"| {answer.title} | {', '.join(titles[test] for test in answer.loses)} |"
        for answer in answers
        if answer.kind == "misconception"
    ]
    return "\n".join(["| What the answer does | Marks are lost in |", "|---|---|", *rows])


def _one_level_down(text: str) -> str:
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in text.strip().splitlines())

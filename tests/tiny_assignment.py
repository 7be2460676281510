"""A tiny assignment that tests may break."""

import re
from pathlib import Path

SOURCE = """\
---
kernelspec: {name: python3, display_name: Python 3, language: python}
assignment: {title: A tiny one, summary: Count two rows and say it, minutes: 5, data: [tiny.csv]}
---

# Tiny

About 5 minutes. **Total: 4 points**

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: tiny-student-number, locked: false, schema_version: 3, solution: true, task: false}
---
student_number = ""
```

## How many rows? (2 points)

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: tiny-rows, locked: false, schema_version: 3, solution: true, task: false}
---
### BEGIN SOLUTION
rows = 1 + 1
### END SOLUTION
```

```{code-cell} ipython3
---
nbgrader: {grade: true, grade_id: test-tiny-rows, locked: true, points: 2, schema_version: 3, solution: false, task: false}
---
assert rows, "Write a number."
### BEGIN HIDDEN TESTS
check_rows(student_number, rows)
### END HIDDEN TESTS
```

+++ {"nbgrader": {"grade": false, "grade_id": "tiny-meaning", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}}

## What does it mean? (2 points)

=== BEGIN MARK SCHEME ===
=== END MARK SCHEME ===
"""  # noqa: E501

MARKING = """\
import math
from pathlib import Path

FOLDER = "."
UNUSED = "not needed by any check"


def counted() -> int:
    return len(Path(FOLDER, "tiny.csv").read_text().splitlines()) - 1


def check_rows(student_number, rows):
    assert math.isclose(rows, counted()), "Count again."
"""

RUBRIC = """\
tasks:
  tiny-meaning:
    title: What two means
    criteria:
      - title: Sense
        levels:
          - {marks: 2, text: Says what two is.}
          - {marks: 1, text: Says two.}
          - {marks: 0, text: Does not.}
    exemplars:
      - {level: strong, answer: Two respondents., marks: [2], why: It says of what.}
      - {level: middling, answer: Two., marks: [1], why: Two of what}
      - {level: weak, answer: Yes., marks: [0], why: It is no number.}
"""

ANSWER = """\
title: Counts three
kind: misconception
cells:
  tiny-rows: |
    rows = 3
loses: [test-tiny-rows]
"""


def write_source(assignments: Path, text: str = SOURCE, slug: str = "tiny") -> Path:
    folder = assignments / slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{slug}.md").write_text(text, encoding="utf-8")
    (folder / "teaching-note.md").write_text("# Teaching note\n\n## Hard\n\nTwo.\n", encoding="utf-8")
    (folder / "marking.py").write_text(MARKING, encoding="utf-8")
    (folder / "rubric.yml").write_text(RUBRIC.replace("tiny-meaning", task_of(text)), encoding="utf-8")
    return folder


def task_of(text: str) -> str:
    """The grade id of the task in a source that a test may have changed."""
    return re.findall(r'"grade_id": "([^"]+)"', text)[-1]

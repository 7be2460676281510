"""Keep marking material out of the feedback that students receive.

Stock nbgrader prints hidden tests and mark schemes in feedback, in the cells and in the tracebacks
(jupyter/nbgrader#917). ``nbgrader_config.py`` of a course puts this preprocessor where feedback is made.
"""

import json
import re

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors.base import NbGraderPreprocessor

REGION = re.compile(
    r"^[^\n]*BEGIN (?P<kind>HIDDEN TESTS|MARK SCHEME)[^\n]*\n"
    r"(?P<body>.*?)"
    r"(?:^[^\n]*END (?P=kind)[^\n]*(?:\n|\Z)|\Z)",
    re.MULTILINE | re.DOTALL,
)
ANSI = re.compile(r"\x1b\[[0-9;]*m|\\u001b\[[0-9;]*m")
LEFT_OUT = "This output was left out, because it showed part of the marking.\n"

# Shorter lines occur in everybody's code, so finding one proves nothing.
TELLING = 24


class HideMarking(NbGraderPreprocessor):
    """Remove hidden tests and mark schemes from a marked notebook, and what they left in its outputs.

    A failed test keeps its message, which is written for students, and loses its traceback, which shows code.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Clean one marked notebook."""
        secrets: set[str] = set()
        for cell in nb.cells:
            bodies = [match["body"] for match in REGION.finditer(cell.source)]
            if not bodies:
                continue
            cell.source = REGION.sub("", cell.source).rstrip()
            secrets |= {fingerprint(line) for body in bodies for line in body.splitlines()}
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [message(output)]
        secrets = {secret for secret in secrets if len(secret) >= TELLING}
        for cell in nb.cells:
            if "outputs" in cell:
                cell.outputs = [clean(output, secrets) for output in cell.outputs]
        return nb, resources


def message(error: NotebookNode) -> str:
    """Say why a test failed, without its code."""
    if error.ename == "AssertionError" and error.evalue:
        return str(error.evalue)
    return f"The check stopped with {error.ename}. Please ask your instructor to look at this answer."


def clean(output: NotebookNode, secrets: set[str]) -> NotebookNode:
    """Give the output back, or a note in its place when it holds a line of the marking."""
    shown = fingerprint(json.dumps(output, ensure_ascii=False))
    if any(secret in shown for secret in secrets):
        return new_output("stream", name="stdout", text=LEFT_OUT)  # type: ignore[no-any-return]
    return output


def without_colours(text: str) -> str:
    """A text without the signs that colour it in a terminal."""
    return ANSI.sub("", text)


def fingerprint(text: str) -> str:
    """Reduce a text to its letters and digits, so that colours, quotes and line breaks do not disguise it."""
    return re.sub(r"\\[nt]|\W", "", ANSI.sub("", text))

"""What a cell may show: sound outputs, up to a size, errors before results."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

SHOWN = frozenset({"stream", "display_data", "execute_result", "update_display_data", "error"})
LONGEST_ERROR = 50_000
STREAMS = ("stdout", "stderr")


@dataclass
class Budget:
    """What one cell has shown so far.

    Attributes:
        limit: bytes that it may show.
        used: bytes that were kept.
        left_out: bytes that were not.
    """

    limit: int
    used: int = 0
    left_out: int = 0

    def admit(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Give a message back, cut if it is too long; nothing if there is no room for it.

        An error is always kept, since it costs marks, and so is a short result, since it earns some.
        """
        kind, size = message.get("msg_type"), int(message.get("size", 0))
        if kind not in SHOWN and not str(kind).startswith("comm"):
            return message
        if not message["content"]:  # too large to be opened
            self.left_out += size
            return None
        if kind == "error":
            content = message["content"]
            short = [line[:LONGEST_ERROR] for line in content["traceback"][-20:]]
            return {
                **message,
                "content": {**content, "evalue": content["evalue"][:LONGEST_ERROR], "traceback": short},
            }
        room = self.limit - self.used
        if size <= room or (kind == "execute_result" and size <= LONGEST_ERROR):
            self.used += size
            return message
        if kind == "stream" and room > 0:
            text = message["content"]["text"]
            self.used, self.left_out = self.limit, self.left_out + max(0, size - room)
            return {**message, "content": {**message["content"], "text": text[:room]}}
        self.left_out += size
        return None


def left_out_note(budget: Budget) -> NotebookNode:
    """Say that a cell showed more than is kept."""
    text = f"\n[{budget.left_out:,} more bytes of output were left out.]\n"
    return new_output("stream", name="stdout", text=text)  # type: ignore[no-any-return]


def is_sound(message: Mapping[str, Any]) -> bool:
    """Whether a message has the form that the notebook format asks of its output."""
    content = message.get("content")
    if not isinstance(content, dict):
        return False
    if not content and message.get("size"):
        return True  # too large to be opened
    kind = message["msg_type"]
    if kind == "stream":
        return content.get("name") in STREAMS and isinstance(content.get("text"), str)
    if kind == "error":
        lines = content.get("traceback")
        texts = isinstance(content.get("ename"), str) and isinstance(content.get("evalue"), str)
        return texts and isinstance(lines, list) and all(isinstance(line, str) for line in lines)
    data, metadata = content.get("data"), content.get("metadata")
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        return False
    return all(isinstance(value, str) or is_json(name) for name, value in data.items())


def is_json(mime: str) -> bool:
    """Whether an output of this kind may hold more than text."""
    return mime == "application/json" or (mime.startswith("application/") and mime.endswith("+json"))


def json_of(content: Mapping[str, Any], mime: str) -> dict[str, Any] | None:
    """Read JSON that was shown under a kind of our own; nothing if it is none."""
    data = content.get("data")
    text = data.get(mime) if isinstance(data, dict) else None
    if not isinstance(text, str):
        return None
    try:
        about = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return about if isinstance(about, dict) else None


def error(name: Any, text: Any) -> NotebookNode:
    """Show an error as a notebook does, without the code that raised it."""
    name, text = str(name)[:200], str(text)[:LONGEST_ERROR]
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])  # type: ignore[no-any-return]


def errors_first(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Put errors before anything else, so that nothing shown before one earns part of the marks."""
    return sorted(outputs, key=lambda output: output.output_type != "error")


def without_results(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Leave out results: a test whose hidden part is a call shows none."""
    return [output for output in outputs if output.output_type != "execute_result"]


def without_code(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Leave out the code around an error: the test that stopped with it is hidden from students."""
    return [
        error(output.ename, output.evalue) if output.output_type == "error" else output for output in outputs
    ]

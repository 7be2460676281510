"""The process in which hidden checks look at results.

It is started by ``python -m informal_ict.grading.outside_worker SOCKET``.

It gets one request at a time on the Unix socket with that file descriptor: the check's text, its name, the
folder of the data files, and the results as ``informal_ict.grading.in_kernel_results`` describes them. No
code of a student runs here. It ends when the other side closes the socket.
"""

import contextlib
import hashlib
import io
import json
import resource
import socket
import sys
import warnings
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy  # noqa: F401  # what checks import, before the first of them waits for it
import pandas
import scipy.stats  # noqa: F401

from informal_ict.grading.packets import read_packet, send_packet
from informal_ict.grading.plain_data import NotPlainDataError, make

MEMORY = 4 << 30
SHOWN = 20_000
MOST_TABLES = 20


def reading_once(read: Any) -> Any:
    """Let a file of the same content be read once, since every check reads the data again.

    Args:
        read: ``pandas.read_csv``.
    """
    kept: OrderedDict[str, Any] = OrderedDict()

    def read_or_copy(source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, Path):
            return read(source, *arguments, **options)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        key = f"{digest} {arguments!r} {sorted(options.items())!r}"
        if key not in kept:
            kept[key] = read(source, *arguments, **options)
        kept.move_to_end(key)
        if len(kept) > MOST_TABLES:
            kept.popitem(last=False)
        return kept[key].copy()

    return read_or_copy


def check(request: dict[str, Any]) -> dict[str, Any]:
    """Run one check as the marked notebook would, and say what it printed and how it stopped.

    Returns:
        ``stdout``, ``stderr`` and ``error``: nothing, or the name and the text of the exception.
    """
    out, err = io.StringIO(), io.StringIO()
    error = None
    module = ModuleType("marking")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        try:
            results = [make(one) for one in request["results"]]
            exec(request["code"], module.__dict__)
            module.__dict__["FOLDER"] = request["folder"]
            module.__dict__[request["function"]](*results)
        except NotPlainDataError as problem:
            error = ["TypeError", f"The answer could not be read: {problem}."]
        except Exception as problem:  # as a notebook does, whatever it is
            error = [type(problem).__name__, str(problem)]
    return {"error": error, "stdout": out.getvalue()[:SHOWN], "stderr": err.getvalue()[:SHOWN]}


def main() -> None:
    """Serve until the other side closes the socket."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    pandas.read_csv = reading_once(pandas.read_csv)
    connection = socket.socket(fileno=int(sys.argv[1]))
    send_packet(connection, b"ready")
    while packet := read_packet(connection):
        send_packet(connection, json.dumps(check(json.loads(packet))).encode())


if __name__ == "__main__":
    main()

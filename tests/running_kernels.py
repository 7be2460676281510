"""A kernel for a test, and what code in it prints."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from traitlets.config import Config

Run = Callable[[str], str]


@contextlib.contextmanager
def kernel(folder: Path, name: str = "python3", **settings: object) -> Iterator[tuple[KernelManager, Run]]:
    """A kernel, and a way to run code in it that gives what it prints and the kinds of picture it shows.

    Args:
        folder: where it starts.
        name: of its kernelspec.
        settings: traits of a sandboxed kernel.
    """
    manager, client = start(folder, name, settings)

    def run(code: str) -> str:
        printed: list[str] = []

        def note(message: dict) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
            elif message["msg_type"] == "display_data":
                printed.extend(kind for kind in message["content"]["data"] if kind.startswith("image/"))

        reply = client.execute_interactive(code, output_hook=note, timeout=60)
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"]["traceback"])
        return "".join(printed).strip()

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def start(folder: Path, name: str, settings: dict[str, object]) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel and talk to it."""
    manager = KernelManager(kernel_name=name, config=Config({"SandboxedProvisioner": settings}))
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return manager, client


def run_to_its_end(folder: Path, code: str, **settings: object) -> KernelManager:
    """Run code that a kernel does not outlive."""
    manager, client = start(folder, "python3", settings)
    try:
        client.execute(code)
        until(lambda: not manager.is_alive())
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return manager


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something that has to happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "It did not happen."
        time.sleep(0.01)


def command_lines() -> list[str]:
    """The command line of every process of this machine that can be seen."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        # A process may end between the two.
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
    return lines


def kernel_of_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the kernel ``elsewhere``, whose program is none of this environment; gives the program."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nELSEWHERE=yes exec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    spec = tmp_path / "kernels" / "elsewhere" / "kernel.json"
    spec.parent.mkdir(parents=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "Elsewhere", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return python

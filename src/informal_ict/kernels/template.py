"""The process that kernels are forked from.

``python -m informal_ict.kernels.template SOCKET OWNER MODULE...`` imports the modules once, then forks a
kernel whenever one byte and the end of another Unix socket, the kernel's own, arrive on the socket with that
file descriptor: ``k`` asks for a kernel that has what the template has, ``c`` for one that is confined (see
``informal_ict.kernels.confine``). On its own socket the kernel reads its request, one line of JSON, and
answers with one packet and handles. The template never reads a request, so its memory, which all kernels
inherit, holds no other kernel's key. It ends when the process of the pidfd OWNER ends or closes the socket,
and its kernels end with it. One kernel is ended when the other end of its own socket is closed, which also
happens when whoever asked for it is killed.
"""

import builtins
import contextlib
import gc
import importlib
import inspect
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
import zlib
from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

from informal_ict.kernels import confine

COMMAND = ["-m", "ipykernel_launcher"]
ORDINARY = b"k"
CONFINED = b"c"


def main() -> None:
    """Serve until the process that asks for kernels is gone, or has closed the socket."""
    # As gc.freeze recommends: no collection here, so that kernels share as many pages as can be.
    gc.disable()
    server, owner = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    import_as_in_a_kernel(sys.argv[3:])
    hash_quickly()
    # A fork copies one thread only; another might hold a lock that nobody would ever open.
    if threading.active_count() != 1:
        sys.exit(f"A preloaded module started a thread: {threading.enumerate()}")
    waiting = select.poll()
    waiting.register(server, select.POLLIN)
    waiting.register(owner, select.POLLIN)
    kernels = Kernels(waiting)
    looked_up = False
    gc.freeze()
    server.send(b"ready")
    while owner not in (ready := dict(waiting.poll())):
        kernels.look(ready.keys())
        if server.fileno() not in ready:
            continue
        try:
            kind, handles, _, _ = socket.recv_fds(server, 1, 1)
        except ConnectionResetError:  # whoever asked has ended without a read of the word that this is ready
            break
        if not handles:
            break
        if kind == CONFINED:
            confine.next_child_gets_own_processes()
        pid = os.fork()
        if pid == 0:
            server.close()
            os.close(owner)
            kernels.let_go()
            become_kernel(socket.socket(fileno=handles[0]), kind == CONFINED)
        kernels.add(pid, handles[0])
        if not looked_up:  # not before: somebody waits for the first kernel
            look_up_once()
            gc.freeze()
            looked_up = True


class Kernels:
    """The kernels that run, each with the template's copy of the handle on its own socket."""

    def __init__(self, waiting: select.poll) -> None:
        """Have none.

        Args:
            waiting: is to tell of handles that are registered here.
        """
        self._waiting = waiting
        self._channels: dict[int, int] = {}

    def add(self, pid: int, channel: int) -> None:
        """Look after a child that was just forked."""
        process = os.pidfd_open(pid)
        self._channels[process] = channel
        self._waiting.register(process, select.POLLIN)
        # Asked for nothing, poll tells of the other end being closed; what is sent there is the kernel's.
        self._waiting.register(channel, 0)

    def look(self, ready: Collection[int]) -> None:
        """End the kernels whose sockets nobody holds any more, and forget those that have ended.

        Args:
            ready: handles that ``poll`` told of.
        """
        for process, channel in list(self._channels.items()):
            if process in ready:
                os.waitid(os.P_PIDFD, process, os.WEXITED)
                self._forget(process)
            elif channel in ready:
                signal.pidfd_send_signal(process, signal.SIGKILL)
                self._waiting.unregister(channel)

    def _forget(self, process: int) -> None:
        channel = self._channels.pop(process)
        self._waiting.unregister(process)
        with contextlib.suppress(KeyError):  # it was ended
            self._waiting.unregister(channel)
        os.close(process)
        os.close(channel)

    def let_go(self) -> None:
        """Close every handle, in a child that must not reach the others."""
        for handle in (*self._channels, *self._channels.values()):
            os.close(handle)


def import_as_in_a_kernel(modules: Sequence[str]) -> None:
    """Import the modules where the name is there by which they know a kernel.

    pandas asks when it is imported, and cuts tables to the width of a terminal if it finds none.
    """
    name = "get_ipython"
    setattr(builtins, name, lambda: SimpleNamespace(kernel=None))
    for module in modules:
        importlib.import_module(module)
    delattr(builtins, name)


def hash_quickly() -> None:
    """Take a quicker hash for the names of cells; the stock one takes a tenth of the time of a kernel."""
    if "ipykernel.compiler" in sys.modules:
        from ipykernel import compiler

        compiler.murmur2_x86 = quick_hash


def look_up_once() -> None:
    """Look up what every kernel would look up anew: fonts, ways to draw, and where each module comes from."""
    if "matplotlib" in sys.modules:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.registry import backend_registry
        from matplotlib.figure import Figure

        figure = Figure()
        figure.subplots().set_title("warm")
        FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
        backend_registry.list_all()  # type: ignore[no-untyped-call]
    # For code of an unknown module, as in the first traceback of a kernel, it goes through all modules.
    inspect.getmodule(look_up_once.__code__)


def quick_hash(code: str, seed: int) -> int:
    """A number for the text of a cell, of which ipykernel makes the name of a file that is never written."""
    return zlib.crc32(code.encode("utf-8", "surrogatepass"), seed)


def become_kernel(channel: socket.socket, confined: bool) -> NoReturn:
    """Be the kernel that is asked for on its own socket, until it is shut down."""
    status = 1
    try:
        os.setsid()
        with channel, channel.makefile("rb") as lines:
            request = json.loads(lines.readline())
            handles = [os.pidfd_open(os.getpid())]
            try:
                if confined:
                    handles += confine.confine(request["confinement"])
            except Exception as error:
                channel.sendall(traceback.format_exc().encode())
                raise SystemExit from error
            socket.send_fds(channel, [b"ready"], handles)
            for handle in handles:
                os.close(handle)
            # Its folder is filled by whoever asked.
            if confined and not lines.readline():
                raise SystemExit("Whoever asked for this kernel does not want it any longer.")
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        for path, text in request["files"].items():
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # pathlib costs a kernel more
                file.write(text)
        if confined:
            confine.log_to(request["log"])
        command = request["command"]
        if command[1:3] != COMMAND or not request["fork"]:
            os.execvpe(command[0], command, os.environ)
        sys.argv = ["ipykernel_launcher", *command[3:]]
        # The template's own folder. As in ipykernel's launcher: where IPython puts the working folder, a
        # student's random.py does not take the place of Python's.
        del sys.path[0]
        reseed()
        gc.enable()
        run_kernel(command[3:], keep_history=not confined)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        # Not sys.exit: the template's own frames are below, and must not go on in the child.
        os._exit(status)


def reseed() -> None:
    """Give each kernel its own random numbers; a fork would repeat the template's."""
    import random

    random.seed()
    if "numpy" in sys.modules:
        import numpy

        numpy.random.seed()


def run_kernel(arguments: list[str], keep_history: bool) -> None:
    """Start ipykernel as its launcher does.

    Args:
        arguments: of its command line.
        keep_history: whether what it is given to run is written to a file, as IPython does.
    """
    from ipykernel.kernelapp import IPKernelApp

    class ForkedApp(IPKernelApp):
        """To make a parser for the one usual argument takes a seventh of the time of a forked kernel."""

        def parse_command_line(self, argv: list[str] | None = None) -> None:
            if argv is not None and len(argv) == 2 and argv[0] == "-f":
                self.connection_file = argv[1]
            else:
                super().parse_command_line(argv)

    app = ForkedApp.instance()
    if not keep_history:
        app.config.HistoryManager.hist_file = ":memory:"
    # A kernel ends when its parent does. One with process ids of its own sees no parent, and ends with them.
    app.parent_handle = os.getppid()
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    if "matplotlib" in sys.modules:
        # It chose how to show figures when it was imported, and ipykernel has only now said how.
        import matplotlib

        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]
    if "ipywidgets" in sys.modules:
        # It looked for a running kernel when it was imported, and there was none yet.
        import ipywidgets

        ipywidgets._handle_ipython()
    app.start()  # type: ignore[no-untyped-call]


def asked_for(
    command: list[str],
    folder: str,
    environment: dict[str, str],
    *,
    fork: bool = True,
    files: dict[str, str] | None = None,
    log: str = "",
    confinement: dict[str, Any] | None = None,
) -> bytes:
    """What a kernel reads on its socket.

    Args:
        command: as a kernelspec has it.
        folder: where it starts.
        environment: all of it.
        fork: whether it is the template's Python that the command means; else the command is executed.
        files: text of files it is to find, by path.
        log: file for what it prints before and beside its messages, if it is confined.
        confinement: what ``confine.confine`` takes.
    """
    asked = {"command": command, "folder": folder, "environment": environment, "fork": fork}
    asked |= {"files": files or {}, "log": log, "confinement": confinement}
    return json.dumps(asked).encode() + b"\n"


if __name__ == "__main__":
    main()

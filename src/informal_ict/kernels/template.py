"""The process that warm kernels are forked from.

``python -m informal_ict.kernels.template SOCKET MODULE...`` imports the modules once, then forks a kernel for
each request on the Unix socket with that file descriptor. A request is one JSON packet with the kernel's
arguments, folder and environment; the answer is its pid, and a pidfd that stays true if that pid is used
again. It ends when the other side closes the socket, and its kernels end with it.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
from typing import Any, NoReturn

LONGEST_REQUEST = 1 << 18
COMMAND = ["-m", "ipykernel_launcher"]


def main() -> None:
    """Serve until the other side closes the socket."""
    server = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    fill_font_cache()
    # A fork copies one thread only; another might hold a lock that nobody would ever open.
    if threading.active_count() != 1:
        sys.exit(f"A preloaded module started a thread: {threading.enumerate()}")
    # Kernels are not waited for: whoever asked holds a pidfd.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    server.send(b"ready")
    while request := server.recv(LONGEST_REQUEST):
        pid = os.fork()
        if pid == 0:
            server.close()
            become_kernel(json.loads(request))
        os.setpgid(pid, pid)
        handle = os.pidfd_open(pid)
        socket.send_fds(server, [str(pid).encode()], [handle])
        os.close(handle)


def fill_font_cache() -> None:
    """Draw nothing once, if matplotlib is there, so that no kernel has to look for its fonts."""
    if "matplotlib" in sys.modules:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure()
        figure.subplots().set_title("warm")
        FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]


def become_kernel(request: dict[str, Any]) -> NoReturn:
    """Be the kernel that was asked for, until it is shut down."""
    status = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = ["ipykernel_launcher", *request["arguments"]]
        # The template's own folder. As in ipykernel's launcher: where IPython puts the working folder, a
        # student's random.py does not take the place of Python's.
        del sys.path[0]
        reseed()
        run_kernel(request["arguments"])
        status = 0
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


def run_kernel(arguments: list[str]) -> None:
    """Start ipykernel as its launcher does."""
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.parent_handle = os.getppid()  # a kernel ends when its parent does
    app.initialize(arguments)
    if "matplotlib" in sys.modules:
        # It chose how to show figures when it was imported, and ipykernel has only now said how.
        import matplotlib

        matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]
    if "ipywidgets" in sys.modules:
        # It looked for a running kernel when it was imported, and there was none yet.
        import ipywidgets

        ipywidgets._handle_ipython()
    app.start()


if __name__ == "__main__":
    main()

"""Templates, and the kernels forked from them, as the process that asks for them sees them.

``informal_ict.kernels.template`` is the other side. Nothing of Jupyter is imported here, so that a template
can be started at once, and warms up while its user imports the rest.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from informal_ict.kernels.template import ORDINARY

# What notebooks of the course import, and what these packages import only when they are used.
PRELOADED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "ipywidgets",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "numpy",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "pandas.plotting._matplotlib",
    "pygments.formatters.terminal256",
    "scipy.stats",
    "sqlite3",
    "stack_data",
    "tornado.platform.asyncio",
)
# It draws into nothing, and the debugger does not warn of what is no matter here.
QUIET = {"MPLBACKEND": "agg", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
STARTING_TIME = 120.0
FORKING_TIME = 60.0
LONGEST_ANSWER = 1 << 16


class TemplateError(RuntimeError):
    """The template, or a kernel forked from it, did not start."""


class TemplateGoneError(TemplateError):
    """The template has ended."""


class ForkedProcess:
    """A kernel that was forked elsewhere, with the part of ``subprocess.Popen`` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, handle: int) -> None:
        """Take over a pidfd."""
        self._handle: int | None = handle
        about = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").split()
        self.pid = int(about[about.index("Pid:") + 1])

    @property
    def handle(self) -> int:
        """The pidfd, until the process has been waited for."""
        assert self._handle is not None
        return self._handle

    def poll(self) -> int | None:
        """None while it runs; 0 when it has ended, since only its parent learns the true status."""
        if self._handle is None:
            return 0
        return 0 if ended(self._handle, 0) else None

    def wait(self) -> int:
        """Wait until it has ended, and let go of it."""
        if self._handle is not None:
            ended(self._handle, None)
            os.close(self._handle)
            self._handle = None
        return 0

    def send_signal(self, number: int) -> None:
        """Signal this process, if it still runs, and never another that has its pid by now."""
        if self._handle is not None:
            # It may end between any look and the signal, as with Popen.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def ended(handle: int, milliseconds: float | None) -> bool:
    """Wait for the process of a pidfd, for so long at most, and say whether it has ended."""
    # Not select, which knows only the first 1,024 handles of a process.
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(milliseconds))


class Template:
    """A running template; see ``informal_ict.kernels.template``."""

    def __init__(
        self,
        modules: Sequence[str],
        python: Sequence[str] = (sys.executable,),
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start it, and do not wait for it.

        A process that is forked from this one can use it too, as long as this one lives.

        Args:
            modules: what it imports.
            python: the command that runs Python, with what is wrapped around it.
            environment: all of its environment; without one, that of this process.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        owner = os.pidfd_open(os.getpid())
        own = [str(theirs.fileno()), str(owner)]
        with theirs:
            self._process = subprocess.Popen(
                [*python, "-m", "informal_ict.kernels.template", *own, *modules],
                pass_fds=[theirs.fileno(), owner],
                env=(os.environ if environment is None else environment) | QUIET,
                # Whoever interrupts this process in a terminal does not mean the template.
                start_new_session=True,
            )
        os.close(owner)
        ours.settimeout(STARTING_TIME)
        self._socket = ours

    def wait(self) -> None:
        """Wait until it is ready.

        Raises:
            TemplateGoneError: if it does not start.
        """
        try:
            # Only a look: another process may wait for the same word.
            is_ready = self._socket.recv(16, socket.MSG_PEEK) == b"ready"
        except OSError:  # of which a time that is over is one
            is_ready = False
        if not is_ready:
            self._process.kill()
            self._process.wait()
            raise TemplateGoneError(
                "The process that kernels are forked from did not start; its message is above."
            )

    def fork(self, request: bytes, kind: bytes = ORDINARY) -> tuple[ForkedProcess, list[int], socket.socket]:
        """Fork a kernel.

        Args:
            request: what ``asked_for`` gives.
            kind: ``ORDINARY`` or ``CONFINED``.

        Returns:
            The kernel, the handles it gives beyond its own, and its socket; a confined kernel goes on when it
            has read a line there, and every kernel is killed when its socket is closed.

        Raises:
            TemplateGoneError: if the template has ended, or did not start.
            TemplateError: if the kernel did not start; with its words.
        """
        self.wait()
        ours, theirs = socket.socketpair()
        ours.settimeout(FORKING_TIME)
        try:
            with theirs:
                socket.send_fds(self._socket, [kind], [theirs.fileno()])
            ours.sendall(request)
            answer, handles, _, _ = socket.recv_fds(ours, LONGEST_ANSWER, 8)
        except OSError as error:  # of which a time that is over is one
            ours.close()
            raise TemplateGoneError("The process that kernels are forked from is gone.") from error
        if not handles:
            ours.close()
            if not answer:
                raise TemplateGoneError("The process that kernels are forked from is gone.")
            raise TemplateError(f"A kernel could not be forked: {answer.decode(errors='replace')}")
        return ForkedProcess(handles[0]), handles[1:], ours

    def close(self) -> None:
        """End it; its kernels end too."""
        # Not close alone: a process forked from this one may hold the same socket.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
            # It was only looked at, and a socket closed over what nobody read is an error to the template.
            self._socket.recv(16)
        self._socket.close()
        self._process.wait()


@cache
def running_template(start: Callable[..., Template], *arguments: Any) -> Template:
    """The template of this process, or of the one it was forked from, for these arguments.

    Args:
        start: what starts one.
        arguments: what ``start`` takes.
    """
    return start(*arguments)

"""A jupyter_client kernel provisioner that forks kernels from a warm template.

Chosen by name, without a change to whatever starts the kernel: in a kernelspec's metadata, or for all kernels
by ``JUPYTER_DEFAULT_PROVISIONER_NAME=informal-ict-warm``. Starting a kernel and importing the scientific
stack takes most of the time of grading a notebook; a fork has both behind it.
"""

import asyncio
import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from informal_ict.kernels.template import COMMAND, ORDINARY, asked_for

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
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


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
        """Start it.

        Args:
            modules: what it imports.
            python: the command that runs Python, with what is wrapped around it.
            environment: all of its environment; without one, that of this process.

        Raises:
            TemplateError: if it does not start.
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
        if ours.recv(16) != b"ready":
            ours.close()
            self._process.wait()
            raise TemplateError(
                "The process that kernels are forked from did not start; its message is above."
            )
        self._socket = ours

    def fork(self, request: bytes, kind: bytes = ORDINARY) -> tuple[ForkedProcess, list[int], socket.socket]:
        """Fork a kernel.

        Args:
            request: what ``asked_for`` gives.
            kind: ``ORDINARY`` or ``CONFINED``.

        Returns:
            The kernel, the handles it gives beyond its own, and its socket; a confined kernel goes on when it
            has read a line there.

        Raises:
            TemplateGoneError: if the template has ended.
            TemplateError: if the kernel did not start; with its words.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(FORKING_TIME)
        try:
            with theirs:
                socket.send_fds(self._socket, [kind], [theirs.fileno()])
            ours.sendall(request)
            answer, handles, _, _ = socket.recv_fds(ours, LONGEST_ANSWER, 8)
        except (BrokenPipeError, ConnectionResetError) as error:
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
        self._socket.close()
        self._process.wait()


@cache
def running_template(start: Callable[..., Template], owner: int, *arguments: Any) -> Template:
    """The template of this process for these arguments.

    Args:
        start: what starts one.
        owner: the pid of this process, so that a forked parent starts its own.
        arguments: what ``start`` takes.
    """
    return start(*arguments)


class WarmProvisioner(LocalProvisioner):
    """Kernels of this Python environment, forked from a warm template; other kernels start as ever."""

    preload = List(
        Unicode(), default_value=list(PRELOADED), help="Modules that are imported before kernels are forked."
    ).tag(config=True)
    _sockets: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Let the kernel be talked to through files that only this user can open.

        A free TCP port is chosen before the kernel takes it, and two runs beside each other choose alike.
        """
        if self.parent is not None and self._is_ours(self.kernel_spec.argv):
            if self._sockets is None:
                self._sockets = Path(tempfile.mkdtemp(prefix="kernel-"))
            self.parent.transport = "ipc"
            self.parent.ip = str(self._sockets / "socket")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel, if its command is the ordinary one of a Python kernel of this environment."""
        if not self._is_ours(cmd):
            return await super().launch_kernel(cmd, **kwargs)
        folder = Path(kwargs.get("cwd") or Path.cwd())
        request = asked_for(cmd, str(folder), dict(kwargs.get("env") or os.environ))
        process, _, channel = self._fork(request, ORDINARY, Template, tuple(self.preload))
        channel.close()
        self.pgid = process.pid
        return await self._wait_for_sockets(process, folder)

    @staticmethod
    def _fork(
        request: bytes, kind: bytes, start: Callable[..., Template], *arguments: Any
    ) -> tuple[ForkedProcess, list[int], socket.socket]:
        """Fork from the template of this process, which is started if there is none."""
        template = start, os.getpid(), *arguments
        try:
            return running_template(*template).fork(request, kind)
        except TemplateGoneError:
            # It may have been killed; one new template is tried before anybody is told.
            running_template.cache_clear()
            return running_template(*template).fork(request, kind)

    async def _wait_for_sockets(self, process: ForkedProcess, folder: Path) -> KernelConnectionInfo:
        """Take the kernel as ours, and wait until it can be talked to.

        Whoever connects before a socket is there waits for a whole interval of ZeroMQ.
        """
        self.process = process  # type: ignore[assignment]  # it has what is used of a Popen
        self.pid = process.pid
        self.cwd = str(folder)
        about = dict(self.connection_info)
        expected = [f"{about['ip']}-{about[port]}" for port in PORTS]
        while process.poll() is None and not all(map(os.path.exists, expected)):
            await asyncio.sleep(0.002)
        return self.connection_info

    @staticmethod
    def _is_ours(command: list[str]) -> bool:
        """Whether this is the ordinary command of a Python kernel of this environment."""
        known = Path(command[0]).parent in {Path(), Path(sys.executable).parent}
        return known and command[1:3] == COMMAND

    async def kill(self, restart: bool = False) -> None:
        """End the kernel at once. It has ended when this returns, so that nobody has to look again later."""
        process = self.process
        await super().kill(restart)
        if isinstance(process, ForkedProcess):
            while process.poll() is None:
                await asyncio.sleep(0.001)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sockets, unless the kernel only starts again."""
        await super().cleanup(restart)
        if not restart and self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

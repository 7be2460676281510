"""A jupyter_client kernel provisioner that forks kernels from a warm template.

Chosen by name, without a change to whatever starts the kernel: in a kernelspec's metadata, or for all kernels
by ``JUPYTER_DEFAULT_PROVISIONER_NAME=informal-ict-warm``. Starting a kernel and importing the scientific
stack takes most of the time of grading a notebook; a fork has both behind it.
"""

import asyncio
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from informal_ict.kernels.template import COMMAND, LONGEST_REQUEST

PRELOADED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.extensions.storemagic",
    "pygments.formatters.terminal256",
    "numpy",
    "pandas.io.formats.html",
    "pandas.plotting._matplotlib",
    "scipy.stats",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "ipywidgets",
)
STARTING_TIME = 120.0
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class TemplateError(RuntimeError):
    """The template did not start, or is gone."""


class ForkedProcess:
    """A kernel that was forked elsewhere, with the part of ``subprocess.Popen`` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int) -> None:
        self.pid = pid
        self._handle: int | None = handle

    def poll(self) -> int | None:
        """None while it runs; 0 when it has ended, since only its parent learns the true status."""
        if self._handle is None:
            return 0
        ended, _, _ = select.select([self._handle], [], [], 0)
        return 0 if ended else None

    def wait(self) -> int:
        """Wait until it has ended, and let go of it."""
        if self._handle is not None:
            select.select([self._handle], [], [])
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


class Template:
    """A running template; see ``informal_ict.kernels.template``."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "informal_ict.kernels.template", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                env=os.environ | {"MPLBACKEND": "agg"},
            )
        ours.settimeout(STARTING_TIME)
        if ours.recv(16) != b"ready":
            ours.close()
            self._process.wait()
            raise TemplateError(
                "The process that kernels are forked from did not start; its message is above."
            )
        self._socket = ours

    def fork(self, arguments: list[str], folder: Path, environment: dict[str, str]) -> ForkedProcess:
        """Fork a kernel.

        Raises:
            TemplateError: if the template is gone, or the environment is too long for one packet.
        """
        request = json.dumps(
            {"arguments": arguments, "folder": str(folder), "environment": environment}
        ).encode()
        if len(request) > LONGEST_REQUEST:
            raise TemplateError(f"The kernel's environment is longer than {LONGEST_REQUEST} bytes.")
        self._socket.send(request)
        answer, handles, _, _ = socket.recv_fds(self._socket, 32, 1)
        if not handles:
            raise TemplateError("The process that kernels are forked from is gone.")
        return ForkedProcess(int(answer), handles[0])

    def close(self) -> None:
        """End it; its kernels end too."""
        self._socket.close()
        self._process.wait()


@cache
def running_template(modules: tuple[str, ...], owner: int) -> Template:
    """The template of this process; ``owner`` is its pid, so that a forked parent starts its own."""
    return Template(modules)


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
            self._sockets = Path(tempfile.mkdtemp(prefix="kernel-"))
            self.parent.transport = "ipc"
            self.parent.ip = str(self._sockets / "socket")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel, if its command is the ordinary one of a Python kernel of this environment."""
        if not self._is_ours(cmd):
            return await super().launch_kernel(cmd, **kwargs)
        folder = Path(kwargs.get("cwd") or Path.cwd())
        asked = (cmd[3:], folder, dict(kwargs.get("env") or os.environ))
        template = (tuple(self.preload), os.getpid())
        try:
            process = running_template(*template).fork(*asked)
        except (OSError, TemplateError):
            # It may have been killed; one new template is tried before anybody is told.
            running_template.cache_clear()
            process = running_template(*template).fork(*asked)
        self.process = process  # type: ignore[assignment]  # it has what is used of a Popen
        self.pid = self.pgid = process.pid
        self.cwd = folder
        # Whoever connects before a socket is there waits for a whole interval of ZeroMQ.
        about = dict(self.connection_info)
        expected = [Path(f"{about['ip']}-{about[port]}") for port in PORTS]
        while process.poll() is None and not all(path.exists() for path in expected):
            await asyncio.sleep(0.002)
        return self.connection_info

    @staticmethod
    def _is_ours(command: list[str]) -> bool:
        """Whether this is the ordinary command of a Python kernel of this environment."""
        known = Path(command[0]).parent in {Path(), Path(sys.executable).parent}
        return known and command[1:3] == COMMAND

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sockets, unless the kernel only starts again."""
        await super().cleanup(restart)
        if not restart and self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)

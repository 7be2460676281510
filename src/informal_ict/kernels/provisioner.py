"""A jupyter_client kernel provisioner that forks kernels from a warm template.

Chosen by name, without a change to whatever starts the kernel: in a kernelspec's metadata, or for all kernels
by ``JUPYTER_DEFAULT_PROVISIONER_NAME=informal-ict-warm``. Starting a kernel and importing the scientific
stack takes most of the time of grading a notebook; a fork has both behind it.
"""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from informal_ict.kernels.forked import (
    PRELOADED,
    ForkedProcess,
    Template,
    TemplateGoneError,
    running_template,
)
from informal_ict.kernels.template import COMMAND, ORDINARY, asked_for

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class WarmProvisioner(LocalProvisioner):
    """Kernels of this Python environment, forked from a warm template; other kernels start as ever."""

    preload = List(
        Unicode(), default_value=list(PRELOADED), help="Modules that are imported before kernels are forked."
    ).tag(config=True)
    _sockets: Path | None = None
    _channel: socket.socket | None = None

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
        process, _, self._channel = self._fork(request, ORDINARY, Template, tuple(self.preload))
        self.pgid = process.pid
        return await self._wait_for_sockets(process, folder)

    @staticmethod
    def _fork(
        request: bytes, kind: bytes, start: Callable[..., Template], *arguments: Any
    ) -> tuple[ForkedProcess, list[int], socket.socket]:
        """Fork from the template of this process, which is started if there is none."""
        try:
            return running_template(start, *arguments).fork(request, kind)
        except TemplateGoneError:
            # It may have been killed; one new template is tried before anybody is told.
            running_template.cache_clear()
            return running_template(start, *arguments).fork(request, kind)

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
        python, own = Path(command[0]), Path(sys.executable)
        by_name = python.parent == Path() and python.name in {"python", "python3", own.name}
        beside = python.parent == own.parent and python.resolve() == own.resolve()
        return (by_name or beside) and command[1:3] == COMMAND

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
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if not restart and self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

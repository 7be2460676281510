"""Kernels that cannot reach beyond their own folder: a jupyter_client provisioner with bubblewrap.

Chosen by name, as ``informal-ict-warm`` is: in a kernelspec's metadata, or for all kernels by
``JUPYTER_DEFAULT_PROVISIONER_NAME=informal-ict-sandboxed``. Settings are traits, so they come from the
configuration of the kernel manager::

    config = Config({"SandboxedProvisioner": {"memory_bytes": 2 << 30, "wall_seconds": 300}})
    manager = AsyncKernelManager(kernel_name="python3", config=config)
    await manager.start_kernel(cwd=folder)      # the kernel sees a copy of this folder, and no other
    ...
    await manager.shutdown_kernel(now=True)     # files that it wrote are now in the folder
    manager.provisioner.ended_because           # Ended.ASKED, Ended.MEMORY, ...
    manager.provisioner.folder_was_full         # whether it had written as much as it may

How it is made: a template (``informal_ict.kernels.template``) runs inside bubblewrap, which leaves out every
file that a kernel must not see. A kernel forked from it takes on namespaces of its own and gives up every
privilege (``informal_ict.kernels.confine``), then waits. Only now is its folder filled, through a handle on a
file system in memory that it made; nothing of it is on disk, and its sockets are reached the same way. A
thread beside adds up what its processes use (``informal_ict.kernels.limits``).
"""

import asyncio
import json
import os
import secrets
import signal
import stat
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Float, Int, List, Unicode

from informal_ict.errors import InputError
from informal_ict.kernels import folders, mounts
from informal_ict.kernels.bubblewrap import PASSED_ON, environment_inside, find_bubblewrap, start_template
from informal_ict.kernels.confine import FOLDER, RUNTIME
from informal_ict.kernels.forked import TemplateError
from informal_ict.kernels.limits import Ended, Limits, Watch
from informal_ict.kernels.provisioner import WarmProvisioner
from informal_ict.kernels.template import CONFINED, asked_for

MB = 1024 * 1024
CONNECTION = f"{RUNTIME}/connection.json"
LOG = f"{RUNTIME}/log"
LONGEST_LOG = 4000
# What systemd leaves to nobody, see "Users, Groups, UIDs and GIDs on systemd Systems".
UNUSED_IDS = range(0x70000000, 0x7FFFFFFF)


class SandboxedProvisioner(WarmProvisioner):
    """Kernels forked from a warm template inside bubblewrap, each in namespaces of its own and with limits.

    A kernel sees the system's libraries, this Python environment and a copy of its working folder, in memory.
    When it ends, regular files that it made or changed there are written to the folder it was started in;
    everything else that it wrote is gone, and every process it left behind has ended.

    A kernel of another program than this Python is executed in the same sandbox, without the warm start, if
    its program is among the system's or in ``readable``, and if it can be reached by ipc.

    Starting a kernel raises InputError as ``find_bubblewrap`` does, and TemplateError if the kernel fails at
    its start, or what it is forked from does.
    """

    cpu_seconds = Int(120, help="Processor time of all its processes.").tag(config=True)
    wall_seconds = Float(300, help="Time from its start to its end.").tag(config=True)
    memory_bytes = Int(2048 * MB, help="Memory of all its processes together.").tag(config=True)
    processes = Int(64, help="Processes and threads.").tag(config=True)
    file_bytes = Int(200 * MB, help="What its folder, /tmp and home may hold in all.").tag(config=True)
    environment = List(
        Unicode(),
        default_value=list(PASSED_ON),
        help="Environment variables that it is given, if they are set; beside those of its kernelspec.",
    ).tag(config=True)
    readable = List(Unicode(), help="Further files and folders that it may read.").tag(config=True)
    write_back = Bool(True, help="Write files that it made or changed to the folder it was started in.").tag(
        config=True
    )

    folder_was_full: bool = False
    """Whether the last kernel had filled what its folder may hold when it ended."""

    _watch: Watch | None = None
    _runtime: int | None = None
    _folder: int | None = None
    _before: folders.Seen | None = None

    @property
    def ended_because(self) -> Ended | None:
        """Why the last kernel ended; None while it runs, or if there was none."""
        if self._watch is None or (self.process is not None and self.process.poll() is None):
            return None
        return self._watch.reason()

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose where the kernel will be talked to."""
        find_bubblewrap()
        if self.parent is not None:
            if self._runtime is None:
                # The place of a handle that only a kernel can give, since clients are told now.
                self._runtime = os.open("/dev/null", os.O_RDONLY)
            self.parent.transport = "ipc"
            self.parent.ip = f"/proc/{os.getpid()}/fd/{self._runtime}/socket"
        return await LocalProvisioner.pre_launch(self, **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel, fill its folder, and wait until it can be talked to."""
        assert self._runtime is not None and self.parent is not None
        limits = Limits(
            self.cpu_seconds, self.wall_seconds, self.memory_bytes, self.processes, self.file_bytes
        )
        self.folder_was_full = False
        user = secrets.choice(UNUSED_IDS) if mounts.has_all_ids() else None
        given = kwargs.get("env") or os.environ
        environment = environment_inside(given, [*self.environment, *self.kernel_spec.env])
        connection = self.parent.connection_file
        about = json.loads(Path(connection).read_text(encoding="utf-8")) | {"ip": f"{RUNTIME}/socket"}
        request = asked_for(
            [word.replace(connection, CONNECTION) for word in cmd],
            FOLDER,
            environment,
            fork=self._is_ours(cmd),
            files={CONNECTION: json.dumps(about)},
            log=LOG,
            confinement={
                "file_bytes": self.file_bytes,
                "limits": limits.of_one_process(own_id=user is not None),
                "user": user,
                "keep": mounts.inside_own_folders(tuple(self.readable)),
            },
        )
        template = tuple(self.preload), tuple(self.readable), tuple(environment.items())
        process, handles, self._channel = self._fork(request, CONFINED, start_template, *template)
        folder, runtime, processes = handles
        self._watch = Watch(process.handle, processes, folder, limits)
        self._watch.start()
        os.dup2(runtime, self._runtime, inheritable=False)
        os.close(runtime)
        self._folder = folder
        outside = Path(kwargs.get("cwd") or Path.cwd())
        try:
            self._before = self._fill(folder, outside, user)
            self._channel.sendall(b"go\n")
            await self._wait_for_sockets(process, outside)
            if self.ended_because is Ended.ITSELF:
                raise TemplateError(f"The kernel ended while it started. {self._log()}")
        except BaseException:
            process.kill()
            process.wait()
            await self.cleanup()
            self.process = None
            raise
        return self.connection_info

    @staticmethod
    def _fill(folder: int, outside: Path, user: int | None) -> folders.Seen:
        """Copy the files that a kernel is to find in its folder."""
        try:
            return folders.copy_in(outside, folder, user)
        except OSError as error:
            raise InputError(
                f"{outside}: the files of a kernel's folder cannot be copied for it: {error.strerror}."
            ) from error

    def _log(self) -> str:
        """The last that the kernel printed beside its messages."""
        assert self._runtime is not None
        try:
            # The kernel can write there, and may have put a link or a pipe in the place of the log.
            handle = os.open(
                Path(LOG).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._runtime
            )
        except OSError:
            return ""
        with open(handle, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read()[-LONGEST_LOG:] if stat.S_ISREG(os.fstat(handle).st_mode) else ""

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel; it alone can be reached of all its processes, and to kill it kills them all."""
        if self.process is not None:
            if signum in {signal.SIGKILL, signal.SIGTERM}:
                self._note_that_it_is_asked_to_end()
            self.process.send_signal(signum)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Note that the kernel was asked to end."""
        self._note_that_it_is_asked_to_end()

    def _note_that_it_is_asked_to_end(self) -> None:
        """Whatever ends it from now on was asked for; unless it has ended by itself already."""
        if self._watch is not None and self.process is not None and self.process.poll() is None:
            self._watch.asked_to_end()

    async def cleanup(self, restart: bool = False) -> None:
        """Write the kernel's files to the folder it was started in, and let go of everything."""
        await super().cleanup(restart)
        while self._watch is not None and self._watch.is_alive():
            await asyncio.sleep(0.001)
        try:
            self._keep_files()
        finally:
            self._let_go_of_folder()
            if not restart and self._runtime is not None:
                os.close(self._runtime)
                self._runtime = None

    def _keep_files(self) -> None:
        """Write what the kernel made or changed to the folder outside."""
        if self._folder is None or self._before is None:
            return
        self.folder_was_full = self._watch is not None and self._watch.folder_was_full
        if self.write_back and self.cwd is not None:
            whole = folders.copy_out(self._folder, Path(self.cwd), self._before, self.file_bytes)
            self.folder_was_full |= not whole

    def _let_go_of_folder(self) -> None:
        """Let the memory of a kernel's files be used for something else."""
        if self._folder is not None:
            os.close(self._folder)
        self._folder = self._before = None

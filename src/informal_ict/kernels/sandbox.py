"""Kernels that cannot reach beyond their own folder: a jupyter_client provisioner with bubblewrap.

Chosen by name, as ``informal-ict-warm`` is: ``JUPYTER_DEFAULT_PROVISIONER_NAME=informal-ict-sandboxed``, or in
a kernelspec's metadata. Settings are traits, so they come from the configuration of the kernel manager::

    config = Config({"SandboxedProvisioner": {"memory_bytes": 2 << 30, "wall_seconds": 300}})
    manager = AsyncKernelManager(kernel_name="python3", config=config)
    await manager.start_kernel(cwd=folder)      # the kernel sees a copy of this folder, and no other
    ...
    await manager.shutdown_kernel(now=True)     # a few milliseconds; files that it wrote are now in the folder
    manager.provisioner.ended_because           # Ended.ASKED, Ended.MEMORY, ...
    manager.provisioner.folder_was_full         # whether it had written as much as it may
"""

from pathlib import Path

from traitlets import Bool, Float, Int, List, Unicode

from informal_ict.kernels.limits import Ended
from informal_ict.kernels.provisioner import WarmProvisioner

MB = 1024 * 1024


def find_bubblewrap() -> Path:
    """Where bubblewrap is, once it has been seen to work. Later calls cost nothing.

    Raises:
        InputError: if it is not installed, with the command that installs it, or if this machine does not let
            it make namespaces, with its own words and what an administrator can do.
    """
    raise NotImplementedError


class SandboxedProvisioner(WarmProvisioner):
    """Kernels forked from a warm template inside bubblewrap, each in namespaces of its own and with limits.

    A kernel sees the system's libraries, this Python environment and a copy of its working folder, in memory.
    When it ends, regular files that it made or changed there are written to the folder it was started in;
    everything else that it wrote is gone, and every process it left behind has ended.

    Starting a kernel raises InputError as ``find_bubblewrap`` does.
    """

    cpu_seconds = Int(120, help="Processor time of all its processes.").tag(config=True)
    wall_seconds = Float(300, help="Time from its start to its end.").tag(config=True)
    memory_bytes = Int(2048 * MB, help="Memory of all its processes together.").tag(config=True)
    processes = Int(64, help="Processes and threads.").tag(config=True)
    file_bytes = Int(200 * MB, help="What its folder, /tmp and home may hold in all.").tag(config=True)
    environment = List(
        Unicode(),
        default_value=["LANG", "LC_ALL", "TZ", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"],
        help="Environment variables that it is given, if they are set.",
    ).tag(config=True)
    readable = List(Unicode(), help="Further files and folders that it may read.").tag(config=True)
    write_back = Bool(True, help="Write files that it made or changed to the folder it was started in.").tag(
        config=True
    )

    ended_because: Ended | None = None
    """Why the last kernel ended; None while it runs."""

    folder_was_full: bool = False
    """Whether the last kernel had filled what its folder may hold when it ended."""

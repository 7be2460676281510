"""An executor process: ``python -m informal_ict.grading.worker HANDLE [--sandbox] MODULE...``.

Takes jobs from the Unix socket with that file descriptor, one after another, until the other side closes it.
"""

import ctypes
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

PR_SET_PDEATHSIG = 1
SANDBOX = "--sandbox"


def main() -> None:
    """Serve until the coordinator is gone."""
    end_with_the_coordinator()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(int(sys.argv[1]))
    modules = tuple(one for one in sys.argv[2:] if one != SANDBOX)
    warming = threading.Thread(target=warm_up, args=(modules, SANDBOX in sys.argv[2:]))
    warming.start()
    from informal_ict.grading.pool import failed_everywhere
    from informal_ict.grading.run import run

    warming.join()
    with line:
        while True:
            try:
                job = line.recv()
            except EOFError:
                return
            try:
                ran = run(job)
            except Exception as error:
                ran = failed_everywhere(job, f"{type(error).__name__}: {error}")
            line.send(ran)


def end_with_the_coordinator() -> None:
    """Let the system end this process when its parent ends, however that comes to pass."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def warm_up(modules: tuple[str, ...], sandbox: bool) -> None:
    """Start the template that kernels will be forked from, while this process is still importing.

    Where that fails, the first kernel fails too, and says why.
    """
    from informal_ict.errors import InputError
    from informal_ict.kernels.provisioner import (
        PRELOADED,
        Template,
        TemplateError,
        running_template,
    )

    preload = modules or PRELOADED
    try:
        if sandbox:
            from jupyter_client.kernelspec import KernelSpec

            from informal_ict.kernels.sandbox import SandboxedProvisioner, start_template

            provisioner = SandboxedProvisioner(kernel_spec=KernelSpec())
            environment = tuple(provisioner._environment(dict(os.environ)).items())
            running_template(start_template, os.getpid(), preload, (), environment)
        else:
            running_template(Template, os.getpid(), preload)
    except (InputError, OSError, TemplateError):
        return


if __name__ == "__main__":
    main()

"""bubblewrap: whether it works here, and a template started inside it."""

import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from informal_ict.errors import InputError
from informal_ict.kernels import mounts
from informal_ict.kernels.confine import HOME
from informal_ict.kernels.forked import Template

INSTALL = (
    "bubblewrap is not installed. `sudo apt-get install bubblewrap` (Debian, Ubuntu) or `sudo dnf install \
bubblewrap` (Fedora) installs it; it runs on Linux only."
)
ALLOW = (
    "An administrator can allow it: `sysctl -w user.max_user_namespaces=10000`, on Ubuntu 24.04 and later \
an AppArmor profile for bwrap (package apparmor-profiles), in a container its runtime's setting that permits \
namespaces (for Docker `--security-opt seccomp=unconfined`)."
)


# Variables that a kernel finds in its environment, if they are set.
PASSED_ON = (
    "LANG",
    "LC_ALL",
    "MKL_NUM_THREADS",
    "MPLBACKEND",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TZ",
)


@cache
def find_bubblewrap() -> Path:
    """Where bubblewrap is, once it has been seen to work. Later calls cost nothing.

    Raises:
        InputError: if it is not installed, with the command that installs it, or if this machine does not let
            it make namespaces, with its own words and what an administrator can do.
    """
    found = shutil.which("bwrap")
    if found is None:
        raise InputError(INSTALL)
    apart = mounts.namespaces(mounts.has_all_ids())
    nothing = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true"]
    tried = subprocess.run([found, *apart, *nothing], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise InputError(
            f"bubblewrap is installed, and may not do its work here: {tried.stderr.strip()}\n{ALLOW}"
        )
    return Path(found)


def environment_inside(given: Mapping[str, str], allowed: Collection[str]) -> dict[str, str]:
    """All that a kernel finds in its environment.

    Args:
        given: variables of this process, or those that a kernel manager chose.
        allowed: names of those that are passed on.
    """
    own = {"HOME": HOME, "LOGNAME": "student", "TMPDIR": "/tmp", "USER": "student"}
    own["PATH"] = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return own | {name: given[name] for name in allowed if name in given}


def start_template(
    modules: tuple[str, ...], readable: tuple[str, ...], environment: tuple[tuple[str, str], ...]
) -> Template:
    """Start a template inside bubblewrap.

    Args:
        modules: what it imports.
        readable: files and folders that kernels may read besides what all may.
        environment: its whole environment.
    """
    inside = [*mounts.namespaces(mounts.has_all_ids()), *mounts.file_systems(readable)]
    return Template(modules, [str(find_bubblewrap()), *inside, "--", sys.executable], dict(environment))

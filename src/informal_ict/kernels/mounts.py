"""What the inside of the sandbox is made of: arguments for bubblewrap, see bwrap(1)."""

import os
import stat
import sys
import sysconfig
from pathlib import Path

import informal_ict
from informal_ict.errors import InputError
from informal_ict.kernels.confine import HOME, RUNTIME, STAGING

PACKAGE = Path(informal_ict.__file__).parent
KERNELS = Path(__file__).parent
INSIDE = Path("/run/template")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# What libraries look up at run time. Nothing here is particular to this machine's users or holds a secret.
SETTINGS = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "localtime",
    "mime.types",
    "pki/ca-trust/extracted",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
)
PRIVILEGES = ("SYS_ADMIN", "SETUID", "SETGID", "CHOWN", "KILL", "SETPCAP", "SETFCAP")


def namespaces(has_all_ids: bool) -> list[str]:
    """Everything that bubblewrap sets apart.

    Args:
        has_all_ids: whether it runs as a system's own root, who needs no user namespace to do so and can give
            each kernel an id of its own.
    """
    apart = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"]
    if not has_all_ids:
        # Terminals can be made only where there is an id 0.
        apart += ["--unshare-user", "--uid", "0", "--gid", "0"]
    privileges = [word for name in PRIVILEGES for word in ("--cap-add", f"CAP_{name}")]
    # As the first process of its pid namespace: whatever ends the template, its kernels end with it.
    return [*apart, "--as-pid-1", "--hostname", "kernel", "--cap-drop", "ALL", *privileges]


def file_systems(readable: tuple[str, ...]) -> list[str]:
    """The files that are there, all of them only to be read.

    Args:
        readable: files and folders beyond the system's libraries and this Python environment.

    Raises:
        InputError: if one is not there.
    """
    words: list[str] = []
    for name in SYSTEM:
        folder = Path(name)
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), name]
        elif folder.is_dir():
            words += ["--ro-bind", name, name]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", HOME, "--tmpfs", "/tmp", "--dir", STAGING]
    words += ["--dir", RUNTIME]
    settings = [Path("/etc", name) for name in SETTINGS]
    shown = {path: path for path in settings if path.exists()}
    shown |= {path: path for path in python_folders()}
    shown |= {PACKAGE / "__init__.py": INSIDE / PACKAGE.name / "__init__.py"}
    shown |= {KERNELS: INSIDE / PACKAGE.name / KERNELS.name}
    shown |= {path: Path("/etc", path.name) for path in (KERNELS / "etc").iterdir()}
    shown |= {path: Path(HOME, ".cache/matplotlib", path.name) for path in font_lists()}
    for text in readable:
        if not Path(text).exists():
            raise InputError(f"{text}: kernels are to read this, and it is not there.")
        shown[Path(text)] = Path(text)
    for path, inside in shown.items():
        # bubblewrap lets only its own user into folders that it makes by itself.
        words += [word for parent in [*reversed(inside.parents)][1:] for word in ("--dir", str(parent))]
        words += ["--ro-bind", str(path), str(inside)]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(INSIDE)]


def python_folders() -> list[Path]:
    """The folders of this Python environment, and of the Python it was made from, as spelled and in truth.

    Raises:
        InputError: if kernels, which run under another id, could not read them.
    """
    spelled = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)]
    folders = {path: None for folder in spelled for path in (folder, folder.resolve())}
    if has_all_ids():
        for path in (Path(os.__file__), Path(sysconfig.get_path("purelib")), KERNELS / "template.py"):
            if not path.stat().st_mode & stat.S_IROTH:
                raise InputError(
                    f"{path}: students' code runs under a user of its own, who cannot read this. "
                    "Let others read the Python environment, or grade as an ordinary user."
                )
    inside_system = [Path("/usr"), Path("/lib"), Path("/bin")]
    return [path for path in folders if path not in inside_system]


def inside_own_folders(readable: tuple[str, ...]) -> list[str]:
    """Those of the folders that a kernel may read which stand where each has a folder of its own."""
    paths = [*map(str, python_folders()), *readable]
    return [path for path in paths if path.startswith(("/tmp/", f"{HOME}/"))]


def font_lists() -> list[Path]:
    """The list of this machine's fonts, if matplotlib has made one; to look for them takes it a second."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    return sorted(Path(os.environ.get("MPLCONFIGDIR") or cache).glob("fontlist-*.json"))


def has_all_ids() -> bool:
    """Whether this process may take on any id, as a machine's own root can."""
    if os.geteuid() != 0:
        return False
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line
    )
    setgid, setuid, system = 6, 7, 21
    held = int(status["CapEff"], 16)
    first, outside, count = map(int, Path("/proc/self/uid_map").read_text().split()[:3])
    everything = (first, outside) == (0, 0) and count >= 2**32 - 1
    return everything and all(held >> capability & 1 for capability in (setgid, setuid, system))

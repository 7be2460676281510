"""A PostgreSQL server for a test: started in a folder of its own, reached through a Unix socket."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

USER = "grader"
DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path:
    """Where initdb and postgres are.

    Raises:
        AssertionError: if PostgreSQL is not installed; tests of it must not pass unseen.
    """
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(DEBIAN.glob("*/bin"))
    assert folders, "PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)"
    return folders[-1]


@contextmanager
def server() -> Iterator[str]:
    """Run a server; gives the address of an empty database."""
    folder = Path(mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has to be short
    as_user: dict[str, int] = {}
    if os.getuid() == 0:  # which PostgreSQL refuses to run as
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid}
    data = folder / "data"

    def call(program: str, *arguments: str) -> None:
        command = [str(programs() / program), *arguments]
        finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, **as_user)
        assert finished.returncode == 0, finished.stdout + finished.stderr

    try:
        call("initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql+psycopg2://{USER}@/postgres?host={folder}"
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)

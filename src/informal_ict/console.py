"""What commands say, on a terminal and in a pipe."""

import sys
from pathlib import Path

import typer
from rich.console import Console

WIDTH_IN_A_PIPE = 260


def wide_console() -> Console:
    """As wide as the terminal; in a pipe or a file wide enough that no table is cut."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)


def wrote(path: Path) -> None:
    """Say what was written, by the shorter of its names."""
    typer.echo(f"wrote {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")

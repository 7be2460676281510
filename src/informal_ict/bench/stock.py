"""The same pages as stock Jupyter Book serves them: the theme's own scripts, styles and icon font.

One thing is in stock's favour: what draws the widgets comes from the book's own folder, since a measurement
cannot depend on another host. Stock takes a larger bundle from there.
"""

import subprocess
import sys
from pathlib import Path

import yaml

from informal_ict.book import EXECUTED
from informal_ict.errors import InputError
from informal_ict.paths import BUILD, ROOT
from informal_ict.reading import read_yaml

STOCK = BUILD / "stock"
STOCK_HTML = STOCK / "_build" / "html"


def build_stock() -> Path:
    """Build the book with stock assets, beside the site; gives its folder.

    Raises:
        InputError: if the build fails.
    """
    STOCK.mkdir(parents=True, exist_ok=True)
    config = read_yaml(ROOT / "_config.yml")
    config["execute"]["cache"] = str(EXECUTED)
    config["html"]["favicon"] = str(ROOT / config["html"]["favicon"])
    config["sphinx"]["config"]["book_assets"] = "stock"
    (file := STOCK / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(ROOT)]
    options = ["--config", str(file), "--path-output", str(STOCK), "--quiet"]
    finished = subprocess.run(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if finished.returncode:
        raise InputError(f"the stock book was not built: {finished.stdout[-2000:]}")
    return STOCK_HTML

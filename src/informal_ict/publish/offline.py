"""The site as a zip that opens from a memory stick, and the notebooks as the files that launch links open."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from informal_ict.files import write_atomically

ZIP = "book.zip"
FOLDER = "it-crept-in"  # what the zip unpacks to
DATE = (2026, 1, 1, 0, 0, 0)  # the same site gives the same zip
LEFT_OUT = frozenset(
    {ZIP, "404.html", "sitemap.xml", "searchindex.js", "objects.inv", ".buildinfo", ".nojekyll"}
)


def write_zip(site: Path) -> Path:
    """Zip a site, without itself and without what only a web server needs."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(site.rglob("*")):
            name = path.relative_to(site).as_posix()
            if path.is_file() and name not in LEFT_OUT:
                entry = zipfile.ZipInfo(f"{FOLDER}/{name}", DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    write_atomically(site / ZIP, buffer.getvalue())
    return site / ZIP


def write_released(downloads: Sequence[Path], folder: Path) -> list[Path]:
    """Unpack the notebooks into one folder, to be published as the branch that launch links name."""
    written = []
    for download in downloads:
        with zipfile.ZipFile(download) as archive:
            archive.extractall(folder)
            written += [folder / name for name in archive.namelist() if name.endswith(".ipynb")]
    requirements = folder / "requirements.txt"  # what Binder installs
    requirements.write_text("ipywidgets\njupyterlab\nkrippendorff\nmatplotlib\npandas\nscipy\nstatsmodels\n")
    return written

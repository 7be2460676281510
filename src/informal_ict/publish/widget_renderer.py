"""Bundle what draws the widgets: ``sphinxext/renderer/`` with the packages of Jupyter that it imports."""

from pathlib import Path

from informal_ict.publish.node_tools import ESBUILD, run_tool

SOURCE = Path(__file__).parents[1] / "sphinxext" / "renderer"


def bundle_renderer(folder: Path) -> None:
    """Write ``renderer.js`` and ``renderer.css`` into a folder.

    Raises:
        InputError: if a package is missing or esbuild fails.
    """
    run_tool(
        ESBUILD,
        SOURCE / "renderer.js",
        "--bundle",
        "--minify",
        "--legal-comments=none",
        f"--alias:sanitize-html={SOURCE / 'trusted-html.js'}",
        f"--outdir={folder}",
    )

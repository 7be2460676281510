"""Sphinx roles, directives and assets of the book, as one extension: ``informal_ict.sphinxext``."""

from typing import Any

from sphinx.application import Sphinx

PARTS = (
    "stat",
    "published_numbers",
    "codebook",
    "figures",
    "generated",
    "assignments",
    "interactive",
    "worksheet",
    "self_assessment",
    "own_questionnaire",
    "vignette",
    "workshop",
    "assets",
    "frame",
    "accessibility",
    "bodies",
    "section_heights",
    "build_speed",
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Load every part."""
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}

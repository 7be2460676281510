"""How Sphinx makes a deck of slides; informal_ict.workshop.slides runs it, once for each run sheet."""

project = "It crept in"
author = "The contributors to this course module"
language = "en"
extensions = [
    "myst_parser",
    "sphinx_revealjs",
    "sphinxcontrib.bibtex",
    "informal_ict.sphinxext.stat",
    "informal_ict.sphinxext.figures",
    "informal_ict.sphinxext.workshop",
    "informal_ict.sphinxext.slides",
]
templates_path = ["templates"]
myst_enable_extensions = ["colon_fence"]
bibtex_bibfiles = ["../../references.bib"]
bibtex_reference_style = "author_year"
nitpicky = True

revealjs_static_path = ["style"]
revealjs_style_theme = "slides.css"
revealjs_script_plugins = [{"src": "revealjs/plugin/notes/notes.js", "name": "RevealNotes"}]
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0.04,
    "center": False,
    "controls": True,
    "controlsTutorial": False,
    "hash": True,
    "navigationMode": "linear",  # the right arrow reaches every slide
    "pdfMaxPagesPerSlide": 1,
    "slideNumber": "c/t",
    "transition": "none",
}

"""Jupyter Book's own command, with Sphinx on all processors, for which it has no option.

``python -m informal_ict.jupyter_book_on_all_processors build ...``
"""

import os
from functools import partial

import jupyter_book.sphinx
from jupyter_book.cli.main import main

if __name__ == "__main__":
    # While pages are written, Sphinx leaves one for itself, and then waits more than it works.
    jobs = (os.cpu_count() or 1) + 1
    jupyter_book.sphinx.build_sphinx = partial(jupyter_book.sphinx.build_sphinx, jobs=jobs)
    main()

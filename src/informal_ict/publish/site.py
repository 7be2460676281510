"""What a site has beside its pages: copies to take along, redirects, a list for search engines."""

import shutil
from pathlib import Path

from informal_ict.files import write_atomically
from informal_ict.notebook_downloads import analysis_notebooks
from informal_ict.paths import DOWNLOADS
from informal_ict.publish.cards import write_cards
from informal_ict.publish.ebook import write_books
from informal_ict.publish.offline import write_zip
from informal_ict.publish.pages import built_pages
from informal_ict.publish.redirects import load_redirects, write_redirects
from informal_ict.publish.reviewed import load_reviewed
from informal_ict.publish.settings import load_publishing
from informal_ict.publish.sitemap import sitemap

TITLE = "It crept in: informal ICT use in social work"


def complete_site(site: Path) -> None:
    """Add to the built pages of a site everything else that is published.

    Raises:
        InputError: if a setting is wrong, a redirect leads nowhere, or a text cannot be converted.
    """
    pages, address = built_pages(), load_publishing().address
    write_redirects(load_redirects(), site)
    for notebook in analysis_notebooks():
        shutil.copy2(DOWNLOADS / "notebooks" / f"{notebook.stem}.zip", site / "notebooks")
    if address is not None:
        write_atomically(site / "sitemap.xml", sitemap(address, load_reviewed()).encode())
        write_cards(pages, site, TITLE)
    write_books(pages, site, TITLE)
    write_zip(site)

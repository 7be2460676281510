"""A list of all pages for search engines (https://www.sitemaps.org/protocol.html)."""

from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape


def sitemap(address: str, reviewed: Mapping[str, date]) -> str:
    """The sitemap of a site at an address, with the day on which each page was last reviewed."""
    entries = "".join(
        f"<url><loc>{escape(address if page == 'index' else f'{address}{page}.html')}</loc>"
        f"<lastmod>{day.isoformat()}</lastmod></url>\n"
        for page, day in reviewed.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )

"""What the head of a page tells those who link to it: one true address, and a title, words and a picture."""

from html import escape

CARD_FOLDER = "_static/cards"


def card_path(page: str) -> str:
    """Where the picture of a page is, from the root of the site."""
    return f"{CARD_FOLDER}/{page.replace('/', '-')}.png"


def link_tags(page: str, title: str, description: str, site_title: str, address: str | None) -> str:
    """Open Graph tags (https://ogp.me); the true address and the picture only where the address is known."""
    tags = {
        "og:type": "article",
        "og:site_name": site_title,
        "og:title": title,
        "og:description": description,
    }
    canonical = ""
    if address is not None:
        here = address if page == "index" else f"{address}{page}.html"
        canonical = f'<link rel="canonical" href="{escape(here)}">\n'
        tags |= {
            "og:url": here,
            "og:image": f"{address}{card_path(page)}",
            "og:image:alt": f"{title}. {site_title}",
        }
    told = "".join(
        f'<meta property="{name}" content="{escape(content)}">\n' for name, content in tags.items() if content
    )
    return canonical + told

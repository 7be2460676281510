"""What a browser may do with a page of the book: ask the book's own host, and no other.

Content Security Policy, level 3 (https://www.w3.org/TR/CSP3/). The policy stands in every page, so that it
holds on a host that sends no headers of ours, such as GitHub Pages; ``make serve`` sends it as a header too.
"""

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Tables of notebooks and charts bring styles of their own, which can ask for nothing but what follows.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",  # charts of notebooks stand in the page
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
# A policy within a page cannot say these; a header can.
HEADER_ONLY = {"frame-ancestors": "'self'"}


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {allowed}" for name, allowed in directives.items())


PAGE_POLICY = _policy(DIRECTIVES)
HEADERS = {
    "Content-Security-Policy": _policy(DIRECTIVES | HEADER_ONLY),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

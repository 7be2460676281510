"""Vector pictures for the page, in the colours of its mode: diagrams drawn by hand, charts from numbers."""

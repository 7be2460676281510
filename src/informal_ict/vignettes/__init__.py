"""Boundary case vignettes: data in data/vignettes, one loader, two renderings (widget and print)."""

"""Sphinx roles and directives of the book."""
